# SPDX-License-Identifier: Apache-2.0
"""One replica of a server that leaves as a good server does: python replica.py HOST PORT NAME.

After SIGTERM it says of every connection that it ends, and takes new ones for a moment, since not
everybody knows yet; then it ends with its last connection.
"""

from __future__ import annotations

import asyncio
import signal
import sys

# How long it takes connections after SIGTERM, longer than its proxy does here, and how long they
# may last; seconds.
LAME_SECONDS = 1.2
LAST_SECONDS = 2.0
# How long a request takes, so that some are always under way.
WORK_SECONDS = 0.003


class Replica:
    """The server."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_leaving = False
        self.open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers the requests of a connection."""
        self.open += 1
        try:
            while await self.answer(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open -= 1
            writer.close()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answers one request with the replica's name and the body."""
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        _, has_length, rest = head.partition(b"\r\ncontent-length:")
        body = await reader.readexactly(int(rest.split(b"\r\n")[0])) if has_length else b""
        await asyncio.sleep(WORK_SECONDS)
        data = self.name.encode() + b" " + body
        ends = self.is_leaving
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n%s"
            % (len(data), b"Connection: close\r\n" if ends else b"", data)
        )
        await writer.drain()
        return not ends


async def run(host: str, port: int, name: str) -> None:
    """Serves until SIGTERM, and a little longer."""
    replica = Replica(name)
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    server = await asyncio.start_server(replica.serve, host, port)
    await told.wait()
    replica.is_leaving = True
    await asyncio.sleep(LAME_SECONDS)
    server.close()
    for _ in range(int(LAST_SECONDS / 0.01)):
        if not replica.open:
            break
        await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
