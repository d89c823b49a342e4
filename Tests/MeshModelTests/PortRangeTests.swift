// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Port range")
struct PortRangeTests {
    @Test(arguments: [
        ("0", "0"), ("8080", "8080"), ("08080", "8080"), ("65535", "65535"),
        ("8000-8010", "8000-8010"), ("80-80", "80"), ("0-65535", "0-65535"), ("0-0", "0"),
    ])
    func writesOnePortWithoutAHyphen(text: String, canonical: String) throws {
        let range = try PortRange(parsing: text)
        #expect(range.description == canonical)
        #expect(try PortRange(parsing: canonical) == range)
    }

    @Test(arguments: [
        "", "-", "80-", "-80", "80-90-100", "80--90", "65536", "0-65536", "80 - 90", "+80", "http",
    ])
    func refusesWhatIsNoRange(text: String) {
        #expect(
            throws: ValueError(
                "\"\(text)\" is not a port or a range of ports from 0 to 65535; "
                    + "write \"8080\" or \"8000-8010\""
            )
        ) {
            try PortRange(parsing: text)
        }
    }

    @Test(arguments: [
        ("8010-8000", "8000-8010"), ("1-0", "0-1"), ("65535-0", "0-65535"), ("0090-80", "80-90"),
    ])
    func refusesARangeThatEndsBeforeItStarts(text: String, turned: String) {
        #expect(throws: ValueError("\"\(text)\" ends before it starts; write \"\(turned)\"")) {
            try PortRange(parsing: text)
        }
    }

    @Test func containsBothEndsAndNoNeighbour() {
        let range = PortRange(8000...8010)
        for (port, isInside) in [(7999, false), (8000, true), (8010, true), (8011, false)] {
            #expect(range.contains(UInt16(port)) == isInside)
        }
        let all = PortRange(0...65535)
        #expect(all.contains(0))
        #expect(all.contains(65535))
        #expect(PortRange(80).contains(80))
        #expect(!PortRange(80).contains(81))
    }

    @Test func sortsByFirstPortThenByLast() throws {
        let sorted = ["0", "5-7", "5-70", "6", "10", "10-65535", "65535"]
        let ranges = try sorted.map { try PortRange(parsing: $0) }
        #expect(ranges.reversed().sorted() == ranges)
        #expect(!(PortRange(80) < PortRange(80)))
    }
}
