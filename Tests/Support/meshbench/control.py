# SPDX-License-Identifier: Apache-2.0
"""The page that is shared with the programs of load; control.h says what is in it."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

FIELDS = ("is_under_way", "done", "failed", "is_recording", "is_over")
WORD = struct.Struct("Q")


class Control:
    """One run's page."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(bytes(mmap.PAGESIZE))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), mmap.PAGESIZE)

    def __getitem__(self, field: str) -> int:
        value: int = WORD.unpack_from(self._map, FIELDS.index(field) * WORD.size)[0]
        return value

    def set(self, field: str) -> None:
        """Tells the program."""
        WORD.pack_into(self._map, FIELDS.index(field) * WORD.size, 1)
