// SPDX-License-Identifier: Apache-2.0

/// The golden metrics of some proxies, for people and as JSON.
enum GoldenTable {
    private static let head = [
        "PROXY", "DIRECTION", "FROM", "TO", "SECURED", "SUCCESS", "REQUESTS", "DENIED", "P50",
        "P95", "P99", "CONNECTIONS",
    ]

    static func text(_ proxies: [(name: String, edges: [GoldenEdge])]) -> String {
        let rows = [head] + proxies.flatMap { proxy in proxy.edges.map { row(proxy.name, $0) } }
        let widths = head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (cell, width) in zip(row, widths) {
                line += cell + String(repeating: " ", count: width - cell.count + 2)
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    private static func row(_ proxy: String, _ edge: GoldenEdge) -> [String] {
        let key = edge.key
        let isInbound = key.direction == "inbound"
        let peer = shortName(key.peer)
        let asked = peer.isEmpty || isInbound ? key.target : "\(peer) (\(key.target))"
        let latency = [0.5, 0.95, 0.99].map { millis(edge.latencyMillis(quantile: $0)) }
        let isHTTP = edge.requests > 0
        return [
            proxy, key.direction, isInbound ? (peer.isEmpty ? "unknown" : peer) : "this pod", asked,
            secured(key), edge.successRate.map { percent($0) } ?? "-",
            isHTTP ? count(edge.requests) : "-", count(edge.denied),
        ] + latency + [count(edge.connections)]
    }

    /// Whether the edge is mutual TLS of the mesh, or why it is not.
    private static func secured(_ key: GoldenEdge.Key) -> String {
        switch (key.tls, key.reason) {
        case ("true", _): "yes"
        case ("opaque", _): "by its own TLS"
        case (_, "loopback"): "no: inside the pod"
        case (_, "no_tls_from_remote"): "no: client not meshed"
        case (_, "not_provided_by_service_discovery"): "no: server not meshed"
        case (_, "port_skipped"): "no: opaque port"
        case (_, let reason): "no: \(reason.isEmpty ? "unknown" : reason)"
        }
    }

    /// `webapp.default` of an identity of Kubernetes, else all of it.
    private static func shortName(_ identity: String) -> String {
        let parts = identity.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 3, parts[2] == "serviceaccount" else { return identity }
        return "\(parts[0]).\(parts[1])"
    }

    private static func count(_ value: Double) -> String {
        Int(exactly: value).map { "\($0)" } ?? "\(value)"
    }

    private static func percent(_ rate: Double) -> String { decimal(rate * 100, 2) + "%" }

    private static func millis(_ value: Double?) -> String {
        value.map { decimal($0, $0 < 10 ? 1 : 0) + "ms" } ?? "-"
    }

    private static func decimal(_ value: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int((value * scale).rounded())
        guard digits > 0 else { return "\(scaled)" }
        let part = String(scaled % Int(scale) + Int(scale)).dropFirst()
        return "\(scaled / Int(scale)).\(part)"
    }
}
