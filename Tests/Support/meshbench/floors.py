# SPDX-License-Identifier: Apache-2.0
"""The relay in C, with and without TLS."""

from __future__ import annotations

from pathlib import Path

from .side import Command, Side


class Floors:
    """Makes the commands, for one executable."""

    def __init__(self, relay: Path) -> None:
        self._relay = relay

    def _words(self, kind: str, side: Side) -> list[str]:
        return [
            str(self._relay), kind, side.listen.host, str(side.listen.port),
            side.server.host, str(side.server.port),
        ]

    def plain(self, side: Side) -> Command:
        """Bytes as they are."""
        return Command(self._words("plain", side))

    def encrypted(self, side: Side) -> Command:
        """Mutual TLS between the two."""
        kind = "encrypt" if side.is_outbound else "decrypt"
        return Command([*self._words(kind, side), str(side.certificates), side.peer_name])
