# SPDX-License-Identifier: Apache-2.0
"""A server that keeps every byte that it gets, and answers as a case says."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

# LIMIT: of one head; more than the proxy lets through.
HEAD_BYTES_MAX = 1 << 20
# Bodies that are longer are kept as their digest.
BODY_BYTES_KEPT = 1 << 20


@dataclass
class Request:
    """One request as it came."""

    connection: int
    head: bytes
    body: bytes = b""
    # Of the body as it was on the wire, chunk sizes and all.
    body_bytes: int = 0
    _sum: hashlib._Hash = field(default_factory=hashlib.sha256)

    @property
    def digest(self) -> str:
        """Of the body as far as it has come."""
        return self._sum.hexdigest()

    def took(self, data: bytes) -> None:
        """Takes bytes of the body."""
        self._sum.update(data)
        self.body_bytes += len(data)
        self.body += data[: BODY_BYTES_KEPT - len(self.body)]

    @property
    def first_line(self) -> bytes:
        """The request line."""
        return self.head.partition(b"\r\n")[0]

    @property
    def path(self) -> str:
        """The target, without its query."""
        return self.first_line.split(b" ")[1].partition(b"?")[0].decode("utf-8", "replace")

    def value(self, wanted: bytes) -> bytes | None:
        """A field's value."""
        for line in self.head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == wanted:
                return value.strip()
        return None


@dataclass
class Conversation:
    """A connection, for a case's answer to use."""

    request: Request
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    is_read: bool = False

    async def send(self, data: bytes) -> None:
        """Sends bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()

    async def body(self) -> bytes:
        """Reads the request's body to its end."""
        if not self.is_read:
            self.is_read = True
            if self.request.value(b"transfer-encoding") is not None:
                await self._chunks()
            else:
                await self._exactly(int(self.request.value(b"content-length") or 0))
        return self.request.body

    async def chunk(self) -> bytes | None:
        """Reads one chunk; None for the last, whose trailers are read too."""
        line = await self.reader.readuntil(b"\r\n")
        self.request.took(line)
        count = int(line.split(b";")[0], 16)
        if count == 0:
            self.is_read = True
            while line != b"\r\n":
                line = await self.reader.readuntil(b"\r\n")
                self.request.took(line)
            return None
        data = await self.reader.readexactly(count + 2)
        self.request.took(data)
        return data[:count]

    async def _chunks(self) -> None:
        while await self.chunk() is not None:
            pass

    async def _exactly(self, count: int) -> None:
        while count:
            data = await self.reader.read(min(count, 1 << 20))
            if not data:
                raise ConnectionError("the body was cut off")
            count -= len(data)
            self.request.took(data)


# Answers; false ends the connection.
Answer = Callable[[Conversation], Awaitable[bool]]


def reply(data: bytes, keeps: bool = True) -> Answer:
    """An answer that is always the same, once the request has been read."""

    async def answer(conversation: Conversation) -> bool:
        await conversation.body()
        await conversation.send(data)
        return keeps

    return answer


async def echo(conversation: Conversation) -> bool:
    """Sends the body back, and some fields that must not be touched."""
    body = await conversation.body()
    request = conversation.request
    head = (
        b"HTTP/1.1 200 Fine\r\nX-Empty:\r\nx-TwICE:  one \r\nX-Twice: two\r\nServer: r\xc3\xa9\r\n"
        + b"X-Digest: %s\r\n" % request.digest.encode()
        + b"Content-Length: %d\r\n\r\n" % len(body)
    )
    await conversation.send(head if request.head.startswith(b"HEAD ") else head + body)
    return True


class Recorder:
    """The server, on a thread of its own."""

    def __init__(self, host: str, port: int) -> None:
        self.answers: dict[str, Answer] = {}
        self.requests: list[Request] = []
        # Counts the connections that have been closed, for a case to wait for.
        self.closed = threading.Semaphore(0)
        self._numbers = itertools.count(1)
        self._address = host, port
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        if not started.wait(5):
            raise RuntimeError("the recorder does not listen")

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        host, port = self._address
        serving = asyncio.start_server(self._serve, host, port, limit=HEAD_BYTES_MAX)
        self._loop.run_until_complete(serving)
        started.set()
        self._loop.run_forever()

    @property
    def connections(self) -> int:
        """How many connections the requests have come on."""
        return len({request.connection for request in self.requests})

    def forget(self) -> None:
        """Forgets what it has recorded."""
        self.closed = threading.Semaphore(0)
        self.requests = []

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = next(self._numbers)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                request = Request(number, head)
                self.requests.append(request)
                answer = self.answers.get(request.path, echo)
                conversation = Conversation(request, reader, writer)
                if not await answer(conversation):
                    break
                await conversation.body()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            self.closed.release()
