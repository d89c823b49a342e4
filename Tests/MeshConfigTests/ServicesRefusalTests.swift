// SPDX-License-Identifier: Apache-2.0

import MeshConfig
import MeshModel
import Testing

/// What `services` are refused for.
@Suite("Refused services")
struct ServicesRefusalTests {
    @Test(arguments: [
        (
            "{Web: {endpoints: []}}",
            "1:12: services: \"Web\" is not a DNS name; write lower-case labels of a-z, 0-9 and "
                + "\"-\" joined by dots, such as \"cluster.local\""
        ),
        ("{a: }", "1:12: services[\"a\"] lacks \"endpoints\""),
        ("{a: 5}", "1:15: services[\"a\"] must hold keys, not a number"),
        ("{a: {endpoints: }}", "1:16: services[\"a\"].endpoints must be a list, not null"),
        ("{a: {endpoints: {}}}", "1:27: services[\"a\"].endpoints must be a list, not keys"),
        (
            "{a: {port: 80, endpoints: []}}",
            "1:16: services[\"a\"] has no key \"port\" | it may have address and endpoints"
        ),
        (
            "{a: {address: ':80', endpoints: []}}",
            "1:25: services[\"a\"].address: \":80\" has no IP address before the colon; "
                + "write one such as \"127.0.0.1:4140\""
        ),
        (
            "{a: {address: 10.0.0.1, endpoints: []}}",
            "1:25: services[\"a\"].address: \"10.0.0.1\" is not an address with a port; "
                + "write one such as \"127.0.0.1:4140\""
        ),
        (
            "{a: {endpoints: [5, {}, {adress: 1.2.3.4:5}]}}",
            "1:28: services[\"a\"].endpoints[0] must hold keys, not a number\n"
                + "1:31: services[\"a\"].endpoints[1] lacks \"address\"\n"
                + "1:35: services[\"a\"].endpoints[2] lacks \"address\"\n"
                + "1:36: services[\"a\"].endpoints[2] has no key \"adress\" "
                + "| did you mean \"address\"?"
        ),
        (
            "{a: {endpoints: [{address: 1.2.3.4:5}, {address: 1.2.3.4:05}]}}",
            "1:60: services[\"a\"].endpoints[1].address: 1.2.3.4:5 is "
                + "services[\"a\"].endpoints[0].address already, in line 1 | remove one of the two"
        ),
        (
            "\n  a: {address: 1.2.3.4:5, endpoints: []}\n  b: {address: 1.2.3.4:5, endpoints: []}",
            "3:16: services[\"b\"].address: 1.2.3.4:5 is services[\"a\"].address already, "
                + "in line 2 | remove one of the two"
        ),
        (
            "{a: {endpoints: [{address: 1.2.3.4:5, identity: web}]}}",
            "1:59: services[\"a\"].endpoints[0].identity: without an identity of its own the "
                + "proxy cannot check one "
                + "| add \"identity\" to the file, or remove this one for plain TCP"
        ),
        (
            "{a: {endpoints: [{address: 1.2.3.4:5, identity: 'spiffe://a'}]}}",
            "1:59: services[\"a\"].endpoints[0].identity: \"spiffe://a\" is not the SPIFFE ID of "
                + "a workload; write a trust domain and a path, such as "
                + "\"spiffe://example.org/webapp\""
        ),
        (
            "{a: {endpoints: [{address: 1.2.3.4:5, identity: }]}}",
            "1:49: services[\"a\"].endpoints[0].identity must be a string, not null"
        ),
    ])
    func tellsWhatToDo(value: String, expected: String) {
        #expect(complaints("services: \(value)").joined(separator: "\n") == expected)
    }

    @Test func allowsOneEndpointInTwoServices() {
        let text = "services: {a: &a {endpoints: [{address: 1.2.3.4:5}]}, b: *a}"
        #expect(complaints(text) == [])
    }

    @Test func boundsServicesAndEndpoints() {
        func services(_ count: Int) -> String {
            "services: {" + (0..<count).map { "s\($0): {endpoints: []}" }.joined(separator: ", ")
                + "}"
        }
        func endpoints(_ count: Int) -> String {
            let items = (0..<count).map { "{address: 10.0.\($0 / 256).\($0 % 256):80}" }
            return "services: {a: {endpoints: [\(items.joined(separator: ", "))]}}"
        }
        #expect(complaints(services(4096)) == [])
        #expect(
            complaints(services(4097)) == [
                "1:11: services has 4097 names, at most 4096 are read"
            ]
        )
        #expect(complaints(endpoints(1000)) == [])
        #expect(
            complaints(endpoints(1001)) == [
                "1:27: services[\"a\"].endpoints has 1001 items, at most 1000 are read"
            ]
        )
    }

    @Test func boundsLists() {
        let networks = [String](repeating: "10.0.0.0/8", count: 1025).joined(separator: ", ")
        #expect(
            complaints("inbound: {clusterNetworks: [\(networks)]}") == [
                "1:28: inbound.clusterNetworks has 1025 items, at most 1024 are read"
            ]
        )
    }

    @Test func boundsErrors() {
        let text = "{" + (0..<3000).map { "k\($0): 1" }.joined(separator: ",") + "}"
        let errors = complaints(text)
        #expect(errors.count == 1001)
        #expect(
            errors.last == "there may be more errors than these 1000 | correct these first"
        )
    }

    /// Deeper merges would not be read, and what is not read must not pass unseen.
    @Test func boundsMergesOfMerges() {
        func merges(_ depth: Int) -> String {
            let open = [String](repeating: "{<<: ", count: depth).joined()
            let close = [String](repeating: "}", count: depth).joined()
            return "inbound: \(open){listenAddr: ':1'}\(close)"
        }
        #expect(readFile(merges(15)).config?.inbound.listen.port == 1)
        #expect(
            complaints(merges(16)) == [
                "1:11: too many merges of merges | write the keys out"
            ]
        )
    }
}
