// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ProxyRuntime

/// Something that a test waited for and that did not come.
struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Waiting for what other processes do: by looking again and again, never for longer than this.
enum Wait {
    /// LIMIT: for things that take milliseconds; a machine that builds something else at the same
    /// time may need a thousand times as long.
    static let secondsMax = 20.0

    static func now() -> Double { Double(SystemCalls.monotonicNanos()) / 1e9 }

    /// Looks until the condition holds.
    static func until(
        _ what: String,
        within seconds: Double = secondsMax,
        _ condition: () throws -> Bool
    ) throws {
        let start = now()
        while try !condition() {
            guard now() - start < seconds else {
                throw BenchError("waited \(seconds) s in vain: \(what)")
            }
            Files.pause(nanos: 5_000_000)
        }
    }

    /// Waits for a descriptor to be readable or, if wanted, writable.
    static func forReady(
        _ descriptor: Int32,
        _ wanted: SocketEvents,
        within seconds: Double = secondsMax
    ) throws {
        let poller = try Poller()
        try poller.addConnection(SocketToken(descriptor, 0))
        let start = now()
        while true {
            let left = seconds - (now() - start)
            guard left > 0 else {
                throw BenchError("a socket was not ready within \(seconds) s")
            }
            for index in 0..<poller.wait(millis: Int32(left * 1000) + 1) {
                let events = poller.event(at: index).events
                if !events.isDisjoint(with: wanted.union(.hungUp)) { return }
            }
        }
    }
}
