# SPDX-License-Identifier: Apache-2.0
"""ClientHellos, honest and not, as bytes."""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Callable, Iterable
from pathlib import Path

from .rawtls import context


def record(body: bytes) -> bytes:
    """A record of the handshake in the clear."""
    return b"\x16\x03\x01" + struct.pack(">H", len(body)) + body


def extension(kind: int, body: bytes) -> bytes:
    """One extension of a ClientHello (RFC 8446 section 4.2)."""
    return struct.pack(">HH", kind, len(body)) + body


def made_up(
    name: str,
    version: int = 0x0303,
    versions: tuple[int, ...] = (),
    suites: tuple[int, ...] = (0x1302, 0xC02B, 0xC02F, 0x009C, 0x002F),
    compressions: bytes = b"\0",
    shares: bytes = b"\x00\x1d\x00\x20\x09" + bytes(31),
) -> bytes:
    """A ClientHello of our own, in one record."""
    sni = struct.pack(">HBH", len(name) + 3, 0, len(name)) + name.encode()
    extensions = extension(0, sni)
    extensions += extension(10, b"\x00\x04\x00\x1d\x00\x17")
    extensions += extension(13, b"\x00\x06\x04\x03\x08\x04\x04\x01")
    if versions:
        listed = b"".join(struct.pack(">H", one) for one in versions)
        extensions += extension(43, bytes([len(listed)]) + listed)
        extensions += extension(51, struct.pack(">H", len(shares)) + shares)
    listed = b"".join(struct.pack(">H", one) for one in suites)
    body = struct.pack(">H", version) + bytes(32) + b"\0"
    body += struct.pack(">H", len(listed)) + listed
    body += bytes([len(compressions)]) + compressions
    body += struct.pack(">H", len(extensions)) + extensions
    return record(b"\x01" + struct.pack(">I", len(body))[1:] + body)


def split_records(hello: bytes, count: int) -> list[bytes]:
    """The same hello in records of so many bytes each."""
    body = hello[5:]
    return [record(body[at : at + count]) for at in range(0, len(body), count)]


class SlicedClient:
    """A good client whose first flight is cut as the caller likes."""

    def __init__(
        self,
        plain: socket.socket,
        folder: Path,
        name: str,
        cut: Callable[[bytes], Iterable[bytes]],
    ) -> None:
        self._plain = plain
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        made = context(folder, "web")
        self._session = made.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        first = True
        while True:
            try:
                self._session.do_handshake()
                break
            except ssl.SSLWantReadError:
                flight = self._outgoing.read()
                for piece in cut(flight) if first else [flight]:
                    plain.sendall(piece)
                first = False
                self._receive()
        plain.sendall(self._outgoing.read())

    def _receive(self) -> None:
        data = self._plain.recv(65536)
        if not data:
            raise ConnectionError("the other side has ended")
        self._incoming.write(data)

    def ask(self, data: bytes, count: int) -> bytes:
        """Sends, and waits for so many bytes."""
        self._session.write(data)
        self._plain.sendall(self._outgoing.read())
        heard = b""
        while len(heard) < count:
            try:
                heard += self._session.read(count - len(heard))
            except ssl.SSLWantReadError:
                self._receive()
        return heard


def ending(client: socket.socket, more: bytes = b"") -> str:
    """How the other side ends it while we send this: end, reset or silence."""
    try:
        if more:
            client.sendall(more)
        while client.recv(65536):
            pass
    except TimeoutError:
        return "silence"
    except OSError:
        return "reset"
    return "end"
