# SPDX-License-Identifier: Apache-2.0
"""Sockets alone: how connections begin and end, in every order, and how much passes."""

from __future__ import annotations

import hashlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator

from podbench.errors import BenchError

from .compare import Seen
from .network import Network
from .peer import Case, Peer

# LIMIT: how long one side waits for the other, in seconds.
SOCKET_SECONDS = 20.0
BLOCK = 1 << 20
WRITES = 3000
# Stands in each block of what is large, so that it would be seen on the wire.
MARK = b"these bytes are not to be read on the way"

Side = Callable[[socket.socket], bytes]


def read_all(peer: socket.socket) -> bytes:
    """All bytes, and how they ended: that a break is not taken for an end is what counts."""
    whole = bytearray()
    try:
        while piece := peer.recv(BLOCK):
            whole += piece
    except ConnectionResetError:
        return bytes(whole) + b"<reset>"
    return bytes(whole) + b"<end>"


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
        blocks = -(-self._large_bytes // BLOCK)
        block = bytearray(self.random[:BLOCK])
        # So often that what a capture keeps of a packet would have it whole.
        for at in range(0, BLOCK, 128):
            block[at : at + len(MARK)] = MARK

        def send(peer: socket.socket) -> bytes:
            own, digest = bytearray(block), hashlib.sha256()
            for number in range(blocks):
                own[-8:] = number.to_bytes(8, "big")
                digest.update(own)
                peer.sendall(own)
            peer.shutdown(socket.SHUT_WR)
            return digest.digest() + read_all(peer)

        def take(peer: socket.socket) -> bytes:
            digest, count, space = hashlib.sha256(), 0, bytearray(BLOCK)
            while size := peer.recv_into(space):
                digest.update(memoryview(space)[:size])
                count += size
            peer.sendall(b"%d bytes" % count)
            return digest.digest() + b"<end>"

        sent = hashlib.sha256()
        for number in range(blocks):
            block[-8:] = number.to_bytes(8, "big")
            sent.update(block)
        sender = sent.digest() + b"%d bytes<end>" % (blocks * BLOCK)
        taker = sent.digest() + b"<end>"
        size = f"{blocks} MiB"
        for name, client, server, expected in (
            ("client to server", send, take, {"client": sender, "server": taker}),
            ("server to client", take, send, {"client": taker, "server": sender}),
        ):
            case = self._talk(f"{size} from {name}, by its hash", client, server, expected)
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
