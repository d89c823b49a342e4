// SPDX-License-Identifier: Apache-2.0

import Foundation
import MeshModel
import Testing

@testable import ProxyRuntime

/// How a proxy leaves.
@Suite("Signals")
struct SignalTests {
    private func signal(_ number: Int32, _ proxy: ProxyUnderTest) throws {
        proxy.process.signal(number)
        try Wait.until("it is not ready") { try proxy.status(of: "/ready") == 503 }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func leavesWhenItsConnectionsHave(number: Int32) throws {
        let pair = try MeshPair()
        let old = try pair.connect()
        try signal(number, pair.web)
        try signal(number, pair.api)
        try Canary(old).sing()
        let new = try pair.connect()
        try Canary(new).sing()
        #expect(try pair.api.status(of: "/live") == 200)
        for connection in [old, new] {
            connection.client.close()
            connection.server.close()
        }
        #expect(try pair.web.process.exitCode(within: 5) == 0)
        #expect(try pair.api.process.exitCode(within: 5) == 0)
        try pair.api.awaitLog("all connections have ended")
    }

    /// A client that keeps its connection is told to leave with its next answer.
    @Test func endsRequestsConnectionsWhenItLeaves() throws {
        let pair = try MeshPair()
        let client = try TestSocket.connect(to: pair.service)
        let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        let answer = "HTTP/1.1 204 No Content\r\n\r\n"
        try client.send(request)
        var server = try pair.app.accept()
        // One that was made before the client had said anything is dropped again, with a reset.
        while (try? receiveHead(server)) != true { server = try pair.app.accept() }
        try server.send(answer)
        #expect(try client.receiveText(answer.utf8.count) == answer)
        try signal(SIGTERM, pair.web)
        try client.send(request)
        #expect(try receiveHead(server))
        try server.send(answer)
        let last = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"
        #expect(try client.receiveText(last.utf8.count) == last)
        #expect(try client.ending() == .finished)
        client.close()
        #expect(try pair.web.process.exitCode(within: 5) == 0)
        try pair.web.awaitLog("all connections have ended")
    }

    /// Reads a request without a body; false when the connection ends before.
    private func receiveHead(_ server: TestSocket) throws -> Bool {
        var head = ""
        while !head.hasSuffix("\r\n\r\n") {
            guard let some = try server.receiveSome() else { return false }
            head += String(decoding: some, as: UTF8.self)
        }
        return true
    }

    @Test func leavesSoonWithoutConnections() throws {
        let pair = try MeshPair()
        pair.web.process.signal(SIGTERM)
        #expect(try pair.web.process.exitCode(within: 3) == 0)
    }

    /// Cut-off bytes must not look like whole ones.
    @Test func cutsConnectionsWhenTheGraceIsOver() throws {
        let pair = try MeshPair(flags: ["--grace", "1"])
        let (client, server) = try pair.connect()
        try Canary((client, server)).sing()
        let start = Wait.now()
        pair.web.process.signal(SIGTERM)
        #expect(try pair.web.process.exitCode(within: 5) == 0)
        #expect(Wait.now() - start >= 0.9)
        #expect(try client.ending() == .reset)
        #expect(try server.ending() == .reset)
        try pair.web.awaitLog("1 connections were cut")
    }

    @Test func hurriesAtASecondSignal() throws {
        let pair = try MeshPair()
        let (client, server) = try pair.connect()
        try signal(SIGTERM, pair.web)
        pair.web.process.signal(SIGTERM)
        #expect(try pair.web.process.exitCode(within: 3) == 0)
        #expect(try client.ending() == .reset)
        #expect(try server.ending() == .reset)
    }

    /// A pipe that nobody reads, and that is full before the proxy starts.
    @Test func relaysAndLeavesWhenNobodyReadsItsLog() throws {
        let folder = try TestFolder()
        let app = try TestListener()
        let pipe = Pipe()
        let space = [UInt8](repeating: 0x20, count: 4096)
        let writing = pipe.fileHandleForWriting.fileDescriptor
        while Files.write(space, to: writing, patienceMillis: 10) {}
        var config = ProxyConfig()
        config.forwardTo = app.address
        let proxy = try ProxyUnderTest(
            config,
            in: folder,
            name: "proxy",
            report: pipe.fileHandleForWriting
        )
        let client = try TestSocket.connect(to: proxy.inbound)
        let canary = try Canary((client, app.accept()))
        // Each is refused, since no redirect led it there.
        for _ in 0..<1000 {
            _ = try? TestSocket.connect(to: proxy.outbound)
        }
        try Wait.until("all are refused") { try proxy.refusals("outbound", "loop") == 1000 }
        try canary.sing()
        try signal(SIGTERM, proxy)
        proxy.process.signal(SIGTERM)
        #expect(try proxy.process.exitCode(within: 5) == 0)
        withExtendedLifetime(pipe) {}
    }
}
