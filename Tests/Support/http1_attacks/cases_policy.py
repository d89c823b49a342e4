# SPDX-License-Identifier: Apache-2.0
"""Who may ask for what, and who is said to have asked (cases 22, 42, 44 and 45)."""

from __future__ import annotations

import socket

from attacks.outcome import expect

from .backend import answer, read_head
from .client import Client, get
from .readers import Request
from .watch import Watch
from .world import WEB, World

PROBES = [(8080, "/healthz"), (8080, "/ready?full=1"), (9090, "/other-port")]

ALLOWED = [
    "/healthz", "/healthz?", "/healthz?a=b", "/healthz?/admin", "/ready", "/ready?x",
]
DENIED = [
    "/", "/admin", "/healthz/", "//healthz", "/./healthz", "/healthz/../admin", "/healthz;x",
    "/%68ealthz", "/healthz%3f", "/healthz%00", "/HEALTHZ", "/healthz%2fadmin", "/x?/healthz",
    "/healthz\\admin", "/other-port", "http://users-api/healthz", "/healthzz", "/health",
]


def probes() -> None:
    """A kubelet's questions are answered though the policy is deny; nothing else is."""
    with World(policy="deny", probes=PROBES) as world, Watch(world, has_canary=False):
        for side, target in world.sides().items():
            with Client(target) as client:
                for path in ALLOWED:
                    response = client.get(path)
                    expect(response.status == 200, f"{side}: {path}: {response.status}")
                for path in DENIED:
                    response = client.get(path)
                    expect(response.status == 403, f"{side}: {path}: {response.status}")
                expect(client.get("/healthz").status == 200, "the connection is dead")
            for request in (
                get("/healthz", method="POST"), get("/healthz", method="HEAD"),
                get("/healthz", "Content-Length: 1") + b"x",
                get("/healthz", "Connection: upgrade", "Upgrade: websocket"),
            ):
                with Client(target) as client:
                    status = client.ask(request, request.split()[0].decode()).status
                    expect(status == 403, f"{side}: {request!r}: {status}")
        seen = {one.target for each in world.backend.recordings for one in each.requests("strict")}
        expect(seen == {path.encode() for path in ALLOWED}, f"the server saw {seen}")
        denied = world.api.metric("inbound_http_authz_deny_total", direction="inbound")
        expect(denied == 2 * (len(DENIED) + 4), f"{denied} are counted")


def redirected_probes() -> None:
    """An answer that sends the kubelet elsewhere is passed on; elsewhere has its own entry."""

    def serve(client: socket.socket) -> None:
        while True:
            head = read_head(client)
            response = answer(Request(b"GET", b"/live", (), b""))
            if head.startswith(b"GET /healthz"):
                response = (
                    b"HTTP/1.1 302 Found\r\nx-backend: 1\r\nLocation: /live?from=healthz\r\n"
                    b"Content-Length: 0\r\n\r\n"
                )
            client.sendall(response)

    entries = [(8080, "/healthz"), (8080, "/live")]
    with World(policy="deny", probes=entries) as world, Watch(world, has_canary=False):
        world.backend.behaviour = serve
        with world.stranger() as kubelet:
            response = kubelet.get("/healthz", "User-Agent: kube-probe/1.33")
            expect(response.status == 302, f"answered {response.status}")
            location = response.get("location") or ""
            expect(location == "/live?from=healthz", f"sent to {location}")
            expect(kubelet.get(location).status == 200, "where it is sent it is denied")
            expect(kubelet.get("/elsewhere").status == 403, "any place is open")


SPOOFS = [
    "l5d-client-id", "L5D-CLIENT-ID", "l5d_client_id", "l5d-client_id", "L5d_Client-Id",
    "x-forwarded-client-cert", "X-Forwarded-Client-Cert", "x_forwarded_client_cert",
    "x-forwarded_client-cert", "l5d-dst-canonical", "l5d-require-id", "l5d-orig-proto",
    "l5d-proxy-error", "l5d-", "l5d_anything",
]


