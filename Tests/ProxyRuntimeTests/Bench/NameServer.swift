// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Synchronization

@testable import ProxyRuntime

/// A name server of a test, by UDP and TCP at one port of 127.0.0.1.
final class NameServer: Sendable {
    typealias Zone = @Sendable (NameQuery) -> [NameReply]

    private struct State {
        var zone: Zone
        var queries: [NameQuery] = []
        var isStopped = false
    }

    let address: SocketAddress
    private let state: Mutex<State>

    /// Answers each question with what `zone` says, which may be nothing or several things.
    init(_ zone: @escaping Zone) throws {
        let sockets = try Self.sockets()
        address = SocketAddress(ip: .loopbackV4, port: sockets.udp.port)
        state = Mutex(State(zone: zone))
        try serve(sockets.udp, sockets.tcp)
    }

    deinit { stop() }

    private static func sockets() throws -> (udp: DatagramSocket, tcp: TestListener) {
        for _ in 0..<20 {
            let udp = try DatagramSocket()
            if let tcp = try? TestListener(port: udp.port) { return (udp, tcp) }
        }
        throw BenchError("no port that is free for UDP and TCP")
    }

    private func serve(_ udp: DatagramSocket, _ tcp: TestListener) throws {
        let elsewhere = try DatagramSocket()
        try SystemThread.start { [weak self] in
            while self?.isServing == true {
                guard let (bytes, sender) = udp.receive(withinMillis: 20) else { continue }
                guard let query = NameQuery(bytes, isByTCP: false) else { continue }
                for reply in self?.replies(to: query) ?? [] {
                    let socket = reply.isFromElsewhere ? elsewhere : udp
                    socket.send(reply.message(for: query), to: sender)
                }
            }
        }
        try SystemThread.start { [weak self] in
            while self?.isServing == true {
                guard let socket = try? tcp.accept(within: 0.02) else { continue }
                try? self?.serve(socket)
            }
        }
    }

    private var isServing: Bool { state.withLock { !$0.isStopped } }

    /// Both questions may come by one connection.
    private func serve(_ socket: TestSocket) throws {
        while true {
            let length = try socket.receive(2)
            let bytes = try socket.receive(Int(length[0]) << 8 | Int(length[1]))
            guard let query = NameQuery(bytes, isByTCP: true) else { return }
            for reply in replies(to: query) {
                let message = reply.message(for: query)
                try socket.send([UInt8(message.count >> 8), UInt8(message.count & 0xFF)] + message)
            }
        }
    }

    private func replies(to query: NameQuery) -> [NameReply] {
        let zone = state.withLock { state in
            state.queries.append(query)
            return state.zone
        }
        return zone(query)
    }

    /// What has been asked so far.
    var queries: [NameQuery] { state.withLock { $0.queries } }

    /// Answers otherwise from now on.
    func change(_ zone: @escaping Zone) { state.withLock { $0.zone = zone } }

    /// Closes both sockets, soon.
    func stop() { state.withLock { $0.isStopped = true } }
}
