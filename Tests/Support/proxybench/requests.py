# SPDX-License-Identifier: Apache-2.0
"""How often memory is asked for, and the kernel called, for each request of HTTP/1."""

from __future__ import annotations

import os
import selectors
import shutil
import socket
import subprocess
from pathlib import Path

from podbench.errors import BenchError

from .allocations import Counter, traced
from .proxies import STEP_SECONDS, Mesh, Proxy
from .table import Table

REQUESTS = 1000
CONNECTIONS = 32
ROUNDS = 40
TRIES = 3
SYSTEM_CALLS_MAX = 4.1
REQUEST = b"GET / HTTP/1.1\r\nhost: api.default.svc.cluster.local\r\n\r\n"
END = b"<end>"
BODY = b"x" * (1024 - len(END)) + END
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 1024\r\n\r\n" + BODY


def core(table: Table, head_bench: Path, library: Path, folder: Path) -> None:
    """ProxyCore's part of a request: both heads, the body, and what is counted."""

    def swift_calls(*words: str) -> int:
        counter = Counter(library, folder / "head-bench.count")
        environment = {**os.environ, **counter.environment}
        subprocess.run([head_bench, *words], env=environment, check=True)
        return counter.calls()[0]

    start = swift_calls("0")
    each = (swift_calls(str(REQUESTS)) - start) / REQUESTS
    table.judge("allocations a request, ProxyCore", [each], 0, "calls")
    control = (swift_calls(str(REQUESTS), "allocating") - start) / REQUESTS
    if control < 1:
        raise BenchError(f"a probe that allocates for each request is counted as {control}")


class Traffic:
    """Clients that ask together, and an application that answers all."""

    def __init__(self, mesh: Mesh) -> None:
        self._selector = selectors.DefaultSelector()
        self._listener = mesh.listener
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._clients = [
            socket.create_connection(mesh.entrance, STEP_SECONDS) for _ in range(CONNECTIONS)
        ]

    def round(self) -> None:
        """A request on each connection."""
        for client in self._clients:
            client.sendall(REQUEST)
        answered = 0
        while answered < CONNECTIONS:
            ready = self._selector.select(STEP_SECONDS)
            if not ready:
                raise BenchError(f"{CONNECTIONS - answered} requests have not come")
            answered += sum(self._serve(key.fileobj) for key, _ in ready)
        for client in self._clients:
            heard = b""
            while not heard.endswith(END):
                part = client.recv(1 << 16)
                if not part:
                    raise BenchError("a connection ended early")
                heard += part

    def _serve(self, end: object) -> int:
        """What a socket of the application has; how many requests were answered."""
        if end is self._listener:
            server, _ = self._listener.accept()
            self._selector.register(server, selectors.EVENT_READ)
            return 0
        assert isinstance(end, socket.socket)
        heard = end.recv(1 << 16)
        if not heard:
            self._selector.unregister(end)
            end.close()
            return 0
        if not heard.endswith(b"\r\n\r\n"):
            raise BenchError("a request came in pieces")
        end.sendall(ANSWER)
        return 1

    def close(self) -> None:
        """Ends it at both ends."""
        for client in self._clients:
            client.close()
        for key in list(self._selector.get_map().values()):
            if key.fileobj is not self._listener:
                assert isinstance(key.fileobj, socket.socket)
                key.fileobj.close()
        self._selector.close()


def rounds(traffic: Traffic, proxy: Proxy, report: Path) -> dict[str, float]:
    """System calls for each request, by their names."""
    counts = traced(proxy.pid, report, lambda: [traffic.round() for _ in range(ROUNDS)])
    return {name: count / (ROUNDS * CONNECTIONS) for name, count in counts.items()}


def system_calls(table: Table, executable: Path, folder: Path) -> None:
    """What strace sees of both proxies, by io_uring where the kernel gives it, and by epoll."""
    if shutil.which("strace") is None:
        raise BenchError("strace is not installed; Scripts/setup test does that")
    for way in ("auto", "epoll"):
        place = folder / f"requests-{way}"
        place.mkdir()
        with Mesh(executable, place, True, words=["--io", way]) as mesh:
            traffic = Traffic(mesh)
            for _ in range(5):
                traffic.round()
            for who, proxy in mesh.proxies.items():
                # A proxy that is kept waiting waits more often; the least is what it needs.
                each = min(
                    (rounds(traffic, proxy, place / f"{who}.strace") for _ in range(TRIES)),
                    key=lambda one: sum(one.values()),
                )
                table.judge(
                    f"system calls a request, {who}, --io {way}", [sum(each.values())],
                    SYSTEM_CALLS_MAX, "calls",
                )
                names = sorted(each, key=lambda name: -each[name])
                print("        " + ", ".join(f"{name} {each[name]:.2f}" for name in names[:5]))
            traffic.close()
