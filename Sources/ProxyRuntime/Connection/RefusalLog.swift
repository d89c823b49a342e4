// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore
internal import Synchronization

/// Counts connections that were not to be, and says so, for all threads: one line a second and
/// cause, however many there are.
final class RefusalLog: Sendable {
    private struct Cause {
        var throttle = NoticeThrottle()
        var message = ""
        var fields: [ProxyLog.Field] = []
    }

    private let shard: MetricsShard
    private let log: ProxyLog
    /// One for each direction and kind of refusal: nothing that a peer says makes more.
    private let causes: Mutex<[Cause]>

    private static let kinds = Refusal.allCases

    init(_ shard: MetricsShard, _ log: ProxyLog) {
        self.shard = shard
        self.log = log
        let count = Direction.allCases.count * Self.kinds.count
        causes = Mutex([Cause](repeating: Cause(), count: count))
    }

    /// Counts one, inbound by who was meant if that is known; `wasProxied` tells whether bytes had
    /// passed.
    func note(
        _ refusal: Refusal,
        _ direction: Direction,
        client: SocketAddress?,
        _ reason: String,
        _ more: [ProxyLog.Field] = [],
        labels: TrafficLabels? = nil,
        wasProxied: Bool = false
    ) {
        let family: MetricFamily = direction == .inbound ? .inboundTCPErrors : .outboundTCPErrors
        let rest = labels.map { ",\($0.text)" } ?? ""
        shard.counter(family, "error=\"\(refusal.rawValue)\"\(rest)").add()
        let fields: [ProxyLog.Field] =
            [
                ("direction", direction.rawValue), ("client", client.map { "\($0)" } ?? "unknown"),
                ("error", refusal.rawValue), ("reason", reason),
            ] + more
        let message = wasProxied ? "connection cut" : "connection refused"
        let index = Self.index(direction, refusal)
        let unlogged = causes.withLock { causes in
            causes[index].message = message
            causes[index].fields = fields
            return causes[index].throttle.admit(now: SystemCalls.monotonicNanos())
        }
        guard let unlogged else { return }
        write(message, fields, unlogged)
    }

    /// Says what has been kept back, now and then: of a storm's last ones, the last.
    func flush(now: UInt64) {
        let due = causes.withLock { causes in
            causes.indices.compactMap { index in
                causes[index].throttle.flush(now: now).map { (causes[index], $0) }
            }
        }
        for (cause, count) in due { write(cause.message, cause.fields, count - 1) }
    }

    private func write(_ message: String, _ fields: [ProxyLog.Field], _ unlogged: Int) {
        let more: [ProxyLog.Field] = unlogged > 0 ? [("unlogged", "\(unlogged)")] : []
        log.log(.warn, message, fields + more)
    }

    private static func index(
        _ direction: Direction,
        _ refusal: Refusal
    ) -> Int {
        let kind = kinds.firstIndex(of: refusal) ?? 0
        return direction == .inbound ? kind : kinds.count + kind
    }
}
