# SPDX-License-Identifier: Apache-2.0
"""Servers behind the proxies: HTTP that takes its time when told to, and an echo."""

from __future__ import annotations

import asyncio


async def http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """`/MILLIS/STATUS` answers after so long with that status; any other path at once with 200,
    and `/close` ends the connection with it."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            parts = head.split(b" ", 2)[1].decode().strip("/").split("/")
            status, field = 200, ""
            if len(parts) == 2 and all(part.isdigit() for part in parts):
                await asyncio.sleep(int(parts[0]) / 1000)
                status = int(parts[1])
            is_last = parts == ["close"]
            if is_last:
                field = "connection: close\r\n"
            answer = f"HTTP/1.1 {status} Said\r\ncontent-length: 3\r\n{field}\r\nok\n"
            writer.write(answer.encode())
            if is_last:
                return writer.close()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Gives back what comes, to the end."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
    except ConnectionError:
        pass
    writer.close()


async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speaks first, and then is an echo."""
    writer.write(b"hello")
    await echo(reader, writer)


async def serve(address: str, port: int | None) -> None:
    """HTTP on 8080, echo on 7070 and 7071; with a port HTTP on that alone."""
    servers = [await asyncio.start_server(http, address, port or 8080)]
    if port is None:
        servers.append(await asyncio.start_server(greet, address, 7071))
        servers.append(await asyncio.start_server(echo, address, 7070))
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    import sys

    asyncio.run(serve(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None))
