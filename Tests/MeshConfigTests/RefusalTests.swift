// SPDX-License-Identifier: Apache-2.0

import ManifestKit
import MeshConfig
import Testing

/// What the standalone file is refused for, word by word.
@Suite("Refused standalone files")
struct RefusalTests {
    @Test func tellsEveryErrorInTheOrderOfTheFile() {
        let text = """
            services: {a: {endpoints: []}, a: {endpoints: []}}
            inbound:
              listenAdr: ":4143"
              forwardTo: 5
            proxy:
              proxy: {outgoing: {request: {timeout: 5}}}
            """
        #expect(
            complaints(text) == [
                "1:32: the key \"a\" is here twice, first in line 1 | remove one of the two",
                "3:3: inbound has no key \"listenAdr\" | did you mean \"listenAddr\"?",
                "4:14: inbound.forwardTo must be a string, not a number | write \"5\"",
                "6:41: proxy.proxy.outgoing.request.timeout: the duration \"5\" has no unit; "
                    + "write \"5ms\" or \"5s\"",
            ]
        )
        #expect(readFile(text).errors.first?.file == "mesh.yaml")
        #expect(
            readFile(text).errors.map(\.code) == [
                .duplicateKey, .unknownKey, .badValue, .badValue,
            ]
        )
    }

    @Test(arguments: [
        ("[]", "1:1: the configuration must hold keys, not a list"),
        ("5", "1:1: the configuration must hold keys, not a number"),
        (
            "proxy: {}\n---\ninbound: {}\n",
            "3:1: a second document, but there is only one configuration "
                + "| put it all into one document, without \"---\" in between"
        ),
        ("prxy: {}", "1:1: the configuration has no key \"prxy\" | did you mean \"proxy\"?"),
        (
            "listenAddr: x",
            "1:1: the configuration has no key \"listenAddr\" "
                + "| it belongs at proxy.listenAddr or inbound.listenAddr"
        ),
        (
            "nonsense: x",
            "1:1: the configuration has no key \"nonsense\" "
                + "| it may have proxy, identity, inbound, services, dns and timeouts"
        ),
        ("proxy: []", "1:8: proxy must hold keys, not a list"),
        ("inbound: text", "1:10: inbound must hold keys, not a string"),
        ("services: []", "1:11: services must hold keys, not a list"),
        ("inbound: {<<: 5}", "1:15: \"<<\" merges keys, not a number"),
        ("inbound: {<<: [{}, []]}", "1:20: \"<<\" merges keys, not a list"),
        (
            "services: {x: &a [y], *a : z}",
            "1:15: services[\"x\"] must hold keys, not a list\n"
                + "1:23: a key must be a word, not a collection"
        ),
        (
            "inbound: {\"a\\u202Eb\": 1}",
            "1:11: inbound has no key \"a\\u{202E}b\" | it may have listenAddr, adminListenAddr, "
                + "defaultPolicy, clusterNetworks, opaquePorts, forwardTo and probes"
        ),
    ])
    func ofShape(text: String, expected: String) {
        #expect(complaints(text).joined(separator: "\n") == expected)
    }

    @Test(arguments: [
        (
            "{}",
            "1:11: identity lacks \"name\", \"certificate\", \"key\" and \"trustRoots\""
        ),
        // Nobody runs without TLS because the lines below were commented out.
        ("", "1:1: identity lacks \"name\", \"certificate\", \"key\" and \"trustRoots\""),
        ("{name: a, certificate: b, key: c}", "1:11: identity lacks \"trustRoots\""),
        (
            "{name: 10.0.0.1, certificate: c, key: k, trustRoots: t}",
            "1:18: identity.name: \"10.0.0.1\" is not a mesh identity; write a DNS name such as "
                + "\"webapp.default.serviceaccount.identity.linkerd.cluster.local\" "
                + "or a SPIFFE ID such as \"spiffe://example.org/webapp\""
        ),
        (
            "{name: a, certificate: '', key: \"b\\0c\", trustRoots: 5}",
            "1:34: identity.certificate: empty; write the path of a PEM file\n"
                + "1:43: identity.key: \"b\\u{0}c\" holds a NUL, which no path may\n"
                + "1:63: identity.trustRoots must be a string, not a number | write \"5\""
        ),
        (
            "{name: a, certificate: c, key: k, trustRoot: t}",
            "1:11: identity lacks \"trustRoots\"\n"
                + "1:45: identity has no key \"trustRoot\" | did you mean \"trustRoots\"?"
        ),
    ])
    func ofIdentity(value: String, expected: String) {
        #expect(complaints("identity: \(value)").joined(separator: "\n") == expected)
    }

    @Test func ofPathsThatLinuxCannotOpen() {
        let path = String(repeating: "a", count: 4090)
        let text = "identity: {name: a, certificate: c, trustRoots: t, key: \(path)}"
        #expect(
            complaints(text) == [
                "1:57: identity.key: \"\(String(repeating: "a", count: 60))...\" (4090 bytes) "
                    + "makes a path of 4100 bytes; Linux takes at most 4095"
            ]
        )
    }
}

