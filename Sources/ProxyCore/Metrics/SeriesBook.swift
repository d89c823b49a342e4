// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The series of all threads, and which of them give way when there are too many.
///
/// Overview: a series stays for as long as its family has room, however long it counts nothing: a
/// counter that vanishes and comes back breaks the sums of those who read it. Where a family has
/// wanted more than ``SeriesBudget/seriesMax``, ``retire(now:idleNanosMin:)`` drops a few of those
/// that have counted nothing for longest.
///
/// Invariant: a series that somebody still counts on, or that stands for all others, is not
/// dropped.
public final class SeriesBook: Sendable {
    private struct State {
        var shards: [MetricsShard] = []
        /// What families that have wanted room held when they were last looked at.
        var seen: [MetricFamily: [String: Seen]] = [:]
    }

    private struct Seen {
        var total: Int
        var idleSinceNanos: UInt64
    }

    private let budget = SeriesBudget()
    private let state = Mutex(State())

    /// LIMIT: series of a family that are dropped at a time: a tenth, so that a family that lacks
    /// room for a few does not lose the others.
    static let retiredMax = SeriesBudget.seriesMax / 10

    /// Makes one without a thread.
    public init() {}

    /// The series of one more thread.
    public func makeShard() -> MetricsShard {
        let shard = MetricsShard(budget)
        state.withLock { $0.shards.append(shard) }
        return shard
    }

    /// All series as text, and what was read besides.
    public func text(_ readings: [MetricReading] = []) -> String {
        MetricsText.render(state.withLock { $0.shards }, readings)
    }

    /// Makes room in families that have wanted more series than there may be.
    ///
    /// It is to be called now and then, after the threads have let go of series that they only
    /// remember: what nobody holds, and has counted nothing for `idleNanosMin`, may go.
    ///
    /// - Returns: whether a family has lacked room, and threads should let go before the next time.
    public func retire(now: UInt64, idleNanosMin: UInt64) -> Bool {
        let families = budget.fullFamilies
        state.withLock { state in
            for (family, lacksRoom) in families {
                let seen = Self.look(at: family, state.shards, state.seen[family] ?? [:], now)
                state.seen[family] = seen
                guard lacksRoom else { continue }
                let idle = seen.filter { now - $0.value.idleSinceNanos >= idleNanosMin }
                    .sorted { $0.value.idleSinceNanos < $1.value.idleSinceNanos }
                    .prefix(Self.retiredMax).map(\.key)
                let dropped = idle.filter { labels in
                    // All shards, not only those up to the first that still counts on it.
                    state.shards.map { $0.drop(labels, from: family) }.allSatisfy { $0 }
                }
                for labels in dropped { state.seen[family]?[labels] = nil }
                budget.release(dropped, of: family)
            }
        }
        return !families.isEmpty
    }

    private static func look(
        at family: MetricFamily,
        _ shards: [MetricsShard],
        _ before: [String: Seen],
        _ now: UInt64
    ) -> [String: Seen] {
        var uses: [String: MetricsShard.Use] = [:]
        for shard in shards {
            for (labels, use) in shard.uses(of: family) where labels != MetricsShard.others {
                uses[labels, default: .init(total: 0, isHeld: false)].add(use)
            }
        }
        return uses.reduce(into: [:]) { seen, entry in
            let (labels, use) = entry
            var since = now
            if let last = before[labels], last.total == use.total, !use.isHeld {
                since = last.idleSinceNanos
            }
            seen[labels] = Seen(total: use.total, idleSinceNanos: since)
        }
    }
}

/// Which series there are in all threads together.
///
/// Invariant: no family has more than ``seriesMax``; labels name peers and ports, and neither a
/// large mesh nor a scan of ports may fill a small pod's memory, or that of Prometheus.
final class SeriesBudget: Sendable {
    /// LIMIT: series of one family in one proxy; `/metrics` of a proxy that has them all in every
    /// family that names peers has some 10 MB.
    static let seriesMax = 500

    private struct Family {
        var labels: Set<String> = []
        /// Whether it has ever refused a series, and whether it has since it last got room.
        var (hasLackedRoom, lacksRoom) = (false, false)
    }

    private let families = Mutex<[MetricFamily: Family]>([:])

    /// Whether a thread may have the series of these labels.
    func admits(_ labels: String, to family: MetricFamily) -> Bool {
        families.withLock { families in
            let count = families[family]?.labels.count ?? 0
            if families[family]?.labels.contains(labels) == true { return true }
            guard count < Self.seriesMax else {
                families[family]?.hasLackedRoom = true
                families[family]?.lacksRoom = true
                return false
            }
            families[family, default: Family()].labels.insert(labels)
            return true
        }
    }

    /// Those that have ever refused a series, and whether they have since they last got room.
    var fullFamilies: [MetricFamily: Bool] {
        families.withLock { $0.filter(\.value.hasLackedRoom).mapValues(\.lacksRoom) }
    }

    /// Takes back room for others.
    func release(_ labels: [String], of family: MetricFamily) {
        families.withLock { families in
            families[family]?.labels.subtract(labels)
            if !labels.isEmpty { families[family]?.lacksRoom = false }
        }
    }
}
