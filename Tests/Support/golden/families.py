# SPDX-License-Identifier: Apache-2.0
"""The contract: each family, its type, its labels and its buckets, as Linkerd has them.

Written down a second time, not taken from the proxy's own table: what reads the metrics is not
ours.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

TARGET = "direction target_addr target_ip target_port"
# What TLS there is decides which of the others come with it.
TLS = "tls client_id? server_id? no_tls_reason?"
SERVER = "srv_group srv_kind srv_name srv_port"
ROUTE = "route_group route_kind route_name"
AUTHZ = "authz_group authz_kind authz_name"
# Of what is counted in both directions, only inbound series have a policy.
POLICY = " ".join(f"{name}?" for name in f"{SERVER} {ROUTE} {AUTHZ}".split())
PARENT = (
    "parent_group parent_kind parent_namespace parent_name parent_port parent_section_name "
    "route_group route_kind route_namespace route_name"
)
BACKEND = (
    "backend_group backend_kind backend_namespace backend_name backend_port backend_section_name"
)
INBOUND = f"parent_group parent_kind parent_name parent_port {ROUTE}"

LATENCY = (
    "1 2 3 4 5 10 20 30 40 50 100 200 300 400 500 1000 2000 3000 4000 5000 10000 20000 30000 "
    "40000 50000 +Inf"
)
REQUESTS = "0.025 0.05 0.1 0.25 0.5 1 10 +Inf"
RESPONSES = "0.05 0.5 1 10 +Inf"
# Not part of the contract, which has no word on them.
DETECTION = "0.001 0.01 0.1 1 10 +Inf"

# Name: type, labels ("?" for one that some series lack), buckets.
FAMILIES: dict[str, tuple[str, str, str]] = {
    "request_total": ("counter", f"{TARGET} {TLS} {POLICY}", ""),
    "response_total": (
        "counter",
        f"{TARGET} {TLS} {POLICY} status_code classification error",
        "",
    ),
    "response_latency_ms": ("histogram", f"{TARGET} {TLS} {POLICY} status_code", LATENCY),
    "tcp_open_total": ("counter", f"peer {TARGET} {TLS}", ""),
    "tcp_open_connections": ("gauge", f"peer {TARGET} {TLS}", ""),
    "tcp_read_bytes_total": ("counter", f"peer {TARGET} {TLS}", ""),
    "tcp_write_bytes_total": ("counter", f"peer {TARGET} {TLS}", ""),
    "tcp_close_total": ("counter", f"peer {TARGET} {TLS} errno", ""),
    "inbound_http_authz_allow_total": (
        "counter",
        f"{TARGET} {TLS} {SERVER} {ROUTE} {AUTHZ}",
        "",
    ),
    "inbound_http_authz_deny_total": ("counter", f"{TARGET} {TLS} {SERVER} {ROUTE}", ""),
    "inbound_tcp_authz_allow_total": ("counter", f"{TARGET} {TLS} {SERVER} {AUTHZ}", ""),
    "inbound_tcp_authz_deny_total": ("counter", f"{TARGET} {TLS} {SERVER}", ""),
    "inbound_http_errors_total": ("counter", f"error {TARGET} {TLS}", ""),
    "outbound_http_errors_total": ("counter", "error", ""),
    "inbound_tcp_errors_total": (
        "counter",
        "error direction? target_addr? target_ip? target_port? tls? client_id? no_tls_reason?",
        "",
    ),
    "outbound_tcp_errors_total": ("counter", "error", ""),
    "inbound_tcp_transport_header_connections_total": (
        "counter",
        "session_protocol target_port target_name client_id",
        "",
    ),
    "outbound_tcp_protocol_connections_total": ("counter", "protocol", ""),
    "inbound_tcp_detect_http_results_total": ("counter", f"{SERVER} result", ""),
    "inbound_tcp_detect_http_duration_seconds": ("histogram", SERVER, DETECTION),
    "outbound_tcp_detect_http_results_total": ("counter", "result", ""),
    "outbound_tcp_detect_http_duration_seconds": ("histogram", "", DETECTION),
    "inbound_http_requests_total": ("counter", INBOUND, ""),
    "inbound_http_statuses_total": ("counter", f"{INBOUND} http_status error", ""),
    "inbound_http_request_duration_seconds": ("histogram", INBOUND, REQUESTS),
    "inbound_http_response_duration_seconds": ("histogram", INBOUND, RESPONSES),
    "outbound_http_route_request_duration_seconds": (
        "histogram",
        f"{PARENT} hostname",
        RESPONSES,
    ),
    "outbound_http_route_request_statuses_total": (
        "counter",
        f"{PARENT} hostname http_status error",
        "",
    ),
    "outbound_http_route_backend_requests_total": ("counter", f"{PARENT} {BACKEND}", ""),
    "outbound_http_route_backend_response_statuses_total": (
        "counter",
        f"{PARENT} {BACKEND} http_status error",
        "",
    ),
    "outbound_http_route_backend_response_duration_seconds": (
        "histogram",
        f"{PARENT} {BACKEND}",
        REQUESTS,
    ),
    "outbound_tcp_route_open_total": ("counter", PARENT, ""),
    "outbound_tcp_route_close_total": ("counter", f"{PARENT} error", ""),
    "control_identity_cert_expiration_timestamp_seconds": ("gauge", "", ""),
    "control_identity_cert_refresh_timestamp_seconds": ("gauge", "", ""),
    "control_identity_cert_refreshes_total": ("counter", "result", ""),
    "control_identity_cert_info": ("gauge", "serial_number", ""),
    "proxy_build_info": ("gauge", "version vendor", ""),
    "process_start_time_seconds": ("gauge", "", ""),
    "process_uptime_seconds_total": ("counter", "", ""),
    "process_cpu_seconds_total": ("counter", "", ""),
    "process_virtual_memory_bytes": ("gauge", "", ""),
    "process_resident_memory_bytes": ("gauge", "", ""),
    "process_open_fds": ("gauge", "", ""),
    "process_max_fds": ("gauge", "", ""),
    "process_threads": ("gauge", "", ""),
    "process_network_receive_bytes_total": ("counter", "", ""),
    "process_network_transmit_bytes_total": ("counter", "", ""),
}

# The contract's other families, as patterns, and why they mean nothing so far. One that appears
# belongs into the table above.
WITHOUT_MEANING = {
    "route_*": "there are no service profiles",
    "control_request_total": "there is no control plane to ask",
    "control_response_*": "there is no control plane to ask",
    "control_dns_resolutions_total": "it counts names of the control plane, which has none yet",
    "control_*_balancer_*": "there is no control plane to ask",
    "stack_*": "Linkerd's inner layers, which this proxy does not have",
    "tokio_rt_*": "Linkerd's runtime, which this proxy does not have",
    "rustls_info": "Linkerd's TLS library, which this proxy does not have",
    "inbound_http_route_not_found_total": "there are no routes but the default one, which fits all",
    "inbound_http_local_ratelimit_total": "there are no rate limits",
    "inbound_tcp_authz_terminate_total": "connections keep the policy that they began with",
    "opentelemetry_*": "spans are not exported",
    "*_frame_size_bytes": "frames are HTTP/2's, which passes as bytes",
    "inbound_grpc_*": "gRPC needs HTTP/2, which passes as bytes",
    "outbound_grpc_*": "gRPC needs HTTP/2, which passes as bytes",
    "outbound_http_route_retry_*": "there are no retries of responses",
    "outbound_*_balancer_*": "endpoints are taken in turn, without a balancer",
    "outbound_tls_route_*": "TLS of the application's passes as bytes",
    "outbound_tcp_transfer_cost_bytes_total": "endpoints have no zones",
}

# The same of labels of families that are there. A label that appears fails as an unknown one.
LABELS_WITHOUT_MEANING = {
    "authority": "a client would choose it",
    "dst_*": "endpoints of a file have no workloads",
    "rt_*": "there are no service profiles",
    "grpc_status": "gRPC needs HTTP/2, which passes as bytes",
    "sni": "a client would choose it",
    "git_sha": "a release knows its version alone",
}


def contradictions() -> list[str]:
    """Families and labels that are said both to be there and to have no meaning."""
    labels = {
        label.rstrip("?") for _, words, _ in FAMILIES.values() for label in words.split()
    }
    tables = ((FAMILIES, WITHOUT_MEANING), (labels, LABELS_WITHOUT_MEANING))
    return [
        f"{name} and {pattern}"
        for there, absent in tables
        for name in there
        for pattern in absent
        if fnmatchcase(name, pattern)
    ]
