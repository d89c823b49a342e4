# SPDX-License-Identifier: Apache-2.0
"""Signals, and places for the log that take nothing."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import time
from collections.abc import Iterator

from .canary import Canary, sing
from .hello import ending
from .mesh import Mesh
from .outcome import AttackFailed, Skipped, expect, wait_until
from .proxy import OUTBOUND, Proxy, Settings
from .watch import Watch


def termination_with_a_thousand_open(count: int = 1000) -> None:
    """Both proxies get SIGTERM; all goes on, new connections too, until the clients have left."""
    with Mesh() as mesh:
        canary = Canary(mesh.connect)
        clients = [mesh.connect() for _ in range(count)]
        try:
            for client in clients:
                sing(client)
        except OSError as error:
            lines = [warning.line for proxy in mesh.proxies for warning in proxy.warnings()]
            raise AttackFailed(f"before the signal: {error}; {lines}") from error
        for proxy in mesh.proxies:
            os.kill(proxy.pid, signal.SIGTERM)
            wait_until("it is not ready", lambda: proxy.status("/ready") == 503)  # noqa: B023
        # The application shuts down too, and may need the network for that.
        for _ in range(30):
            with mesh.connect() as new:
                sing(new)
        for client in clients:
            sing(client)
        canary.end()
        for client in clients:
            client.close()
        for proxy in mesh.proxies:
            expect(proxy.process.wait(5) == 0, f"{proxy.name} left with an error")
            expect("all connections have ended" in proxy.log(), "connections were cut")


def termination_twice() -> None:
    """The second one hurries; what is cut must look cut."""
    with Mesh() as mesh:
        clients = [mesh.connect() for _ in range(50)]
        for client in clients:
            sing(client)
        start = time.monotonic()
        os.kill(mesh.web.pid, signal.SIGTERM)
        wait_until("it is not ready", lambda: mesh.web.status("/ready") == 503)
        sing(clients[0])
        os.kill(mesh.web.pid, signal.SIGTERM)
        expect(mesh.web.process.wait(3) == 0, "it left with an error")
        expect(time.monotonic() - start < 2, "it took its time")
        for client in clients:
            expect(ending(client) == "reset", "a cut connection looks whole")
        wait_until("the other proxy lets go", lambda: mesh.api.open_connections() == 0)
        expect(mesh.api.is_running(), "the other proxy has ended too")


def client_side_stopped(seconds: float = 2) -> None:
    """SIGSTOP and SIGCONT of the clients' proxy; who comes meanwhile waits as well."""
    with Mesh() as mesh, Watch(mesh, patience=seconds + 5):
        stopped(mesh, mesh.web, new=20, seconds=seconds)


def server_side_stopped(seconds: float = 2) -> None:
    """The same of the server's proxy. It may be too late for new connections: none are made."""
    with Mesh() as mesh, Watch(mesh, new=False, patience=seconds + 5):
        stopped(mesh, mesh.api, new=0, seconds=seconds)


def stopped(mesh: Mesh, proxy: Proxy, new: int, seconds: float) -> None:
    """What was on its way, and what is sent while the proxy stands still, arrives after that."""
    clients = [mesh.connect(seconds + 5) for _ in range(50)]
    for client in clients:
        sing(client)
    for client in clients[:25]:
        client.sendall(b"before ")
    os.kill(proxy.pid, signal.SIGSTOP)
    try:
        start = time.monotonic()
        for client in clients[25:]:
            client.sendall(b"before ")
        clients += [mesh.connect(seconds + 5) for _ in range(new)]
        for client in clients[50:]:
            client.sendall(b"before ")
        for client in clients:
            client.sendall(b"and after")
        time.sleep(max(0, start + seconds - time.monotonic()))
    finally:
        os.kill(proxy.pid, signal.SIGCONT)
    for client in clients:
        heard = b""
        while len(heard) < 16 and (part := client.recv(16 - len(heard))):
            heard += part
        expect(heard == b"before and after", f"heard {heard!r}")
        client.close()


def broken_pipes() -> None:
    """SIGPIPE by hand, and peers that are gone when they are written to."""
    with Mesh() as mesh, Watch(mesh):
        for _ in range(50):
            for proxy in mesh.proxies:
                os.kill(proxy.pid, signal.SIGPIPE)
            with mesh.connect() as client, contextlib.suppress(OSError):
                client.sendall(b"x" * 10_000)


@contextlib.contextmanager
def full_pipe() -> Iterator[int]:
    """A pipe that nobody reads, and that takes nothing more."""
    read, write = os.pipe()
    flags = fcntl.fcntl(write, fcntl.F_GETFL)
    fcntl.fcntl(write, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(write, bytes(4096))
    fcntl.fcntl(write, fcntl.F_SETFL, flags)
    try:
        yield write
    finally:
        os.close(read)
        os.close(write)


def provoke(proxy: Proxy, seconds: float) -> None:
    """Refusals of more than one cause, for so long: each second has its lines."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for port in (OUTBOUND, 4143):
            with contextlib.suppress(OSError):
                with socket.create_connection((proxy.ip, port), timeout=5) as client:
                    client.sendall(b"GET / HTTP/1.1\r\n\r\n")
                    client.recv(1)


def leaves(proxy: Proxy) -> None:
    """A log that takes nothing must not keep a proxy from leaving."""
    os.kill(proxy.pid, signal.SIGTERM)
    expect(proxy.process.wait(3) == 0, "it left with an error")


def full_pipes_for_its_words() -> None:
    """Nobody reads stdout and stderr."""
    with full_pipe() as report, full_pipe() as output:
        with Mesh(api=Settings(report=report, output=output)) as mesh:
            with Watch(mesh):
                provoke(mesh.api, 1)
                expect(mesh.api.refusals("inbound", "no_identity") > 10, "nothing to log")
            leaves(mesh.api)


def closed_pipe_for_its_words() -> None:
    """The reader of stderr has gone: each line would be SIGPIPE."""
    read, write = os.pipe()
    with Mesh(api=Settings(report=write)) as mesh:
        os.close(read)
        os.close(write)
        with Watch(mesh):
            provoke(mesh.api, 1)
        leaves(mesh.api)


def full_disk() -> None:
    """/dev/full says what a full disk says."""
    with open("/dev/full", "wb") as full:
        with Mesh(api=Settings(report=full.fileno(), output=full.fileno())) as mesh:
            with Watch(mesh):
                provoke(mesh.api, 1)
            leaves(mesh.api)


def full_file_system() -> None:
    """A log on a file system of one page."""
    needs_root()
    script = 'mount -t tmpfs -o size=4k none /mnt && exec "$@" 2>/mnt/log'
    wrapper = ["unshare", "--mount", "sh", "-c", script, "sh"]
    with Mesh(api=Settings(wrapper=wrapper)) as mesh:
        with Watch(mesh):
            for _ in range(3):
                provoke(mesh.api, 0.4)
        leaves(mesh.api)


def read_only_file_system() -> None:
    """Nothing can be written anywhere."""
    needs_root()
    script = 'mount -o remount,bind,ro / && ! touch /tmp/x 2>/dev/null && cd "$PWD" && exec "$@"'
    wrapper = ["unshare", "--mount", "sh", "-c", script, "sh"]
    with Mesh(api=Settings(wrapper=wrapper)) as mesh:
        with Watch(mesh):
            provoke(mesh.api, 1)
        leaves(mesh.api)


def needs_root() -> None:
    """For mounts in a namespace of one's own."""
    if os.geteuid() != 0:
        raise Skipped("it takes root")
