// SPDX-License-Identifier: Apache-2.0

/// Who talks to whom through a proxy, and how well: the golden metrics of one edge.
struct GoldenEdge: Equatable {
    /// What tells edges of a proxy apart.
    struct Key: Hashable {
        /// `inbound` or `outbound`, relative to the pod.
        let direction: String
        /// The identity of the peer, where it has proved one.
        let peer: String
        /// The address of whoever is asked.
        let target: String
        /// The value of the label `tls`.
        let tls: String
        /// Why there is none, in Linkerd's word.
        let reason: String

        /// Nil when the labels are of no edge.
        init?(_ labels: [String: String]) {
            guard let direction = labels["direction"], let target = labels["target_addr"] else {
                return nil
            }
            self.direction = direction
            self.target = target
            peer = labels[direction == "inbound" ? "client_id" : "server_id"] ?? ""
            tls = labels["tls"] ?? ""
            reason = labels["no_tls_reason"] ?? ""
        }
    }

    let key: Key
    var requests = 0.0
    var successes = 0.0
    var failures = 0.0
    /// What the inbound policy kept out: requests, and connections of other protocols.
    var denied = 0.0
    var connections = 0.0
    /// How many responses took at most so many milliseconds.
    var latency: [Double: Double] = [:]

    /// The part of the responses that was no failure; nil where there was none.
    var successRate: Double? {
        let total = successes + failures
        return total > 0 ? successes / total : nil
    }

    /// Within how many milliseconds a part of the responses had ended, as Prometheus'
    /// `histogram_quantile` has it; nil where there was none.
    func latencyMillis(quantile: Double) -> Double? {
        let buckets = latency.sorted { $0.key < $1.key }
        guard let total = buckets.last?.value, total > 0 else { return nil }
        let rank = quantile * total
        var (lowerEnd, below) = (0.0, 0.0)
        for (end, count) in buckets {
            if count >= rank {
                guard end.isFinite else { return lowerEnd }
                guard count > below else { return end }
                return lowerEnd + (end - lowerEnd) * (rank - below) / (count - below)
            }
            (lowerEnd, below) = (end, count)
        }
        return lowerEnd
    }

    /// All edges of a page, outbound ones first, then by whom they lead to.
    static func edges(of samples: [MetricSample]) -> [GoldenEdge] {
        var edges: [Key: GoldenEdge] = [:]
        for sample in samples {
            guard let key = Key(sample.labels) else { continue }
            var edge = edges[key] ?? GoldenEdge(key: key)
            if edge.take(sample) { edges[key] = edge }
        }
        return edges.values.sorted { $0.key.order.lexicographicallyPrecedes($1.key.order) }
    }

    /// Whether the sample says something of the edge.
    private mutating func take(_ sample: MetricSample) -> Bool {
        switch sample.name {
        case "request_total": requests += sample.value
        case "response_total":
            if sample.labels["classification"] == "success" {
                successes += sample.value
            } else {
                failures += sample.value
            }
        case "response_latency_ms_bucket":
            guard let text = sample.labels["le"],
                let end = text == "+Inf" ? .infinity : Double(text)
            else { return false }
            latency[end, default: 0] += sample.value
        case "inbound_http_authz_deny_total", "inbound_tcp_authz_deny_total":
            denied += sample.value
        case "tcp_open_total":
            // The end that is not the pod's own application.
            guard (sample.labels["peer"] == "src") == (key.direction == "inbound") else {
                return false
            }
            connections += sample.value
        default: return false
        }
        return true
    }
}

extension GoldenEdge.Key {
    fileprivate var order: [String] {
        [direction == "outbound" ? "" : "1", target, peer, tls, reason]
    }
}
