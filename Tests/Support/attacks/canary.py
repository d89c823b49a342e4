# SPDX-License-Identifier: Apache-2.0
"""Clients that do nothing odd, while another attacks."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

from .outcome import AttackFailed


def sing(client: socket.socket) -> float:
    """Five bytes there and back; how long that took."""
    start = time.monotonic()
    client.sendall(b"cheep")
    heard = b""
    while len(heard) < 5:
        part = client.recv(5 - len(heard))
        if not part:
            raise AttackFailed("the canary's connection has ended")
        heard += part
    if heard != b"cheep":
        raise AttackFailed(f"the canary heard {heard!r}")
    return time.monotonic() - start


class Canary:
    """Sings over one old connection, and now and then over a new one; all of it must be heard."""

    def __init__(self, connect: Callable[[], socket.socket], has_new: bool = True) -> None:
        self._connect = connect
        self._has_new = has_new
        self._old = connect()
        sing(self._old)
        self._stop = threading.Event()
        self._failure: str | None = None
        self.songs = 0
        self.slowest = 0.0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            while not self._stop.wait(0.02):
                self.slowest = max(self.slowest, sing(self._old))
                self.songs += 1
                if self._has_new and self.songs % 5 == 0:
                    with self._connect() as new:
                        sing(new)
        except (OSError, AttackFailed) as error:
            self._failure = f"after {self.songs} songs: {error!r}"

    def end(self) -> None:
        """Hears a few songs more, stops, and says what went wrong."""
        wanted = self.songs + 6
        until = time.monotonic() + 5
        while self.songs < wanted and not self._failure and time.monotonic() < until:
            time.sleep(0.01)
        self._stop.set()
        self._thread.join(10)
        self._old.close()
        if self._failure:
            raise AttackFailed(f"the canary fell silent {self._failure}")
        if self.songs < wanted:
            raise AttackFailed("the canary is stuck")
