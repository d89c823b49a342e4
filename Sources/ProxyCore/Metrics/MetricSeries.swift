// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// One number of one thread, which other threads may read.
public final class MetricCounter: Sendable {
    private let value = Atomic<Int>(0)

    /// Makes one that stands at zero.
    public init() {}

    /// Adds, also less than nothing for a gauge.
    public func add(_ amount: Int = 1) { value.wrappingAdd(amount, ordering: .relaxed) }

    /// What it stands at.
    public var count: Int { value.load(ordering: .relaxed) }
}

/// How long things took, in Linkerd's buckets of milliseconds.
public final class LatencyHistogram: Sendable {
    /// The upper ends of the buckets, in milliseconds; one more has none.
    public static let boundsMillis = [
        1, 2, 3, 4, 5, 10, 20, 30, 40, 50, 100, 200, 300, 400, 500, 1000, 2000, 3000, 4000, 5000,
        10000, 20000, 30000, 40000, 50000,
    ]

    private let buckets = InlineArray<26, Atomic<Int>> { _ in Atomic(0) }
    private let sumMicros = Atomic<Int>(0)

    /// Makes an empty one.
    public init() {}

    /// Takes note of one duration.
    public func observe(nanos: UInt64) {
        let micros = Int(clamping: nanos / 1000)
        var low = 0
        var high = Self.boundsMillis.count
        while low < high {
            let middle = (low + high) / 2
            if Self.boundsMillis[middle] * 1000 < micros { low = middle + 1 } else { high = middle }
        }
        buckets[low].wrappingAdd(1, ordering: .relaxed)
        sumMicros.wrappingAdd(micros, ordering: .relaxed)
    }

    /// What it holds: the count of each bucket, not added up, and the sum in milliseconds.
    public var reading: LatencyReading {
        LatencyReading(
            counts: buckets.indices.map { buckets[$0].load(ordering: .relaxed) },
            sumMicros: sumMicros.load(ordering: .relaxed)
        )
    }
}

/// What a histogram held when it was read.
public struct LatencyReading: Equatable, Sendable {
    /// For each bucket how many durations ended there.
    public var counts: [Int]
    /// All of them together, in microseconds.
    public var sumMicros: Int

    mutating func add(_ other: LatencyReading) {
        for index in counts.indices { counts[index] += other.counts[index] }
        sumMicros += other.sumMicros
    }
}
