# SPDX-License-Identifier: Apache-2.0
"""Requests at a steady rate over old connections and new ones, none of which may be lost."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

from .outcome import expect

# What is wanted a second, and what has to come of it beside two other cases.
RATE, RATE_MIN = 1500, 1000
OLD, NEW = 42, 3


class Load:
    """A round of requests every so often: one on each old connection, one on each of a few new."""

    def __init__(self, connect: Callable[[], socket.socket]) -> None:
        self._connect = connect
        self._stop = threading.Event()
        self._count = 0
        self._failure = ""
        self._start = time.monotonic()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            old = [self._connect() for _ in range(OLD)]
            self._start = time.monotonic()
            while not self._stop.is_set():
                new = [self._connect() for _ in range(NEW)]
                self._ask(old + new)
                for client in new:
                    client.close()
                due = self._start + self._count / RATE
                self._stop.wait(max(0, due - time.monotonic()))
            for client in old:
                client.close()
        except OSError as error:
            self._failure = repr(error)

    def _ask(self, clients: list[socket.socket]) -> None:
        for client in clients:
            client.sendall(b"cheep")
        for client in clients:
            heard = b""
            while len(heard) < 5:
                part = client.recv(5 - len(heard))
                if not part:
                    raise ConnectionError("a connection has ended")
                heard += part
            if heard != b"cheep":
                raise ConnectionError(f"heard {heard!r}")
            self._count += 1

    def end(self) -> float:
        """Requests a second; none may have been lost."""
        self._stop.set()
        self._thread.join(10)
        seconds = time.monotonic() - self._start
        expect(not self._failure, f"a client under load: {self._failure}")
        rate = self._count / seconds
        expect(rate >= RATE_MIN, f"{rate:.0f} requests a second are no load")
        return rate
