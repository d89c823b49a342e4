// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The series of one thread.
///
/// Overview: the thread asks once for a series and keeps it; counting then takes no lock and no
/// search. Whoever shows the metrics reads the series of all threads and adds up those of the same
/// labels.
///
/// Invariant: no family has more than ``seriesMax`` series and one more, for all others: labels
/// name peers, and a large mesh must not fill a small pod's memory.
public final class MetricsShard: Sendable {
    /// LIMIT: series of one family in one thread; at 300 bytes each, half a megabyte for all
    /// families of a busy thread.
    public static let seriesMax = 500

    struct Key: Hashable {
        var family: MetricFamily
        /// As they stand between braces.
        var labels: String
    }

    private struct Series {
        var counters: [Key: MetricCounter] = [:]
        var histograms: [Key: LatencyHistogram] = [:]
        var counts: [MetricFamily: Int] = [:]

        /// Whether one more of a family is too many.
        mutating func isFull(_ family: MetricFamily) -> Bool {
            let count = counts[family, default: 0]
            guard count < MetricsShard.seriesMax else { return true }
            counts[family] = count + 1
            return false
        }
    }

    private let series = Mutex(Series())

    /// Makes one without any series.
    public init() {}

    /// The counter or gauge of these labels, or that of all others when there are too many.
    public func counter(_ family: MetricFamily, _ labels: String = "") -> MetricCounter {
        series.withLock { series in
            var key = Key(family: family, labels: labels)
            if let counter = series.counters[key] { return counter }
            if series.isFull(family) { key.labels = Self.others }
            let counter = series.counters[key] ?? MetricCounter()
            series.counters[key] = counter
            return counter
        }
    }

    /// The histogram of these labels, or that of all others when there are too many.
    public func histogram(_ family: MetricFamily, _ labels: String) -> LatencyHistogram {
        series.withLock { series in
            var key = Key(family: family, labels: labels)
            if let histogram = series.histograms[key] { return histogram }
            if series.isFull(family) { key.labels = Self.others }
            let histogram = series.histograms[key] ?? LatencyHistogram()
            series.histograms[key] = histogram
            return histogram
        }
    }

    /// The label of series that stand for all others.
    static let others = "other=\"true\""

    func forEach(
        counter: (Key, Int) -> Void,
        histogram: (Key, LatencyReading) -> Void
    ) {
        let (counters, histograms) = series.withLock { ($0.counters, $0.histograms) }
        for (key, value) in counters { counter(key, value.count) }
        for (key, value) in histograms { histogram(key, value.reading) }
    }
}
