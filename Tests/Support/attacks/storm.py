# SPDX-License-Identifier: Apache-2.0
"""Handshakes that are begun at a rate, by senders who compute nothing."""

from __future__ import annotations

import multiprocessing
import os
import socket
import struct
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

# A sender wakes so often, and begins all that are due.
PAUSE_SECONDS = 0.002
# At a time, so that one who is late still ends in time.
BURST_MAX = 200
# What stays open of each sender, in the middle of its handshake; the oldest leaves by a reset.
OPEN_MAX = 250
LEAVE_BY_RESET = struct.pack("ii", 1, 0)


class Fresh:
    """A ClientHello with random bytes, session and key share of its own each time."""

    def __init__(self, hello: bytes) -> None:
        self._hello = bytearray(hello)
        # The record's head has 5 bytes, the message's 4; then the version.
        self._places = [(11, 32)]
        if hello[43] == 32:
            self._places.append((44, 32))
        # The key share of X25519, of which any 32 bytes are one (RFC 7748 section 5).
        share = hello.rfind(b"\x00\x1d\x00\x20")
        if share > 0:
            self._places.append((share + 4, 32))

    def next(self) -> bytes:
        """One that nobody has sent."""
        for at, count in self._places:
            self._hello[at : at + count] = os.urandom(count)
        return bytes(self._hello)


@dataclass(frozen=True)
class Offered:
    """What came of a storm."""

    # Connections that the kernel made, and whose hello it took for the proxy.
    begun: int
    # Connections for which the listener's queue had no room.
    turned_away: int
    seconds: float

    @property
    def rate(self) -> float:
        """How many were begun a second."""
        return self.begun / self.seconds

    @property
    def tried_rate(self) -> float:
        """How many were tried a second."""
        return (self.begun + self.turned_away) / self.seconds


class Storm:
    """So many handshakes a second, from a few processes; `end` waits for them."""

    def __init__(
        self,
        target: tuple[str, int],
        hellos: Sequence[bytes],
        rate: float,
        seconds: float,
        processes: int = 2,
    ) -> None:
        forking = multiprocessing.get_context("fork")
        self._ends: list[Connection] = []
        for _ in range(processes):
            mine, theirs = forking.Pipe(duplex=False)
            words = (target, hellos, rate / processes, seconds, theirs)
            forking.Process(target=_send, args=words, daemon=True).start()
            theirs.close()
            self._ends.append(mine)

    def end(self) -> Offered:
        """What all of them came to, in the time of the slowest."""
        each = [end.recv() for end in self._ends]
        return Offered(
            begun=sum(one.begun for one in each),
            turned_away=sum(one.turned_away for one in each),
            seconds=max(one.seconds for one in each),
        )


def _send(
    target: tuple[str, int], hellos: Sequence[bytes], rate: float, seconds: float, end: Connection
) -> None:
    fresh = [Fresh(hello) for hello in hellos]
    kept: deque[socket.socket] = deque()
    begun = turned_away = 0
    start = time.monotonic()
    while (elapsed := time.monotonic() - start) < seconds:
        tried = begun + turned_away
        for number in range(tried, min(tried + BURST_MAX, int(elapsed * rate))):
            client = _begin(target, fresh[number % len(fresh)].next())
            if client is None:
                turned_away += 1
                continue
            begun += 1
            # Half of them leave at once, and half stay to be answered.
            if number % 2:
                kept.append(client)
            else:
                client.close()
            if len(kept) > OPEN_MAX:
                kept.popleft().close()
        time.sleep(PAUSE_SECONDS)
    seconds = time.monotonic() - start
    for client in kept:
        client.close()
    end.send(Offered(begun, turned_away, seconds))


def _begin(target: tuple[str, int], hello: bytes) -> socket.socket | None:
    """Connects and sends; None when the kernel does not take it at once.

    Over the loopback interface a connection is made before `connect` returns, or has to wait for
    room in the listener's queue.
    """
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LEAVE_BY_RESET)
    client.setblocking(False)
    try:
        client.connect_ex(target)
        if client.send(hello) == len(hello):
            return client
    except OSError:
        pass
    client.close()
    return None