/// The same for `inbound`.
@Suite("Refused inbound settings")
struct InboundRefusalTests {
    @Test(arguments: [
        (
            "listenAddr: ':4140'",
            "1:23: inbound.listenAddr: 0.0.0.0:4140 is taken by proxy.listenAddr, 127.0.0.1:4140 "
                + "| choose another port"
        ),
        (
            "adminListenAddr: '0.0.0.0:4143'",
            "1:28: inbound.adminListenAddr: 0.0.0.0:4143 is taken by inbound.listenAddr, "
                + "0.0.0.0:4143 | choose another port"
        ),
        (
            "listenAddr: 'localhost:4143'",
            "1:23: inbound.listenAddr: \"localhost:4143\" does not start with an IP address; "
                + "write one such as \"127.0.0.1:4140\" or \"[::1]:4140\""
        ),
        (
            "defaultPolicy: Deny",
            "1:26: inbound.defaultPolicy: \"Deny\" is not one of all-unauthenticated, "
                + "all-authenticated, cluster-unauthenticated, cluster-authenticated, deny or "
                + "audit; did you mean \"deny\"?"
        ),
        (
            "defaultPolicy: on",
            "1:26: inbound.defaultPolicy must be a string, not a boolean | write \"on\""
        ),
        (
            "defaultPolicy: cluster-authenticated",
            "1:26: inbound.defaultPolicy: without TLS nobody is authenticated, "
                + "so nobody could connect "
                + "| add \"identity\" to the file, or write \"deny\" if that is meant"
        ),
        (
            "clusterNetworks: [10.0.0.1, 10.0.0.0/8, {}]",
            "1:29: inbound.clusterNetworks[0]: \"10.0.0.1\" has no prefix length; "
                + "write \"10.0.0.1/32\" for this one address\n"
                + "1:51: inbound.clusterNetworks[2] must be a string, not keys"
        ),
        (
            "clusterNetworks: ",
            "1:11: inbound.clusterNetworks has no value | write [] for none"
        ),
        (
            "opaquePorts: '25,,3'",
            "1:24: inbound.opaquePorts: \"25,,3\" has an empty item between commas; "
                + "write a list such as \"25,587,8000-8010\""
        ),
        (
            "opaquePorts: 010",
            "1:24: inbound.opaquePorts must be a string, not a number | write \"010\""
        ),
        (
            "opaquePorts: [25, http]",
            "1:29: inbound.opaquePorts[1]: \"http\" is not a port or a range of ports from 0 to "
                + "65535; write \"8080\" or \"8000-8010\""
        ),
        (
            "forwardTo: '10.0.0.1:0'",
            "1:22: inbound.forwardTo: \"10.0.0.1:0\" has port 0, which nothing listens on; "
                + "write a port from 1 to 65535"
        ),
        (
            "forwardTo: '[::]:80'",
            "1:22: inbound.forwardTo: \"[::]:80\" is no address to connect to; "
                + "write one such as \"127.0.0.1:80\""
        ),
        (
            "forwardTo: ':4143'",
            "1:22: inbound.forwardTo: 127.0.0.1:4143 is the proxy's own inbound.listenAddr "
                + "| write the address of the application behind the proxy"
        ),
        (
            "forwardTo: ':4140'",
            "1:22: inbound.forwardTo: 127.0.0.1:4140 is the proxy's own proxy.listenAddr "
                + "| write the address of the application behind the proxy"
        ),
    ])
    func tellsWhatToDo(field: String, expected: String) {
        #expect(complaints("inbound: {\(field)}").joined(separator: "\n") == expected)
    }

    @Test(arguments: [
        ("5", "1:19: inbound.probes must be a list, not a number"),
        ("[5]", "1:20: inbound.probes[0] must hold keys, not a number"),
        ("[{}]", "1:20: inbound.probes[0] lacks \"port\" and \"path\""),
        (
            "[{port: 0, path: /}]",
            "1:27: inbound.probes[0].port: \"0\" is not a port; "
                + "write a number from 1 to 65535, such as \"4143\""
        ),
        (
            "[{port: 80, path: healthz}]",
            "1:37: inbound.probes[0].path: \"healthz\" is no path; "
                + "write one that begins with \"/\", such as \"/healthz\""
        ),
        (
            "[{port: 80, path: '/a b'}]",
            "1:37: inbound.probes[0].path: \"/a b\" holds a byte that no request target has; "
                + "write it percent-encoded, such as %20 for a space"
        ),
    ])
    func saysHowProbesAreWritten(value: String, expected: String) {
        #expect(complaints("inbound: {probes: \(value)}").joined(separator: "\n") == expected)
    }

    @Test(arguments: ["head", "stall", "idle"])
    func timeoutsLeaveSomeTime(key: String) {
        #expect(
            complaints("timeouts: {\(key): 0s}").map { $0.contains("leaves no time") } == [true]
        )
        #expect(complaints("timeouts: {\(key): 9000h}").count == 1)
        #expect(complaints("timeouts: {\(key): 5}").count == 1)
    }

    @Test func forwardsToAnotherMachine() {
        #expect(complaints("inbound: {forwardTo: '10.0.0.9:4143'}") == [])
    }

    /// The one that is written can be helped, not the default.
    @Test func blamesWhatIsWritten() {
        #expect(
            complaints("proxy: {listenAddr: ':4191'}") == [
                "1:21: proxy.listenAddr: 127.0.0.1:4191 is taken by inbound.adminListenAddr, "
                    + "127.0.0.1:4191 | choose another port"
            ]
        )
    }
}
