// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

/// A listener of one thread.
final class Acceptor: SocketOwner {
    private let reactor: Reactor
    private let log: ProxyLog
    private let socket: Int32
    private var token: SocketToken?
    private var backoff = AcceptBackoff()
    private var turn = 0
    private let make: (Int32, Int) -> Void
    private let drainAcceptNanos: UInt64?
    private var stopNanos: UInt64?

    /// LIMIT: connections accepted in one turn; the kernel keeps the others.
    private static let acceptsPerTurn = 64

    /// Listens on a bound socket.
    ///
    /// `make` starts a connection with each accepted one, and gets a number that goes up with each.
    /// `drainAcceptNanos` is how long it goes on when the process is
    /// going to end; nil for until it does.
    init(
        _ socket: Int32,
        _ reactor: Reactor,
        _ log: ProxyLog,
        drainAcceptNanos: UInt64? = nil,
        _ make: @escaping (Int32, Int) -> Void
    ) {
        self.socket = socket
        self.reactor = reactor
        self.log = log
        self.make = make
        self.drainAcceptNanos = drainAcceptNanos
    }

    func start() throws(Errno) { token = try reactor.addSource(socket, self) }

    /// Takes no more connections; those that wait in the kernel are refused.
    func stop() {
        if let token { reactor.close(token) }
        token = nil
    }

    override func handle(_ events: SocketEvents, on token: SocketToken) {
        for _ in 0..<Self.acceptsPerTurn {
            do throws(Errno) {
                guard let accepted = try SystemCalls.accept(socket) else { return }
                backoff.accepted()
                turn &+= 1
                make(accepted, turn & 0xFFFF)
            } catch {
                return pause(error, token)
            }
        }
    }

    /// Without descriptors a ready listener would spin: it is left alone for a moment.
    private func pause(_ error: Errno, _ token: SocketToken) {
        let own = SystemCalls.localAddress(socket)
        log.log(
            .error,
            "cannot accept",
            [("at", own.map { "\($0)" } ?? "unknown"), ("error", "\(error)")]
        )
        reactor.pause(token)
        wait(token)
    }

    private func wait(_ token: SocketToken) {
        let until = min(backoff.ranOut(now: reactor.nowNanos), stopNanos ?? .max)
        reactor.setDeadline(until, of: self, token)
    }

    override func deadlineReached(nowNanos: UInt64) {
        guard let token else { return }
        if let stopNanos, stopNanos <= nowNanos { return stop() }
        do throws(Errno) {
            try reactor.resume(token)
            if let stopNanos { reactor.setDeadline(stopNanos, of: self, token) }
        } catch {
            // The kernel has no memory for it now; a listener must not be forgotten for that.
            wait(token)
        }
    }

    override func drain() {
        guard let drainAcceptNanos, let token, stopNanos == nil else { return }
        let until = SystemCalls.monotonicNanos() + drainAcceptNanos
        stopNanos = until
        reactor.setDeadline(min(until, deadlineNanos ?? .max), of: self, token)
    }

    override func abandon() { stop() }
}
