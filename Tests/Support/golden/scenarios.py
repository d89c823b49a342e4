# SPDX-License-Identifier: Apache-2.0
"""Meshed, unmeshed, denied and failed, requests and bytes, in both directions: the series that
each has to leave, with every label, and no other.

It knows the contract and nothing of the proxy: what a dashboard would ask for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from . import load
from .mesh import POLICIES, Mesh
from .page import Page

Labels = dict[str, str]
Series = tuple[str, str, tuple[tuple[str, str], ...]]

DATA = b"\0\1\2\3" * 100
# Of these it is not told how much they count; they have to be there.
UNCOUNTED = ("tcp_open_connections", "tcp_read_bytes_total", "tcp_write_bytes_total")
# What every page has, whatever has happened.
ALWAYS = ("process_", "control_identity_", "proxy_build_info")

NOT_FOUND = {"tls": "no_identity", "no_tls_reason": "not_provided_by_service_discovery"}
LOOPBACK = {"tls": "no_identity", "no_tls_reason": "loopback"}
NO_TLS = {"tls": "no_identity", "no_tls_reason": "no_tls_from_remote"}


class Scenarios:
    """Does what a mesh does, and notes what its metrics are to be."""

    def __init__(self, mesh: Mesh) -> None:
        self.mesh = mesh
        self.expected: Counter[Series] = Counter()
        self.answers: list[object] = []

    def run(self) -> list[object]:
        """All of it; returns what differs from what the clients were to see."""
        self.meshed_request("locked", 200)
        self.meshed_request("locked", 500, is_reusing=True)
        self.meshed_request("shut", 403)
        self.meshed_bytes("bytes", 7070)
        self.meshed_bytes("greeting", 7071, b"hello")
        self.unmeshed_request_out()
        self.unmeshed_request_in()
        self.unmeshed_bytes_out()
        self.unmeshed_bytes_in()
        self.denied_request_in()
        self.denied_bytes_in()
        self.denied_request_out()
        self.denied_bytes_out()
        self.failed_request_out("gone", "i/o", "IO", 502)
        self.failed_request_out("empty", "failfast", "FAIL_FAST", 504)
        self.failed_bytes_out()
        self.failed_request_in()
        return self.answers

    def differences(self, pages: dict[str, Page]) -> list[str]:
        """Series that are missing, that should not be there, or that count something else."""
        found: dict[Series, float] = {}
        for proxy, page in pages.items():
            for sample in page.samples:
                name = sample.name
                if name.startswith(ALWAYS) or name.endswith(("_bucket", "_sum")):
                    continue
                labels = dict(sample.labels)
                if proxy == "alone" and labels.get("errno") == "ECONNRESET":
                    # Who is told that nothing is there leaves, and may not read to the end.
                    labels["errno"] = ""
                key = (proxy, name, tuple(sorted(labels.items())))
                found[key] = found.get(key, 0) + sample.value
        lines = [f"missing: {series}" for series in self.expected.keys() - found.keys()]
        for series, value in found.items():
            if series not in self.expected:
                # A series may be there before it counts.
                if value:
                    lines.append(f"unexpected: {series} {value}")
            elif series[1] not in UNCOUNTED and value != self.expected[series]:
                lines.append(f"{value} instead of {self.expected[series]}: {series}")
            elif series[1].endswith("_bytes_total") and value <= 0:
                lines.append(f"no bytes: {series}")
        return sorted(lines)

    # Meshed.

    def meshed_request(self, service: str, status: int, is_reusing: bool = False) -> None:
        """From web to another proxy, by mutual TLS; maybe on the connections of the last one."""
        path = "/0/200" if status == 403 else f"/0/{status}"
        self.seen(load.get(self.mesh.services[service], 8080, path), status)
        peer = self.mesh.proxies[service]
        tls = {"tls": "true", "server_id": self.mesh.identities[service]}
        self.request_out(service, status, (peer, tls), is_reusing=is_reusing)
        client = {"tls": "true", "client_id": self.mesh.identities["web"]}
        if not is_reusing:
            self.header(service, "http/1", 8080)
        if status == 403:
            self.request_denied(service, client)
        else:
            self.request_in(service, client, status, is_reusing=is_reusing)

    def meshed_bytes(self, service: str, port: int, greeting: bytes = b"") -> None:
        """The same for bytes; a server may speak first."""
        answer = load.echoed(self.mesh.services[service], port, DATA, len(greeting))
        self.seen(answer, greeting + DATA)
        peer = self.mesh.proxies["api"]
        tls = {"tls": "true", "server_id": self.mesh.identities["api"]}
        self.bytes_out(service, port, (peer, tls))
        client = {"tls": "true", "client_id": self.mesh.identities["web"]}
        self.header("api", "", port)
        self.bytes_in("api", client, port)

    # Unmeshed.

    def unmeshed_request_out(self) -> None:
        """To a server without a proxy."""
        self.seen(load.get(self.mesh.services["plain"], 8080, "/0/200"), 200)
        self.request_out("plain", 200, (self.mesh.proxies["api"], NOT_FOUND))

    def unmeshed_request_in(self) -> None:
        """From a client without one."""
        self.seen(load.get(self.mesh.proxies["api"], 4143, "/0/200"), 200)
        self.detected_in("api", "http/1")
        self.request_in("api", NO_TLS, 200)

    def unmeshed_bytes_out(self) -> None:
        """To a server without a proxy."""
        self.seen(load.echoed(self.mesh.services["plain-bytes"], 7070, DATA), DATA)
        self.bytes_out("plain-bytes", 7070, (self.mesh.proxies["api"], NOT_FOUND))

    def unmeshed_bytes_in(self) -> None:
        """From a client without one; the server of HTTP has no answer to them."""
        self.seen(load.echoed(self.mesh.proxies["api"], 4143, DATA), b"")
        self.detected_in("api", "not_http")
        self.bytes_in("api", NO_TLS, 8080)

    # Denied.

    def denied_request_in(self) -> None:
        """A client without an identity, where one is asked for."""
        self.seen(load.get(self.mesh.proxies["locked"], 4143, "/0/200"), 403)
        self.detected_in("locked", "http/1")
        self.request_denied("locked", NO_TLS)

    def denied_bytes_in(self) -> None:
        """The same for bytes."""
        self.seen(load.echoed(self.mesh.proxies["locked"], 4143, DATA), b"")
        self.detected_in("locked", "not_http")
        target = self.target("inbound", self.mesh.proxies["locked"], 8080)
        server = self.server("locked", 8080)
        self.count("locked", "inbound_tcp_authz_deny_total", target, NO_TLS, server)
        self.count("locked", "inbound_tcp_errors_total", target, NO_TLS, error="unauthorized")

    def denied_request_out(self) -> None:
        """To where `outgoing.allow` does not let anybody go."""
        self.seen(load.get(self.mesh.services["forbidden"], 8080, "/0/200"), 403)
        self.request_out("forbidden", 403, None, "forbidden", "UNKNOWN")

    def denied_bytes_out(self) -> None:
        """The same for bytes."""
        self.seen(load.echoed(self.mesh.services["forbidden-bytes"], 7070, DATA), b"")
        self.bytes_out("forbidden-bytes", 7070, None, "unauthorized", "forbidden")

    # Failed.

    def failed_request_out(self, service: str, error: str, word: str, status: int) -> None:
        """To a server that is gone, or that nobody knows an endpoint of."""
        self.seen(load.get(self.mesh.services[service], 8080, "/0/200"), status)
        tried = (self.mesh.peers["nobody"], NOT_FOUND) if service == "gone" else None
        self.request_out(service, status, tried, error, word)

    def failed_bytes_out(self) -> None:
        """To a server that is gone."""
        self.seen(load.echoed(self.mesh.services["gone-bytes"], 7070, DATA), b"")
        self.bytes_out("gone-bytes", 7070, None, "i/o", "unexpected")

    def failed_request_in(self) -> None:
        """To an application that does not listen, from another proxy."""
        self.seen(load.get(self.mesh.services["alone"], 8080, "/0/200"), 502)
        peer = self.mesh.proxies["alone"]
        tls = {"tls": "true", "server_id": self.mesh.identities["alone"]}
        self.request_out("alone", 502, (peer, tls))
        client = {"tls": "true", "client_id": self.mesh.identities["web"]}
        self.header("alone", "http/1", 8080)
        self.request_in("alone", client, 502, "i/o", "IO")

    # What each leaves.

    def request_out(
        self,
        service: str,
        status: int,
        endpoint: tuple[str, Labels] | None,
        error: str = "",
        word: str = "",
        is_reusing: bool = False,
    ) -> None:
        """A request of web's; `endpoint` is whom it was to go to, and by what TLS."""
        address = self.mesh.services[service]
        source = self.target("outbound", address, 8080)
        self.connection("web", "src", source, LOOPBACK)
        self.count("web", "outbound_tcp_protocol_connections_total", protocol="http/1")
        self.detected_out("http/1")
        route = self.route(service, 8080, "http")
        hostname = {"hostname": ""}
        status_labels = {"http_status": str(status), "error": word}
        self.count("web", "outbound_http_route_request_duration_seconds_count", route, hostname)
        self.count(
            "web", "outbound_http_route_request_statuses_total", route, hostname, status_labels
        )
        if error:
            self.count("web", "outbound_http_errors_total", error=error)
        if endpoint is None:
            return
        target = self.target("outbound", endpoint[0], 8080)
        if not error and not is_reusing:
            self.connection("web", "dst", target, endpoint[1])
        self.response("web", [target, endpoint[1]], status, error)
        parent = self.parent(service, 8080)
        backend = {key.replace("parent", "backend"): value for key, value in parent.items()}
        name = "outbound_http_route_backend"
        self.count("web", f"{name}_requests_total", route, backend)
        self.count("web", f"{name}_response_statuses_total", route, backend, status_labels)
        self.count("web", f"{name}_response_duration_seconds_count", route, backend)

    def request_in(
        self,
        proxy: str,
        tls: Labels,
        status: int,
        error: str = "",
        word: str = "",
        is_reusing: bool = False,
    ) -> None:
        """A request to the application of a proxy that lets it in."""
        target = self.target("inbound", self.mesh.proxies[proxy], 8080)
        if not is_reusing:
            self.connection(proxy, "src", target, tls)
        if not error and not is_reusing:
            self.connection(proxy, "dst", target, LOOPBACK)
        policy = [self.server(proxy, 8080), self.default_route(), self.authorization(proxy)]
        self.count(proxy, "inbound_http_authz_allow_total", target, tls, *policy)
        self.response(proxy, [target, tls, *policy], status, error)
        parent = {
            "parent_group": "",
            "parent_kind": "default",
            "parent_name": POLICIES[proxy],
            "parent_port": "8080",
        }
        route = [parent, self.default_route()]
        self.count(proxy, "inbound_http_requests_total", *route)
        self.count(proxy, "inbound_http_request_duration_seconds_count", *route)
        self.count(proxy, "inbound_http_response_duration_seconds_count", *route)
        self.count(
            proxy, "inbound_http_statuses_total", *route, http_status=str(status), error=word
        )
        if error:
            self.count(proxy, "inbound_http_errors_total", target, tls, error=error)

    def request_denied(self, proxy: str, tls: Labels) -> None:
        """A request that the policy keeps out: no request, no response."""
        target = self.target("inbound", self.mesh.proxies[proxy], 8080)
        self.connection(proxy, "src", target, tls)
        policy = [self.server(proxy, 8080), self.default_route()]
        self.count(proxy, "inbound_http_authz_deny_total", target, tls, *policy)

    def bytes_out(
        self,
        service: str,
        port: int,
        endpoint: tuple[str, Labels] | None,
        refusal: str = "",
        error: str = "",
    ) -> None:
        """A connection of web's."""
        self.count("web", "outbound_tcp_protocol_connections_total", protocol="opaq")
        self.detected_out("not_http")
        route = self.route(service, port, "opaq")
        self.count("web", "outbound_tcp_route_open_total", route)
        self.count("web", "outbound_tcp_route_close_total", route, error=error)
        if refusal:
            self.count("web", "outbound_tcp_errors_total", error=refusal)
        if endpoint is None:
            return
        target = self.target("outbound", endpoint[0], port)
        self.connection("web", "src", target, LOOPBACK)
        self.connection("web", "dst", target, endpoint[1])

    def bytes_in(self, proxy: str, tls: Labels, port: int) -> None:
        """A connection to the application of a proxy that lets it in."""
        target = self.target("inbound", self.mesh.proxies[proxy], port)
        self.connection(proxy, "src", target, tls)
        self.connection(proxy, "dst", target, LOOPBACK)
        server, by = self.server(proxy, port), self.authorization(proxy)
        self.count(proxy, "inbound_tcp_authz_allow_total", target, tls, server, by)

    def response(self, proxy: str, labels: list[Labels], status: int, error: str) -> None:
        """What each request leaves that was passed on."""
        self.count(proxy, "request_total", *labels)
        code = str(status)
        self.count(proxy, "response_latency_ms_count", *labels, status_code=code)
        kind = "failure" if status >= 500 else "success"
        self.count(
            proxy, "response_total", *labels, status_code=code, classification=kind, error=error
        )

    def connection(self, proxy: str, peer: str, target: Labels, tls: Labels) -> None:
        """One that has been opened, used and closed."""
        self.count(proxy, "tcp_open_total", target, tls, peer=peer)
        for name in UNCOUNTED:
            self.count(proxy, name, target, tls, peer=peer)
        self.count(proxy, "tcp_close_total", target, tls, peer=peer, errno="")

    def header(self, proxy: str, protocol: str, port: int) -> None:
        """A connection straight from web's proxy."""
        self.count(
            proxy,
            "inbound_tcp_transport_header_connections_total",
            session_protocol=protocol,
            target_port=str(port),
            target_name="",
            client_id=self.mesh.identities["web"],
        )

    def detected_in(self, proxy: str, result: str) -> None:
        """First bytes that were looked at."""
        server = self.server(proxy, 8080)
        self.count(proxy, "inbound_tcp_detect_http_results_total", server, result=result)
        self.count(proxy, "inbound_tcp_detect_http_duration_seconds_count", server)

    def detected_out(self, result: str) -> None:
        """The same of a connection of web's."""
        self.count("web", "outbound_tcp_detect_http_results_total", result=result)
        self.count("web", "outbound_tcp_detect_http_duration_seconds_count")

    # Labels.

    def target(self, direction: str, ip: str, port: int) -> Labels:
        """The application's address, or an endpoint's."""
        return {
            "direction": direction,
            "target_addr": f"{ip}:{port}",
            "target_ip": ip,
            "target_port": str(port),
        }

    def server(self, proxy: str, port: int) -> Labels:
        """What a default policy makes of a port."""
        return {
            "srv_group": "",
            "srv_kind": "default",
            "srv_name": POLICIES[proxy],
            "srv_port": str(port),
        }

    def default_route(self) -> Labels:
        """The route of a server without routes."""
        return {"route_group": "", "route_kind": "default", "route_name": "default"}

    def authorization(self, proxy: str) -> Labels:
        """What a default policy lets in by."""
        return {"authz_group": "", "authz_kind": "default", "authz_name": POLICIES[proxy]}

    def parent(self, service: str, port: int) -> Labels:
        """A service of Kubernetes."""
        return {
            "parent_group": "core",
            "parent_kind": "Service",
            "parent_namespace": "shop",
            "parent_name": service,
            "parent_port": str(port),
            "parent_section_name": "",
        }

    def route(self, service: str, port: int, name: str) -> Labels:
        """Its default route."""
        return {
            **self.parent(service, port),
            "route_group": "",
            "route_kind": "default",
            "route_namespace": "",
            "route_name": name,
        }

    # Notes.

    def seen(self, found: object, wanted: object) -> None:
        """What a client saw, if it was something else."""
        if found != wanted:
            self.answers.append(f"{found!r} instead of {wanted!r}, request {len(self.expected)}")

    def count(self, proxy: str, name: str, *labels: Labels, **more: str) -> None:
        """One more of a series."""
        every = {key: value for part in (*labels, more) for key, value in part.items()}
        self.expected[proxy, name, tuple(sorted(every.items()))] += 1


def settled(pages: Iterable[Page]) -> bool:
    """Whether every connection has ended, those that wait for another request among them."""
    return all(page.sum("tcp_open_connections") == 0 for page in pages)
