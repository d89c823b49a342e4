// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@testable import ProxyRuntime

/// A proxy whose service has endpoints with names.
struct NamedService: Sendable {
    let folder: TestFolder
    let proxy: ProxyUnderTest
    let service: SocketAddress

    /// `names` are of the form `NAME:PORT`; answers hold for a fifth of a second.
    init(
        _ names: [String],
        _ server: NameServer,
        resolvConf: String = "",
        ttl: (String, String) = ("200ms", "200ms"),
        awaitsReady: Bool = true
    ) throws {
        folder = try TestFolder()
        // A server that does not answer is given up after a second.
        try folder.write("resolv.conf", "options timeout:1 attempts:1\n" + resolvConf)
        var config = ProxyConfig()
        service = SocketAddress(ip: config.ip, port: 7000)
        config.services = [.init(address: service, names: names.map { ($0, nil) })]
        config.dns = [
            ("servers", "[\"\(server.address)\"]"), ("resolvConf", "resolv.conf"),
            ("minTTL", ttl.0), ("maxTTL", ttl.1),
        ]
        proxy = try ProxyUnderTest(config, in: folder, name: "proxy", awaitsReady: awaitsReady)
    }

    /// Whether a connection arrives at `app`.
    func reaches(_ app: TestListener) throws -> Bool {
        let client = try TestSocket.connect(to: service)
        guard let server = try? app.accept(within: 0.2) else { return false }
        try Canary((client, server)).sing()
        return true
    }

    func awaitReach(_ app: TestListener) throws {
        try Wait.until("connections arrive") { try reaches(app) }
    }
}

@Suite("Names", .serialized)
struct NameTests {
    @Test func findsAnAddressOfEitherFamily() throws {
        let app = try TestListener()
        let app6 = try TestListener(.v6(1), port: app.address.port)
        let server = try NameServer { query in
            query.name == "app.test" && query.type == 1
                ? [.addresses([.loopbackV4], for: query)]
                : query.name == "app6.test" ? [.addresses([.v6(1)], for: query)] : [.noSuchName]
        }
        let one = try NamedService(["app.test:\(app.address.port)"], server)
        #expect(try one.reaches(app))
        let other = try NamedService(["app6.test:\(app.address.port)"], server)
        #expect(try other.reaches(app6))
    }

    /// Connections are spread over all of them, and go past one that does not answer.
    @Test func usesEveryAddress() throws {
        let ips = (0..<4).map { _ in LoopbackAddresses.next() }
        let apps = try [TestListener(ips[0])]
        let port = apps[0].address.port
        let all = try apps + ips[1..<3].map { try TestListener($0, port: port) }
        // Nobody listens on the fourth; an IPv6 address that leads nowhere is among them, too.
        let server = try NameServer { [.addresses(ips + [.v6(0x0100 << 112)], for: $0)] }
        let named = try NamedService(["app.test:\(port)"], server)
        var clients: [TestSocket] = []
        for _ in 0..<12 { clients.append(try TestSocket.connect(to: named.service)) }
        for app in all { _ = try app.accept() }
        #expect(try named.proxy.logLines("refused") == [])
        try named.proxy.awaitLog("addresses=\"5\"")
    }

    @Test func takesUpAnotherAddressWhenTheOldAnswerIsOut() throws {
        let old = try TestListener(LoopbackAddresses.next())
        let new = try TestListener(LoopbackAddresses.next(), port: old.address.port)
        let server = try NameServer { [.addresses([old.address.ip], for: $0, ttlSeconds: 86_400)] }
        let named = try NamedService(["app.test:\(old.address.port)"], server)
        let client = try TestSocket.connect(to: named.service)
        let canary = try Canary((client, old.accept()))
        server.change { [.addresses([new.address.ip], for: $0)] }
        try named.awaitReach(new)
        try canary.sing()
    }

    @Test func asksNoMoreOftenThanTheFloorForAnAnswerOfNoLife() throws {
        let app = try TestListener()
        let server = try NameServer { [.addresses([.loopbackV4], for: $0, ttlSeconds: 0)] }
        let named = try NamedService(
            ["app.test:\(app.address.port)"],
            server,
            ttl: ("400ms", "1h")
        )
        let before = (count: server.queries.count, time: Wait.now())
        // Connections ask nothing.
        for _ in 0..<100 { #expect(try named.reaches(app)) }
        try Wait.until("it asks again") { server.queries.count >= before.count + 6 }
        let turns = Double(server.queries.count - before.count) / 2
        #expect(turns <= (Wait.now() - before.time) / 0.4 + 1)
    }

    @Test func keepsAnAnswerForItsLife() throws {
        let app = try TestListener()
        let server = try NameServer { [.addresses([.loopbackV4], for: $0, ttlSeconds: 3600)] }
        let named = try NamedService(
            ["app.test:\(app.address.port)"],
            server,
            ttl: ("100ms", "1h")
        )
        try? Wait.until("it asks again", within: 1) { server.queries.count > 2 }
        #expect(server.queries.count == 2)
        #expect(try named.reaches(app))
    }

    @Test func looksInTheSearchDomainsAsInAPod() throws {
        let app = try TestListener()
        let server = try NameServer { query in
            query.name == "api.shop.svc.cluster.local"
                ? [.addresses([.loopbackV4], for: query, ttlSeconds: 3600)] : [.noSuchName]
        }
        let named = try NamedService(
            ["api.shop:\(app.address.port)"],
            server,
            resolvConf: """
                nameserver 192.0.2.1
                search web.svc.cluster.local svc.cluster.local cluster.local
                options ndots:5
                """,
            ttl: ("100ms", "1h")
        )
        #expect(try named.reaches(app))
        #expect(
            server.queries.filter { $0.type == 1 }.map(\.name) == [
                "api.shop.web.svc.cluster.local", "api.shop.svc.cluster.local",
            ]
        )
        // A dot at its end says that a name is whole.
        let whole = try NamedService(["gone.test.:80"], server, resolvConf: "search a.b")
        try whole.proxy.awaitLog("no such name")
        #expect(!server.queries.contains { $0.name == "gone.test.a.b" })
    }

    @Test func isReadyOnceNamesAreResolved() throws {
        let app = try TestListener()
        let server = try NameServer { _ in [] }
        let named = try NamedService(
            ["app.test:\(app.address.port)"],
            server,
            awaitsReady: false
        )
        #expect(try named.proxy.status(of: "/ready") == 503)
        server.change { [.addresses([.loopbackV4], for: $0)] }
        try Wait.until("it is ready") { try named.proxy.status(of: "/ready") == 200 }
        try named.awaitReach(app)
    }

    @Test func speaksMutualTLSToAPeerWithAName() throws {
        let pair = try MeshPair()
        let server = try NameServer { [.addresses([pair.api.ip], for: $0)] }
        let folder = pair.folder
        var config = ProxyConfig()
        config.identity = (Identities.web, "web")
        let service = SocketAddress(ip: config.ip, port: 7000)
        let name = "api.test:\(pair.app.address.port)"
        config.services = [.init(address: service, names: [(name, Identities.api)])]
        config.dns = [("servers", "[\"\(server.address)\"]")]
        let proxy = try ProxyUnderTest(config, in: folder, name: "named")
        let client = try TestSocket.connect(to: service)
        try Canary((client, pair.app.accept())).sing()
        #expect(try pair.api.openConnections("inbound") == 1)
        #expect(try proxy.logLines("refused") == [])
    }
}
