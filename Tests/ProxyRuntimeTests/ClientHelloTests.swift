// SPDX-License-Identifier: Apache-2.0

import MeshModel
import ProxyCore
import Testing

@testable import ProxyRuntime

/// ClientHellos that arrive in odd ways.
@Suite("ClientHello on the wire")
struct ClientHelloTests {
    private func expectGoodHandshake(_ cut: ([UInt8]) -> [[UInt8]]) throws {
        let pair = try MeshPair()
        let relay = try HelloRelay(to: pair.api.inbound)
        let peer = try TLSPeer(
            connectingTo: relay.address,
            in: pair.folder,
            sending: TLSPeer.header(port: pair.app.address.port) + Array("hello".utf8)
        )
        try relay.pass(cut)
        let server = try pair.app.accept()
        #expect(try server.receiveText(5) == "hello")
        try server.send("welcome")
        server.finish()
        #expect(try peer.output() == "welcome")
    }

    @Test func mayComeByteByByte() throws {
        try expectGoodHandshake { hello in hello.map { [$0] } }
    }

    @Test func mayComeInRecordsOfOneByte() throws {
        try expectGoodHandshake { hello in
            hello.dropFirst(5).map { Array(hello[..<3]) + [0, 1, $0] }
        }
    }

    @Test(arguments: [1, 5, 6, 43, 100])
    func mayComeInTwoSegments(cut: Int) throws {
        try expectGoodHandshake { [Array($0[..<cut]), Array($0[cut...])] }
    }

    /// Longer than any hello that we look at: for us it is no TLS, and no memory is held for it.
    @Test func isRefusedWhenItIsHuge() throws {
        let pair = try MeshPair()
        let client = try TestSocket.connect(to: pair.api.inbound)
        let start: [UInt8] = [0x16, 3, 1, 0x40, 0, 1, 0, 0xFF, 0xFF, 3, 3]
        try? client.send(start + [UInt8](repeating: 7, count: 64 << 10))
        #expect(try client.ending() == .reset)
        try pair.api.awaitLog("direct connections must be mutual TLS of the mesh")
    }

    /// The one deadline that cannot be tried in less than its ten seconds.
    @Test func mustBeThereInTime() throws {
        let pair = try MeshPair()
        let canary = try Canary(pair.connect())
        let silent = try TestSocket.connect(to: pair.api.inbound)
        let slow = try TestSocket.connect(to: pair.api.inbound)
        try slow.send([0x16, 3, 1])
        let start = Wait.now()
        #expect(try slow.ending() == .reset)
        #expect(try silent.ending() == .reset)
        #expect((9...15).contains(Wait.now() - start))
        try canary.sing()
        #expect(try pair.api.refusals("inbound", "tls detection timeout") == 1)
        #expect(try pair.api.refusals("inbound", "no_identity") == 1)
    }

    /// TLS for another name is the application's own.
    @Test func isPassedOnForAnotherName() throws {
        let folder = try TestFolder()
        let app = try TestListener()
        try Identities.copy(["api.crt", "api.key", "web.crt", "web.key", "ca.crt"], to: folder)
        var config = ProxyConfig()
        config.identity = (Identities.api, "api")
        config.forwardTo = app.address
        let proxy = try ProxyUnderTest(config, in: folder, name: "proxy")
        let peer = try TLSPeer(
            connectingTo: proxy.inbound,
            in: folder,
            serverName: "www.example.org",
            sending: []
        )
        let bytes = try app.accept().receive(5)
        #expect(bytes.starts(with: [0x16, 3]))
        _ = peer
    }
}
