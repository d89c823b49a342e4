// SPDX-License-Identifier: Apache-2.0

import Synchronization

@testable import ProxyRuntime

/// Work on a thread of its own, and what it came to.
final class Background<Value: Sendable>: Sendable {
    private let outcome = Mutex<Result<Value, any Error>?>(nil)

    init(_ body: @escaping @Sendable () throws -> Value) throws {
        try SystemThread.start {
            let result = Result { try body() }
            self.outcome.withLock { $0 = result }
        }
    }

    func value(within seconds: Double = 60) throws -> Value {
        try Wait.until("work in the background", within: seconds) {
            outcome.withLock { $0 != nil }
        }
        guard let result = outcome.withLock({ $0 }) else { throw BenchError("no result") }
        return try result.get()
    }
}

/// Something that one thread tells others once.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)

    var isSet: Bool { value.load(ordering: .relaxed) }

    func set() { value.store(true, ordering: .relaxed) }
}

/// Bytes that show where they were cut, doubled or swapped.
enum Pattern {
    /// LIMIT: the period is a prime, so that no buffer of a power of two hides a shift.
    private static let periodBytes = 65_521

    static func bytes(_ count: Int) -> [UInt8] {
        var state: UInt32 = 0x9E37_79B9
        var period: [UInt8] = []
        period.reserveCapacity(periodBytes)
        for _ in 0..<min(periodBytes, count) {
            state = state &* 1_664_525 &+ 1_013_904_223
            period.append(UInt8(truncatingIfNeeded: state >> 24))
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count { bytes += period.prefix(count - bytes.count) }
        return bytes
    }
}
