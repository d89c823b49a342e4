# SPDX-License-Identifier: Apache-2.0
"""Requests that one replica cannot have go to the other: when that is so, and when it is not."""

from __future__ import annotations

import signal
from pathlib import Path

from .case import expect
from .mesh import PORTS, Mesh
from .recorder import Recorder, reply
from .wire import Client, Response, request, sized

PORT = PORTS["recorder"]
SMALL = bytes(range(256)) * 8
LARGE = SMALL * 100
TRIES = 12


def ask(mesh: Mesh, method: str, path: str, body: bytes) -> list[Response]:
    """The answers to some requests, of which each replica gets its share at first."""
    found = []
    for _ in range(TRIES):
        with Client((mesh.client_ip, PORT)) as client:
            client.send(request(method, path, sized(body), body=body))
            found.append(client.response(method))
    return found


def all_served(mesh: Mesh, why: str) -> None:
    """Every request is answered by who is there."""
    for method, body in (("GET", b""), ("POST", SMALL), ("DELETE", b""), ("PATCH", SMALL)):
        statuses = {answer.status for answer in ask(mesh, method, "/some", body)}
        expect(statuses == {200}, f"{method} is served while {why}: {statuses}")


def application_gone(mesh: Mesh, recorder: Recorder) -> None:
    """One proxy has no application: it says so, and the other replica is asked."""
    all_served(mesh, "an application is gone")
    expect(recorder.connections < 4 * TRIES, "connections are reused")
    # More than is kept cannot be sent again; then the client is told.
    answers = ask(mesh, "POST", "/large", LARGE)
    statuses = [answer.status for answer in answers]
    expect(sorted(set(statuses)) == [200, 502], f"large requests fail at one replica: {statuses}")
    for answer in answers:
        expect(answer.field(b"l5d-proxy-unsent") is None, "clients are not told what proxies are")
    with Client((mesh.server_ips[0], 4143)) as client:
        client.send(request("GET", "/plain"))
        stranger = client.response()
    expect(
        stranger.status == 502 and stranger.field(b"l5d-proxy-unsent") is None,
        f"and neither are strangers: {stranger}",
    )


def forged(mesh: Mesh, recorder: Recorder) -> None:
    """An application cannot say what only a proxy may."""
    recorder.forget()
    recorder.answers["/forged"] = reply(
        b"HTTP/1.1 502 Bad Gateway\r\nL5d-Proxy-Unsent: true\r\nContent-Length: 0\r\n\r\n"
    )
    answers = ask(mesh, "POST", "/forged", SMALL)
    own = [answer.status == 502 and answer.field(b"l5d-proxy-error") is None for answer in answers]
    expect(all(own), "its answer comes through")
    expect(len(recorder.requests) == TRIES, "its request is not sent twice")


def proxy_gone(mesh: Mesh, _: Recorder) -> None:
    """One pod is gone: its address refuses connections."""
    gone = mesh.proxies[mesh.server_ips[0]]
    gone.send_signal(signal.SIGKILL)
    gone.wait()
    all_served(mesh, "a pod is gone")
    statuses = {answer.status for answer in ask(mesh, "POST", "/large", LARGE)}
    expect(statuses == {200}, f"large requests are served too: {statuses}")


def run(build: Path) -> str:
    """Tries it all; raises where something does not hold."""
    with Mesh(build, replicas=2) as mesh:
        # The first replica has no application.
        recorder = Recorder(mesh.server_ips[1], PORT)
        for check in (application_gone, forged, proxy_gone):
            check(mesh, recorder)
    return "requests that one replica cannot have go to the other"
