// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

/// The series that one thread counts on, found by what they are about.
///
/// Looking one up costs a hash, once a connection; labels are written out only when something is
/// seen for the first time.
final class WorkerMetrics {
    let shard: MetricsShard
    private var requests: [RequestKey: RequestSeries] = [:]
    private var connections: [ConnectionKey: ConnectionSeries] = [:]
    private var routes: [RouteLabels: RouteSeries] = [:]

    /// Which end of the proxy a connection is.
    enum Peer: String {
        /// Whoever connected.
        case src
        /// Whom we connected.
        case dst
    }

    private struct RequestKey: Hashable {
        var labels: TrafficLabels
        /// The server and the authorization, inbound.
        var policy: String
    }

    private struct ConnectionKey: Hashable {
        var peer: Peer
        var labels: TrafficLabels
    }

    /// LIMIT: keys that are remembered, four times the series of a family; the shard bounds the
    /// series, this their lookup.
    private static let keysMax = 2000

    init(_ shard: MetricsShard) { self.shard = shard }

    /// Lets go of series that no connection holds; they are looked up again when they are needed.
    func forget() {
        requests = [:]
        connections = [:]
        routes = [:]
    }

    /// Requests to an endpoint.
    func outbound(_ labels: TrafficLabels) -> RequestSeries { requests(labels, policy: "") }

    /// Requests that the inbound policy lets in.
    func inbound(
        _ labels: TrafficLabels,
        server: String,
        route: TrafficLabels.DefaultRoute,
        authorization: String
    ) -> RequestSeries {
        let by = TrafficLabels.authorization(authorization)
        return requests(labels, policy: "\(server),\(TrafficLabels.route(route)),\(by)")
    }

    /// Counts a request that the inbound policy keeps out.
    func denied(_ labels: TrafficLabels, server: String) {
        let labels = "\(labels.text),\(server),\(TrafficLabels.route(.all))"
        shard.counter(.inboundHTTPDenied, labels).add()
    }

    private func requests(_ labels: TrafficLabels, policy: String) -> RequestSeries {
        let key = RequestKey(labels: labels, policy: policy)
        if let series = requests[key] { return series }
        if requests.count >= Self.keysMax { requests.removeAll() }
        let text = labels.text + (policy.isEmpty ? "" : "," + policy)
        let series = RequestSeries(text, isInbound: labels.direction == .inbound, shard)
        requests[key] = series
        return series
    }

    func route(_ labels: RouteLabels) -> RouteSeries {
        if let series = routes[labels] { return series }
        if routes.count >= Self.keysMax { routes.removeAll() }
        let series = RouteSeries(labels, shard)
        routes[labels] = series
        return series
    }

    func connections(_ peer: Peer, _ labels: TrafficLabels) -> ConnectionSeries {
        let key = ConnectionKey(peer: peer, labels: labels)
        if let series = connections[key] { return series }
        if connections.count >= Self.keysMax { connections.removeAll() }
        let series = ConnectionSeries("peer=\"\(peer.rawValue)\"," + labels.text, shard)
        connections[key] = series
        return series
    }

    /// What the first bytes of a connection were.
    enum Detected: String {
        case http1 = "http/1"
        case http2 = "http/2"
        case notHTTP = "not_http"
        case readTimeout = "read_timeout"

        init(_ scan: ProtocolScan) {
            switch scan {
            case .http1: self = .http1
            case .http2: self = .http2
            case .opaque, .needsMore: self = .notHTTP
            }
        }
    }

    /// Counts a connection whose first bytes were looked at; `server` is the policy's, inbound.
    func detected(_ result: Detected, server: String?, nanos: UInt64) {
        let comma = server == nil ? "" : ","
        let labels = "\(server ?? "")\(comma)result=\"\(result.rawValue)\""
        shard.counter(server == nil ? .outboundDetected : .inboundDetected, labels).add()
        shard.histogram(server == nil ? .outboundDetectTime : .inboundDetectTime, server ?? "")
            .observe(nanos: nanos)
    }
}

/// What is counted of the connections between two parties.
final class ConnectionSeries {
    private let labels: String
    private let shard: MetricsShard
    private let opened: MetricCounter
    private let open: MetricCounter
    private let clean: MetricCounter
    let read: MetricCounter
    let written: MetricCounter

    init(_ labels: String, _ shard: MetricsShard) {
        self.labels = labels
        self.shard = shard
        opened = shard.counter(.tcpOpened, labels)
        open = shard.counter(.tcpOpen, labels)
        clean = shard.counter(.tcpClosed, labels + ",errno=\"\"")
        read = shard.counter(.tcpRead, labels)
        written = shard.counter(.tcpWritten, labels)
    }

    func hasOpened() {
        opened.add()
        open.add()
    }

    /// `errno` is the name of an error, or empty.
    func hasClosed(_ errno: String = "") {
        open.add(-1)
        guard !errno.isEmpty else { return clean.add() }
        shard.counter(.tcpClosed, "\(labels),errno=\"\(errno)\"").add()
    }
}
