// SPDX-License-Identifier: Apache-2.0

import ManifestKit
import MeshConfig
import MeshModel
import Testing

@Suite("Standalone file")
struct StandaloneFileTests {
    @Test func readsEveryKey() throws {
        let (config, errors) = readFile(fullFile)
        #expect(errors == [])
        let read = try #require(config)
        #expect(
            read.proxy
                == ProxySettings(
                    outboundListen: try SocketAddress(parsing: "127.0.0.2:4150"),
                    requestTimeout: GoDuration(nanoseconds: 1_500_000_000),
                    allow: [
                        .kubernetes, .service(namespace: "default", name: "users-api"),
                        .network(try CIDR(parsing: "192.168.1.0/24")),
                    ]
                )
        )
        #expect(
            read.identity
                == IdentityFiles(
                    name: "vm-1.example.org",
                    certificate: "/etc/mesh/certs/tls.crt",
                    key: "/etc/mesh/tls.key",
                    trustRoots: "/etc/mesh/ca.crt"
                )
        )
        #expect(
            read.inbound
                == InboundSettings(
                    listen: try SocketAddress(parsing: "0.0.0.0:4243"),
                    adminListen: try SocketAddress(parsing: "[::1]:4291"),
                    defaultPolicy: .clusterAuthenticated,
                    clusterNetworks: try CIDRList(parsing: "10.0.0.0/8,fd00::/8"),
                    opaquePorts: try PortList(parsing: "25,3306,8000-8010"),
                    forwardTo: try SocketAddress(parsing: "127.0.0.1:8080"),
                    probes: [
                        try ProbeRoute(port: PortNumber(parsing: "8080"), path: "/healthz"),
                        try ProbeRoute(port: PortNumber(parsing: "9000"), path: "/ready"),
                    ]
                )
        )
        #expect(
            read.timeouts
                == TimeoutSettings(
                    head: try GoDuration(parsing: "2s"),
                    stall: try GoDuration(parsing: "90s"),
                    idle: try GoDuration(parsing: "300s")
                )
        )
    }

    /// In the order of the file; aliases and merge keys are read through.
    @Test func readsServices() throws {
        let services = try #require(readFile(fullFile).config).services
        let mesh = "default.default.serviceaccount.identity.linkerd.cluster.local"
        func endpoint(_ address: String, _ identity: String? = nil) throws -> Endpoint {
            Endpoint(address: try EndpointAddress(parsing: address), identity: identity)
        }
        #expect(
            services == [
                ServiceEntry(
                    name: "users-api.default.svc.cluster.local",
                    address: try SocketAddress(parsing: "10.96.0.7:80"),
                    endpoints: [
                        try endpoint("10.1.0.5:80", mesh), try endpoint("10.1.0.6:80", mesh),
                        try endpoint("[fd00::5]:80"),
                    ]
                ),
                ServiceEntry(
                    name: "legacy",
                    address: try SocketAddress(parsing: "10.96.0.8:5432"),
                    endpoints: [try endpoint("10.2.0.1:5432")]
                ),
                ServiceEntry(name: "nobody", endpoints: []),
                ServiceEntry(
                    name: "partner",
                    endpoints: [try endpoint("10.3.0.1:443", "spiffe://example.org/partner")]
                ),
                ServiceEntry(
                    name: "named",
                    endpoints: [
                        Endpoint(address: .name("db.example.org.", port: 5432)),
                        Endpoint(address: .name("db", port: 5432)),
                    ]
                ),
            ]
        )
    }

    @Test func readsNameServers() throws {
        #expect(
            readFile(fullFile).config?.dns
                == DNSSettings(
                    servers: [
                        try SocketAddress(parsing: "10.96.0.10:53"),
                        try SocketAddress(parsing: "[fd00::a]:5353"),
                    ],
                    resolvConf: "/etc/mesh/resolv.conf",
                    ttlMin: GoDuration(nanoseconds: 2_000_000_000),
                    ttlMax: GoDuration(nanoseconds: 600_000_000_000)
                )
        )
    }

    @Test(arguments: [
        "", "\n", "# nothing\n", "~", "{}", "---\n", "---\n---\n{}\n---\n",
        "proxy:\ninbound:\nservices:\n", "proxy: {proxy: {outgoing: {request: }}}",
        "proxy: {proxy: {outbound: }}", "{\"proxy\": null}",
    ])
    func isDefaultsWhereNothingIsWritten(text: String) {
        let (config, errors) = readFile(text)
        #expect(config == StandaloneConfig())
        #expect(errors == [])
    }

    @Test(arguments: [
        ("inbound: {listenAddr: '10.0.0.1:4143'}", "10.0.0.1:4143"),
        ("inbound: {listenAddr: '[::]:4143'}", "[::]:4143"),
        ("inbound: {listenAddr: ':0', adminListenAddr: ':0'}", "0.0.0.0:0"),
        ("inbound: &a {<<: {listenAddr: 5}, listenAddr: ':1'}", "0.0.0.0:1"),
        ("inbound: {<<: [{listenAddr: ':1'}, {listenAddr: ':2'}]}", "0.0.0.0:1"),
    ])
    func takesListeners(text: String, address: String) {
        #expect(readFile(text).config?.inbound.listen.description == address)
    }

    @Test(arguments: [
        ("25", "25"), ("'25,  587,'", "25,587"), ("[25, '587', 8000-8010]", "25,587,8000-8010"),
        ("[]", ""), ("''", ""), ("3306", "3306"),
    ])
    func takesPorts(value: String, ports: String) {
        let config = readFile("inbound: {opaquePorts: \(value)}").config
        #expect(config?.inbound.opaquePorts.description == ports)
    }

    @Test(arguments: [
        ("10.1.2.3/8", "10.0.0.0/8"), ("'10.0.0.0/8, fd00::/8'", "10.0.0.0/8,fd00::/8"),
        ("[10.0.0.0/8]", "10.0.0.0/8"), ("[]", ""), ("''", ""),
    ])
    func takesNetworks(value: String, networks: String) {
        let config = readFile("inbound: {clusterNetworks: \(value)}").config
        #expect(config?.inbound.clusterNetworks.description == networks)
    }

    @Test(arguments: [
        ("", "tls.crt", "tls.crt"), ("/", "tls.crt", "/tls.crt"), ("a", "tls.crt", "a/tls.crt"),
        ("a/", "b/../tls.crt", "a/b/../tls.crt"), ("a", "/tls.crt", "/tls.crt"),
    ])
    func seesPathsFromTheFolder(folder: String, path: String, joined: String) throws {
        let text = "identity: {name: a, certificate: \(path), key: k, trustRoots: t}"
        let manifest = try Manifest(name: "mesh.yaml", bytes: Array(text.utf8))
        let config = StandaloneFile.read(manifest, folder: folder).config
        #expect(config?.identity?.certificate == joined)
    }

    @Test func readsJSON() {
        let text = """
            {"proxy": {"listenAddr": ":4150"}, "services": {"a": {"endpoints": []}}}
            """
        let config = readFile(text).config
        #expect(config?.proxy.outboundListen.port == 4150)
        #expect(config?.services.map(\.name) == ["a"])
    }

    @Test(arguments: ["deny", "audit", "all-unauthenticated", "cluster-unauthenticated"])
    func takesPoliciesWithoutIdentities(word: String) {
        let config = readFile("inbound: {defaultPolicy: \(word)}").config
        #expect(config?.inbound.defaultPolicy.rawValue == word)
    }
}
