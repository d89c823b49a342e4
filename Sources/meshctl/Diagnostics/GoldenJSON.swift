// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

/// The golden metrics of one edge as scripts read them: Linkerd's words, numbers unrounded, and
/// nothing where nothing was measured.
struct GoldenJSON: Encodable {
    private let proxy: String
    private let direction: String
    private let peer: String
    private let target: String
    private let tls: String
    private let noTLSReason: String
    private let successRate: Double?
    private let requests: Double
    private let denied: Double
    private let p50Millis: Double?
    private let p95Millis: Double?
    private let p99Millis: Double?
    private let connections: Double

    private init(_ proxy: String, _ edge: GoldenEdge) {
        self.proxy = proxy
        direction = edge.key.direction
        peer = edge.key.peer
        target = edge.key.target
        tls = edge.key.tls
        noTLSReason = edge.key.reason
        successRate = edge.successRate
        requests = edge.requests
        denied = edge.denied
        p50Millis = edge.latencyMillis(quantile: 0.5)
        p95Millis = edge.latencyMillis(quantile: 0.95)
        p99Millis = edge.latencyMillis(quantile: 0.99)
        connections = edge.connections
    }

    /// One array, with an object for each edge.
    static func text(_ proxies: [(name: String, edges: [GoldenEdge])]) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let rows = proxies.flatMap { proxy in proxy.edges.map { GoldenJSON(proxy.name, $0) } }
        return Array(try encoder.encode(rows)) + [0x0A]
    }
}
