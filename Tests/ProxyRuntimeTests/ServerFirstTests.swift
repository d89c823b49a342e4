// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@testable import ProxyRuntime

/// Servers that speak before their clients do, and clients that take their time.
@Suite("Who speaks first")
struct ServerFirstTests {
    /// A proxy that takes plain and meshed clients at one port, in front of `app`.
    private func standalone(
        _ app: SocketAddress,
        in folder: TestFolder
    ) throws -> ProxyUnderTest {
        try Identities.copy(["api.crt", "api.key", "web.crt", "web.key", "ca.crt"], to: folder)
        var config = ProxyConfig()
        config.identity = (Identities.api, "api")
        config.policy = "all-unauthenticated"
        config.forwardTo = app
        return try ProxyUnderTest(config, in: folder, name: "proxy-api")
    }

    /// The proxy of a client, with `endpoint` behind its service.
    private func clientProxy(
        of endpoint: SocketAddress,
        in folder: TestFolder
    ) throws -> (proxy: ProxyUnderTest, service: SocketAddress) {
        var config = ProxyConfig()
        config.identity = (Identities.web, "web")
        let service = SocketAddress(ip: config.ip, port: 7000)
        config.services = [.init(address: service, endpoints: [(endpoint, Identities.api)])]
        return (try ProxyUnderTest(config, in: folder, name: "proxy-web"), service)
    }

    /// An address at which nothing listens any more.
    private func deadAddress() throws -> SocketAddress { try TestListener().address }

    @Test func hearsAServerFirstThroughTheMesh() throws {
        let pair = try MeshPair()
        let start = Wait.now()
        let (client, server) = try pair.connect()
        try server.send("220 hello")
        #expect(try client.receiveText(9) == "220 hello")
        #expect(Wait.now() - start < 1)
    }

    @Test func hearsAServerFirstWithoutTheMesh() throws {
        let folder = try TestFolder()
        let app = try TestListener()
        let proxy = try standalone(app.address, in: folder)
        let start = Wait.now()
        let client = try TestSocket.connect(to: proxy.inbound)
        let server = try app.accept()
        try server.send("220 hello")
        #expect(try client.receiveText(9) == "220 hello")
        #expect(Wait.now() - start < 1)
        try client.send("EHLO")
        #expect(try server.receiveText(4) == "EHLO")
    }

    /// The greeting is there before the client's TLS is; it must not be sent in the clear.
    @Test func keepsAGreetingForAMeshedClient() throws {
        let folder = try TestFolder()
        let app = try TestListener()
        let api = try standalone(app.address, in: folder)
        let endpoint = SocketAddress(ip: api.ip, port: app.address.port)
        let (web, service) = try clientProxy(of: endpoint, in: folder)
        let serving = try Background {
            try (0..<50).map { _ in
                let server = try app.accept()
                try server.send("220 hello")
                return server
            }
        }
        for _ in 0..<50 {
            let client = try TestSocket.connect(to: service)
            #expect(try client.receiveText(9) == "220 hello")
        }
        _ = try serving.value()
        #expect(try web.logLines("connection refused") == [])
    }

    @Test func tellsASilentClientThatItsServerHasLeft() throws {
        let folder = try TestFolder()
        let app = try TestListener()
        let proxy = try standalone(app.address, in: folder)
        let client = try TestSocket.connect(to: proxy.inbound)
        try app.accept().close()
        #expect(try client.receiveToEnd() == [])
    }

    @Test func tellsASilentClientThatItsServerHasReset() throws {
        let folder = try TestFolder()
        let app = try TestListener()
        let proxy = try standalone(app.address, in: folder)
        let client = try TestSocket.connect(to: proxy.inbound)
        try app.accept().reset()
        #expect(try client.ending() == .reset)
    }

    @Test func takesALateClientForWhatItIs() throws {
        let folder = try TestFolder()
        let app = try TestListener()
        let proxy = try standalone(app.address, in: folder)
        let relay = try HelloRelay(to: proxy.inbound)
        let peer = try TLSPeer(
            connectingTo: relay.address,
            in: folder,
            sending: TLSPeer.header(port: app.address.port) + Array("late".utf8)
        )
        // The connection is old when the ClientHello comes.
        let upstream = try TestSocket.connect(to: proxy.inbound)
        let early = try app.accept()
        #expect(early.isSilent(forSeconds: 0.5))
        try relay.pass(to: upstream) { [$0] }
        #expect(try early.receiveText(4) == "late")
        try early.send("in time")
        early.finish()
        #expect(try peer.output() == "in time")
    }

    /// The header, not `forwardTo`, says which port a client of the mesh means.
    @Test func followsTheHeaderToAnotherPort() throws {
        let folder = try TestFolder()
        let (app, other) = (try TestListener(), try TestListener())
        let api = try standalone(app.address, in: folder)
        let endpoint = SocketAddress(ip: api.ip, port: other.address.port)
        let web = try clientProxy(of: endpoint, in: folder)
        let client = try TestSocket.connect(to: web.service)
        try client.send("to the other")
        #expect(try other.accept().receiveText(12) == "to the other")
    }

    /// Nor does it matter to them whether anything listens there.
    @Test func followsTheHeaderPastADeadPort() throws {
        let folder = try TestFolder()
        let other = try TestListener()
        let api = try standalone(try deadAddress(), in: folder)
        let endpoint = SocketAddress(ip: api.ip, port: other.address.port)
        let web = try clientProxy(of: endpoint, in: folder)
        let client = try TestSocket.connect(to: web.service)
        try client.send("to the other")
        #expect(try other.accept().receiveText(12) == "to the other")
        let plain = try TestSocket.connect(to: api.inbound)
        try plain.send("no request\r\n\r\n")
        #expect(try plain.ending() == .reset)
        try api.awaitLog("cannot connect")
    }
}
