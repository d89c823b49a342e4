// SPDX-License-Identifier: Apache-2.0

import MeshModel

/// What a proxy of a test is told.
struct ProxyConfig {
    struct Service {
        var address: SocketAddress
        var endpoints: [(address: SocketAddress, identity: String?)] = []
        /// Endpoints `NAME:PORT`.
        var names: [(name: String, identity: String?)] = []
    }

    let ip = LoopbackAddresses.next()
    /// The name of its certificate, and of the files.
    var identity: (name: String, files: String)?
    var policy: String?
    var forwardTo: SocketAddress?
    var clusterNetworks: String?
    var allow: [String]?
    var services: [Service] = []
    /// Values of keys under `dns`, as they are.
    var dns: [(key: String, value: String)] = []

    /// The file; JSON is YAML.
    var text: String {
        var proxy = ["\"listenAddr\": \"\(ip):4140\""]
        if let allow {
            let items = allow.map { "\"\($0)\"" }.joined(separator: ", ")
            proxy.append("\"proxy\": {\"outgoing\": {\"allow\": [\(items)]}}")
        }
        var inbound = [
            "\"listenAddr\": \"\(ip):4143\"", "\"adminListenAddr\": \"\(ip):4191\"",
        ]
        if let policy { inbound.append("\"defaultPolicy\": \"\(policy)\"") }
        if let forwardTo { inbound.append("\"forwardTo\": \"\(forwardTo)\"") }
        if let clusterNetworks { inbound.append("\"clusterNetworks\": \"\(clusterNetworks)\"") }
        var parts = [
            "\"proxy\": {\(proxy.joined(separator: ", "))}",
            "\"inbound\": {\(inbound.joined(separator: ", "))}",
        ]
        if let identity {
            parts.append(
                """
                "identity": {"name": "\(identity.name)", "certificate": "\(identity.files).crt", \
                "key": "\(identity.files).key", "trustRoots": "ca.crt"}
                """
            )
        }
        let entries = services.enumerated().map { index, service in
            let all = service.endpoints.map { ("\($0.address)", $0.identity) }
            let endpoints = (all + service.names).map { address, identity in
                let identity = identity.map { ", \"identity\": \"\($0)\"" } ?? ""
                return "{\"address\": \"\(address)\"\(identity)}"
            }
            return "\"service-\(index).default.svc.cluster.local\": {\"address\": "
                + "\"\(service.address)\", \"endpoints\": [\(endpoints.joined(separator: ", "))]}"
        }
        parts.append("\"services\": {\(entries.joined(separator: ", "))}")
        let keys = dns.map { "\"\($0.key)\": \($0.value)" }
        parts.append("\"dns\": {\(keys.joined(separator: ", "))}")
        return "{\(parts.joined(separator: ",\n"))}\n"
    }
}

/// An application, the proxy in front of it, and the proxy of a client.
///
/// client -> `web` (its service listener) -> mutual TLS -> `api` (4143) -> `app`
final class MeshPair: Sendable {
    let folder: TestFolder
    let app: TestListener
    let api: ProxyUnderTest
    let web: ProxyUnderTest
    /// Where clients connect.
    let service: SocketAddress

    init(
        policy: String = "all-authenticated",
        identity: String = Identities.api,
        flags: [String] = [],
        environment: [String: String] = [:],
        webLimits: [String] = []
    ) throws {
        folder = try TestFolder()
        app = try TestListener()
        try Identities.copy(["web.crt", "web.key", "api.crt", "api.key", "ca.crt"], to: folder)
        var config = ProxyConfig()
        config.identity = (Identities.api, "api")
        config.policy = policy
        api = try ProxyUnderTest(
            config,
            in: folder,
            name: "proxy-api",
            flags: flags,
            environment: environment
        )
        var client = ProxyConfig()
        client.identity = (Identities.web, "web")
        service = SocketAddress(ip: client.ip, port: 7000)
        let endpoint = SocketAddress(ip: config.ip, port: app.address.port)
        client.services = [.init(address: service, endpoints: [(endpoint, identity)])]
        web = try ProxyUnderTest(
            client,
            in: folder,
            name: "proxy-web",
            flags: flags,
            limits: webLimits
        )
    }

    /// A connection through both proxies, seen from both ends.
    func connect() throws -> (client: TestSocket, server: TestSocket) {
        let client = try TestSocket.connect(to: service)
        return (client, try app.accept())
    }
}

/// One connection that lives through everything else that happens.
struct Canary {
    private let client: TestSocket
    private let server: TestSocket

    init(_ pair: (client: TestSocket, server: TestSocket)) throws {
        (client, server) = pair
        try sing()
    }

    /// A byte there and a byte back.
    func sing() throws {
        try client.send("?")
        guard try server.receiveText(1) == "?" else { throw BenchError("the canary is hoarse") }
        try server.send("!")
        guard try client.receiveText(1) == "!" else { throw BenchError("the canary is hoarse") }
    }
}
