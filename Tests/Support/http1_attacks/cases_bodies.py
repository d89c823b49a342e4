# SPDX-License-Identifier: Apache-2.0
"""Bodies that are slow, not wanted or not taken (cases 34, 35, 38 and 40)."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

from attacks.outcome import expect, wait_until

from .backend import read_head, read_head_and_answer
from .client import Client, get
from .watch import Watch
from .world import World

POST = get("/upload", "Content-Length: 1000", method="POST")


def slow_bodies() -> None:
    """Clients that stop in their body are told so; slow ones are not."""
    with World(timeouts={"stall": "1s"}) as world, Watch(world):
        for target in world.sides().values():
            clients = [Client(target) for _ in range(100)]
            start = time.monotonic()
            for client in clients:
                client.send(POST + b"x" * 10)
            with Client(target) as slow:
                slow.send(get("/slow", "Content-Length: 6", method="POST"))
                for _ in range(6):
                    time.sleep(0.22)
                    slow.send(b"x")
                expect(slow.final().status == 200, "a slow upload was cut")
            for client in clients:
                response = client.final()
                expect(response.status == 408, f"answered {response.status}")
                client.socket.close()
            took = time.monotonic() - start
            expect(took < 4, f"took {took:.1f} s")
        # The server must not take a request that was cut off for a whole one.
        wait_until("the server's side is closed", lambda: _all_ended(world))
        seen = [request for one in world.backend.recordings for request in one.requests("strict")]
        expect([one.target for one in seen] == [b"/slow"] * 2, f"the server saw {seen}")


def _all_ended(world: World) -> bool:
    return sum(not one.has_ended for one in world.backend.recordings) <= 1


def unread_responses() -> None:
    """Clients that take nothing of 64 MB: nothing piles up, and their time ends."""
    size = 64 << 20
    sent = [0]

    def serve(client: socket.socket) -> None:
        read_head(client)
        client.sendall(b"HTTP/1.1 200 OK\r\nx-backend: 1\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(size >> 16):
            client.sendall(bytes(1 << 16))
            sent[0] += 1 << 16

    with World(timeouts={"stall": "1s"}) as world, Watch(world, growth=24 << 20):
        world.backend.behaviour = serve
        for target in world.sides().values():
            clients = [Client(target, receives=1 << 16) for _ in range(12)]
            for client in clients:
                client.send(get("/large"))
            time.sleep(0.3)
            # One is the canary's.
            wait_until(
                "all are ended",
                lambda: max(one.open_connections() for one in world.proxies) <= 1,
            )
            for client in clients:
                expect(client.ending() == "reset", "a response that was cut off came whole")
                client.socket.close()
        # What the kernel's buffers took on the way is not the proxy's.
        expect(sent[0] < 24 * size / 2, f"{sent[0] >> 20} MB were sent for nobody")


def early_responses() -> None:
    """A server that answers before it has the request, and reads no further."""
    answered = b"HTTP/1.1 413 Too Large\r\nx-backend: 1\r\nContent-Length: 3\r\n\r\nbig"

    def serve(client: socket.socket) -> None:
        head = read_head(client)
        if head.startswith(b"GET"):
            return read_head_and_answer(client, head)
        client.sendall(answered)
        # It stays, to see whether anybody else's request comes here.
        with contextlib.suppress(OSError):
            while part := client.recv(1 << 16):
                strays.append(part)
        return None

    strays: list[bytes] = []
    body = bytes(40 << 20)
    with World() as world, Watch(world):
        world.backend.behaviour = serve
        for target in world.sides().values():
            with Client(target) as client:
                head = get("/early", f"Content-Length: {len(body)}", method="POST")
                sender = threading.Thread(target=client.send, args=(head + body,))
                sender.start()
                response = client.final()
                expect((response.status, response.body) == (413, b"big"), f"{response}")
                expect(response.get("connection") == "close", "it is not said that this is the end")
                client.finish()
                sender.join(5)
            with Client(target) as next_one:
                expect(next_one.get("/next").body == b"GET /next 0", "a wrong response")
        expect(not any(b"/next" in stray for stray in strays), "a request went among a body")


def expectations() -> None:
    """`Expect: 100-continue`: the server's word is passed on before the body is sent."""

    def serve(client: socket.socket) -> None:
        while True:
            head = read_head(client)
            expect(b"100-continue" in head.lower(), "the field was lost")
            client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = b""
            while len(body) < 5:
                body += client.recv(5)
            client.sendall(b"HTTP/1.1 200 OK\r\nx-backend: 1\r\nContent-Length: 5\r\n\r\n" + body)

    with World() as world, Watch(world):
        world.backend.behaviour = serve
        for target in world.sides().values():
            with Client(target) as client:
                for _ in range(3):
                    client.send(
                        get("/", "Expect: 100-continue", "Content-Length: 5", method="POST")
                    )
                    expect(client.response().status == 100, "no 100")
                    client.send(b"hello")
                    expect(client.final().body == b"hello", "another body")
