// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

/// What idle connections cost.
@Suite("Memory", .serialized)
struct MemoryTests {
    /// Opens connections, each of which has carried a byte either way.
    private func open(
        _ count: Int,
        to address: SocketAddress,
        _ app: TestListener
    ) throws -> [(client: TestSocket, server: TestSocket)] {
        try (0..<count).map { _ in
            let client = try TestSocket.connect(to: address)
            let server = try app.accept()
            try client.send("?")
            #expect(try server.receiveText(1) == "?")
            try server.send("!")
            #expect(try client.receiveText(1) == "!")
            return (client, server)
        }
    }

    /// Bytes of memory for each connection of `count`, in a proxy that has had some before, and
    /// what of the whole is still in use after they are gone.
    private func cost(
        of count: Int,
        in proxy: ProxyUnderTest,
        _ direction: String,
        _ connect: (Int) throws -> [(client: TestSocket, server: TestSocket)]
    ) throws -> (each: Int, left: Double) {
        let warm = try connect(20)
        for pair in warm { pair.client.close() }
        for pair in warm { pair.server.close() }
        try Wait.until("all are closed") { try proxy.openConnections(direction) == 0 }
        let before = try proxy.process.residentBytes()
        let pairs = try connect(count)
        let during = try proxy.process.residentBytes()
        for pair in pairs { pair.client.close() }
        for pair in pairs { pair.server.close() }
        try Wait.until("all are closed") { try proxy.openConnections(direction) == 0 }
        try? Wait.until("memory is given back", within: 3) {
            try proxy.process.residentBytes() < before * 110 / 100
        }
        let after = try proxy.process.residentBytes()
        return ((during - before) / count, Double(after) / Double(before))
    }

    @Test func ofPlainConnectionsIsSmall() throws {
        let folder = try TestFolder()
        let app = try TestListener()
        var config = ProxyConfig()
        config.forwardTo = app.address
        let proxy = try ProxyUnderTest(config, in: folder, name: "proxy")
        let (each, left) = try cost(of: 1000, in: proxy, "inbound") { count in
            try open(count, to: proxy.inbound, app)
        }
        #expect(each <= 4 << 10)
        #expect(left < 1.1)
    }

    @Test(arguments: ["inbound", "outbound"])
    func ofMeshedConnectionsIsSmall(direction: String) throws {
        let pair = try MeshPair()
        let proxy = direction == "inbound" ? pair.api : pair.web
        let (each, left) = try cost(of: 500, in: proxy, direction) { count in
            try open(count, to: pair.service, pair.app)
        }
        #expect(each <= 32 << 10)
        #expect(left < 1.1)
    }
}
