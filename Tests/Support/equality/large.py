# SPDX-License-Identifier: Apache-2.0
"""More bytes than anyone wants to keep: made while they are sent, and hashed while they are read."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable

from .compare import Seen

BLOCK = 1 << 20
# Stands in each block, so that it would be seen on the wire.
MARK = b"these bytes are not to be read on the way"

# One end of a connection: what it does, and what it saw.
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


class Generator:
    """Blocks of which each is another."""

    def __init__(self, random: bytes, count: int) -> None:
        self.count = count
        self._block = bytearray(random[:BLOCK])
        # So often that what a capture keeps of a packet would have it whole.
        for at in range(0, BLOCK, 128):
            self._block[at : at + len(MARK)] = MARK

    def run(self, take: Callable[[bytearray], None]) -> bytes:
        """Hands out all blocks, and returns their hash."""
        block, digest = bytearray(self._block), hashlib.sha256()
        for number in range(self.count):
            block[-8:] = number.to_bytes(8, "big")
            digest.update(block)
            take(block)
        return digest.digest()


def large_ways(random: bytes, size: int) -> list[tuple[str, Side, Side, Seen]]:
    """For each direction its name, both sides, and what they have to see."""
    generator = Generator(random, -(-size // BLOCK))

    def send(peer: socket.socket) -> bytes:
        digest = generator.run(peer.sendall)
        peer.shutdown(socket.SHUT_WR)
        return digest + read_all(peer)

    def take(peer: socket.socket) -> bytes:
        digest, count, space = hashlib.sha256(), 0, bytearray(BLOCK)
        while read := peer.recv_into(space):
            digest.update(memoryview(space)[:read])
            count += read
        peer.sendall(b"%d bytes" % count)
        return digest.digest() + b"<end>"

    digest = generator.run(lambda block: None)
    sender = digest + b"%d bytes<end>" % (generator.count * BLOCK)
    taker = digest + b"<end>"
    return [
        ("client to server", send, take, {"client": sender, "server": taker}),
        ("server to client", take, send, {"client": taker, "server": sender}),
    ]
