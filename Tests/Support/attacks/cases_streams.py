# SPDX-License-Identifier: Apache-2.0
"""Connections that end in every way, servers that speak first, and too few descriptors."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import socket
import struct
import termios
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from .hello import ending
from .mesh import API, WEB, Mesh
from .outcome import expect, wait_until
from .proxy import INBOUND, OUTBOUND, SERVICE, Identity, Proxy, Settings, loopback_address
from .watch import Watch

Handler = Callable[[socket.socket], None]


class Server:
    """An application of a case's own: each connection on a thread."""

    def __init__(self, handle: Handler, port: int = 0) -> None:
        self._listener = socket.create_server(("127.0.0.1", port), backlog=4096)
        self._handle = handle
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    def _run(self) -> None:
        while True:
            client, _ = self._listener.accept()
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self._handle(client)


def reset(client: socket.socket) -> None:
    """Leaves with RST."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def edge(mesh: Mesh, application: str) -> Proxy:
    """A proxy that takes meshed and plain clients, in front of an application."""
    return mesh.start(
        "edge",
        Settings(
            identity=Identity(API, "api"), policy="all-unauthenticated", forward_to=application
        ),
    )


def client_proxy(mesh: Mesh, server: Server) -> Proxy:
    """One more proxy of a client, for another server behind the same proxy of the mesh's."""
    endpoint = f"{mesh.api.ip}:{server.port}"
    return mesh.start("other", Settings(identity=Identity(WEB, "web"), endpoints=[(endpoint, API)]))


def who_speaks_first() -> None:
    """A server's greeting comes within a second, whatever the client says, or does not say."""
    firsts = {
        "nothing": b"", "a letter": b"E", "a byte as of TLS": b"\x16", "two": b"\x16\x03",
        "three": b"\x16\x03\x01", "no TLS after all": b"\x16\x03not TLS", "PRI": b"PRI",
        "the start of HTTP/2": b"PRI * HTTP/2.0\r\n", "a NUL": b"\0", "half a line": b"GET / HT",
    }
    heard: dict[bytes, int] = {}

    def greet(client: socket.socket) -> None:
        client.sendall(b"220 hello\r\n")
        while data := client.recv(4096):
            heard[data] = heard.get(data, 0) + 1
        client.close()

    def speak(proxy: Proxy, what: str, first: bytes) -> None:
        start = time.monotonic()
        with socket.create_connection((proxy.ip, INBOUND), timeout=5) as client:
            client.sendall(first)
            expect(client.recv(64) == b"220 hello\r\n", f"no greeting after {what}")
            took = time.monotonic() - start
            expect(took <= 1, f"the greeting after {what} took {took:.2f} s")
            client.shutdown(socket.SHUT_WR)
            expect(ending(client) == "end", f"no end after {what}")
            if first:
                wait_until(f"{what} arrives", lambda: first in heard)

    with Mesh() as mesh:
        proxy = edge(mesh, Server(greet).address)
        with Watch(mesh), ThreadPoolExecutor(len(firsts)) as pool:
            said = [pool.submit(speak, proxy, what, first) for what, first in firsts.items()]
            for one in said:
                one.result()


def silent_clients() -> None:
    """A client that connects and leaves without a byte, by an end or a reset."""
    with Mesh() as mesh:
        proxy = edge(mesh, mesh.echo.address)
        with Watch(mesh):
            for _ in range(100):
                with socket.create_connection((proxy.ip, INBOUND), timeout=5) as client:
                    client.shutdown(socket.SHUT_WR)
                    expect(ending(client) == "end", "no end for a silent client")
                reset(socket.create_connection((proxy.ip, INBOUND), timeout=5))
            wait_until("all are closed", lambda: proxy.open_connections() == 0)


def half_closes() -> None:
    """Both orders, many at once: what was said arrives, and then the end."""
    with Mesh() as mesh, Watch(mesh):
        clients = [mesh.connect() for _ in range(150)]
        for client in clients:
            client.sendall(b"x" * 1000)
            client.shutdown(socket.SHUT_WR)
        for client in clients:
            got = b""
            while part := client.recv(4096):
                got += part
            expect(got == b"x" * 1000, f"{len(got)} of 1000 bytes came back")
            client.close()


