// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore
internal import Synchronization

/// Says which requests the proxy answered itself or cut off, for all threads: one line a second and
/// cause, however many there are.
final class FailureLog: Sendable {
    private struct Kind {
        var throttle = NoticeThrottle()
        var lastFields: [ProxyLog.Field] = []
    }

    private let log: ProxyLog
    /// One for each direction and cause: nothing that a peer says makes more.
    private let kinds: Mutex<[Kind]>

    private static let causes = ProxyFailure.Cause.allCases

    init(_ log: ProxyLog) {
        self.log = log
        let count = Direction.allCases.count * Self.causes.count
        kinds = Mutex([Kind](repeating: Kind(), count: count))
    }

    func note(
        _ failure: ProxyFailure,
        _ direction: Direction,
        client: SocketAddress?,
        to destination: SocketAddress
    ) {
        let fields: [ProxyLog.Field] = [
            ("direction", direction.rawValue), ("client", client.map { "\($0)" } ?? "unknown"),
            ("to", "\(destination)"), ("status", "\(failure.status)"),
            ("error", failure.cause.rawValue), ("reason", failure.reason),
        ]
        let index = Self.index(direction, failure.cause)
        let unlogged = kinds.withLock { kinds in
            kinds[index].lastFields = fields
            return kinds[index].throttle.admit(now: SystemCalls.monotonicNanos())
        }
        if let unlogged { write("request failed", fields, unlogged) }
    }

    /// Says what has been kept back, now and then: a storm's last ones too.
    func flush(now: UInt64) {
        let due = kinds.withLock { kinds in
            kinds.indices.compactMap { index in
                kinds[index].throttle.flush(now: now).map { ($0, kinds[index].lastFields) }
            }
        }
        for (count, fields) in due { write("requests failed", fields, count) }
    }

    private func write(_ message: String, _ fields: [ProxyLog.Field], _ unlogged: Int) {
        let more: [ProxyLog.Field] = unlogged > 0 ? [("unlogged", "\(unlogged)")] : []
        log.log(.info, message, fields + more)
    }

    private static func index(_ direction: Direction, _ cause: ProxyFailure.Cause) -> Int {
        let place = causes.firstIndex(of: cause) ?? 0
        return direction == .inbound ? place : causes.count + place
    }
}
