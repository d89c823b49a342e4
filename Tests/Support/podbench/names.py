# SPDX-License-Identifier: Apache-2.0
"""A DNS server with the names of services and nothing else."""

from __future__ import annotations

import ipaddress
import socket
import struct
import threading
from collections.abc import Callable, Iterable

from .addresses import pick, version_of

# The name without its last dot and the asker's address in; None if there is no such name.
Lookup = Callable[[str, str], list[str] | None]

CLASS_IN = 1
# The version of IP that a type of record is about.
TYPES = {1: 4, 28: 6}
NAME_ERROR, NOT_IMPLEMENTED = 3, 4


class NameServer:
    """Answers over UDP until the process ends."""

    def __init__(self, addresses: Iterable[str], lookup: Lookup) -> None:
        self._lookup = lookup
        for address in addresses:
            family = socket.AF_INET6 if version_of(address) == 6 else socket.AF_INET
            server = socket.socket(family, socket.SOCK_DGRAM)
            server.bind((address, 53))
            threading.Thread(target=self._serve, args=(server,), daemon=True, name="names").start()

    def _serve(self, server: socket.socket) -> None:
        while True:
            query, asker = server.recvfrom(4096)
            try:
                server.sendto(self.answer(query, asker[0]), asker)
            except (IndexError, struct.error, UnicodeDecodeError):
                continue  # Not a query; who sent it may ask again.

    def answer(self, query: bytes, asker: str) -> bytes:
        """The response to one query."""
        number, flags, questions = struct.unpack_from("!HHH", query)
        labels, at = [], 12
        while length := query[at]:
            labels.append(query[at + 1 : at + 1 + length].decode("ascii").lower())
            at += 1 + length
        kind, kind_class = struct.unpack_from("!HH", query, at + 1)
        question = query[12 : at + 5]
        code, addresses = 0, []
        if questions != 1 or kind_class != CLASS_IN:
            code = NOT_IMPLEMENTED
        else:
            found = self._lookup(".".join(labels), asker)
            code = NAME_ERROR if found is None else 0
            addresses = pick(found or [], TYPES[kind]) if kind in TYPES else []
        # A response, authoritative, with the asker's wish for recursion repeated.
        head = struct.pack(
            "!HHHHHH", number, 0x8400 | (flags & 0x0100) | code, 1, len(addresses), 0, 0
        )
        records = b"".join(
            struct.pack("!HHHIH", 0xC00C, kind, CLASS_IN, 5, len(packed)) + packed
            for packed in (ipaddress.ip_address(address).packed for address in addresses)
        )
        return head + question + records
