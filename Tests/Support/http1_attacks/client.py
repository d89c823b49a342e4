# SPDX-License-Identifier: Apache-2.0
"""A client that sends whatever bytes it is given, and reads responses by RFC 9112."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from attacks.outcome import AttackFailed

INTERIM = range(100, 200)


@dataclass
class Response:
    """One response."""

    status: int
    fields: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def get(self, name: str) -> str | None:
        """The first value of a field."""
        return next((value for found, value in self.fields if found == name), None)

    @property
    def is_proxys(self) -> bool:
        """Whether the proxy has written it itself: every backend here signs its own."""
        return self.get("x-backend") is None


class Ended(Exception):
    """The connection has ended before a whole response; says how."""


class Client:
    """One connection."""

    def __init__(
        self, target: tuple[str, int], seconds: float = 5.0, receives: int | None = None
    ) -> None:
        self.socket = socket.socket()
        if receives:
            # What the kernel keeps for a client that does not read.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
        self.socket.settimeout(seconds)
        self.socket.connect(target)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Sends all of it, unless the other side is gone, which reading will tell."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def finish(self) -> None:
        """Says that no more will come."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def ask(self, request: bytes, method: str = "GET") -> Response:
        """Sends a request and reads its response."""
        self.send(request)
        return self.final(method)

    def get(self, target: str, *fields: str) -> Response:
        """An ordinary request."""
        return self.ask(get(target, *fields))

    def final(self, method: str = "GET") -> Response:
        """Reads up to the first response that is not interim."""
        while True:
            response = self.response(method)
            if response.status not in INTERIM or response.status == 101:
                return response

    def response(self, method: str = "GET") -> Response:
        """Reads one response, by what the request's method was."""
        head = self._until(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        words = lines[0].split(" ", 2)
        if not words[0].startswith("HTTP/1.") or len(words) < 2:
            raise AttackFailed(f"no status line: {lines[0]!r}")
        found = Response(int(words[1]))
        for line in lines[1:]:
            name, _, value = line.partition(":")
            found.fields.append((name.lower(), value.strip()))
        if found.status in INTERIM or found.status in (204, 304) or method == "HEAD":
            return found
        if found.get("transfer-encoding"):
            found.body = self._chunks()
        elif (length := found.get("content-length")) is not None:
            found.body = self._exactly(int(length))
        else:
            found.body = self.to_end()
        return found

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self._until(b"\r\n").split(b";")[0], 16):
            body += self._exactly(size)
            self._exactly(2)
        while self._until(b"\r\n"):
            pass
        return body

    def _more(self) -> None:
        try:
            part = self.socket.recv(1 << 16)
        except TimeoutError as error:
            raise AttackFailed(f"nothing came in time, behind {self.rest[-80:]!r}") from error
        except ConnectionResetError as error:
            raise Ended("reset") from error
        if not part:
            raise Ended("end")
        self.rest += part

    def _until(self, mark: bytes) -> bytes:
        while mark not in self.rest:
            self._more()
        found, _, self.rest = self.rest.partition(mark)
        return found

    def _exactly(self, count: int) -> bytes:
        while len(self.rest) < count:
            self._more()
        found, self.rest = self.rest[:count], self.rest[count:]
        return found

    def to_end(self) -> bytes:
        """All that comes; raises `Ended` where the connection breaks."""
        try:
            while True:
                self._more()
        except Ended as how:
            if str(how) != "end":
                raise
        found, self.rest = self.rest, b""
        return found

    def ending(self) -> str:
        """How the connection ends: `end` or `reset`; what still comes is dropped."""
        try:
            while True:
                self.rest = b""
                self._more()
        except Ended as how:
            return str(how)

    def is_quiet(self, seconds: float = 0.1) -> bool:
        """Whether nothing comes, not even an end."""
        self.socket.settimeout(seconds)
        try:
            return not self.rest and self.socket.recv(1, socket.MSG_PEEK) is None
        except TimeoutError:
            return True
        except ConnectionResetError:
            return False
        finally:
            self.socket.settimeout(5)


def get(target: str, *fields: str, method: str = "GET") -> bytes:
    """An ordinary request's bytes."""
    lines = [f"{method} {target} HTTP/1.1", "Host: users-api", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def all_responses(client: Client, methods: Sequence[str]) -> tuple[list[Response], str]:
    """The final responses up to the end of the connection, and how it ended."""
    found: list[Response] = []
    try:
        while True:
            response = client.response(methods[min(len(found), len(methods) - 1)])
            if response.status not in INTERIM:
                found.append(response)
    except Ended as how:
        return found, str(how)


def trickle(client: Client, data: bytes, pause: float) -> bool:
    """Sends byte after byte; whether the other side cut it short."""
    for at in range(len(data)):
        try:
            client.socket.sendall(data[at : at + 1])
        except OSError:
            return True
        time.sleep(pause)
    return False
