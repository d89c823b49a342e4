# SPDX-License-Identifier: Apache-2.0
"""What an upgrade leads to (case 41): bytes both ways, ends in either order, no deadline."""

from __future__ import annotations

import hashlib
import socket
import threading
import time

from attacks.outcome import expect

from .backend import read_head
from .client import Client, get
from .scale import scaled
from .watch import Watch
from .world import World

UPGRADE = get("/chat", "Connection: upgrade", "Upgrade: websocket")
SWITCH = b"HTTP/1.1 101 Go\r\nx-backend: 1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"


def _open(target: tuple[str, int]) -> Client:
    client = Client(target, 20)
    response = client.ask(UPGRADE)
    expect(response.status == 101, f"answered {response.status}")
    expect(response.get("upgrade") == "websocket", "the client is not told the protocol")
    return client


def half_closes() -> None:
    """Either side may end first, and still gets what the other has to say."""

    def server_last(client: socket.socket) -> None:
        head = read_head(client)
        expect(b"upgrade: websocket" in head.lower(), "the server is not asked")
        client.sendall(SWITCH + b"early")
        heard = b""
        while part := client.recv(1 << 16):
            heard += part
        client.sendall(b"heard " + heard)

    def server_first(client: socket.socket) -> None:
        read_head(client)
        client.sendall(SWITCH + b"all")
        client.shutdown(socket.SHUT_WR)
        heard.append(b"")
        while part := client.recv(1 << 16):
            heard[-1] += part

    heard: list[bytes] = []
    with World() as world, Watch(world):
        for target in world.sides().values():
            world.backend.behaviour = server_last
            with _open(target) as client:
                client.send(b"hello")
                client.finish()
                expect(client.to_end() == b"earlyheard hello", "the server's last word is lost")
            world.backend.behaviour = server_first
            with _open(target) as client:
                expect(client.to_end() == b"all", "the server's word is lost")
                client.send(b"still here")
                client.finish()
                deadline = time.monotonic() + 3
                while (not heard or heard[-1] != b"still here") and time.monotonic() < deadline:
                    time.sleep(0.01)
                expect(heard[-1] == b"still here", f"the server heard {heard}")


def one_way() -> None:
    """Many bytes one way, each way, arrive as they were sent."""
    size = scaled(48 << 20, 1 << 30)
    block = bytes(range(256)) * 256
    wanted = hashlib.sha256()
    for _ in range(size // len(block)):
        wanted.update(block)

    def serve(client: socket.socket) -> None:
        read_head(client)
        client.sendall(SWITCH)
        digest = hashlib.sha256()
        while part := client.recv(1 << 18):
            digest.update(part)
        client.sendall(digest.digest())
        for _ in range(size // len(block)):
            client.sendall(block)

    with World() as world, Watch(world):
        world.backend.behaviour = serve
        with _open(world.outbound) as client:
            for _ in range(size // len(block)):
                client.send(block)
            client.finish()
            expect(client._exactly(32) == wanted.digest(), "the server got other bytes")
            digest = hashlib.sha256(client.rest)
            count = len(client.rest)
            while part := client.socket.recv(1 << 18):
                digest.update(part)
                count += len(part)
            expect(count == size, f"{count} of {size} bytes came")
            expect(digest.digest() == wanted.digest(), "the client got other bytes")


def idle_tunnels() -> None:
    """Deadlines of requests are none of a tunnel's."""

    def serve(client: socket.socket) -> None:
        read_head(client)
        client.sendall(SWITCH)
        while part := client.recv(1 << 16):
            client.sendall(part)

    short = {"head": "1s", "stall": "1s", "idle": "1s"}
    with World(timeouts=short) as world, Watch(world):
        world.backend.behaviour = serve
        clients = [_open(target) for target in world.sides().values() for _ in range(10)]
        time.sleep(2.5)
        for client in clients:
            client.send(b"cheep")
            expect(client._exactly(5) == b"cheep", "an idle tunnel was cut")
            client.socket.close()


def refused_upgrades() -> None:
    """A server that does not switch answers a request, and the connection goes on with others."""

    def serve(client: socket.socket) -> None:
        world.backend.record(client)

    with World() as world, Watch(world):
        world.backend.behaviour = serve
        for target in world.sides().values():
            with Client(target) as client:
                expect(client.ask(UPGRADE).body == b"GET /chat 0", "no answer")
                expect(client.get("/next").body == b"GET /next 0", "the connection is dead")
            # What is sent ahead of the answer is a request, unless it is a 101.
            with Client(target) as client:
                client.send(UPGRADE + get("/ahead"))
                expect(client.final().body == b"GET /chat 0", "no answer")
                expect(client.final().body == b"GET /ahead 0", "no answer to what was sent ahead")


def connect_tunnels() -> None:
    """CONNECT that a server accepts is a tunnel; what follows it is the tunnel's."""

    def serve(client: socket.socket) -> None:
        head = read_head(client)
        extra = head.partition(b"\r\n\r\n")[2]
        client.sendall(b"HTTP/1.1 200 OK\r\nx-backend: 1\r\n\r\n")
        heard = extra
        while part := client.recv(1 << 16):
            heard += part
        client.sendall(heard)

    request = b"CONNECT users-api:80 HTTP/1.1\r\nHost: users-api:80\r\n\r\n"
    with World() as world, Watch(world):
        world.backend.behaviour = serve
        for target in world.sides().values():
            # Whatever is first: the tunnel, its first bytes, or its end.
            for number in range(100):
                with Client(target) as client:
                    client.send(request + b"GET /smuggled HTTP/1.1\r\n\r\n")
                    if number % 3 == 1:
                        client.send(b"more")
                    if number % 3 == 2:
                        client.finish()
                    head = client._until(b"\r\n\r\n")
                    expect(head.startswith(b"HTTP/1.1 200"), f"{head!r}")
                    client.finish()
                    heard = client.to_end()
                    wanted = b"GET /smuggled HTTP/1.1\r\n\r\n" + b"more" * (number % 3 == 1)
                    expect(heard == wanted, f"{heard!r}")


def floods_of_tunnels() -> None:
    """Tunnels that are opened and dropped leave nothing behind."""

    def serve(client: socket.socket) -> None:
        read_head(client)
        client.sendall(SWITCH)
        while client.recv(1 << 16):
            pass

    with World() as world, Watch(world):
        world.backend.behaviour = serve

        def attack(target: tuple[str, int]) -> None:
            for _ in range(scaled(60, 5_000)):
                _open(target).socket.close()

        threads = [
            threading.Thread(target=attack, args=(target,)) for target in world.sides().values()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
