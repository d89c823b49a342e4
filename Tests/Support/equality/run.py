# SPDX-License-Identifier: Apache-2.0
"""Starts everything, runs each case on both ways, and says what differs."""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from podbench.errors import BenchError
from podbench.network import BRIDGE
from podbench.waiting import INTERRUPTED, ending, run_command, wait_until
from podbench.wire import Stream

from .compare import Seen, differences
from .mariadb import MariaDB
from .mesh import Mesh
from .network import elapsed
from .nginx import Nginx
from .peer import MEGABYTE, Case, Peer
from .plain import Plain
from .postgres import Postgres
from .redis import Redis
from .selfcheck import check_comparison, check_wire
from .smtp import Exim
from .ssh import SSH
from .wiretap import expect_sealed, watched

PEERS: list[type[Peer]] = [Nginx, Postgres, MariaDB, Redis, Exim, SSH]
RANDOM_BYTES = 3 * MEGABYTE + 12345
# LIMIT: a server that speaks first is heard within a second, by contract.
FIRST_BYTE_SECONDS = 1.0


@dataclass
class Options:
    """What to run."""

    build: Path
    large_bytes: int
    only: str


class Run:
    """A run's mesh and servers."""

    def __init__(self, world: Path, options: Options) -> None:
        self.mesh = Mesh(world, options.build)
        self._only = options.only
        # The same bytes each time, so that a failure can be repeated.
        content = random.Random(1).randbytes(RANDOM_BYTES)
        made = [
            kind(self.mesh.add_server(kind.name), self.mesh.scratch, content) for kind in PEERS
        ]
        plain = Plain(
            self.mesh.add_server(Plain.name), self.mesh.scratch, content,
            large_bytes=options.large_bytes,
        )
        self.peers: list[Peer] = [*made, plain]
        self._failures = 0

    def start(self) -> None:
        """Starts the servers side by side, then the proxies."""
        self.mesh.name_everything()
        with ThreadPoolExecutor(max_workers=4) as pool:
            list(pool.map(lambda peer: peer.start(self.mesh.authority), self.peers))
        self.mesh.start_proxies({peer.pod.name: peer.ports for peer in self.peers})

    def namespace_ids(self) -> list[str]:
        """All namespaces that are the run's, as the kernel names them."""
        own = [os.readlink(f"/proc/self/ns/{kind}") for kind in ("net", "mnt", "pid")]
        folders = [f"/proc/{pod.sandbox.pid}/ns" for pod in self.mesh.pods]
        return own + [
            os.readlink(f"{folder}/{kind}") for folder in folders for kind in ("net", "ipc", "uts")
        ]

    def check(self) -> int:
        """Runs every case; returns how many failed."""
        nginx = self.peers[0]
        self._try("self-check", "comparison", lambda: check_comparison(nginx.random))
        self._try("self-check", "wire", lambda: check_wire(self.mesh, nginx))
        for peer in self.peers:
            for port in peer.first:
                self._try(peer.name, "the server speaks first", lambda: self._first(peer, port))
            for case in peer.cases():
                self._try(peer.name, case.name, lambda: self._case(peer, case))
        return self._failures

    def _try(self, peer: str, name: str, body: Callable[[], str]) -> None:
        if self._only not in f"{peer}: {name}":
            return
        since = time.monotonic()
        word = "ok"
        try:
            result = body()
            for pod in self.mesh.pods:
                pod.check_proxy()
        except (BenchError, OSError, ValueError) as error:
            self._failures += 1
            result, word = str(error), "FAILED"
        took = elapsed(since)
        print(f"  {word}  {took:5.2f} s  {peer}: {name}; {result}", flush=True)

    def _first(self, peer: Peer, port: int) -> str:
        """The first bytes of a server that does not wait for its client."""
        clients = (self.mesh.direct, self.mesh.client, self.mesh.outside)
        times = []
        seen = []
        for client in clients:
            since = time.monotonic()
            with client.network.entered():
                connection = socket.create_connection((peer.host, port), timeout=10)
            with connection:
                seen.append({"first bytes": connection.recv(4)})
                times.append(elapsed(since))
            expect_same(seen[0], seen[-1], client.name)
            if times[-1] > FIRST_BYTE_SECONDS:
                raise BenchError(f"{client.name}: the first byte came after {times[-1]:.2f} s")
        text = [f"{client.name} {took * 1000:.1f}" for client, took in zip(clients, times)]
        return f"milliseconds to the first byte: {', '.join(text)}"

    def _case(self, peer: Peer, case: Case) -> str:
        seen: dict[str, Seen] = {}
        times: dict[str, float] = {}
        found: list[Stream] = []
        for client in (self.mesh.direct, self.mesh.client, self.mesh.outside):
            if case.is_large and client is self.mesh.outside:
                continue
            since = time.monotonic()
            if client is self.mesh.client:
                with watched(self.mesh, case.is_large) as found:
                    seen[client.name] = case.run(client.network)
                    self._wait_for_ends(peer)
            else:
                seen[client.name] = case.run(client.network)
                self._wait_for_ends(peer)
            times[client.name] = elapsed(since)
            expect_same(seen["direct"], seen[client.name], client.name)
            expect_seen(seen[client.name], case.expected, client.name)
        # What was seen counts before how it travelled.
        count = expect_sealed(found, peer.pod.address, self.mesh.client.address, case.is_large)
        text = ", ".join(f"{name} {took:.2f}" for name, took in times.items())
        return f"{text}; {count} connections, TLS 1.3 alone"

    def _wait_for_ends(self, peer: Peer) -> None:
        """Waits until nothing is left of the case: no proxy may keep a connection that is over."""
        networks = [self.mesh.client.network, self.mesh.outside.network, peer.pod.network]

        def left() -> list[str]:
            return [line for network in networks for line in network.open_connections()]

        try:
            wait_until("all connections to end", lambda: not left(), 5)
        except BenchError as error:
            raise BenchError(f"{error}: {'; '.join(left()[:4])}") from error


def expect_same(direct: Seen, other: Seen, client: str) -> None:
    """Nothing differs from what the client past all proxies saw."""
    if lines := differences("direct", direct, client, other):
        raise BenchError("; ".join(lines))


def expect_seen(seen: Seen, expected: Seen, client: str) -> None:
    """What has to be seen was."""
    wanted = {name: seen[name] for name in expected}
    if lines := differences("expected", expected, client, wanted):
        raise BenchError("; ".join(lines))


def end_at_once() -> None:
    """Ends the run when it is told to: as process 1 of the namespaces it takes all others along."""

    def watch() -> None:
        ending.wait()
        os._exit(INTERRUPTED)

    threading.Thread(target=watch, daemon=True, name="end").start()


def run_beside(run: Run, command: list[str]) -> int:
    """Runs a command beside the servers, with what it needs to find them."""
    variables = {"EQUALITY_WORLD": str(run.mesh.world), "EQUALITY_BRIDGE": BRIDGE}
    for name, pod in (("CLIENT", run.mesh.client), ("DIRECT", run.mesh.direct)):
        variables[f"EQUALITY_{name}"] = pod.network.file
    return run_command(command, variables)
