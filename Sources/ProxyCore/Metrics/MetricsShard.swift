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

    /// The label of the series that stands for all others.
    public static let others = "other=\"true\""

    enum Value: Sendable {
        case count(Int)
        case histogram(HistogramReading)

        /// Another thread's series of the same labels.
        mutating func add(_ other: Value) {
            switch (self, other) {
            case (.count(let own), .count(let more)): self = .count(own + more)
            case (.histogram(var own), .histogram(let more)):
                own.add(more)
                self = .histogram(own)
            case (.count, .histogram), (.histogram, .count):
                preconditionFailure("a family is of one kind")
            }
        }
    }

    private struct Series {
        var counters: [MetricFamily: [String: MetricCounter]] = [:]
        var histograms: [MetricFamily: [String: MetricHistogram]] = [:]
    }

    private let series = Mutex(Series())

    /// Makes one without any series.
    public init() {}

    /// The counter or gauge of these labels, or that of all others when there are too many.
    public func counter(_ family: MetricFamily, _ labels: String = "") -> MetricCounter {
        series.withLock {
            Self.find(&$0.counters[family, default: [:]], labels) { MetricCounter() }
        }
    }

    /// The histogram of these labels, or that of all others when there are too many.
    public func histogram(_ family: MetricFamily, _ labels: String = "") -> MetricHistogram {
        guard let buckets = family.buckets else { preconditionFailure("\(family) has no buckets") }
        return series.withLock {
            Self.find(&$0.histograms[family, default: [:]], labels) { MetricHistogram(buckets) }
        }
    }

    private static func find<Kind>(
        _ known: inout [String: Kind],
        _ labels: String,
        _ make: () -> Kind
    ) -> Kind {
        if let found = known[labels] { return found }
        let key = known.count < seriesMax ? labels : others
        if let found = known[key] { return found }
        let made = make()
        known[key] = made
        return made
    }

    /// All values of a family, with their labels.
    func values(of family: MetricFamily) -> [(labels: String, value: Value)] {
        let (counters, histograms) = series.withLock {
            ($0.counters[family] ?? [:], $0.histograms[family] ?? [:])
        }
        return counters.map { ($0.key, .count($0.value.count)) }
            + histograms.map { ($0.key, .histogram($0.value.reading)) }
    }
}