def spoofed_identities() -> None:
    """What the mesh says of a client reaches the server from the mesh alone."""
    with World() as world, Watch(world):
        for target in world.sides().values():
            with Client(target) as client:
                for name in SPOOFS:
                    client.get("/spoof", f"{name}: evil")
                client.get("/spoof", *(f"{name}: evil" for name in SPOOFS))
                client.get("/spoof", "Connection: l5d-client-id", "l5d-client-id: evil")
                client.get("/spoof", "X: y", "l5d-client-id: evil", "l5d-client-id: evil")
                client.ask(b"GET /spoof HTTP/1.0\r\nConnection: keep-alive\r\n"
                           b"l5d-client-id: evil\r\n\r\n")
                client.get("/spoof", "Connection: close", "l5d-client-id: evil")
        # Bytes that are no request by the book must not reach the server as one either.
        for junk in (b"\n", b"\r\n\r\n", b" ", b"\t", b"\r\n \r\n"):
            with Client(world.inbound) as client:
                client.send(junk + get("/spoof", "l5d-client-id: evil"))
                expect(client.final().status == 400, f"{junk!r} in front was borne")
        seen = [
            request for one in world.backend.recordings for request in one.requests("strict")
        ]
        expect(len(seen) == 2 * (len(SPOOFS) + 5), f"{len(seen)} requests came")
        for request in seen:
            evil = [name for name, value in request.fields if b"evil" in value]
            expect(not evil, f"{evil} came through")
        named = [request.all(b"l5d-client-id") for request in seen]
        expect(named.count([WEB.encode()]) == len(seen) // 2, "the mesh's client is not named")
        expect(named.count([]) == len(seen) // 2, "a stranger is named")


def h2c_upgrades() -> None:
    """HTTP/2 in the clear is asked for in vain, also among others."""
    rows = [
        ("upgrade, http2-settings", ["h2c"]), ("upgrade", ["h2c, websocket"]),
        ("upgrade", ["websocket, h2c"]), ("upgrade", ["H2C"]), ("upgrade", ["websocket", "h2c"]),
        ("upgrade", ["h2c", "websocket"]), ("keep-alive", ["h2c"]),
    ]
    with World() as world, Watch(world):
        for target in world.sides().values():
            with Client(target) as client:
                for connection, upgrades in rows:
                    lines = [f"Upgrade: {upgrade}" for upgrade in upgrades]
                    client.get(
                        "/h2c", f"Connection: {connection}", *lines, "HTTP2-Settings: AAMAAABk"
                    )
        seen = [
            request for one in world.backend.recordings for request in one.requests("strict")
        ]
        expect(len(seen) == 2 * len(rows), f"{len(seen)} requests came")
        for request in seen:
            expect(not request.all(b"upgrade"), f"asked for {request.all(b'upgrade')}")
            expect(not request.all(b"http2-settings"), "settings came through")


def named_fields() -> None:
    """A client cannot have fields dropped that decide about rights, routes or framing."""
    names = [
        "host", "content-length", "content-type", "cookie", "authorization", "forwarded",
        "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
    ]
    fields = [f"{name}: kept" for name in names if name not in ("host", "content-length")]
    with World() as world, Watch(world):
        for target in world.sides().values():
            with Client(target) as client:
                for named in (names, [name.upper() for name in names]):
                    client.ask(
                        get("/", "Connection: " + ", ".join(named), "Content-Length: 2", *fields,
                            "x-own: dropped", "Connection: X-Own", method="POST") + b"ok"
                    )
        seen = [
            request for one in world.backend.recordings for request in one.requests("strict")
        ]
        expect(len(seen) == 4, f"{len(seen)} requests came")
        for request in seen:
            for name in names:
                expect(len(request.all(name.encode())) == 1, f"{name} was dropped")
            expect(not request.all(b"x-own"), "x-own was kept")
            expect(not request.all(b"connection"), "connection was kept")
