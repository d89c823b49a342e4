// SPDX-License-Identifier: Apache-2.0

extension MetricFamily {
    private static let target = ["direction", "target_addr", "target_ip", "target_port"]
    private static let tls = ["tls", "client_id or server_id", "no_tls_reason"]
    private static let server = ["srv_group", "srv_kind", "srv_name", "srv_port"]
    private static let route = ["route_group", "route_kind", "route_name"]
    private static let authorization = ["authz_group", "authz_kind", "authz_name"]
    private static let parent = [
        "parent_group", "parent_kind", "parent_namespace", "parent_name", "parent_port",
        "parent_section_name",
    ]
    private static let outboundRoute = [
        "route_group", "route_kind", "route_namespace", "route_name",
    ]
    private static let backend = [
        "backend_group", "backend_kind", "backend_namespace", "backend_name", "backend_port",
        "backend_section_name",
    ]
    private static let inboundRoute =
        ["parent_group", "parent_kind", "parent_name", "parent_port"] + route

    /// The labels of a family; those of one direction alone are in ``inboundLabels``.
    public var labels: [String] {
        switch self {
        case .requests: Self.target + Self.tls
        case .responses: Self.target + Self.tls + ["status_code", "classification", "error"]
        case .responseLatency: Self.target + Self.tls + ["status_code"]
        case .tcpOpened, .tcpOpen, .tcpRead, .tcpWritten: ["peer"] + Self.target + Self.tls
        case .tcpClosed: ["peer"] + Self.target + Self.tls + ["errno"]
        case .inboundHTTPAllowed, .inboundHTTPDenied, .inboundTCPAllowed, .inboundTCPDenied:
            Self.target + Self.tls + Self.server
        case .inboundHTTPErrors: ["error"] + Self.target + Self.tls
        case .outboundHTTPErrors, .inboundTCPErrors, .outboundTCPErrors: ["error"]
        case .transportHeaders: ["session_protocol", "target_port", "target_name", "client_id"]
        case .outboundProtocols: ["protocol"]
        case .inboundDetected: Self.server + ["result"]
        case .inboundDetectTime: Self.server
        case .outboundDetected: ["result"]
        case .outboundDetectTime: []
        case .inboundRequests, .inboundRequestTime, .inboundResponseTime: Self.inboundRoute
        case .inboundStatuses: Self.inboundRoute + ["http_status", "error"]
        case .routeRequestTime: Self.parent + Self.outboundRoute + ["hostname"]
        case .routeStatuses:
            Self.parent + Self.outboundRoute + ["hostname", "http_status", "error"]
        case .backendRequests, .backendResponseTime:
            Self.parent + Self.outboundRoute + Self.backend
        case .backendStatuses:
            Self.parent + Self.outboundRoute + Self.backend + ["http_status", "error"]
        case .tcpRouteOpened: Self.parent + Self.outboundRoute
        case .tcpRouteClosed: Self.parent + Self.outboundRoute + ["error"]
        case .certificateRefreshes: ["result"]
        case .certificateInfo: ["serial_number"]
        case .buildInfo: ["version", "vendor"]
        case .certificateExpiry, .certificateRefreshed, .processStart, .processUptime,
            .processCPU, .processVirtual, .processResident, .processOpenFiles, .processMaxFiles,
            .processThreads, .networkReceived, .networkSent:
            []
        }
    }

    /// What series of direction="inbound" have beside ``labels``: who decided.
    public var inboundLabels: [String] {
        switch self {
        case .requests, .responses, .responseLatency:
            Self.server + Self.route + Self.authorization
        case .inboundHTTPAllowed: Self.route + Self.authorization
        case .inboundHTTPDenied: Self.route
        case .inboundTCPAllowed: Self.authorization
        default: []
        }
    }
}
