# SPDX-License-Identifier: Apache-2.0
"""The admin port: what it tells to the pod alone stays there, also when asked through the mesh."""

from __future__ import annotations

import http.client
import socket
import ssl
from pathlib import Path

from .errors import BenchError
from .pod import Pod

ADMIN, INBOUND = 4191, 4143
# The preface, the length of the message, and field 1, a varint of 4191.
HEADER = b"transport.l5d.io/v1\r\n\r\n" + b"\x00\x00\x00\x03" + b"\x08\xdf\x20"
# Each is looked at from everywhere: what is only for the pod, and what is for all.
PAGES = {"/proxy-log-level": 403, "/env.json": 403, "/ready": 200, "/metrics": 200}
ASK = "GET {page} HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n"


def check_admin(pod: Pod, name: str, client: Path, authority: Path) -> None:
    """Asks from inside the pod, from the node, and as a member of the mesh."""
    inside = pod.containers[0]
    for page in PAGES:
        if inside.exit_code_inside(["curl", "-sSf", f"http://127.0.0.1:{ADMIN}{page}"]) != 0:
            raise BenchError(f"self-test: {page} is not for the pod itself")
        for way, status in (
            ("the node", outside(pod.facts.ip, page)),
            ("the mesh", through_the_mesh(pod.facts.ip, page, name, client, authority)),
        ):
            if status != PAGES[page]:
                raise BenchError(f"self-test: {page} answers {status} to {way}")
    print("  ok  the admin port tells strangers and members of the mesh what is for everybody")


def outside(address: str, page: str) -> int:
    """The status of a page for the node."""
    connection = http.client.HTTPConnection(address, ADMIN, timeout=5)
    connection.request("GET", page)
    status = connection.getresponse().status
    connection.close()
    return status


def through_the_mesh(address: str, page: str, name: str, client: Path, authority: Path) -> int:
    """The status of a page for somebody who proves an identity and names the admin port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(authority)
    context.load_cert_chain(client / "tls.crt", client / "tls.key")
    context.set_alpn_protocols(["transport.l5d.io/v1"])
    with (
        socket.create_connection((address, INBOUND), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=name) as stream,
    ):
        stream.sendall(HEADER + ASK.format(page=page).encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            byte = stream.recv(1)
            if not byte:
                break
            answer += byte
    return int(answer.split(b" ", 2)[1])
