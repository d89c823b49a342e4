// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@testable import TrafficRedirect

/// Each case of `Fixtures/redirect`: arguments, and the script that they make, byte for byte.
@Suite("Redirect rules")
struct RedirectRulesTests {
    static let folder = FixtureFolder("redirect")

    /// Without it the others could pass because they looked at nothing.
    @Test func haveCases() {
        #expect(Self.folder.cases.count >= 8)
        #expect(Self.folder.files.count == 2 * Self.folder.cases.count)
    }

    @Test(arguments: RedirectRulesTests.folder.cases)
    func areWhatIsExpected(name: String) throws {
        let kernel = FakeKernel()
        let arguments = try Self.folder.arguments(of: name)
        #expect(kernel.run(["--dry-run"] + arguments) == 0)
        #expect(kernel.changes == [])
        try Self.folder.expect(Array(kernel.output.utf8), equal: name + ".nft")
    }

    /// What is printed is what is applied.
    @Test(arguments: RedirectRulesTests.folder.cases)
    func areAppliedAsTheyArePrinted(name: String) throws {
        let arguments = try Self.folder.arguments(of: name)
        let printed = FakeKernel()
        let applied = FakeKernel()
        #expect(printed.run(["--simulate"] + arguments) == 0)
        #expect(applied.run(arguments) == 0)
        #expect(applied.changes == [printed.output])
    }

    /// One batch that works whether or not there is a table.
    @Test func startWithTheRemovalOfTheOldTable() {
        let text = RedirectRules(RedirectOptions()).text
        #expect(text.hasPrefix(RedirectRules.removal))
        #expect(RedirectRules.removal == "table inet meshctl\ndelete table inet meshctl\n")
    }

    @Test(arguments: [
        ("80", "{ 80 }"), ("81,80", "{ 80-81 }"), ("80-90,85-95", "{ 80-95 }"),
        ("80-90,82", "{ 80-90 }"), ("80,82", "{ 80, 82 }"), ("0,65535", "{ 0, 65535 }"),
        ("65535,65534,65535", "{ 65534-65535 }"), ("0-65535,7", "{ 0-65535 }"),
    ])
    func writeDisjointPorts(list: String, set: String) throws {
        #expect(PortSet(try PortList(parsing: list)).description == set)
    }

    @Test(arguments: [
        ("10.0.0.0/8,10.1.0.0/16", "10.0.0.0/8", ""),
        ("10.1.0.0/16,10.0.0.0/8,10.2.0.0/16", "10.0.0.0/8", ""),
        ("10.1.0.0/16,10.1.0.0/16", "10.1.0.0/16", ""),
        ("10.0.0.0/8,fd00::/8,11.0.0.0/8", "10.0.0.0/8,11.0.0.0/8", "fd00::/8"),
        ("::/0,0.0.0.0/0,fd00::/8,10.0.0.0/8", "0.0.0.0/0", "::/0"),
    ])
    func writeDisjointSubnets(list: String, ipv4: String, ipv6: String) throws {
        let set = AddressSet(try CIDRList(parsing: list).items)
        #expect(set.ipv4.map(\.description).joined(separator: ",") == ipv4)
        #expect(set.ipv6.map(\.description).joined(separator: ",") == ipv6)
    }
}
