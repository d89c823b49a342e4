// SPDX-License-Identifier: Apache-2.0

internal import ProxyCore
internal import Synchronization

/// What the admin port has to show.
final class AdminPages: Sendable {
    private let ready = Atomic<Bool>(false)
    private let counters: ConnectionCounters
    private let failures: FailureLog

    init(_ counters: ConnectionCounters, _ failures: FailureLog) {
        self.counters = counters
        self.failures = failures
    }

    /// Whether traffic is welcome: from the first certificate until the signal to end.
    var isReady: Bool { ready.load(ordering: .relaxed) }

    func setReady(_ isReady: Bool) { ready.store(isReady, ordering: .relaxed) }

    func respond(to request: AdminRequest) -> AdminResponse {
        guard request.method == "GET" || request.method == "HEAD" else {
            return AdminResponse(status: 405, body: "only GET\n")
        }
        switch request.path {
        case "/live": return AdminResponse(status: 200, body: "live\n")
        case "/ready":
            return isReady
                ? AdminResponse(status: 200, body: "ready\n")
                : AdminResponse(status: 503, body: "not ready\n")
        case "/metrics":
            return AdminResponse(
                status: 200,
                body: metrics(),
                contentType: "text/plain; version=0.0.4"
            )
        default: return AdminResponse(status: 404, body: "no such page\n")
        }
    }

    /// Families of Linkerd's, as far as they have a meaning for bytes alone.
    private func metrics() -> String {
        var text = """
            # HELP tcp_open_total Total count of opened connections.
            # TYPE tcp_open_total counter

            """
        for direction in Direction.allCases {
            text +=
                "tcp_open_total{direction=\"\(direction.rawValue)\",peer=\"src\"} "
                + "\(counters.openedCount(direction))\n"
        }
        text += """
            # HELP tcp_open_connections Number of currently-open connections.
            # TYPE tcp_open_connections gauge

            """
        for direction in Direction.allCases {
            let open = counters.openedCount(direction) - counters.closedCount(direction)
            text +=
                "tcp_open_connections{direction=\"\(direction.rawValue)\",peer=\"src\"} \(open)\n"
        }
        for direction in Direction.allCases {
            let family = "\(direction.rawValue)_tcp_errors_total"
            text += "# HELP \(family) The total number of \(direction.rawValue) TCP connections "
            text += "that could not be processed due to a proxy error.\n# TYPE \(family) counter\n"
            for refusal in ConnectionCounters.Refusal.allCases {
                let count = counters.count(direction, refusal)
                if count > 0 { text += "\(family){error=\"\(refusal.rawValue)\"} \(count)\n" }
            }
        }
        return text + requestErrors()
    }

    private func requestErrors() -> String {
        var text = ""
        for direction in Direction.allCases {
            let family = "\(direction.rawValue)_http_errors_total"
            text += "# HELP \(family) The total number of \(direction.rawValue) HTTP requests that "
            text += "could not be processed due to a proxy error.\n# TYPE \(family) counter\n"
            for (cause, count) in failures.counts(direction) {
                text += "\(family){error=\"\(cause.rawValue)\"} \(count)\n"
            }
        }
        return text
    }
}
