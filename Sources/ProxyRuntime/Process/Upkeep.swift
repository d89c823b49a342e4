// SPDX-License-Identifier: Apache-2.0

/// Calls something again and again, at the pace that it asks for.
final class Upkeep: SocketOwner {
    private let work: (UInt64) -> UInt64?
    private let timer: Int32

    /// `work` gets the time and returns after how many nanoseconds it wants the next turn.
    init(_ work: @escaping (UInt64) -> UInt64?) throws(Errno) {
        self.work = work
        timer = try WakeUps.makeTimer()
    }

    func start(on reactor: Reactor, afterNanos: UInt64) throws(Errno) {
        _ = try reactor.addSource(timer, self)
        wake(afterNanos: afterNanos)
    }

    func wake(afterNanos: UInt64) { WakeUps.set(timer, afterNanos: afterNanos) }

    override func handle(_ events: SocketEvents, on token: SocketToken) {
        _ = WakeUps.acknowledge(timer)
        if let next = work(SystemCalls.monotonicNanos()) { wake(afterNanos: next) }
    }
}
