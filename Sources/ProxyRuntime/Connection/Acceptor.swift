// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

/// A listener of one thread.
final class Acceptor: SocketOwner {
    private let worker: Worker
    private let socket: Int32
    private var token: SocketToken?
    private var backoff = AcceptBackoff()
    private var turn = 0
    private let make: (Int32, Worker, Int) -> Void

    /// LIMIT: connections accepted in one turn; the kernel keeps the others.
    private static let acceptsPerTurn = 64

    /// Listens on a bound socket; `make` starts a connection with each accepted one.
    init(_ socket: Int32, _ worker: Worker, _ make: @escaping (Int32, Worker, Int) -> Void) {
        self.socket = socket
        self.worker = worker
        self.make = make
    }

    func start() throws(Errno) { token = try worker.reactor.addSource(socket, self) }

    /// Takes no more connections; those that wait in the kernel are refused.
    func stop() {
        if let token { worker.reactor.close(token) }
        token = nil
    }

    override func handle(_ events: SocketEvents, on token: SocketToken) {
        for _ in 0..<Self.acceptsPerTurn {
            do throws(Errno) {
                guard let accepted = try SystemCalls.accept(socket) else { return }
                backoff.accepted()
                turn &+= 1
                make(accepted, worker, turn & 0xFFFF)
            } catch {
                return pause(error, token)
            }
        }
    }

    /// Without descriptors a ready listener would spin: it is left alone for a moment.
    private func pause(_ error: Errno, _ token: SocketToken) {
        worker.log.log(.error, "cannot accept", [("error", "\(error)")])
        worker.reactor.pause(token)
        let until = backoff.ranOut(now: worker.reactor.nowNanos)
        worker.reactor.setDeadline(until, of: self, token)
    }

    override func deadlineReached(nowNanos: UInt64) {
        if let token { try? worker.reactor.resume(token) }
    }

    override func abandon() { stop() }
}
