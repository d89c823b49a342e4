// SPDX-License-Identifier: Apache-2.0

import MeshModel
import ProxyCore
import Testing

@Suite("Resolver configuration")
struct ResolverConfigTests {
    private func read(_ text: String) -> ResolverConfig {
        ResolverConfig(parsing: Array(text.utf8))
    }

    @Test func readsThatOfAPod() throws {
        let config = read(
            """
            search default.svc.cluster.local svc.cluster.local cluster.local
            nameserver 10.96.0.10
            nameserver fd00::a
            options ndots:5 timeout:2 attempts:3 rotate

            """
        )
        #expect(config.servers.map(\.description) == ["10.96.0.10:53", "[fd00::a]:53"])
        #expect(
            config.searchDomains == [
                "default.svc.cluster.local", "svc.cluster.local", "cluster.local",
            ]
        )
        #expect(config.dotsMin == 5)
        #expect(config.timeoutMillis == 2000)
        #expect(config.tries == 3)
    }

    @Test(arguments: [
        "", "\n\r\n", "# nameserver 1.2.3.4", "; search a", "nameserver", "nameserver x",
        "nameserver fe80::1%eth0", "search", "options", "options ndots ndots:x timeout:-1",
        "sortlist 1.2.3.4", "nameserver\u{FF}", "search . -a",
    ])
    func passesOverWhatItDoesNotKnow(text: String) {
        #expect(read(text) == ResolverConfig())
    }

    @Test func isBounded() {
        let many = read(
            (0..<50).map { "nameserver 10.0.0.\($0)\n" }.joined()
                + "search " + (0..<100).map { "d\($0)" }.joined(separator: " ")
                + "\noptions ndots:99 timeout:99 attempts:99"
        )
        #expect(many.servers.count == 8)
        #expect(many.searchDomains.count == 32)
        #expect((many.dotsMin, many.timeoutMillis, many.tries) == (15, 30_000, 5))
        let none = read("options timeout:0 attempts:0")
        #expect((none.timeoutMillis, none.tries) == (1000, 1))
    }

    @Test func takesTheLastOfSearchAndDomain() {
        #expect(read("search a.b c\ndomain D.e. f").searchDomains == ["d.e"])
        #expect(read("domain d\nsearch a b").searchDomains == ["a", "b"])
    }

    @Test(arguments: [
        ("api", 5, ["api.a", "api.b", "api"]), ("api.x", 1, ["api.x", "api.x.a", "api.x.b"]),
        ("api.x", 2, ["api.x.a", "api.x.b", "api.x"]), ("api.", 5, ["api"]),
        ("api", 0, ["api", "api.a", "api.b"]),
    ])
    func saysWhatANameMayStandFor(name: String, dotsMin: Int, hosts: [String]) {
        var config = ResolverConfig()
        config.searchDomains = ["a", "b"]
        config.dotsMin = dotsMin
        #expect(config.candidates(for: name) == hosts)
    }

    @Test func leavesOutWhatWouldBeTooLong() {
        let label = String(repeating: "a", count: 62)
        let long = [String](repeating: label, count: 4).joined(separator: ".")
        var config = ResolverConfig()
        config.searchDomains = ["b", "bc"]
        #expect(config.candidates(for: long) == [long, long + ".b"])
    }
}
