// SPDX-License-Identifier: Apache-2.0

/// The families of metrics that the proxy shows, by Linkerd's names, for the words of `/metrics`
/// and of docs/metrics.md.
public enum MetricFamily: String, CaseIterable, Sendable {
    case requests = "request_total"
    case responses = "response_total"
    case responseLatency = "response_latency_ms"
    case tcpOpened = "tcp_open_total"
    case tcpOpen = "tcp_open_connections"
    case tcpRead = "tcp_read_bytes_total"
    case tcpWritten = "tcp_write_bytes_total"
    case tcpClosed = "tcp_close_total"
    case inboundHTTPAllowed = "inbound_http_authz_allow_total"
    case inboundHTTPDenied = "inbound_http_authz_deny_total"
    case inboundTCPAllowed = "inbound_tcp_authz_allow_total"
    case inboundTCPDenied = "inbound_tcp_authz_deny_total"
    case inboundHTTPErrors = "inbound_http_errors_total"
    case outboundHTTPErrors = "outbound_http_errors_total"
    case inboundTCPErrors = "inbound_tcp_errors_total"
    case outboundTCPErrors = "outbound_tcp_errors_total"
    case transportHeaders = "inbound_tcp_transport_header_connections_total"
    case outboundProtocols = "outbound_tcp_protocol_connections_total"
    case inboundDetected = "inbound_tcp_detect_http_results_total"
    case inboundDetectTime = "inbound_tcp_detect_http_duration_seconds"
    case outboundDetected = "outbound_tcp_detect_http_results_total"
    case outboundDetectTime = "outbound_tcp_detect_http_duration_seconds"
    case inboundRequests = "inbound_http_requests_total"
    case inboundStatuses = "inbound_http_statuses_total"
    case inboundRequestTime = "inbound_http_request_duration_seconds"
    case inboundResponseTime = "inbound_http_response_duration_seconds"
    case routeRequestTime = "outbound_http_route_request_duration_seconds"
    case routeStatuses = "outbound_http_route_request_statuses_total"
    case backendRequests = "outbound_http_route_backend_requests_total"
    case backendStatuses = "outbound_http_route_backend_response_statuses_total"
    case backendResponseTime = "outbound_http_route_backend_response_duration_seconds"
    case tcpRouteOpened = "outbound_tcp_route_open_total"
    case tcpRouteClosed = "outbound_tcp_route_close_total"
    case certificateExpiry = "control_identity_cert_expiration_timestamp_seconds"
    case certificateRefreshed = "control_identity_cert_refresh_timestamp_seconds"
    case certificateRefreshes = "control_identity_cert_refreshes_total"
    case certificateInfo = "control_identity_cert_info"
    case buildInfo = "proxy_build_info"
    case processStart = "process_start_time_seconds"
    case processUptime = "process_uptime_seconds_total"
    case processCPU = "process_cpu_seconds_total"
    case processVirtual = "process_virtual_memory_bytes"
    case processResident = "process_resident_memory_bytes"
    case processOpenFiles = "process_open_fds"
    case processMaxFiles = "process_max_fds"
    case processThreads = "process_threads"
    case networkReceived = "process_network_receive_bytes_total"
    case networkSent = "process_network_transmit_bytes_total"

    /// What a family's values are.
    public enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
    }

    /// Counters only go up; a histogram has a sum and a count beside its buckets.
    public var kind: Kind {
        switch self {
        case .responseLatency, .inboundDetectTime, .outboundDetectTime, .inboundRequestTime,
            .inboundResponseTime, .routeRequestTime, .backendResponseTime:
            .histogram
        case .tcpOpen, .certificateExpiry, .certificateRefreshed, .certificateInfo, .buildInfo,
            .processStart,
            .processVirtual, .processResident, .processOpenFiles, .processMaxFiles,
            .processThreads:
            .gauge
        case .requests, .responses, .tcpOpened, .tcpRead, .tcpWritten, .tcpClosed,
            .inboundHTTPAllowed, .inboundHTTPDenied, .inboundTCPAllowed, .inboundTCPDenied,
            .inboundHTTPErrors, .outboundHTTPErrors, .inboundTCPErrors, .outboundTCPErrors,
            .transportHeaders, .outboundProtocols, .inboundDetected, .outboundDetected,
            .inboundRequests, .inboundStatuses, .routeStatuses, .backendRequests,
            .backendStatuses, .tcpRouteOpened, .tcpRouteClosed, .certificateRefreshes,
            .processUptime, .processCPU, .networkReceived, .networkSent:
            .counter
        }
    }

    /// The buckets of a histogram; nil of another kind.
    public var buckets: MetricBuckets? {
        switch self {
        case .responseLatency: .latency
        case .inboundRequestTime, .backendResponseTime: .requests
        case .inboundResponseTime, .routeRequestTime: .responses
        case .inboundDetectTime, .outboundDetectTime: .detection
        default: nil
        }
    }
}

/// The upper ends of a histogram's buckets; one more bucket has none.
public struct MetricBuckets: Equatable, Sendable {
    /// In microseconds, which every end is a whole number of.
    public let boundsMicros: [Int]
    /// How many decimals a microsecond is: 3 where the family counts milliseconds, else 6.
    public let decimals: Int

    private init(_ boundsMicros: [Int], decimals: Int) {
        self.boundsMicros = boundsMicros
        self.decimals = decimals
    }

    static let latency = MetricBuckets(
        [
            1, 2, 3, 4, 5, 10, 20, 30, 40, 50, 100, 200, 300, 400, 500, 1000, 2000, 3000, 4000,
            5000, 10000, 20000, 30000, 40000, 50000,
        ].map { $0 * 1000 },
        decimals: 3
    )
    static let requests = MetricBuckets(
        [25, 50, 100, 250, 500, 1000, 10_000].map { $0 * 1000 },
        decimals: 6
    )
    static let responses = MetricBuckets([50, 500, 1000, 10_000].map { $0 * 1000 }, decimals: 6)
    /// Up to the time that detection has (10 s); what Linkerd's ends are is not documented.
    static let detection = MetricBuckets([1, 10, 100, 1000, 10_000].map { $0 * 1000 }, decimals: 6)

    /// The ends as they stand in the label `le`, the last one among them.
    public var ends: [String] {
        boundsMicros.map { MetricsText.decimal($0, decimals: decimals) } + ["+Inf"]
    }
}
