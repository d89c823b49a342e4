// SPDX-License-Identifier: Apache-2.0

import MeshConfig
import MeshModel
import Testing

@Suite("Endpoint address")
struct EndpointAddressTests {
    @Test(arguments: [
        ("10.0.0.1:80", "10.0.0.1:80"), ("[FD00::1]:80", "[fd00::1]:80"),
        ("users-api.default:80", "users-api.default:80"), ("API:1", "api:1"), ("a.:80", "a.:80"),
        ("_db._tcp.x1:65535", "_db._tcp.x1:65535"), ("1password.com:443", "1password.com:443"),
        ("10.0.0.1.example:80", "10.0.0.1.example:80"),
    ])
    func takesAddressesAndNames(text: String, expected: String) throws {
        let address = try EndpointAddress(parsing: text)
        #expect(address.description == expected)
        #expect(try EndpointAddress(parsing: address.description) == address)
    }

    @Test(arguments: [
        ("10.0.0:80", "does not start with an IP address"),
        ("10.0.0.256:80", "does not start with an IP address"),
        ("name", "is not an address with a port"), ("name:", "does not"), ("name:0", "does not"),
        ("name:65536", "does not"), (":80", "has no IP address before the colon"),
        ("-a.b:80", "starts with neither"), ("a..b:80", "starts with neither"),
        ("a b:80", "starts with neither"), (".:80", "does not start"), ("::1:80", "in brackets"),
        ("[name]:80", "does not start"), ("http://name:80", "in brackets"),
        ("name:+80", "does not"), ("näme:80", "starts with neither"),
        ("0.0.0.0:80", "is no address to connect to"), ("10.0.0.1:0", "which nothing listens on"),
    ])
    func refusesAnythingElse(text: String, reason: String) {
        #expect { try EndpointAddress(parsing: text) } throws: { error in
            (error as? ValueError)?.message.contains(reason) == true
        }
    }

    @Test func boundsNames() throws {
        let label = String(repeating: "a", count: 63)
        #expect(throws: ValueError.self) { try EndpointAddress(parsing: label + "a:80") }
        let three = [label, label, label].joined(separator: ".")
        let longest = three + "." + String(repeating: "b", count: 61)
        #expect(try EndpointAddress(parsing: longest + ":80").name == longest)
        #expect(throws: ValueError.self) { try EndpointAddress(parsing: longest + "b:80") }
    }

    @Test(arguments: [
        (
            "{servers: []}",
            "1:16: dns.servers is empty | write a server's address, or remove the key for those of "
                + "resolvConf"
        ),
        (
            "{servers: [dns.example.org]}",
            "1:17: dns.servers[0]: \"dns.example.org\" is not an address with a port; "
                + "write one such as \"127.0.0.1:4140\""
        ),
        (
            "{minTTL: 5s, maxTTL: 1s}",
            "1:15: dns.minTTL: minTTL is 5s and maxTTL is 1s "
                + "| make the least not more than the most"
        ),
        ("{minTTL: 1ms}", "1:15: dns.minTTL: \"1ms\" is too short; write at least \"100ms\""),
    ])
    func tellsWhatIsWrongWithServers(value: String, expected: String) {
        #expect(complaints("dns: \(value)").joined(separator: "\n") == expected)
    }

    @Test func boundsTheNamesOfAFile() {
        func services(_ count: Int) -> String {
            let all = (0..<count).map { "a\($0): {endpoints: [{address: \"n\($0):80\"}]}" }
            return "services: {\(all.joined(separator: ", "))}"
        }
        #expect(complaints(services(1024)) == [])
        #expect(
            complaints(services(1025)) == [
                "1:11: services has endpoints of 1025 names, at most 1024 are looked up"
            ]
        )
    }
}
