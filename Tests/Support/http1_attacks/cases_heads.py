# SPDX-License-Identifier: Apache-2.0
"""Heads that are too large or too slow (cases 31 to 33)."""

from __future__ import annotations

import time

from attacks.outcome import expect

from .client import Client, Ended, get, trickle
from .scale import scaled
from .watch import Watch
from .world import World


def large_heads() -> None:
    """Refused by name of the limit, at once, and without being kept."""
    rows: list[tuple[str, bytes, int, str]] = [
        ("a field of 80 KB", get("/", "X: " + "a" * 80_000), 431, "65536"),
        ("10,000 fields", get("/", *(f"x-{at}: y" for at in range(10_000))), 431, "256"),
        ("a head of 2 MB", get("/", *(f"x-{at}: " + "y" * 20_000 for at in range(100))), 431, ""),
        ("a name of 70 KB", get("/", "a" * 70_000 + ": y"), 431, "65536"),
        ("a target of 8 KB", get("/" + "a" * 8_000), 200, ""),
        ("a target of 33 KB", get("/" + "a" * 33_000), 414, "32768"),
        ("a target of 1 MB", get("/" + "a" * 1_000_000), 414, "32768"),
        ("trailers of 32 KB", _trailers(32), 400, "16384"),
        ("a head of 60 KB", get("/", *(f"x-{at}: " + "y" * 1_000 for at in range(59))), 200, ""),
    ]
    with World() as world, Watch(world):
        for what, request, status, words in rows:
            for side, target in world.sides().items():
                with Client(target) as client:
                    response = client.ask(request)
                expect(response.status == status, f"{side}: {what}: {response.status}")
                reason = response.get("l5d-proxy-error") or ""
                expect(words in reason, f"{side}: {what}: {reason}")
        expect(not world.backend.doubts(), "\n".join(world.backend.doubts()))


def _trailers(count: int) -> bytes:
    head = get("/", "Transfer-Encoding: chunked", method="POST")
    return head + b"0\r\n" + (b"x: " + b"y" * 1_000 + b"\r\n") * count + b"\r\n"


def costly_heads() -> None:
    """No head of a size takes ten times the processor of an ordinary one of that size."""
    size = 56_000
    ordinary = get("/", *(f"x-{at}: " + "y" * (size // 200 - 10) for at in range(200)))
    fields = [f"x-{at}: y" for at in range(200)]
    rows = {
        "Connection names thousands": get(
            "/", "Connection: " + "a," * (size // 2 - 2_000), *fields
        ),
        "Connection is commas": get("/", "Connection: " + "," * (size - 4_000) + "b", *fields),
        "many Connections": get("/", *["Connection: " + "a," * 125] * 220, *fields[:20]),
        "many Upgrades": get(
            "/", "Connection: upgrade", *["Upgrade: " + "a/1," * 60] * 220, *fields[:20]
        ),
        "all is blanks": get("/", *["x:" + " " * 240 + "y" + " " * 20] * 200),
    }
    with World() as world, Watch(world), world.client() as client:
        usual = _cost(world, client, ordinary)
        for what, request in rows.items():
            with world.client() as another:
                cost = _cost(world, another, request)
            print(f"      {what}: {cost / usual:.1f} times the processor of an ordinary head")
            expect(cost < 10 * usual, f"{what}: {cost:.4f} s a request, usually {usual:.4f} s")


def _cost(world: World, client: Client, request: bytes) -> float:
    """Seconds of the first proxy's processor for one request."""
    before = world.web.processor_seconds()
    count = 0
    for _ in range(20):
        try:
            client.ask(request)
            count += 1
        except Ended:
            break
        if not client.rest and count and client.socket.fileno() < 0:
            break
    # A refusal ends the connection: what one costs is what counts.
    return (world.web.processor_seconds() - before) / max(count, 1)


def slow_heads() -> None:
    """Heads that come a byte at a time: ended when their time is over, not before."""
    head = get("/slow", *(f"x-{at}: y" for at in range(30)))
    count = scaled(60, 4_000)
    with World(timeouts={"head": "1s"}) as world, Watch(world):
        start = time.monotonic()
        clients = []
        for target in world.sides().values():
            with Client(target) as first:
                expect(first.get("/first").status == 200, "a request failed")
            for _ in range(count):
                clients.append(Client(target))
                clients[-1].send(head[:1])
        for at in range(1, 5):
            for client in clients:
                client.send(head[at : at + 1])
            time.sleep(0.1)
        # One that goes on, and on.
        with world.client() as steady:
            expect(trickle(steady, head, 0.02), "a head took three seconds")
        for client in clients:
            response = client.final()
            expect(response.status == 408, f"answered {response.status}")
            expect(client.ending() == "end", "no clean end")
            client.socket.close()
        took = time.monotonic() - start
        expect(1 <= took < scaled(5, 30), f"ended after {took:.1f} s")
        for target in world.sides().values():
            with Client(target) as patient:
                expect(not trickle(patient, get("/quick"), 0.01), "an honest head was cut")
                expect(patient.final().status == 200, "an honest head was refused")


def slow_first_lines() -> None:
    """Who stops in the first line is taken for no other protocol, whose bytes would pass unread."""
    spoof = b"T / HTTP/1.1\r\nHost: users-api\r\nl5d-client-id: evil\r\n\r\n"
    starts = [b"GET ", b"GET /x", b"POST /x HT", b"\r\nDELETE /", b"GET\t/"]
    with World(timeouts={"head": "1s"}) as world, Watch(world):
        clients = [(Client(target), start) for target in world.sides().values() for start in starts]
        for client, start in clients:
            client.send(start)
        members = [world.member() for _ in starts]
        for member, start in zip(members, starts, strict=True):
            member.send(member.header + start)
        for client, start in [*clients, *zip(members, starts, strict=True)]:
            response = client.final()
            # What is wrong already need not be waited for to its end.
            wanted = 400 if b"\t" in start else 408
            expect(response.status == wanted, f"{start!r}: answered {response.status}")
            client.send(spoof)
            expect(client.ending() == "end", f"{start!r}: no clean end")
            client.socket.close()
        expect(not any(one.data for one in world.backend.recordings), "the server saw some of it")


def heads_in_pieces() -> None:
    """A head may come in pieces, wherever it is cut: each has its whole time."""
    request = get("/pieces", "X: " + "y" * 40)
    with World(timeouts={"head": "3s"}) as world, Watch(world):
        for at in range(1, len(request), 7):
            clients = [world.client(), world.stranger()]
            members = [world.member(), world.member()]
            for client in clients:
                client.send(request[:at])
            members[0].send(members[0].header + request[:at])
            members[1].send(members[1].header)
            members[1].send(request[:at])
            time.sleep(0.06)
            for client in [*clients, *members]:
                client.send(request[at:])
                response = client.final()
                expect(response.body == b"GET /pieces 0", f"cut at {at}: {response}")
                client.socket.close()
