// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// One number of one thread, which other threads may read.
public final class MetricCounter: Sendable {
    private let value = Atomic<Int>(0)

    /// Makes one that stands at zero.
    public init() {}

    /// Adds, also less than nothing for a gauge.
    public func add(_ amount: Int = 1) { value.wrappingAdd(amount, ordering: .relaxed) }

    /// What a gauge stands at from now on.
    public func set(_ count: Int) { value.store(count, ordering: .relaxed) }

    /// What it stands at.
    public var count: Int { value.load(ordering: .relaxed) }
}

/// How long things took, in the buckets of a family.
public final class MetricHistogram: Sendable {
    private let boundsMicros: [Int]
    // LIMIT: as many as the largest family has; others leave some unused.
    private let buckets = InlineArray<26, Atomic<Int>> { _ in Atomic(0) }
    private let sumMicros = Atomic<Int>(0)

    /// Makes an empty one.
    public init(_ bounds: MetricBuckets) {
        precondition(bounds.boundsMicros.count < 26)
        boundsMicros = bounds.boundsMicros
    }

    /// Takes note of one duration; a bucket's end belongs to it.
    public func observe(nanos: UInt64) {
        // Rounded up: what lasted longer than a bucket's end is not in it.
        let micros = Int(clamping: nanos / 1000 + (nanos % 1000 == 0 ? 0 : 1))
        var low = 0
        var high = boundsMicros.count
        while low < high {
            let middle = (low + high) / 2
            if boundsMicros[middle] < micros { low = middle + 1 } else { high = middle }
        }
        buckets[low].wrappingAdd(1, ordering: .relaxed)
        sumMicros.wrappingAdd(micros, ordering: .relaxed)
    }

    /// What it holds.
    public var reading: HistogramReading {
        HistogramReading(
            counts: (0...boundsMicros.count).map { buckets[$0].load(ordering: .relaxed) },
            sumMicros: sumMicros.load(ordering: .relaxed)
        )
    }
}

/// What a histogram held when it was read.
public struct HistogramReading: Equatable, Sendable {
    /// For each bucket how many durations ended there.
    public var counts: [Int]
    /// All of them together, in microseconds.
    public var sumMicros: Int

    /// How many durations there were.
    var total: Int { counts.reduce(0, +) }

    mutating func add(_ other: HistogramReading) {
        for index in counts.indices { counts[index] += other.counts[index] }
        sumMicros += other.sumMicros
    }
}

/// A number that is read when it is asked for: of the process, not of its traffic.
public struct MetricReading: Equatable, Sendable {
    /// What it is.
    public let family: MetricFamily
    /// Its labels, as they stand between braces.
    public let labels: String
    /// The number, as it stands behind them.
    public let value: String

    /// Makes one; the last `decimals` digits of the number stand behind its point.
    public init(_ family: MetricFamily, _ value: Int, decimals: Int = 0, labels: String = "") {
        self.family = family
        self.labels = labels
        self.value = MetricsText.decimal(value, decimals: decimals)
    }
}
