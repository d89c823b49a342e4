// SPDX-License-Identifier: Apache-2.0

internal import ProxyCore

/// What is counted of the requests between two parties.
final class RequestSeries {
    private let labels: String
    private let shard: MetricsShard
    private let total: MetricCounter
    private let allowed: MetricCounter?
    private var responses: [Response: Ended] = [:]
    /// The one that was counted last: mostly the next one's.
    private var last: (response: Response, series: Ended)?

    private struct Response: Hashable {
        var status: Int
        var isFailure: Bool
        var error: String
    }

    private struct Ended {
        var total: MetricCounter
        var latency: MetricHistogram
    }

    init(_ labels: String, isInbound: Bool, _ shard: MetricsShard) {
        self.labels = labels
        self.shard = shard
        total = shard.counter(.requests, labels)
        allowed = isInbound ? shard.counter(.inboundHTTPAllowed, labels) : nil
    }

    func began() { total.add() }

    /// The inbound policy lets a request in.
    func isAllowed() { allowed?.add() }

    /// A response of a server has ended; 5xx counts as failure, as in Linkerd.
    func ended(status: Int, nanos: UInt64) {
        ended(Response(status: status, isFailure: status >= 500, error: ""), nanos)
    }

    /// The proxy has answered, or cut the response off.
    func failed(status: Int, error: String, nanos: UInt64) {
        ended(Response(status: status, isFailure: true, error: error), nanos)
    }

    private func ended(_ response: Response, _ nanos: UInt64) {
        let series = find(response)
        series.total.add()
        series.latency.observe(nanos: nanos)
    }

    private func find(_ response: Response) -> Ended {
        if let last, last.response == response { return last.series }
        let series = responses[response] ?? make(response)
        last = (response, series)
        return series
    }

    private func make(_ response: Response) -> Ended {
        let status = "\(labels),status_code=\"\(response.status)\""
        let kind = response.isFailure ? "failure" : "success"
        let made = Ended(
            total: shard.counter(
                .responses,
                "\(status),classification=\"\(kind)\",error=\"\(response.error)\""
            ),
            latency: shard.histogram(.responseLatency, status)
        )
        // LIMIT: statuses are three digits; a server that plays with them gets this far.
        if responses.count >= 64 { responses.removeAll() }
        responses[response] = made
        return made
    }
}

/// What is counted of the requests of a route.
final class RouteSeries {
    private let labels: RouteLabels
    private let shard: MetricsShard
    private let total: MetricCounter
    /// From a request's head, and from its end, to the end of its response.
    private let (requestTime, responseTime): (MetricHistogram, MetricHistogram)
    private var statuses: [Status: Counters] = [:]
    /// The one that was counted last: mostly the next one's.
    private var last: (status: Status, counters: Counters)?

    private struct Status: Hashable {
        var status: Int?
        var error: String
    }

    private struct Counters {
        var route: MetricCounter
        var backend: MetricCounter?
    }

    /// How a request has ended.
    struct End {
        /// Of the response; nil where there was none.
        var status: Int?
        /// Linkerd's word for what went wrong, or empty.
        var error = ""
        /// Whether a backend had got the request.
        var wasPassedOn: Bool
        var requestNanos: UInt64
        var responseNanos: UInt64
    }

    init(_ labels: RouteLabels, _ shard: MetricsShard) {
        self.labels = labels
        self.shard = shard
        switch labels.direction {
        case .inbound:
            total = shard.counter(.inboundRequests, labels.route)
            requestTime = shard.histogram(.inboundRequestTime, labels.route)
            responseTime = shard.histogram(.inboundResponseTime, labels.route)
        case .outbound:
            let backend = "\(labels.route),\(labels.backend)"
            total = shard.counter(.backendRequests, backend)
            requestTime = shard.histogram(.routeRequestTime, labels.route + ",hostname=\"\"")
            responseTime = shard.histogram(.backendResponseTime, backend)
        }
    }

    /// A request is passed on.
    func began() { total.add() }

    func ended(_ end: End) {
        let key = Status(status: end.status, error: end.error)
        let counters = find(key)
        requestTime.observe(nanos: end.requestNanos)
        if labels.direction == .outbound || end.wasPassedOn { counters.route.add() }
        guard end.wasPassedOn else { return }
        counters.backend?.add()
        responseTime.observe(nanos: end.responseNanos)
    }

    private func find(_ key: Status) -> Counters {
        if let last, last.status == key { return last.counters }
        let counters = statuses[key] ?? make(key)
        last = (key, counters)
        return counters
    }

    private func make(_ key: Status) -> Counters {
        let status = key.status.map { "\($0)" } ?? ""
        let result = ",http_status=\"\(status)\",error=\"\(key.error)\""
        // LIMIT: as many as a series of requests remembers.
        if statuses.count >= 64 { statuses.removeAll() }
        let isInbound = labels.direction == .inbound
        let made =
            isInbound
            ? Counters(route: shard.counter(.inboundStatuses, labels.route + result))
            : Counters(
                route: shard.counter(.routeStatuses, labels.route + ",hostname=\"\"" + result),
                backend: shard.counter(
                    .backendStatuses,
                    "\(labels.route),\(labels.backend)\(result)"
                )
            )
        statuses[key] = made
        return made
    }
}
