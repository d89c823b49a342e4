# SPDX-License-Identifier: Apache-2.0
"""The contract: each family, its type, its labels and its buckets, as Linkerd has them.

Written down a second time, not taken from the proxy's own table: what reads the metrics is not
ours.
"""

from __future__ import annotations

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
        "session_protocol target_port client_id",
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
    "control_identity_cert_expiration_timestamp_seconds": ("gauge", "", ""),
    "control_identity_cert_refresh_timestamp_seconds": ("gauge", "", ""),
    "control_identity_cert_refreshes_total": ("counter", "result", ""),
    "proxy_build_info": ("gauge", "version vendor", ""),
    "process_start_time_seconds": ("gauge", "", ""),
    "process_uptime_seconds_total": ("counter", "", ""),
    "process_cpu_seconds_total": ("counter", "", ""),
    "process_virtual_memory_bytes": ("gauge", "", ""),
    "process_resident_memory_bytes": ("gauge", "", ""),
    "process_open_fds": ("gauge", "", ""),
    "process_max_fds": ("gauge", "", ""),
    "process_threads": ("gauge", "", ""),
}
