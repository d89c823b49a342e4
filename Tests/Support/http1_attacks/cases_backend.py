# SPDX-License-Identifier: Apache-2.0
"""Servers that answer badly (cases 38 and 39).

The client gets the response that is meant or an error, never a part that looks whole; and nobody
gets another one's: a connection on which more came than was asked for is not used again.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass

from attacks.outcome import AttackFailed, expect

from .backend import read_head, record_once, says
from .client import Client, Ended, Response, get
from .watch import Watch
from .world import World

OK = b"HTTP/1.1 200 OK\r\nx-backend: 1\r\n"
SECOND = OK + b"Content-Length: 4\r\n\r\nevil"


@dataclass(frozen=True)
class Bad:
    """A response, what the server does then, and what the client is to see: status and body."""

    what: str
    response: bytes
    status: int
    body: bytes | None = b""
    method: str = "GET"
    then: str = "close"
    is_reused: bool = False


def cut(what: str, response: bytes, then: str = "close") -> Bad:
    """A response that does not come whole: the client sees that."""
    return Bad(what, response, 0, None, then=then)


def refused(what: str, response: bytes, then: str = "stay") -> Bad:
    """One that is not passed on."""
    return Bad(what, response, 502, then=then)


def whole(what: str, response: bytes, body: bytes = b"hello", method: str = "GET") -> Bad:
    """One that is passed on, from a server whose connection is not used again."""
    status = int(response.split(b" ", 2)[1])
    return Bad(what, response, status, body, method, "stay")


GOOD = OK + b"Content-Length: 5\r\n\r\nhello"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
# Fills the proxy's buffer to its last byte.
FULL_HEAD = OK + b"Content-Length: 65480\r\n\r\n"
FULL_BODY = b"x" * 65_480
CONTINUE = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"

TABLE = [
    Bad("an ordinary one", GOOD, 200, b"hello", then="stay", is_reused=True),
    Bad("ordinary chunks", CHUNKED + b"5\r\nhello\r\n0\r\n\r\n", 200, b"hello", then="stay",
        is_reused=True),
    # More than was asked for.
    whole("bytes behind the body", GOOD + b"more"),
    whole("a second response behind the body", GOOD + SECOND),
    whole("a second response behind the chunks", CHUNKED + b"5\r\nhello\r\n0\r\n\r\n" + SECOND),
    whole("a second response behind a full buffer", FULL_HEAD + FULL_BODY + SECOND, FULL_BODY),
    whole("a body on 204", b"HTTP/1.1 204 No\r\nx-backend: 1\r\n\r\n" + SECOND, b""),
    whole(
        "a body on 304", b"HTTP/1.1 304 No\r\nx-backend: 1\r\nContent-Length: 5\r\n\r\nhello", b""
    ),
    whole("a body on HEAD", GOOD, b"", "HEAD"),
    whole("a response on HEAD", GOOD[:-5] + SECOND, b"", "HEAD"),
    # Less.
    cut("an end before Content-Length", GOOD[:-1]),
    cut("a reset before Content-Length", GOOD[:-1], "reset"),
    cut("an end in chunks", CHUNKED + b"5\r\nhello\r\n"),
    cut("an end in a chunk", CHUNKED + b"5\r\nhel"),
    cut("an end before the last line", CHUNKED + b"5\r\nhello\r\n0\r\n"),
    cut("a reset of a body without length", OK + b"\r\nhello", "reset"),
    Bad("an end of a body without length", OK + b"\r\nhello", 200, b"hello"),
    Bad(
        "an end of an HTTP/1.0 body", b"HTTP/1.0 200 OK\r\nx-backend: 1\r\n\r\nhello", 200, b"hello"
    ),
    refused("an end before the head", b"", "close"),
    refused("an end in the head", OK, "close"),
    refused("a reset before the head", b"", "reset"),
    # Chunks that end elsewhere for another reader.
    cut("chunk size with LF", CHUNKED + b"5\nhello\r\n0\r\n\r\n", "stay"),
    cut("chunk size with a blank", CHUNKED + b"5 \r\nhello\r\n0\r\n\r\n", "stay"),
    cut("chunk size of 17 digits", CHUNKED + b"10000000000000005\r\nhello\r\n0\r\n\r\n", "stay"),
    cut("chunk data without end", CHUNKED + b"5\r\nhello0\r\n\r\n", "stay"),
    cut("a trailer Content-Length", CHUNKED + b"0\r\nContent-Length: 5\r\n\r\n", "stay"),
    # Heads in doubt.
    refused("CL and TE", OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    refused("CL twice", OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
    refused("CL twice, unlike", OK + b"Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello"),
    refused("CL list", OK + b"Content-Length: 5, 5\r\n\r\nhello"),
    refused("CL negative", OK + b"Content-Length: -5\r\n\r\nhello"),
    refused("CL with plus", OK + b"Content-Length: +5\r\n\r\nhello"),
    refused("CL of 2^64", OK + b"Content-Length: 18446744073709551616\r\n\r\nhello"),
    refused("TE gzip", OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    refused(
        "TE twice", OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n"
    ),
    refused("TE in HTTP/1.0", b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    refused("CL with an underscore", OK + b"Content_Length: 5\r\n\r\nhello"),
    refused("lines that end with LF", b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"),
    refused("one line that ends with LF", OK + b"x: y\nContent-Length: 5\r\n\r\nhello"),
    refused("a bare CR", OK + b"x: y\rz\r\nContent-Length: 5\r\n\r\nhello"),
    refused("a folded field", OK + b"x: y\r\n z\r\nContent-Length: 5\r\n\r\nhello"),
    refused("a blank before the colon", OK + b"Content-Length : 5\r\n\r\nhello"),
    refused("a NUL", OK + b"x: \0\r\nContent-Length: 5\r\n\r\nhello"),
    refused("a field without a colon", OK + b"hello\r\n\r\n"),
    refused("a status of two digits", b"HTTP/1.1 20 OK\r\nContent-Length: 5\r\n\r\nhello"),
    refused("a status of four digits", b"HTTP/1.1 2000 OK\r\nContent-Length: 5\r\n\r\nhello"),
    refused("a status of 099", b"HTTP/1.1 099 OK\r\nContent-Length: 5\r\n\r\nhello"),
    refused("a status with a sign", b"HTTP/1.1 +20 OK\r\nContent-Length: 5\r\n\r\nhello"),
    refused("HTTP/2.0", b"HTTP/2.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
    refused("HTTP/0.9", b"hello, world\r\n"),
    refused("a NUL in the reason", b"HTTP/1.1 200 O\0K\r\nContent-Length: 5\r\n\r\nhello"),
    refused("a CR in the reason", b"HTTP/1.1 200 O\rK\r\nContent-Length: 5\r\n\r\nhello"),
    refused("a head of 2 MB", OK + (b"x: " + b"y" * 20_000 + b"\r\n") * 100 + b"\r\n"),
    refused("10,000 fields", OK + b"x: y\r\n" * 10_000 + b"\r\n"),
    # Interim responses.
    refused("101 that nobody asked for", b"HTTP/1.1 101 Go\r\nUpgrade: x\r\n\r\n"),
    refused("a flood of 1xx", CONTINUE * 10_000),
    Bad("twenty 1xx", CONTINUE * 20 + GOOD, 200, b"hello", then="stay", is_reused=True),
    refused("1xx and an end", CONTINUE, "close"),
]


def bad_responses() -> None:
    """Each from a server of its own, seen through both proxies and through one."""
    with World(pool_idle="100ms") as world, Watch(world):
        failures = []
        for bad in TABLE:
            for side, target in world.sides().items():
                try:
                    _one(world, bad, target)
                except (AttackFailed, OSError) as error:
                    failures.append(f"{side}: {bad.what}: {error}")
        expect(not failures, f"{len(failures)} of {2 * len(TABLE)}:\n" + "\n".join(failures))


def _one(world: World, bad: Bad, target: tuple[str, int]) -> None:
    world.backend.behaviour = says(bad.response, bad.then)
    with Client(target) as client:
        try:
            response = client.ask(get("/bad", method=bad.method), bad.method)
        except Ended as how:
            # An end could be taken for the end of the body.
            expect(str(how) == "reset", f"ended by {how}")
            response, client.rest = Response(0), b""
        expect(response.status == bad.status, f"answered {response.status} {response.fields}")
        if bad.body is not None and response.status != 502:
            expect(response.body == bad.body, f"got {response.body[:80]!r}")
        # Nothing may follow, whether or not the connection goes on.
        expect(client.rest == b"", f"{client.rest[:80]!r} follows")
    accepted = world.backend.accepted
    world.backend.behaviour = record_once
    with Client(target) as neighbour:
        response = neighbour.get("/next")
        if bad.is_reused:
            expect(response.body == bad.body, "the connection was not used again")
            expect(world.backend.accepted == accepted, "another connection was made")
        else:
            expect(response.body == b"GET /next 0", f"a neighbour got {response.body[:80]!r}")
            expect(world.backend.accepted == accepted + 1, "the connection was used again")
    if bad.is_reused:
        # The next row begins with a new one.
        time.sleep(0.3)


def late_extra_responses() -> None:
    """A response that comes while nobody waits for one is nobody's."""

    def serve(client: socket.socket) -> None:
        while True:
            read_head(client)
            client.sendall(GOOD)
            time.sleep(0.05)
            client.sendall(SECOND)

    with World(pool_idle="500ms") as world, Watch(world):
        world.backend.behaviour = serve
        for target in world.sides().values():
            with Client(target) as client:
                for _ in range(8):
                    expect(client.get("/").body == b"hello", "somebody else's response")
                    time.sleep(0.1)


