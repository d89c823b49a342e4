// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@testable import ProxyRuntime

/// Bytes through both proxies, by mutual TLS.
@Suite("Relay")
struct RelayTests {
    @Test(arguments: [0, 1, 64 << 10, 50 << 20])
    func carriesBytesEitherWay(count: Int) throws {
        let pair = try MeshPair()
        let bytes = Pattern.bytes(count)
        let (client, server) = try pair.connect()
        let sending = try Background {
            try client.send(bytes)
            client.finish()
        }
        #expect(try server.receiveToEnd() == bytes)
        try sending.value()
        let answering = try Background {
            try server.send(bytes)
            server.finish()
        }
        #expect(try client.receiveToEnd() == bytes)
        try answering.value()
    }

    @Test func carriesBothWaysAtOnce() throws {
        let pair = try MeshPair()
        let bytes = Pattern.bytes(10 << 20)
        let (client, server) = try pair.connect()
        let work = try [(client, server), (server, client)].flatMap { from, to in
            [
                try Background {
                    try from.send(bytes)
                    from.finish()
                    return true
                },
                try Background { try to.receiveToEnd() == bytes },
            ]
        }
        for step in work { #expect(try step.value()) }
    }

    @Test(arguments: [true, false])
    func keepsOneHalfOpen(clientEndsFirst: Bool) throws {
        let pair = try MeshPair()
        let (client, server) = try pair.connect()
        let (first, second) = clientEndsFirst ? (client, server) : (server, client)
        try first.send("the end")
        first.finish()
        #expect(try second.receiveToEnd() == Array("the end".utf8))
        for word in ["one", "two", "six"] {
            try second.send(word)
            #expect(try first.receiveText(3) == word)
        }
        second.finish()
        #expect(try first.receiveToEnd() == [])
        try Wait.until("both proxies let go") {
            try pair.web.openConnections("outbound") + pair.api.openConnections("inbound") == 0
        }
    }

    @Test(arguments: [true, false])
    func passesAResetOn(clientResets: Bool) throws {
        let pair = try MeshPair()
        let (client, server) = try pair.connect()
        try client.send("a")
        #expect(try server.receiveText(1) == "a")
        (clientResets ? client : server).reset()
        #expect(try (clientResets ? server : client).ending() == .reset)
    }

    /// Who refuses what it is sent says why and closes, with the rest of it unread: the kernel then
    /// resets the connection behind the answer.
    @Test(arguments: [true, false])
    func deliversAnAnswerInFrontOfAReset(clientSends: Bool) throws {
        let pair = try MeshPair()
        for _ in 0..<10 {
            let (client, server) = try pair.connect()
            let (from, to) = clientSends ? (client, server) : (server, client)
            let sending = try Background {
                // It fails in the middle.
                try? from.send(Pattern.bytes(20 << 20))
            }
            _ = try to.receive(1)
            try to.send("554 refused")
            to.close()
            try sending.value()
            #expect(try from.receiveText(11) == "554 refused")
        }
        try Wait.until("both proxies let go") {
            try pair.web.openConnections("outbound") + pair.api.openConnections("inbound") == 0
        }
    }

    /// A peer that is gone without an end of its own has not said all: the sender sees the reset,
    /// and not an end in front of it, which would make it EPIPE.
    @Test(arguments: [true, false])
    func passesAResetOnToASender(clientSends: Bool) throws {
        let pair = try MeshPair()
        let (client, server) = try pair.connect()
        let (from, to) = clientSends ? (client, server) : (server, client)
        try from.send("a")
        #expect(try to.receiveText(1) == "a")
        let sending = try Background {
            do { try from.send(Pattern.bytes(50 << 20)) } catch let error as Errno { return error }
            throw BenchError("all of it was taken")
        }
        _ = try to.receive(100_000)
        to.reset()
        #expect(try sending.value() == Errno(code: 104))
    }

    /// Whoever has said all and then dies must not hold its proxy for minutes.
    @Test func letsGoAfterAResetBehindTheEnd() throws {
        let pair = try MeshPair()
        let (client, server) = try pair.connect()
        client.finish()
        #expect(try server.receiveToEnd() == [])
        client.reset()
        try Wait.until("the client's proxy lets go") {
            try pair.web.openConnections("outbound") == 0
        }
        // The server says nothing, and would not notice by itself; nor would its proxy.
        try Wait.until("the server's proxy lets go") {
            try pair.api.openConnections("inbound") == 0
        }
        #expect(throws: Errno.self) { try server.send("to nobody") }
    }

    @Test func carriesTwoHundredConnectionsAtOnce() throws {
        let pair = try MeshPair()
        let app = pair.app
        let serving = try Background {
            try (0..<200).map { _ in
                let server = try app.accept()
                return try Background {
                    while let bytes = try server.receiveSome() { try server.send(bytes) }
                    server.finish()
                }
            }
        }
        let clients = try (0..<200).map { _ in try TestSocket.connect(to: pair.service) }
        let words = (0..<200).map { Pattern.bytes(1000 + $0) }
        for (client, word) in zip(clients, words) {
            try client.send(word)
            client.finish()
        }
        for (client, word) in zip(clients, words) { #expect(try client.receiveToEnd() == word) }
        for server in try serving.value() { try server.value() }
        let opened = try pair.api.total(
            "tcp_open_total",
            "peer=\"src\",direction=\"inbound\"",
            "tls=\"true\",client_id=\"web.default"
        )
        #expect(opened == 200)
    }

    /// What nobody reads stays in the sockets, not in the proxy.
    @Test(arguments: [true, false])
    func holdsBackASender(clientSends: Bool) throws {
        let pair = try MeshPair()
        let (client, server) = try pair.connect()
        let (from, to) = clientSends ? (client, server) : (server, client)
        try from.send("a")
        #expect(try to.receiveText(1) == "a")
        let before = try [pair.web, pair.api].map { try $0.process.residentBytes() }
        let sent = try from.sendWhatFits(atMost: 200 << 20)
        #expect(sent < 200 << 20)
        let after = try [pair.web, pair.api].map { try $0.process.residentBytes() }
        for (before, after) in zip(before, after) { #expect(after - before < 1 << 20) }
        from.finish()
        #expect(try to.receiveToEnd().count == sent)
    }
}
