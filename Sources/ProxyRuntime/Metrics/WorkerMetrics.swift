// SPDX-License-Identifier: Apache-2.0

internal import ProxyCore

/// The series that one thread counts on, found by what they are about.
///
/// Looking one up costs a hash, once a connection or a request; labels are written out only when
/// something is seen for the first time.
final class WorkerMetrics {
    let shard: MetricsShard
    private var requests: [RequestKey: RequestSeries] = [:]
    private var connections: [ConnectionKey: ConnectionSeries] = [:]

    /// Which end of the proxy a connection is.
    enum Peer: String {
        /// Whoever connected.
        case src
        /// Whom we connected.
        case dst
    }

    private struct RequestKey: Hashable {
        var labels: TrafficLabels
        var server: String
    }

    private struct ConnectionKey: Hashable {
        var peer: Peer
        var labels: TrafficLabels
    }

    /// LIMIT: keys that are remembered; the shard bounds the series, this their lookup.
    private static let keysMax = 4 * MetricsShard.seriesMax

    init(_ shard: MetricsShard) { self.shard = shard }

    func requests(_ labels: TrafficLabels, server: String = "") -> RequestSeries {
        let key = RequestKey(labels: labels, server: server)
        if let series = requests[key] { return series }
        if requests.count >= Self.keysMax { requests.removeAll() }
        let series = RequestSeries(labels.text + (server.isEmpty ? "" : "," + server), shard)
        requests[key] = series
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
}

/// What is counted of the requests between two parties.
final class RequestSeries {
    private let labels: String
    private let shard: MetricsShard
    private let total: MetricCounter
    private var allowed: (name: String, counter: MetricCounter)?
    private var responses: [Response: Ended] = [:]

    private struct Response: Hashable {
        var status: Int
        var isFailure: Bool
        var error: String
    }

    private struct Ended {
        var total: MetricCounter
        var latency: LatencyHistogram
    }

    init(_ labels: String, _ shard: MetricsShard) {
        self.labels = labels
        self.shard = shard
        total = shard.counter(.requests, labels)
    }

    func began() { total.add() }

    /// The inbound policy lets a request in.
    func allowed(by authorization: String) {
        if let known = allowed, known.name == authorization { return known.counter.add() }
        let labels = "\(labels),\(TrafficLabels.authorization(authorization))"
        let counter = shard.counter(.inboundHTTPAllowed, labels)
        allowed = (authorization, counter)
        counter.add()
    }

    /// The inbound policy keeps a request out.
    func denied() { shard.counter(.inboundHTTPDenied, labels).add() }

    /// A response of a server has ended; 5xx counts as failure, as in Linkerd.
    func ended(status: Int, nanos: UInt64) {
        ended(Response(status: status, isFailure: status >= 500, error: ""), nanos)
    }

    /// The proxy has answered, or cut the response off.
    func failed(status: Int, error: String, nanos: UInt64) {
        ended(Response(status: status, isFailure: true, error: error), nanos)
    }

    private func ended(_ response: Response, _ nanos: UInt64) {
        let series = responses[response] ?? make(response)
        series.total.add()
        series.latency.observe(nanos: nanos)
    }

    private func make(_ response: Response) -> Ended {
        let status = "\(labels),status_code=\"\(response.status)\""
        let kind = response.isFailure ? "failure" : "success"
        let error = response.error.isEmpty ? "" : ",error=\"\(response.error)\""
        let made = Ended(
            total: shard.counter(.responses, "\(status),classification=\"\(kind)\"\(error)"),
            latency: shard.histogram(.responseLatency, status)
        )
        // LIMIT: statuses are three digits; a server that plays with them gets this far.
        if responses.count >= 64 { responses.removeAll() }
        responses[response] = made
        return made
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
