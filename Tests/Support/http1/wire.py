# SPDX-License-Identifier: Apache-2.0
"""A client that says and reads exact bytes."""

from __future__ import annotations

import hashlib
import socket
from dataclasses import dataclass
from types import TracebackType

# LIMIT: for anything that a case waits for, in seconds.
PATIENCE = 15.0


@dataclass(frozen=True)
class Response:
    """A response as it came."""

    head: bytes
    # As on the wire, chunk sizes and all; of more than 1 MiB the length and digest.
    body: bytes

    @property
    def status(self) -> int:
        """The status code."""
        return int(self.head.split(b" ")[1][:3])

    def field(self, wanted: bytes) -> bytes | None:
        """A field's value."""
        for line in self.head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == wanted:
                return value.strip()
        return None


class Client:
    """One connection."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._held = b""

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Sends bytes."""
        self.socket.sendall(data)

    def finish(self) -> None:
        """Says that no more will come."""
        self.socket.shutdown(socket.SHUT_WR)

    def _more(self) -> bool:
        data = self.socket.recv(1 << 18)
        self._held += data
        return bool(data)

    def until(self, end: bytes) -> bytes:
        """Reads to a sequence of bytes and returns all with it."""
        while end not in self._held:
            if not self._more():
                raise EOFError(f"closed after {self._held[:200]!r}")
        found, _, self._held = self._held.partition(end)
        return found + end

    def exactly(self, count: int) -> bytes:
        """Reads so many bytes; many are returned as their digest."""
        parts, total, hashed = [], 0, hashlib.sha256()
        while total < count:
            if not self._held and not self._more():
                raise EOFError(f"closed after {total} of {count} bytes")
            data, self._held = self._held[: count - total], self._held[count - total :]
            total += len(data)
            hashed.update(data)
            if count <= 1 << 20:
                parts.append(data)
        return b"".join(parts) if count <= 1 << 20 else f"{count} {hashed.hexdigest()}".encode()

    def rest(self) -> bytes:
        """Reads to the end of the connection."""
        while self._more():
            pass
        data, self._held = self._held, b""
        return data

    def response(self, method: str = "GET") -> Response:
        """Reads one response, be it interim or final."""
        head = self.until(b"\r\n\r\n")
        found = Response(head, b"")
        if found.status < 200 or found.status in (204, 304) or method == "HEAD":
            return found
        if found.field(b"transfer-encoding") is not None:
            return Response(head, self._chunks())
        length = found.field(b"content-length")
        return Response(head, self.rest() if length is None else self.exactly(int(length)))

    def _chunks(self) -> bytes:
        whole = b""
        while True:
            line = self.until(b"\r\n")
            whole += line
            count = int(line.split(b";")[0], 16)
            if count == 0:
                break
            whole += self.exactly(count + 2)
        while line != b"\r\n":
            line = self.until(b"\r\n")
            whole += line
        return whole


def request(
    method: str, target: str | bytes, *fields: str, body: bytes = b"", version: str = "HTTP/1.1"
) -> bytes:
    """The bytes of a request to the usual host."""
    target = target.encode() if isinstance(target, str) else target
    lines = [f"{method} ".encode() + target + f" {version}".encode(), b"Host: users-api.test"]
    lines += [line.encode("latin-1") for line in fields]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def sized(body: bytes) -> str:
    """The field that announces a body."""
    return f"Content-Length: {len(body)}"
