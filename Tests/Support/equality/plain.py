# SPDX-License-Identifier: Apache-2.0
"""Sockets alone: how connections begin and end, in every order, and how much passes."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator

from podbench.errors import BenchError

from .compare import Seen
from .large import BLOCK, Side, large_ways, read_all
from .network import Network
from .peer import Case, Peer

# LIMIT: how long one side waits for the other, in seconds.
SOCKET_SECONDS = 20.0
WRITES = 3000


def read_exactly(peer: socket.socket, count: int) -> bytes:
    """So many bytes; fewer are an error."""
    whole = bytearray()
    while len(whole) < count:
        piece = peer.recv(count - len(whole))
        if not piece:
            raise BenchError(f"the peer ended after {len(whole)} bytes of {count}")
        whole += piece
    return bytes(whole)


def reset(peer: socket.socket) -> None:
    """Breaks a connection off."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


class Plain(Peer):
    """A server of ours, whose every step is known."""

    name, package, ports = "plain", "python3", [7]

    def __init__(self, *arguments: object, large_bytes: int) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self._large_bytes = large_bytes
        with self.pod.network.entered():
            self._listener = socket.create_server(("0.0.0.0", 7))
        self._listener.settimeout(SOCKET_SECONDS)

    def start(self, authority: object) -> None:
        """It listens from the start."""

    def _talk(self, name: str, client: Side, server: Side, expected: Seen | None = None) -> Case:
        """A connection, of which each side returns what it saw."""

        def run(network: Network) -> Seen:
            seen: dict[str, bytes] = {}
            errors: list[BaseException] = []

            def serve() -> None:
                try:
                    peer, _ = self._listener.accept()
                    with peer:
                        peer.settimeout(SOCKET_SECONDS)
                        seen["server"] = server(peer)
                except (OSError, BenchError) as error:
                    errors.append(error)

            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            with network.entered():
                peer = socket.create_connection((self.host, 7), timeout=SOCKET_SECONDS)
            with peer:
                seen["client"] = client(peer)
            thread.join()
            if errors:
                raise BenchError(f"the server: {errors[0]}")
            return seen

        return Case(name, run, expected or {})

    def _half_close(self) -> Iterator[Case]:
        there, back = self.random, self.random[::-1]

        def first(peer: socket.socket, content: bytes) -> bytes:
            peer.sendall(content)
            peer.shutdown(socket.SHUT_WR)
            return read_all(peer)

        def last(peer: socket.socket, content: bytes) -> bytes:
            found = read_all(peer)
            peer.sendall(content)
            return found

        expected = {"server": there + b"<end>", "client": back + b"<end>"}
        yield self._talk(
            "half-close: the client ends first, the server answers then",
            lambda peer: first(peer, there), lambda peer: last(peer, back), expected,
        )
        yield self._talk(
            "half-close: the server ends first, the client answers then",
            lambda peer: last(peer, there), lambda peer: first(peer, back), expected,
        )
        yield self._talk(
            "half-close: without a byte of either",
            lambda peer: first(peer, b""), lambda peer: last(peer, b""),
            {"server": b"<end>", "client": b"<end>"},
        )

    def _resets(self) -> Iterator[Case]:
        def breaks(peer: socket.socket) -> bytes:
            peer.sendall(b"now")
            found = read_exactly(peer, 5)
            reset(peer)
            return found

        def sees(peer: socket.socket) -> bytes:
            found = read_exactly(peer, 3)
            peer.sendall(b"break")
            return found + read_all(peer)

        broken, seen = b"break", b"now<reset>"
        yield self._talk(
            "reset by the client", breaks, sees, {"client": broken, "server": seen}
        )
        yield self._talk(
            "reset by the server", sees, breaks, {"client": seen, "server": broken}
        )

        def breaks_after_end(peer: socket.socket) -> bytes:
            found = read_all(peer)
            peer.sendall(b"break")
            # The other side has to have it before the reset, which overtakes what is unsent.
            read_back.wait(SOCKET_SECONDS)
            read_back.clear()
            reset(peer)
            return found

        def sees_after_end(peer: socket.socket) -> bytes:
            peer.sendall(b"now")
            peer.shutdown(socket.SHUT_WR)
            found = read_exactly(peer, 5)
            read_back.set()
            return found + read_all(peer)

        read_back = threading.Event()
        ended, late = b"now<end>", b"break<reset>"
        yield self._talk(
            "the client ends, the server answers and resets", sees_after_end, breaks_after_end,
            {"client": late, "server": ended},
        )
        yield self._talk(
            "the server ends, the client answers and resets", breaks_after_end, sees_after_end,
            {"client": ended, "server": late},
        )

        connected = threading.Event()

        def leaves(peer: socket.socket) -> bytes:
            # A reset that comes sooner is an error of connecting.
            connected.wait(SOCKET_SECONDS)
            connected.clear()
            reset(peer)
            return b""

        def waits(peer: socket.socket) -> bytes:
            connected.set()
            return read_all(peer)

        yield self._talk(
            "reset by the server before a byte of either", waits, leaves, {"client": b"<reset>"}
        )

        def drops(peer: socket.socket) -> bytes:
            # Closing with bytes unread is a reset as well.
            read_exactly(peer, 1)
            return b""

        def pours(peer: socket.socket) -> bytes:
            try:
                for _ in range(64):
                    peer.sendall(self.random)
            except (ConnectionResetError, BrokenPipeError):
                return b"<broken>"
            return b"<all taken>"

        yield self._talk(
            "the server goes while the client sends", pours, drops, {"client": b"<broken>"}
        )
        yield self._talk(
            "the client goes while the server sends", drops, pours, {"server": b"<broken>"}
        )

    def _refusals(self) -> Iterator[Case]:
        """An answer to a part of what was sent, and a close with the rest unread."""

        def refuses(peer: socket.socket) -> bytes:
            found = read_exactly(peer, 1)
            peer.sendall(b"554 refused")
            # The kernel resets the connection behind the answer.
            peer.close()
            return found

        def pours(peer: socket.socket) -> bytes:
            try:
                for _ in range(64):
                    peer.sendall(self.random)
            except (ConnectionResetError, BrokenPipeError) as error:
                return type(error).__name__.encode() + b": " + read_exactly(peer, 11)
            return b"<all taken>"

        answer, first = b"ConnectionResetError: 554 refused", self.random[:1]
        yield self._talk(
            "the server answers and goes while the client sends", pours, refuses,
            {"client": answer, "server": first},
        )
        yield self._talk(
            "the client answers and goes while the server sends", refuses, pours,
            {"client": first, "server": answer},
        )

    def _writes(self) -> Iterator[Case]:
        sizes = [1 + n * 7919 % 97 for n in range(WRITES)]
        whole = self.random[: sum(sizes)]

        def trickle(peer: socket.socket) -> bytes:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            at = 0
            for size in sizes:
                peer.sendall(whole[at : at + size])
                at += size
            peer.shutdown(socket.SHUT_WR)
            return read_all(peer)

        expected = {"server": whole + b"<end>", "client": whole + b"<end>"}

        def answer(peer: socket.socket) -> bytes:
            found = read_all(peer)
            trickle(peer)
            return found

        yield self._talk(f"{WRITES} small writes each way", trickle, answer, expected)

        def ask(peer: socket.socket) -> bytes:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            found = b""
            for n in range(500):
                peer.sendall(whole[n : n + 1])
                found += read_exactly(peer, 2)
            return found

        def reply(peer: socket.socket) -> bytes:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            found = b""
            while byte := peer.recv(1):
                found += byte
                peer.sendall(byte * 2)
            return found

        doubled = bytes(byte for byte in whole[:500] for _ in range(2))
        yield self._talk(
            "500 questions of one byte, each answered by two", ask, reply,
            {"client": doubled, "server": whole[:500]},
        )

    def _large(self) -> Iterator[Case]:
        size = f"{-(-self._large_bytes // BLOCK)} MiB"
        for way, client, server, expected in large_ways(self.random, self._large_bytes):
            case = self._talk(f"{size} from {way}, by its hash", client, server, expected)
            case.is_large = True
            yield case

    def cases(self) -> Iterator[Case]:
        """How connections end, and how bytes are cut."""
        yield from self._half_close()
        yield from self._resets()
        yield from self._refusals()
        yield from self._writes()
        if self._large_bytes:
            yield from self._large()
