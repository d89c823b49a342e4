# SPDX-License-Identifier: Apache-2.0
"""The admin port under attack: nobody there may delay a connection, or keep probes out."""

from __future__ import annotations

import socket
import threading
import time

from .mesh import Mesh
from .outcome import expect, wait_until
from .proxy import Proxy
from .seen_proxy import ADMIN
from .watch import Watch

# Of the proxy's own bounds: clients at once, and how long one may take.
CLIENTS_MAX, PATIENCE = 64, 10
# A probe that takes longer than the kubelet's second is a failed one.
PROBE_SECONDS_MAX = 1.0
SCRAPE = b"GET /metrics HTTP/1.1\r\nHost: admin\r\n\r\n"


def slow_readers(seconds: float = 1) -> None:
    """Ask for the longest page, with the smallest of windows, and never read."""
    slow_clients((SCRAPE,), seconds)


def slow_writers(seconds: float = 1) -> None:
    """Send half a head, or a head whose body does not come."""
    heads = (b"", b"GET /met", b"PUT /proxy-log-level HTTP/1.1\r\nContent-Length: 9\r\n\r\nwar")
    slow_clients(heads, seconds)


def slow_clients(firsts: tuple[bytes, ...], seconds: float) -> None:
    """Hundreds that begin so and stay: probes are answered, few are kept, and none for long."""
    with Mesh() as mesh, Watch(mesh):
        before = mesh.api.descriptors()
        start = time.monotonic()
        clients = [narrow(mesh.api) for _ in range(5 * CLIENTS_MAX)]
        for number, client in enumerate(clients):
            try:
                client.sendall(firsts[number % len(firsts)])
            except OSError:
                continue  # it has given way to a younger one
        for _ in range(20):
            probe(mesh.api)
        # The canary has one or two of its own at any moment.
        kept = mesh.api.descriptors() - before
        expect(9 < kept <= CLIENTS_MAX + 9, f"{kept} clients of {len(clients)} are kept")
        while time.monotonic() < start + min(seconds, PATIENCE - 1):
            probe(mesh.api)
            time.sleep(0.1)
        if seconds > PATIENCE:
            wait_until(
                "all are let go", lambda: mesh.api.descriptors() <= before + 9, PATIENCE + 2
            )
        for client in clients:
            client.close()


def flood_of_scrapes(seconds: float = 1.5) -> None:
    """As many pages as four clients can take; probes get through."""
    until = time.monotonic() + seconds

    def scrape(proxy: Proxy) -> None:
        while time.monotonic() < until:
            with narrow(proxy, 1 << 16) as client:
                client.sendall(SCRAPE)
                while client.recv(1 << 16):
                    pass

    with Mesh() as mesh, Watch(mesh):
        threads = [threading.Thread(target=scrape, args=[mesh.api]) for _ in range(4)]
        for thread in threads:
            thread.start()
        while time.monotonic() < until:
            probe(mesh.api)
        for thread in threads:
            thread.join(10)


def forbidden_pages() -> None:
    """Methods and pages that are not there, nonsense, and a shutdown that nobody has allowed."""
    requests = {
        b"POST /shutdown HTTP/1.1\r\n\r\n": b"404", b"GET /shutdown HTTP/1.1\r\n\r\n": b"404",
        b"POST /ready HTTP/1.1\r\n\r\n": b"405", b"GET /debug/pprof HTTP/1.1\r\n\r\n": b"404",
        b"PUT /proxy-log-level HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n": b"413",
        b"PUT /proxy-log-level HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n": b"411",
        b"PUT /proxy-log-level HTTP/1.1\r\nContent-Length: 3\r\n\r\n\xff\x00x": b"400",
        b"GET /" + b"x" * 9000: b"431", b"\r\n\r\n": b"400", b"\x16\x03\x01 \r\n\r\n": b"400",
    }
    with Mesh() as mesh, Watch(mesh):
        for request, status in requests.items():
            with narrow(mesh.api, 1 << 16) as client:
                client.sendall(request)
                answer = client.recv(4096)
            expect(answer.startswith(b"HTTP/1.1 " + status), f"{request[:60]!r}: {answer!r}")


def narrow(proxy: Proxy, window: int = 1) -> socket.socket:
    """A client of the admin port whose kernel takes next to nothing for it."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    client.settimeout(5)
    client.connect((proxy.ip, ADMIN))
    return client


def probe(proxy: Proxy) -> None:
    """What the kubelet does."""
    start = time.monotonic()
    with narrow(proxy, 1 << 16) as client:
        client.sendall(b"GET /ready HTTP/1.1\r\nHost: admin\r\n\r\n")
        answer = client.recv(4096)
    took = time.monotonic() - start
    expect(answer.startswith(b"HTTP/1.1 200 "), f"the probe got {answer!r}")
    expect(took < PROBE_SECONDS_MAX, f"the probe took {took:.2f} s")