def extra_records() -> None:
    """More than the response, in another TLS record of the same segment, is nobody's either."""
    with World() as world, Watch(world):
        peer = world.peer()
        for extra in (SECOND, b"x"):
            before = peer.accepted
            peer.records = [GOOD[:10], GOOD[10:], extra]
            for number in range(6):
                with world.to_peer() as client:
                    for _ in range(2):
                        body = client.get(f"/{number}").body
                        expect(body == b"hello", f"somebody else's response: {body!r}")
            made = peer.accepted - before
            # One may have been made before it was known that the destination speaks HTTP.
            expect(12 <= made <= 13, f"{made} connections for 12 requests")
        # Without more, a connection serves them all.
        before = peer.accepted
        peer.records = [GOOD[:10], GOOD[10:]]
        for number in range(6):
            with world.to_peer() as client:
                expect(client.get(f"/{number}").body == b"hello", "not the response")
        expect(peer.accepted - before <= 2, f"{peer.accepted - before} connections for 6 requests")
        peer.close()


def cut_behind_the_mesh() -> None:
    """A response up to the end of its connection is whole with close_notify alone (case 52).

    TCP's FIN is nobody's word: who is on the way could send it.
    """
    with World() as world, Watch(world):
        peer = world.peer()
        peer.records = [OK + b"\r\n", b"hello"]
        for ends_well in (True, False, True, False):
            peer.ends_well = ends_well
            with world.to_peer() as client:
                try:
                    body, how = client.get("/").body, "end"
                except Ended as ended:
                    body, how = client.rest, str(ended)
            wanted = "end" if ends_well else "reset"
            expect((body, how) == (b"hello", wanted), f"{body!r}, and then {how}, not {wanted}")
        peer.close()


def slow_responses() -> None:
    """A response that comes a byte at a time is passed on as it comes."""

    def serve(client: socket.socket) -> None:
        while True:
            read_head(client)
            for at in range(len(GOOD)):
                client.sendall(GOOD[at : at + 1])
                time.sleep(0.01)

    with World() as world, Watch(world):
        world.backend.behaviour = serve
        for target in world.sides().values():
            with Client(target) as client:
                for _ in range(2):
                    response = client.get("/")
                    expect(response.body == b"hello", f"{response}")