def resets_in_the_middle() -> None:
    """Clients that leave by a reset while bytes are on their way, at several moments."""
    with Mesh() as mesh, Watch(mesh):
        before = mesh.echo.accepted
        for size in (0, 1, 1000, 200_000):
            clients = [mesh.connect() for _ in range(40)]
            for client in clients:
                client.settimeout(0.2)
                with contextlib.suppress(OSError):
                    client.sendall(b"x" * size)
            for number, client in enumerate(clients):
                if size and number % 2:
                    client.settimeout(5)
                    client.recv(1)
                reset(client)
        wait_until(
            "the application hears of all",
            lambda: len(mesh.echo.endings) >= mesh.echo.accepted - 2,
        )
        # Some are gone before their proxy has connected them.
        expect(mesh.echo.accepted - before >= 60, "too few have arrived")


class Holder:
    """A server that hears its clients to their end, and says nothing."""

    def __init__(self) -> None:
        self.held: list[socket.socket] = []
        self.heard: list[bytes] = []
        self.server = Server(self._hold)

    def _hold(self, client: socket.socket) -> None:
        data = b""
        while part := client.recv(4096):
            data += part
        self.heard.append(data)
        self.held.append(client)


def goodbyes(proxy: Proxy, holder: Holder) -> list[socket.socket]:
    """A hundred clients that have said all, and whom the server has heard."""
    clients = [socket.create_connection((proxy.ip, SERVICE), timeout=5) for _ in range(100)]
    for client in clients:
        client.sendall(b"goodbye")
        client.shutdown(socket.SHUT_WR)
    wait_until("the server hears the end of all", lambda: len(holder.held) == len(clients))
    expect(set(holder.heard) == {b"goodbye"}, "not all was heard")
    return clients


def resets_behind_an_end() -> None:
    """Clients that said all, end, and are then gone; a server that says nothing must not keep them.

    Their proxy hears of it; the server's proxy has to be told.
    """
    with Mesh() as mesh:
        holder = Holder()
        other = client_proxy(mesh, holder.server)
        with Watch(mesh):
            for client in goodbyes(other, holder):
                reset(client)
            wait_until("their proxy lets go", lambda: other.open_connections() == 0)
            wait_until("the server's proxy lets go", lambda: mesh.api.open_connections() <= 2)
            for client in holder.held:
                expect(is_broken(client), "the server was not told")
                client.close()


def half_closed_pile() -> None:
    """Clients that close without a reset, which TCP cannot tell from a half-close (FIN-WAIT-2).

    The server may still answer, so that they are held; each costs a proxy two descriptors and no
    more, and they go when the server does, or at the limit for half-closed connections.
    """
    with Mesh() as mesh:
        holder = Holder()
        other = client_proxy(mesh, holder.server)
        with Watch(mesh):
            before = {proxy.name: proxy.descriptors() for proxy in mesh.proxies}
            for client in goodbyes(other, holder):
                client.close()
            for proxy in (other, mesh.api):
                more = proxy.descriptors() - before[proxy.name]
                expect(200 <= more <= 206, f"{proxy.name} has {more} more for 100 connections")
            for client in holder.held:
                client.close()


def send_on(client: socket.socket) -> None:
    """A long request, until nobody takes it."""
    with contextlib.suppress(OSError):
        for _ in range(200):
            client.sendall(b"y" * 65_536)


def is_broken(client: socket.socket) -> bool:
    """Whether nobody would get what is sent now."""
    try:
        client.sendall(b"x")
    except OSError:
        return True
    return False


def early_answers() -> None:
    """A server that answers, leaves, and resets a client that goes on: the answer must arrive."""
    answer = b"HTTP/1.1 413 Content Too Large\r\n\r\n" + b"x" * 100_000

    def refuse(client: socket.socket) -> None:
        client.recv(10)
        client.sendall(answer)
        client.shutdown(socket.SHUT_WR)
        # What its peer's kernel has not taken yet, a reset would overtake.
        while struct.unpack("i", fcntl.ioctl(client, termios.TIOCOUTQ, bytes(4)))[0]:
            time.sleep(0.001)
        reset(client)

    with Mesh() as mesh:
        other = client_proxy(mesh, Server(refuse))
        with Watch(mesh):
            for _ in range(20):
                with socket.create_connection((other.ip, SERVICE), timeout=5) as client:
                    sender = threading.Thread(target=send_on, args=(client,), daemon=True)
                    sender.start()
                    got = b""
                    with contextlib.suppress(OSError):
                        while part := client.recv(65536):
                            got += part
                    sender.join(5)
                    expect(got == answer, f"{len(got)} of {len(answer)} bytes arrived")


