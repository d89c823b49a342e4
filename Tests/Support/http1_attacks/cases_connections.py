# SPDX-License-Identifier: Apache-2.0
"""Many connections, and many requests on one (cases 36 and 37)."""

from __future__ import annotations

import threading
import time

from attacks.outcome import AttackFailed, expect, wait_until

from .client import Client, Ended, get
from .scale import scaled
from .watch import Watch
from .world import World

# Of memory that the proxy may use for a client that waits between two requests.
IDLE_CONNECTION_BYTES_MAX = 8 << 10


def idle_horde() -> None:
    """Clients that stay after a request; what one costs is published."""
    count = scaled(1_500, 9_000)
    with World() as world, Watch(world, growth=count * 16 << 10):
        for side, target in world.sides().items():
            proxy = world.web if side == "outbound" else world.api
            before = proxy.resident_bytes()
            clients: list[Client] = []
            while len(clients) < count:
                few = [Client(target) for _ in range(20)]
                for client in few:
                    client.send(get("/horde"))
                for client in few:
                    expect(client.final().status == 200, "a request of the horde failed")
                clients += few
            wait_until("the pool is empty again", lambda: proxy.descriptors() < count + 60)
            each = (proxy.resident_bytes() - before) / count
            print(f"      {side}: {each / 1024:.1f} KiB for each of {count} idle clients")
            expect(each <= IDLE_CONNECTION_BYTES_MAX, f"{side}: {each:.0f} bytes a client")
            for client in clients:
                client.socket.close()
            wait_until("the horde is gone", lambda: proxy.open_connections() <= 4)


def idle_clients_are_ended() -> None:
    """Between two requests a client has its time, and is ended without a word."""
    with World(timeouts={"idle": "1s"}) as world, Watch(world, has_canary=False):
        for target in world.sides().values():
            with Client(target) as client:
                expect(client.get("/").status == 200, "the request failed")
                start = time.monotonic()
                expect(client.ending() == "end", "no clean end")
                took = time.monotonic() - start
                expect(0.8 < took < 3, f"ended after {took:.1f} s")


def deep_pipeline() -> None:
    """Thousands of requests sent ahead: each answered in turn, and little is kept meanwhile."""
    count = scaled(2_000, 10_000)
    with World() as world, Watch(world, growth=16 << 20):
        for target in world.sides().values():
            with Client(target, 30) as client:
                data = b"".join(get(f"/{number}") for number in range(count))
                sender = threading.Thread(target=client.send, args=(data,))
                sender.start()
                for number in range(count):
                    body = client.final().body
                    expect(body == f"GET /{number} 0".encode(), f"{number}: {body!r}")
                sender.join(5)


def unread_pipeline() -> None:
    """The same from a client that reads nothing: its requests wait with it, and its time ends."""
    count = 10_000
    with World(timeouts={"stall": "1s", "idle": "2s"}) as world, Watch(world, growth=16 << 20):
        for target in world.sides().values():
            with Client(target, 5, receives=1 << 16) as client:
                # As large as the responses that repeat them.
                data = b"".join(get(f"/{number}/" + "x" * 4_000) for number in range(count))
                try:
                    client.socket.sendall(data)
                    raise AttackFailed("40 MB were taken from a client that reads nothing")
                except TimeoutError as error:
                    raise AttackFailed("a client that reads nothing is not ended") from error
                except ConnectionError:
                    pass


def requests_behind_the_last() -> None:
    """After `Connection: close`, and after a refusal, nothing more is read."""
    with World() as world, Watch(world):
        for target in world.sides().values():
            for first in (
                get("/last", "Connection: close"),
                get("/last", "Connection: keep-alive, CLOSE"),
                b"GET /last HTTP/1.0\r\nHost: a\r\n\r\n",
                b"GET /bad HTTP/1.1\r\n\r\n",
            ):
                before = world.backend.count()
                with Client(target) as client:
                    client.send(first + get("/more") * 50)
                    client.final()
                    try:
                        client.final()
                        raise AssertionError("a request behind the last one was answered")
                    except Ended as how:
                        expect(str(how) == "end", f"ended by {how}")
                expect(world.backend.count() - before <= 1, "the server saw more than the last")
