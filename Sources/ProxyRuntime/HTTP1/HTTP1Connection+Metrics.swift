// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

// What is counted of requests.
extension HTTP1Connection {
    /// The client, and what is asked for.
    var clientLabels: TrafficLabels {
        let isInbound = direction == .inbound
        let reason = isInbound ? "no_tls_from_remote" : "loopback"
        return TrafficLabels(
            direction: isInbound ? .inbound : .outbound,
            target: origin.destination,
            tls: client.tls == nil ? .none(reason: reason) : .mutual(peer: origin.identity)
        )
    }

    /// The server that the policy makes of the port.
    var serverLabels: String {
        TrafficLabels.server(snapshot.defaultPolicy, port: origin.destination.port)
    }

    /// The route of the pod's requests on this connection.
    var outboundRoute: RouteSeries {
        if let counted, counted.snapshot === snapshot { return counted.route }
        let service = snapshot.serviceName(at: origin.destination)
        let labels = RouteLabels(outboundTo: service, port: origin.destination.port)
        let route = worker.metrics.route(labels)
        counted = (snapshot, route, nil)
        return route
    }

    /// Counts a request that the inbound policy lets in.
    ///
    /// Looked up again only with another snapshot: all else that decides is the connection's.
    func countAllowed(by authorization: String) {
        if let counted, counted.snapshot === snapshot {
            (route, series) = (counted.route, counted.series)
            series?.isAllowed()
        } else {
            countAllowed(by: authorization, on: .all)
            if let route { counted = (snapshot, route, series) }
        }
    }

    /// The same of a request that a probe may have sent, whatever the policy says.
    func countProbe() { countAllowed(by: "probe", on: .probe) }

    private func countAllowed(by authorization: String, on name: TrafficLabels.DefaultRoute) {
        let port = origin.destination.port
        let labels = RouteLabels(inbound: snapshot.defaultPolicy, port: port, name)
        route = worker.metrics.route(labels)
        series = worker.metrics.inbound(
            clientLabels,
            server: serverLabels,
            route: name,
            authorization: authorization
        )
        series?.isAllowed()
    }

    /// Takes note of when the client has said all of its request.
    func noteRequestEnd() {
        guard requestEndNanos == 0, exchange?.isRequestComplete == true else { return }
        requestEndNanos = reactor.nowNanos
    }

    /// A request is passed on; one that is sent again is still one.
    func countBegin() {
        guard !isCounted else { return }
        isCounted = true
        series?.began()
        route?.began()
    }

    /// A server's response has ended.
    func countEnd() {
        if isCounted { series?.ended(status: status, nanos: reactor.nowNanos &- requestNanos) }
        route?.ended(routeEnd(status: status, error: ""))
        forgetSeries()
    }

    /// The client has left, or is gone: what was answered until then was no failure of a server.
    func countCutOff() {
        guard exchange != nil else { return }
        let hasResponse = exchange?.hasResponse == true
        if isCounted, hasResponse {
            series?.ended(status: status, nanos: reactor.nowNanos &- requestNanos)
        }
        route?.ended(routeEnd(status: hasResponse ? status : nil, error: "CANCEL"))
        forgetSeries()
    }

    /// The proxy answers itself, or cuts the response off.
    func count(_ failure: ProxyFailure) {
        if let error = failure.errorLabel {
            count(error)
            let hasResponse = exchange?.hasResponse == true
            if isCounted {
                series?.failed(
                    status: hasResponse ? status : failure.status,
                    error: error,
                    nanos: reactor.nowNanos &- requestNanos
                )
            }
            route?.ended(
                routeEnd(
                    status: hasResponse ? status : failure.status,
                    error: failure.routeErrorLabel
                )
            )
        }
        forgetSeries()
    }

    private func count(_ error: String) {
        switch direction {
        case .inbound:
            let labels = "error=\"\(error)\",\(clientLabels.text)"
            worker.metrics.shard.counter(.inboundHTTPErrors, labels).add()
        case .outbound:
            worker.metrics.shard.counter(.outboundHTTPErrors, "error=\"\(error)\"").add()
        }
    }

    private func routeEnd(status: Int?, error: String) -> RouteSeries.End {
        let now = reactor.nowNanos
        return RouteSeries.End(
            status: status,
            error: error,
            wasPassedOn: isCounted,
            requestNanos: now &- requestNanos,
            responseNanos: requestEndNanos == 0 ? 0 : now &- requestEndNanos
        )
    }

    /// A request ends once.
    private func forgetSeries() {
        series = nil
        route = nil
    }
}
