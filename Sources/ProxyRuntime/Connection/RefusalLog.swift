// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

/// Counts connections that were not to be, and says so, for all threads.
final class RefusalLog: Sendable {
    private let shard: MetricsShard
    private let log: ProxyLog

    init(_ shard: MetricsShard, _ log: ProxyLog) {
        self.shard = shard
        self.log = log
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
        let known: [ProxyLog.Field] = [
            ("direction", direction.rawValue), ("client", client.map { "\($0)" } ?? "unknown"),
            ("error", refusal.rawValue), ("reason", reason),
        ]
        log.log(.warn, wasProxied ? "connection cut" : "connection refused", known + more)
    }
}
