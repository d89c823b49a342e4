// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Port list")
struct PortListTests {
    @Test(arguments: [
        ("", ""),
        ("25", "25"),
        ("587, 25,", "25,587"),
        (" 8000-8010 ,25\n", "25,8000-8010"),
        ("10,9,100", "9,10,100"),
        ("80,80,80-80,080", "80"),
        ("4567,4568", "4567,4568"),
        ("80-90,85-95", "80-90,85-95"),
        ("0-65535,0", "0,0-65535"),
    ])
    func sortsByNumberAndDropsRepeats(text: String, canonical: String) throws {
        let list = try PortList(parsing: text)
        #expect(list.description == canonical)
        #expect(try PortList(parsing: canonical) == list)
        #expect(try PortList(parsing: text, allowsNames: true) == list)
    }

    @Test(arguments: [
        ("http", "http"),
        ("postgres,5432,http,25", "25,5432,http,postgres"),
        ("mysql,mysql, 80-90", "80-90,mysql"),
        ("8080-tcp,9000", "9000,8080-tcp"),
    ])
    func putsNamesAfterNumbers(text: String, canonical: String) throws {
        let list = try PortList(parsing: text, allowsNames: true)
        #expect(list.description == canonical)
        #expect(try PortList(parsing: canonical, allowsNames: true) == list)
    }

    @Test func tellsNumbersFromNames() throws {
        let list = try PortList(parsing: "web,80,90-91,db", allowsNames: true)
        #expect(list.ranges == [PortRange(80), PortRange(90...91)])
        #expect(list.names == ["db", "web"])
        #expect(list.items.count == 4)
    }

    @Test(arguments: [
        (
            "http",
            "\"http\" is a port name, but only numbers are allowed here; "
                + "write a port or range such as \"8080\" or \"8000-8010\""
        ),
        (
            "25,80:90",
            "\"80:90\" is not a port, a range of ports; write \"8080\" or \"8000-8010\""
        ),
        (
            "25 587",
            "\"25 587\" is not a port, a range of ports; write \"8080\" or \"8000-8010\""
        ),
        (
            "25,,587",
            "\"25,,587\" has an empty item between commas; "
                + "write a list such as \"25,587,8000-8010\""
        ),
        (
            "90-80",
            "\"90-80\" ends before it starts; write \"80-90\""
        ),
        (
            "25,70000",
            "\"70000\" is not a port or a range of ports from 0 to 65535; "
                + "write \"8080\" or \"8000-8010\""
        ),
    ])
    func quotesTheItemAtFault(text: String, message: String) {
        #expect(throws: ValueError(message)) { try PortList(parsing: text) }
    }

    @Test(arguments: ["HTTP", "http_admin", "ht--tp", "80:90", "a-name-of-16-bytes", "*"])
    func offersNamesWhereTheyAreAllowed(text: String) {
        #expect(
            throws: ValueError(
                "\"\(text)\" is not a port, a range of ports or a port name; "
                    + "write \"8080\", \"http\" or \"8000-8010\""
            )
        ) {
            try PortList(parsing: text, allowsNames: true)
        }
    }

    @Test func containsWhatItsRangesContain() throws {
        let list = try PortList(parsing: "25,80-90,web", allowsNames: true)
        for (port, isInside) in [(24, false), (25, true), (79, false), (80, true), (90, true)] {
            #expect(list.contains(UInt16(port)) == isInside)
        }
        #expect(!list.contains(91))
    }

    @Test func isEmptyOnlyWithoutEntries() throws {
        #expect(try PortList(parsing: " ").isEmpty)
        #expect(try !PortList(parsing: "web", allowsNames: true).isEmpty)
        #expect(try !PortList(parsing: "web", allowsNames: true).contains(80))
    }

    @Test func isTheSameFromValuesAsFromText() throws {
        let made = PortList([PortRange(90...91), PortRange(80), PortRange(80)])
        #expect(try PortList(parsing: "80,90-91") == made)
        let mixed = PortList([.name("web"), .range(PortRange(80)), .name("web")])
        #expect(mixed.description == "80,web")
    }
}
