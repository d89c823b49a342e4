// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// A connection for a command that does one thing at a time: its calls wait, until a deadline.
final class DeadlineSocket {
    enum Failure: Error, Equatable {
        case timedOut
        case broken(Errno)
    }

    private let descriptor: Int32
    private let poller: Poller

    /// Connects.
    init(to address: SocketAddress, untilNanos: UInt64) throws(Failure) {
        do throws(Errno) {
            let poller = try Poller()
            descriptor = try SystemCalls.connect(to: address)
            self.poller = poller
        } catch {
            throw .broken(error)
        }
        do throws(Errno) {
            try poller.addConnection(SocketToken(descriptor, 0))
        } catch {
            // deinit closes it.
            throw .broken(error)
        }
        try wait(for: [.writable, .hungUp], untilNanos: untilNanos)
        if let error = SystemCalls.connectError(descriptor) { throw .broken(error) }
    }

    deinit { SystemCalls.close(descriptor) }

    func send(_ bytes: [UInt8], untilNanos: UInt64) throws(Failure) {
        var offset = 0
        while offset < bytes.count {
            switch SystemCalls.send(descriptor, bytes, offset..<bytes.count) {
            case .bytes(let count): offset += count
            case .wouldBlock, .end: try wait(for: .writable, untilNanos: untilNanos)
            case .failed(let error): throw .broken(error)
            }
        }
    }

    /// The next bytes; none at the end.
    func receive(into buffer: inout [UInt8], untilNanos: UInt64) throws(Failure) -> Int {
        while true {
            switch SystemCalls.receive(descriptor, into: &buffer) {
            case .bytes(let count): return count
            case .end: return 0
            case .wouldBlock: try wait(for: .readable, untilNanos: untilNanos)
            case .failed(let error): throw .broken(error)
            }
        }
    }

    private func wait(for wanted: SocketEvents, untilNanos: UInt64) throws(Failure) {
        while let millis = Deadline.millis(until: untilNanos) {
            for index in 0..<poller.wait(millis: millis) {
                if !poller.event(at: index).events.isDisjoint(with: wanted.union(.hungUp)) {
                    return
                }
            }
        }
        throw .timedOut
    }
}

/// Time that is left.
enum Deadline {
    /// What is left until a time, rounded up so that no wait ends before it; nil when it is past.
    static func millis(until nanos: UInt64) -> Int32? {
        let now = SystemCalls.monotonicNanos()
        guard nanos > now else { return nil }
        return Int32(clamping: (nanos - now + 999_999) / 1_000_000)
    }

    /// Sleeps until a time.
    static func pause(until nanos: UInt64) {
        let now = SystemCalls.monotonicNanos()
        if nanos > now { Files.pause(nanos: Int(nanos - now)) }
    }
}