LIMITED = ["prlimit", "--nofile=64"]


def few_descriptors() -> None:
    """64 of them, and 200 clients: what is open goes on, the others wait, and nothing spins."""
    with Mesh(web=Settings(wrapper=LIMITED)) as mesh:
        with Watch(mesh, new=False):
            outnumber(mesh.web, [mesh.connect() for _ in range(200)])
            # Those that found no descriptor for their server have been refused.
            wait_until(
                "all have had their turn",
                lambda: mesh.web.metric("tcp_open_total", direction="outbound", peer="src")
                + mesh.web.refusals("outbound", "i/o") >= 200,
            )
        says_so_now_and_then(mesh.web, SERVICE)
        serves_again(mesh)


def few_descriptors_of_the_server() -> None:
    """The same at the inbound port, where strangers come who say nothing."""
    with Mesh(api=Settings(wrapper=LIMITED)) as mesh:
        with Watch(mesh, new=False):
            outnumber(mesh.api, [mesh.to_inbound() for _ in range(200)])
            wait_until(
                "all have had their turn",
                lambda: mesh.api.refusals("inbound", "no_identity") == 200,
            )
        says_so_now_and_then(mesh.api, INBOUND)
        serves_again(mesh)


def outnumber(proxy: Proxy, clients: list[socket.socket]) -> None:
    """Keeps more clients than the proxy has descriptors for, and lets them go."""
    time.sleep(0.3)
    before = proxy.processor_seconds()
    time.sleep(0.5)
    used = proxy.processor_seconds() - before
    expect(used < 0.025, f"{used} s of processor time in half a second")
    for client in clients:
        client.close()


def says_so_now_and_then(proxy: Proxy, port: int) -> None:
    """Its log has a line about descriptors, and at most one a second; each listener has its own."""
    lines = [line for line in proxy.log().splitlines() if "cannot accept" in line]
    times = [float(line[1 : line.index("s]")]) for line in lines if f":{port}" in line]
    expect(bool(times), "nothing is said of descriptors")
    apart = min((after - time for time, after in itertools.pairwise(times)), default=1.0)
    expect(apart > 0.9, f"{apart} s between two lines about descriptors")


def serves_again(mesh: Mesh) -> None:
    """As if nothing had been."""
    with mesh.connect() as client:
        client.sendall(b"again")
        expect(client.recv(5) == b"again", "no service after that")


def ways_back() -> None:
    """A service whose endpoint is a listener of the proxy's own: two hops, and it ends."""
    with Mesh() as mesh:
        ways = []
        for number, port in enumerate((SERVICE, OUTBOUND, INBOUND)):
            for form in ("{}:{}", "[::ffff:{}]:{}"):
                ip = loopback_address()
                settings = Settings(
                    identity=Identity(WEB, "web"), endpoints=[(form.format(ip, port), None)], ip=ip
                )
                ways.append(mesh.start(f"way-{number}-{len(form)}", settings))
        with Watch(mesh):
            for proxy in ways:
                start = time.monotonic()
                with socket.create_connection((proxy.ip, SERVICE), timeout=5) as client:
                    client.sendall(b"round and round")
                    expect(ending(client) == "reset", f"{proxy.name} bears a loop")
                took = time.monotonic() - start
                expect(took < 1, f"{proxy.name} took {took:.2f} s to find the loop")
                hops = proxy.metric("tcp_open_total", peer="src")
                expect(hops <= 2, f"{proxy.name} met itself {hops} times")
                counted = sum(proxy.refusals(side, "loop") for side in ("inbound", "outbound"))
                expect(counted >= 1, f"{proxy.name} counts no loop")
