# SPDX-License-Identifier: Apache-2.0
"""Calls that the server makes: HTTPS to webhooks, with the authority that each names."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable

from .admission import ANSWER_BYTES

# LIMIT: bytes of the head of a webhook's answer.
HEAD_BYTES = 64 * 1024
# Opens a TCP connection; the node's own way in, or the machine's.
Open = Callable[[str, int], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class Dialer:
    """Posts JSON; one connection a call, so that nothing of one call is left to the next."""

    def __init__(self, connect: Callable[[str, int], Awaitable[object]] | None = None) -> None:
        # Gives a connected socket; None for the ordinary way.
        self._connect = connect

    async def __call__(
        self, host: str, port: int, path: str, service: str, authority: bytes, body: bytes,
        seconds: float,
    ) -> tuple[int, bytes]:
        """The status and the body of the answer."""
        async with asyncio.timeout(seconds):
            context = _context(authority)
            if self._connect is not None and not service.endswith(".svc"):
                sock = await self._connect(host, port)
                reader, writer = await asyncio.open_connection(
                    sock=sock, ssl=context, server_hostname=service, limit=HEAD_BYTES
                )
            else:
                reader, writer = await asyncio.open_connection(
                    host, port, ssl=context, server_hostname=service, limit=HEAD_BYTES
                )
            try:
                head = (
                    f"POST {path} HTTP/1.1\r\nHost: {service}:{port}\r\n"
                    "Content-Type: application/json\r\nAccept: application/json, */*\r\n"
                    "User-Agent: kube-apiserver-admission\r\nConnection: close\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n"
                )
                writer.write(head.encode() + body)
                await writer.drain()
                return await _answer(reader)
            finally:
                writer.close()


def _context(authority: bytes) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if authority:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=authority.decode())
    return context


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        raise OSError("EOF") from None
    lines = head.decode("latin-1").split("\r\n")
    parts = lines[0].split(" ", 2)
    if len(parts) < 2 or not parts[1].isdigit():
        raise OSError("malformed HTTP response")
    fields = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines[1:] if line)
    }
    if fields.get("transfer-encoding", "").lower() == "chunked":
        return int(parts[1]), await _chunks(reader)
    if "content-length" in fields:
        size = int(fields["content-length"])
        if size > ANSWER_BYTES:
            raise OSError("the answer is too long")
        return int(parts[1]), await reader.readexactly(size)
    body = await reader.read(ANSWER_BYTES + 1)
    while len(body) <= ANSWER_BYTES and (more := await reader.read(65536)):
        body += more
    return int(parts[1]), body


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readline()).split(b";")[0], 16):
        if len(body) + size > ANSWER_BYTES:
            raise OSError("the answer is too long")
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    return body
