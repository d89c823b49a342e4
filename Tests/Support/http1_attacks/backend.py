# SPDX-License-Identifier: Apache-2.0
"""Servers behind the proxy: one that records what reaches it, and whatever a case needs."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .readers import READERS, NotARequest, Request, lenient_from

Behaviour = Callable[[socket.socket], None]


@dataclass
class Recording:
    """One connection, as it reached the server."""

    data: bytearray = field(default_factory=bytearray)
    # Requests that were answered.
    count: int = 0
    has_ended: bool = False

    def requests(self, reader: str) -> list[Request]:
        """What a server of that kind sees."""
        return READERS[reader](bytes(self.data))


class Backend:
    """Listens, and serves each connection on a thread of its own."""

    def __init__(self, ip: str, port: int) -> None:
        self._listener = socket.create_server((ip, port), backlog=1024)
        self.recordings: list[Recording] = []
        # What is done with connections that come from now on.
        self.behaviour: Behaviour = self.record
        self.accepted = 0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.settimeout(30)
            self.accepted += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            self.behaviour(client)

    def close(self) -> None:
        """Takes no more."""
        self._listener.close()

    def record(self, client: socket.socket) -> None:
        """Keeps every byte, and answers what the most lenient reader takes for a request."""
        recording = Recording()
        self.recordings.append(recording)
        rest = b""
        try:
            while data := client.recv(1 << 16):
                recording.data += data
                rest += data
                found, at = lenient_from(rest, 0)
                rest = rest[at:]
                recording.count += len(found)
                for request in found:
                    client.sendall(answer(request))
        finally:
            recording.has_ended = True

    def count(self) -> int:
        """How many requests have come, as the most lenient reader sees it."""
        return sum(recording.count for recording in list(self.recordings))

    def doubts(self) -> list[str]:
        """Connections in which two readers see different requests."""
        found = []
        for recording in list(self.recordings):
            try:
                seen = {
                    name: [request.key for request in recording.requests(name)] for name in READERS
                }
            except NotARequest as error:
                found.append(f"strictly read, {error}; in {bytes(recording.data)[-400:]!r}")
                continue
            if len({tuple(keys) for keys in seen.values()}) > 1:
                found.append("\n".join(f"{name}: {keys}" for name, keys in seen.items()))
        return found


def record_once(client: socket.socket) -> None:
    """Answers one request, and ends, so that nobody's connection waits here for another."""
    read_head_and_answer(client)


def read_head_and_answer(client: socket.socket, data: bytes = b"") -> None:
    """Answers one request without a body."""
    found, _ = lenient_from(data or read_head(client), 0)
    client.sendall(answer(found[0]).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))


def answer(request: Request) -> bytes:
    """A response that says which request it answers."""
    status = "405 No Tunnel" if request.method == b"CONNECT" else "200 OK"
    body = b"%s %s %d" % (request.method, request.target, len(request.body))
    head = f"HTTP/1.1 {status}\r\nx-backend: 1\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    return head if request.method == b"HEAD" else head + body


def read_head(client: socket.socket) -> bytes:
    """Reads up to the end of a head; what follows it in the same packet is kept in front."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = client.recv(1 << 16)
        if not part:
            raise ConnectionAbortedError
        data += part
    return data


def says(response: bytes, then: str = "stay", delay: float = 0.0) -> Behaviour:
    """A server that answers each request so, and then stays, closes or resets."""
    def serve(client: socket.socket) -> None:
        while True:
            read_head(client)
            client.sendall(response)
            if then == "stay":
                continue
            if delay:
                time.sleep(delay)
            if then == "reset":
                linger = struct.pack("ii", 1, 0)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            return

    return serve
