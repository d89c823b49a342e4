// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The series of one thread.
///
/// Overview: the thread asks once for a series and keeps it; counting then takes no lock and no
/// search. Whoever shows the metrics reads the series of all threads and adds up those of the same
/// labels.
///
/// Invariant: no family has more series than its ``SeriesBudget`` admits and one more, for all
/// others.
public final class MetricsShard: Sendable {
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
    private let budget: SeriesBudget

    /// Makes one without any series.
    init(_ budget: SeriesBudget) { self.budget = budget }

    /// The counter or gauge of these labels, or that of all others when there are too many.
    public func counter(_ family: MetricFamily, _ labels: String = "") -> MetricCounter {
        series.withLock {
            find(&$0.counters[family, default: [:]], labels, of: family) { MetricCounter() }
        }
    }

    /// The histogram of these labels, or that of all others when there are too many.
    public func histogram(_ family: MetricFamily, _ labels: String = "") -> MetricHistogram {
        guard let buckets = family.buckets else { preconditionFailure("\(family) has no buckets") }
        return series.withLock {
            find(&$0.histograms[family, default: [:]], labels, of: family) {
                MetricHistogram(buckets)
            }
        }
    }

    private func find<Kind>(
        _ known: inout [String: Kind],
        _ labels: String,
        of family: MetricFamily,
        _ make: () -> Kind
    ) -> Kind {
        if let found = known[labels] { return found }
        let key = budget.admits(labels, to: family) ? labels : Self.others
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

    // MARK: Room

    /// What a series has counted, and whether anybody can count on it without asking for it.
    struct Use {
        var total: Int
        var isHeld: Bool

        mutating func add(_ other: Use) {
            total += other.total
            isHeld = isHeld || other.isHeld
        }
    }

    /// The use of all series of a family, by their labels.
    func uses(of family: MetricFamily) -> [(labels: String, use: Use)] {
        series.withLock { series in
            Self.uses(of: &series.counters[family, default: [:]], total: \.count)
                + Self.uses(of: &series.histograms[family, default: [:]]) { $0.reading.total }
        }
    }

    /// Drops a series unless somebody holds it; whether it is gone.
    func drop(_ labels: String, from family: MetricFamily) -> Bool {
        series.withLock { series in
            Self.drop(labels, from: &series.counters[family, default: [:]])
                && Self.drop(labels, from: &series.histograms[family, default: [:]])
        }
    }

    private static func uses<Kind: AnyObject>(
        of known: inout [String: Kind],
        total: (Kind) -> Int
    ) -> [(labels: String, use: Use)] {
        var uses: [(labels: String, use: Use)] = []
        var index = known.startIndex
        while index != known.endIndex {
            let isHeld = !isKnownUniquelyReferenced(&known.values[index])
            let use = Use(total: total(known.values[index]), isHeld: isHeld)
            uses.append((known.keys[index], use))
            known.formIndex(after: &index)
        }
        return uses
    }

    private static func drop<Kind: AnyObject>(
        _ labels: String,
        from known: inout [String: Kind]
    ) -> Bool {
        guard let index = known.index(forKey: labels) else { return true }
        guard isKnownUniquelyReferenced(&known.values[index]) else { return false }
        known.remove(at: index)
        return true
    }
}
