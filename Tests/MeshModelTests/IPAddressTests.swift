// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("IP address")
struct IPAddressTests {
    @Test(
        arguments: [
            ("0.0.0.0", 0), ("10.0.0.1", 0x0A00_0001), ("255.255.255.255", 0xFFFF_FFFF),
            ("192.168.1.2", 0xC0A8_0102),
        ] as [(String, UInt32)]
    )
    func readsIPv4(text: String, value: UInt32) throws {
        let address = try IPAddress(parsing: text)
        #expect(address == .v4(value))
        #expect(address.description == text)
        #expect(address.bitWidth == 32)
    }

    /// The right-hand sides are those of RFC 5952.
    @Test(arguments: [
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("0:0:0:0:0:0:0:0", "::"),
        ("2001:DB8::1", "2001:db8::1"), ("2001:0db8::0001", "2001:db8::1"),
        ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("0:0:1::", "0:0:1::"),
        ("::ffff:1.2.3.4", "::ffff:1.2.3.4"), ("::ffff:102:304", "::ffff:1.2.3.4"),
        ("::1.2.3.4", "::102:304"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"), ("::ffff:0:1.2.3.4", "::ffff:0:102:304"),
    ])
    func writesIPv6Canonically(text: String, canonical: String) throws {
        let address = try IPAddress(parsing: text)
        #expect(address.description == canonical)
        #expect(try IPAddress(parsing: canonical) == address)
        #expect(address.bitWidth == 128)
    }

    @Test func readsBackEveryPatternOfZeroGroups() throws {
        for pattern in 0..<256 {
            let groups = (0..<8).map { (pattern >> $0) & 1 }
            let value = groups.reduce(UInt128(0)) { $0 << 16 | UInt128($1) }
            let plain = groups.map { String($0) }.joined(separator: ":")
            #expect(try IPAddress(parsing: plain) == .v6(value))
            let text = IPAddress.v6(value).description
            #expect(try IPAddress(parsing: text) == .v6(value), "\(plain) as \(text)")
            #expect(text.utf8.count <= plain.utf8.count)
        }
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3", "256.0.0.1", "01.2.3.4",
        "1.2.3.04", "1.2.3.4 ", " 1.2.3.4", "1.2.3.+4", "0x1.2.3.4", "1.2.3.4/8", "1.2.3.0000",
        "localhost", "１.2.3.4",
    ])
    func refusesWhatIsNoIPv4(text: String) {
        #expect(
            throws: ValueError(
                "\"\(text)\" is not an IP address; "
                    + "write one such as \"10.0.0.1\" or \"fd00::1\""
            )
        ) {
            try IPAddress(parsing: text)
        }
    }

    @Test(arguments: [
        ":", ":::", "1", "1:", ":1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3",
        "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "12345::", "::g", "::1%eth0",
        "[::1]", "1.2.3.4::", "::1.2.3.4:5", "::1.2.3", "::256.1.1.1", "1:2:3:4:5:6:7:1.2.3.4",
        "1:2:3:4:5:6::1.2.3.4", "1:::2", "::ffff:01.2.3.4", "1 ::",
    ])
    func refusesWhatIsNoIPv6(text: String) {
        #expect(throws: ValueError.self) { try IPAddress(parsing: text) }
    }
}
