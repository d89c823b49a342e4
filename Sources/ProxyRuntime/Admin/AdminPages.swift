// SPDX-License-Identifier: Apache-2.0

internal import ProxyCore
internal import Synchronization

/// What the admin port has to show.
final class AdminPages: Sendable {
    private let ready = Atomic<Bool>(false)
    private let shards = Mutex<[MetricsShard]>([])
    private let process = ProcessReadings()

    /// Shows the series of another thread.
    func show(_ shard: MetricsShard) { shards.withLock { $0.append(shard) } }

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

    private func metrics() -> String {
        MetricsText.render(shards.withLock { $0 }, process.readings())
    }
}
