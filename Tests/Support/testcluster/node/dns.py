# SPDX-License-Identifier: Apache-2.0
"""The cluster's name server, over UDP and TCP."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterator
from typing import cast

from ..model import dnswire, zone
from ..model.failures import Object
from ..server.store import Store

SERVICES, SLICES = ("", "services"), ("discovery.k8s.io", "endpointslices")
# LIMIT: seconds that a connection may be idle.
IDLE_SECONDS = 10.0
_TCP_BYTES = 65535


class Names:
    """Answers from what the store holds."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ends: list[asyncio.BaseTransport | asyncio.Server] = []

    async def start(self, address: str) -> None:
        """Listens on port 53."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self), local_addr=(address, 53)
        )
        self._ends += [transport, await asyncio.start_server(self._stream, address, 53)]

    def stop(self) -> None:
        """Listens no more."""
        for each in self._ends:
            each.close()

    def answer(self, message: bytes, is_stream: bool) -> bytes | None:
        """The response to one message; None if it is none that deserves one."""
        try:
            question = dnswire.read(message)
        except dnswire.Malformed:
            return None
        found = zone.lookup(
            question.name, question.kind, self._service, self._slices, self._reverse
        )
        return dnswire.write(question, found, _TCP_BYTES if is_stream else question.bytes_max)

    def _service(self, namespace: str, name: str) -> Object | None:
        return self._store.get(SERVICES, namespace, name)

    def _slices(self, namespace: str, name: str) -> Iterator[Object]:
        for each in self._store.all(SLICES, namespace):
            if (each["metadata"].get("labels") or {}).get("kubernetes.io/service-name") == name:
                yield each

    def _reverse(self, wanted: str) -> str | None:
        for service in self._store.all(SERVICES):
            for address in service["spec"].get("clusterIPs") or []:
                if address != "None" and zone.reverse_name(address) == wanted:
                    metadata = service["metadata"]
                    return f"{metadata['name']}.{metadata['namespace']}.svc.{zone.DOMAIN}"
        return None

    async def _stream(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            while True:
                async with asyncio.timeout(IDLE_SECONDS):
                    (size,) = struct.unpack("!H", await reader.readexactly(2))
                    answer = self.answer(await reader.readexactly(size), True)
                if answer is None:
                    break
                writer.write(struct.pack("!H", len(answer)) + answer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            pass
        finally:
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, names: Names) -> None:
        self._names = names
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._names.answer(data, False)
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)
