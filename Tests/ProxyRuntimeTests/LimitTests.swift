// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@testable import ProxyRuntime

/// A proxy without descriptors, and one that is led in a circle.
@Suite("Limits", .serialized)
struct LimitTests {
    /// A connection takes two: of an odd and an even limit, one runs out when accepting and the
    /// other when connecting.
    @Test(arguments: [64, 65])
    func backsOffWithoutDescriptors(limit: Int) throws {
        let folder = try TestFolder()
        let app = try TestListener()
        var config = ProxyConfig()
        config.forwardTo = app.address
        let proxy = try ProxyUnderTest(
            config,
            in: folder,
            name: "proxy",
            limits: ["--nofile=\(limit)"]
        )
        let old = try (client: TestSocket.connect(to: proxy.inbound), server: app.accept())
        let canary = try Canary(old)
        let clients = try (0..<100).map { _ in try TestSocket.connect(to: proxy.inbound) }
        try proxy.awaitLog("no descriptors left in this process")
        try Wait.until("all descriptors are in use") {
            try proxy.process.descriptorCount() >= limit - 2
        }
        // A probe may have to wait in the admin port's queue, which must not spin either.
        let probe = try TestSocket.connect(to: proxy.admin)
        try probe.send("GET /ready HTTP/1.1\r\n\r\n")
        let before = try proxy.process.processorSeconds()
        #expect(old.client.isSilent(forSeconds: 2))
        #expect(try proxy.process.processorSeconds() - before < 0.4)
        try canary.sing()
        for client in clients { client.close() }
        while let server = try? app.accept(within: 0.3) { server.close() }
        #expect(try String(decoding: probe.receiveToEnd(), as: UTF8.self).contains("200 OK"))
        try Wait.until("a new connection is served") {
            let late = try TestSocket.connect(to: proxy.inbound)
            try? late.send("late")
            let server = try? app.accept(within: 1)
            return try server?.receiveSome() == Array("late".utf8)
        }
        try canary.sing()
    }

    @Test func refusesAServiceThatIsTheProxyItself() throws {
        let folder = try TestFolder()
        var config = ProxyConfig()
        let service = SocketAddress(ip: config.ip, port: 7000)
        let twin = SocketAddress(ip: config.ip, port: 7001)
        let circle = SocketAddress(ip: config.ip, port: 7002)
        // The same address, mapped into IPv6 (RFC 4291 section 2.5.5.2).
        guard case .v4(let value) = config.ip else { return }
        let mapped = SocketAddress(ip: .v6(0xFFFF << 32 | UInt128(value)), port: 7002)
        config.services = [
            .init(address: service, endpoints: [(service, nil)]),
            .init(address: twin, endpoints: [(SocketAddress(ip: config.ip, port: 4140), nil)]),
            .init(address: circle, endpoints: [(mapped, nil)]),
        ]
        let proxy = try ProxyUnderTest(config, in: folder, name: "proxy")
        for address in [service, twin, circle] {
            let client = try TestSocket.connect(to: address)
            #expect(try client.ending() == .reset)
        }
        try proxy.awaitLog("reason=\"the destination is the proxy itself\"")
        #expect(try proxy.refusals("outbound", "loop") == 3)
    }

    /// As in Linkerd: what does not leave the machine is not encrypted.
    @Test func reachesItsOwnApplicationDirectly() throws {
        let folder = try TestFolder()
        try Identities.copy(["api.crt", "api.key", "ca.crt"], to: folder)
        var config = ProxyConfig()
        config.identity = (Identities.api, "api")
        let app = try TestListener(config.ip)
        let service = SocketAddress(ip: config.ip, port: 7000)
        config.services = [.init(address: service, endpoints: [(app.address, Identities.api)])]
        let proxy = try ProxyUnderTest(config, in: folder, name: "proxy")
        let client = try TestSocket.connect(to: service)
        try Canary((client, app.accept())).sing()
        #expect(try proxy.total("tcp_open_total", "direction=\"inbound\"") == 0)
    }

    @Test func refusesWhatNoRedirectLedHere() throws {
        let folder = try TestFolder()
        let proxy = try ProxyUnderTest(ProxyConfig(), in: folder, name: "proxy")
        #expect(try TestSocket.connect(to: proxy.outbound).ending() == .reset)
        try proxy.awaitLog("reason=\"no redirect led here\"")
        #expect(try proxy.refusals("outbound", "loop") == 1)
    }

    @Test func refusesWhatIsNotAllowed() throws {
        let folder = try TestFolder()
        let app = try TestListener()
        var config = ProxyConfig()
        config.allow = ["ip:10.0.0.0/8"]
        let service = SocketAddress(ip: config.ip, port: 7000)
        config.services = [.init(address: service, endpoints: [(app.address, nil)])]
        let proxy = try ProxyUnderTest(config, in: folder, name: "proxy")
        #expect(try TestSocket.connect(to: service).ending() == .reset)
        try proxy.awaitLog("outgoing.allow has no entry for it, such as ip:\(config.ip)/32")
        #expect(try proxy.refusals("outbound", "unauthorized") == 1)
        #expect(try app.isQuiet())
    }

    @Test(arguments: ["kubernetes", "k8s:default/service-0", "ip:127.0.0.0/8"])
    func letsPassWhatIsAllowed(entry: String) throws {
        let folder = try TestFolder()
        let app = try TestListener()
        var config = ProxyConfig()
        config.allow = [entry]
        let service = SocketAddress(ip: config.ip, port: 7000)
        config.services = [.init(address: service, endpoints: [(app.address, nil)])]
        let proxy = try ProxyUnderTest(config, in: folder, name: "proxy")
        let client = try TestSocket.connect(to: service)
        try Canary((client, app.accept())).sing()
        #expect(try proxy.logLines("refused") == [])
    }

    /// Two proxies at one port would share its connections at random.
    @Test func refusesAPortThatIsTaken() throws {
        let folder = try TestFolder()
        let config = ProxyConfig()
        let first = try ProxyUnderTest(config, in: folder, name: "first")
        let second = try TestProcess(
            ProxyUnderTest.executable(),
            ["--config", "first.yaml"],
            in: folder,
            name: "second"
        )
        #expect(try second.exitCode() == 1)
        #expect(try folder.text("second.err").contains("address already in use"))
        #expect(try first.status(of: "/ready") == 200)
    }
}
