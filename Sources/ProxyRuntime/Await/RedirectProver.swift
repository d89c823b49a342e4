// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

/// Connects to addresses and answers, as the listener, those connections that were redirected.
///
/// Only a connection that was headed for the address in question gets the token: whoever else comes
/// to the port learns nothing, and a proxy could do nothing with a connection whose original
/// destination the kernel does not tell.
final class RedirectProver {
    /// What keeps the proof from being tried.
    struct Obstacle: Error {
        let message: String
    }

    private let poller: Poller
    private let listener: SocketToken
    private let signals: SocketToken
    private let log: ProxyLog
    private let token: [UInt8]
    private var buffer = [UInt8](repeating: 0, count: 256)
    /// Tells events of an earlier connection from those of this one.
    private var generation: UInt32 = 1

    /// How long to wait before another connection, where a route may still come.
    private static let pauseNanos: UInt64 = 100_000_000

    init(listener address: SocketAddress, _ log: ProxyLog) throws(Obstacle) {
        self.log = log
        // 128 bits that nobody can guess, as hexadecimal digits.
        token = (0..<16).flatMap { _ in
            let byte = UInt8.random(in: 0...255)
            return Array((String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)).utf8)
        }
        do throws(Errno) {
            poller = try Poller()
            signals = SocketToken(try WakeUps.takeSignals(), 0)
            listener = SocketToken(try Listening(log: log).open(address, "the proof"), 0)
            try poller.addSource(signals)
            try poller.addSource(listener)
        } catch {
            throw Obstacle(message: "cannot listen at \(address): \(error)")
        }
    }

    /// Connects until that has come to something, or the time is over.
    ///
    /// - Returns: why the traffic is not redirected; nil when it is.
    func prove(
        _ target: SocketAddress,
        untilNanos: UInt64
    ) throws(Obstacle) -> RedirectProof.Failure? {
        var failure = RedirectProof.Failure.silence
        while Deadline.millis(until: untilNanos) != nil {
            switch try connectOnce(to: target, untilNanos: untilNanos) {
            case nil: return nil
            case .silence?: return failure
            case let found?:
                log.log(.debug, "not yet", [("to", "\(target)"), ("found", "\(found)")])
                if found.isFinal { return found }
                failure = found
            }
            let pause = min(untilNanos, SystemCalls.monotonicNanos() + Self.pauseNanos)
            _ = try turns(target, until: pause) { _ in nil }
        }
        return failure
    }

    private func connectOnce(
        to target: SocketAddress,
        untilNanos: UInt64
    ) throws(Obstacle) -> RedirectProof.Failure? {
        log.log(.debug, "connecting", [("to", "\(target)")])
        log.flush()
        generation += 1
        let client: SocketToken
        do throws(Errno) {
            client = SocketToken(try SystemCalls.connect(to: target), generation)
        } catch {
            return meaning(of: error)
        }
        defer { SystemCalls.close(client.descriptor) }
        do throws(Errno) {
            try poller.addConnection(client)
        } catch {
            throw Obstacle(message: "cannot watch a connection: \(error)")
        }
        var proof = RedirectProof(token: token)
        var isConnected = false
        let verdict = try turns(target, until: untilNanos) { event in
            guard event == client else { return nil }
            if !isConnected {
                if let error = SystemCalls.connectError(client.descriptor) {
                    return .failed(self.meaning(of: error))
                }
                isConnected = true
            }
            return self.read(client, &proof)
        }
        switch verdict {
        case nil: return .silence
        case .proven?: return nil
        case .failed(let failure)?: return failure
        case .needsMore?: return .silence
        }
    }

    private func read(
        _ client: SocketToken,
        _ proof: inout RedirectProof
    ) -> RedirectProof.Verdict? {
        while true {
            switch SystemCalls.receive(client.descriptor, into: &buffer) {
            case .bytes(let count):
                let verdict = proof.received(buffer[..<count])
                if verdict != .needsMore { return verdict }
            case .end: return proof.ended()
            case .wouldBlock: return nil
            case .failed: return .failed(.stranger)
            }
        }
    }

    /// Serves events until one of them decides, or the time is over.
    private func turns(
        _ target: SocketAddress,
        until untilNanos: UInt64,
        _ decide: (SocketToken) -> RedirectProof.Verdict?
    ) throws(Obstacle) -> RedirectProof.Verdict? {
        while let millis = Deadline.millis(until: untilNanos) {
            for index in 0..<poller.wait(millis: millis) {
                let event = poller.event(at: index).token
                if event == listener {
                    acceptOne(target)
                } else if event == signals {
                    throw Obstacle(message: "ended by a signal")
                } else if let verdict = decide(event) {
                    return verdict
                }
            }
        }
        return nil
    }

    /// One a turn, so that nobody who floods the port keeps the other events waiting.
    private func acceptOne(_ target: SocketAddress) {
        guard let socket = try? SystemCalls.accept(listener.descriptor) else { return }
        defer { SystemCalls.close(socket) }
        let original = SystemCalls.originalDestination(socket)
        // Whoever connects to the listener itself has passed no redirect.
        guard original == target, original != SystemCalls.localAddress(socket) else {
            let headed = original.map { "\($0)" } ?? "unknown"
            log.log(.debug, "a connection for elsewhere", [("headed_for", headed)])
            return
        }
        // A new socket has room for so few bytes.
        _ = SystemCalls.send(socket, token, 0..<token.count)
    }

    private func meaning(of error: Errno) -> RedirectProof.Failure {
        if error.isRefusal { return .refused("\(error)") }
        return error.isTimeout ? .silence : .noRoute("\(error)")
    }
}
