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

    /// What a family's values are.
    public enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
    }

    /// Counters only go up; a histogram has a sum and a count beside its buckets.
    public var kind: Kind {
        switch self {
        case .responseLatency: .histogram
        case .tcpOpen: .gauge
        case .requests, .responses, .tcpOpened, .tcpRead, .tcpWritten, .tcpClosed,
            .inboundHTTPAllowed, .inboundHTTPDenied, .inboundTCPAllowed, .inboundTCPDenied,
            .inboundHTTPErrors, .outboundHTTPErrors, .inboundTCPErrors, .outboundTCPErrors,
            .transportHeaders, .outboundProtocols:
            .counter
        }
    }

    /// One sentence for people.
    public var help: String {
        switch self {
        case .requests: "Requests that were passed on."
        case .responses: "Responses to them, the proxy's own among them, once they have ended."
        case .responseLatency:
            "Milliseconds from a request's head to the end of its response."
        case .tcpOpened: "Connections that were accepted (peer=\"src\") or made (peer=\"dst\")."
        case .tcpOpen: "Connections that are open."
        case .tcpRead: "Bytes read from the peer, without what TLS adds."
        case .tcpWritten: "Bytes written to the peer, without what TLS adds."
        case .tcpClosed: "Connections that have ended; errno is empty where nothing was wrong."
        case .inboundHTTPAllowed: "Requests that the inbound policy let in."
        case .inboundHTTPDenied: "Requests that the inbound policy kept out: status 403."
        case .inboundTCPAllowed: "Connections of bytes that the inbound policy let in."
        case .inboundTCPDenied: "Connections of bytes that the inbound policy kept out."
        case .inboundHTTPErrors, .outboundHTTPErrors:
            "Requests that the proxy answered itself, by cause."
        case .inboundTCPErrors, .outboundTCPErrors:
            "Connections that the proxy ended itself, by cause."
        case .transportHeaders: "Connections straight from another proxy, by what they carry."
        case .outboundProtocols: "Connections of the pod, by the protocol that was detected."
        }
    }

    /// The labels, in their order.
    public var labels: [String] {
        let target = ["direction", "target_addr", "target_ip", "target_port"]
        let tls = ["tls", "client_id or server_id", "no_tls_reason"]
        let server = ["srv_group", "srv_kind", "srv_name", "srv_port"]
        switch self {
        case .requests: return target + tls + ["inbound: " + server.joined(separator: ", ")]
        case .responses: return Self.requests.labels + ["status_code", "classification", "error"]
        case .responseLatency: return Self.requests.labels + ["status_code", "le"]
        case .tcpOpened, .tcpOpen, .tcpRead, .tcpWritten: return ["peer"] + target + tls
        case .tcpClosed: return ["peer"] + target + tls + ["errno"]
        case .inboundHTTPAllowed, .inboundTCPAllowed:
            return target + tls + server + ["authz_group", "authz_kind", "authz_name"]
        case .inboundHTTPDenied, .inboundTCPDenied: return target + tls + server
        case .inboundHTTPErrors, .outboundHTTPErrors, .inboundTCPErrors, .outboundTCPErrors:
            return ["error"]
        case .transportHeaders: return ["session_protocol", "target_port", "client_id"]
        case .outboundProtocols: return ["protocol"]
        }
    }
}
