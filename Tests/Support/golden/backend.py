# SPDX-License-Identifier: Apache-2.0
"""Servers behind the proxies: HTTP that takes its time when told to, and an echo."""

from __future__ import annotations

import asyncio


async def http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """`/MILLIS/STATUS` answers after so long with that status; any other path at once with 200."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            parts = head.split(b" ", 2)[1].decode().strip("/").split("/")
            status = 200
            if len(parts) == 2 and all(part.isdigit() for part in parts):
                await asyncio.sleep(int(parts[0]) / 1000)
                status = int(parts[1])
            writer.write(f"HTTP/1.1 {status} Said\r\ncontent-length: 3\r\n\r\nok\n".encode())
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


async def serve(address: str) -> None:
    """HTTP on 8080, echo on 7070."""
    servers = [
        await asyncio.start_server(http, address, 8080),
        await asyncio.start_server(echo, address, 7070),
    ]
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    import sys

    asyncio.run(serve(sys.argv[1]))
