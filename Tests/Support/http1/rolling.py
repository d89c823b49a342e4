# SPDX-License-Identifier: Apache-2.0
"""A rolling restart of both replicas under load, in which no request may fail.

The endpoints stay in the client's file all the while, as they do in a cluster until everybody has
heard that a pod leaves: the proxies have to hide it.
"""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from podbench.errors import BenchError
from podbench.loopback import is_listening
from podbench.waiting import wait_until

from .case import CaseError
from .mesh import HOST, PORTS, Mesh

PORT = PORTS["rolling"]
CLIENTS = 8
# LIMIT: for one replica to leave; seconds.
LEAVING_SECONDS = 6.0
# The proxies of the servers; half of it is how long they take connections.
GRACE = ("--grace", "2")
# How long a replica stays away, so that requests meet nobody there.
AWAY_SECONDS = 0.4

NGINX = """
daemon off; pid {folder}/{ip}.pid; error_log {folder}/{ip}.err; worker_processes 1;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 100000; client_body_temp_path {folder}/r1;
  proxy_temp_path {folder}/r2; fastcgi_temp_path {folder}/r3; uwsgi_temp_path {folder}/r4;
  scgi_temp_path {folder}/r5;
  server {{ listen {ip}:{port}; location / {{ return 200 "{ip} "; }} }}
}}
"""


@dataclass
class Load:
    """Clients that ask without pause, and what became of it."""

    address: tuple[str, int]
    methods: tuple[str, ...]
    answers: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0
    _ended: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Starts the clients."""
        self._threads = [
            threading.Thread(target=self._ask, args=(number,)) for number in range(CLIENTS)
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Lets them finish what they are at."""
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, client: int) -> None:
        connection = http.client.HTTPConnection(*self.address, timeout=5)
        number = 0
        while not self._ended.is_set():
            number += 1
            method = self.methods[(number + client) % len(self.methods)]
            body = f"{client} {number} ".encode() * 50 if method == "POST" else None
            start = time.monotonic()
            try:
                connection.request(method, f"/{number}", body, {"Host": HOST})
                answer = connection.getresponse()
                self._note(method, answer, answer.read(), body or b"", time.monotonic() - start)
            except (OSError, http.client.HTTPException) as error:
                self._fail(f"{method} {number}: {type(error).__name__}: {error}")
                connection.close()
            if number % 50 == 0:
                connection.close()
        connection.close()

    def _note(
        self, method: str, answer: http.client.HTTPResponse, data: bytes, body: bytes, took: float
    ) -> None:
        name, _, rest = data.partition(b" ")
        if answer.status != 200 or rest not in (body, b""):
            reason = answer.getheader("l5d-proxy-error")
            return self._fail(f"{method}: {answer.status} {reason} {data[:80]!r}")
        with self._lock:
            self.answers[name.decode()] += 1
            self.slowest = max(self.slowest, took)
        return None

    def _fail(self, what: str) -> None:
        with self._lock:
            self.failures.append(what)

    def served_by(self, name: str) -> int:
        """How many answers a replica has given."""
        with self._lock:
            return self.answers[name]


# Starts the application of a replica.
Application = Callable[[Mesh, str], subprocess.Popen[bytes]]


def python_replica(mesh: Mesh, ip: str) -> subprocess.Popen[bytes]:
    """The server of `replica.py`."""
    script = str(Path(__file__).with_name("replica.py"))
    return mesh.start(sys.executable, script, ip, str(PORT), ip, log=f"app-{ip}.log")


def nginx_replica(mesh: Mesh, ip: str) -> subprocess.Popen[bytes]:
    """nginx, which closes idle connections as soon as it is told to leave."""
    config = mesh.folder / f"nginx-{ip}.conf"
    config.write_text(NGINX.format(folder=mesh.folder, ip=ip, port=PORT))
    return mesh.start("/usr/sbin/nginx", "-c", str(config), "-p", str(mesh.folder), log="nginx.log")


def restart(
    mesh: Mesh, ip: str, load: Load, old: subprocess.Popen[bytes], start: Application, stop: int
) -> subprocess.Popen[bytes]:
    """Ends a replica as a pod's containers are ended, all at once, and starts it again."""
    proxy = mesh.proxies[ip]
    proxy.send_signal(signal.SIGTERM)
    old.send_signal(stop)
    try:
        codes = old.wait(LEAVING_SECONDS), proxy.wait(LEAVING_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise CaseError(f"{ip} does not leave: {error}") from error
    if codes != (0, 0):
        raise CaseError(f"{ip} ends with {codes}: {mesh.complaints()}")
    log = (mesh.folder / f"proxy-{ip}.log").read_text()
    if "were cut" in log:
        raise CaseError(f"the proxy of {ip} has cut connections: {log[-300:]}")
    before, others = load.served_by(ip), load.answers.total()
    time.sleep(AWAY_SECONDS)
    if load.served_by(ip) > before or load.answers.total() == others:
        raise CaseError("while one replica is away the other serves")
    app = start(mesh, ip)
    wait_until("the application", lambda: is_listening(ip, PORT), 5)
    mesh.start_proxy(ip, *GRACE)
    wait_until("the replica to serve again", lambda: load.served_by(ip) > before + 20, 5)
    return app


def roll(build: Path, start: Application, stop: int, methods: tuple[str, ...]) -> str:
    """Restarts both replicas in turn; returns what it has seen."""
    with Mesh(build, replicas=2, flags=GRACE) as mesh:
        apps = {ip: start(mesh, ip) for ip in mesh.server_ips}
        wait_until(
            "the applications", lambda: all(is_listening(ip, PORT) for ip in mesh.server_ips), 5
        )
        load = Load((mesh.client_ip, PORT), methods)
        load.start()
        try:
            wait_until(
                "both to serve", lambda: all(load.served_by(ip) > 20 for ip in mesh.server_ips), 5
            )
            for ip in mesh.server_ips:
                apps[ip] = restart(mesh, ip, load, apps[ip], start, stop)
        finally:
            load.end()
        if load.failures:
            shown = "\n  ".join(load.failures[:10])
            raise CaseError(
                f"{len(load.failures)} of {load.answers.total()} requests failed:\n  {shown}\n"
                + mesh.complaints()
            )
        return f"{load.answers.total()} requests, the slowest {load.slowest * 1000:.0f} ms"


def run(build: Path) -> int:
    """The exit code: 0 when no request has failed."""
    kinds = {
        "a server that says that it leaves": (python_replica, signal.SIGTERM, ("GET", "POST")),
        # It may drop a request that meets its end: no more than GET can be promised there.
        "nginx, GET": (nginx_replica, signal.SIGQUIT, ("GET",)),
    }
    failed = 0
    # Most of it is waiting, so that both take no longer than one.
    with ThreadPoolExecutor() as threads:
        runs = {name: threads.submit(roll, build, *kind) for name, kind in kinds.items()}
        for name, found in runs.items():
            try:
                print(f"  ok  rolling restart, {name}: {found.result()}", flush=True)
            except (CaseError, BenchError, OSError) as error:
                failed += 1
                print(f"FAIL  rolling restart, {name}: {error}", flush=True)
    return 1 if failed else 0
