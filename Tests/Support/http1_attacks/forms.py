# SPDX-License-Identifier: Apache-2.0
"""The table of requests, good and bad, that `forms.jsonl` holds: one JSON object a line.

`name`; `clause`, what the expectation rests on; `bytes`, all that the client sends, each character
one byte; `expect`, the status of the first response, 0 for a connection that ends without one;
`requests`, how many of them are passed on where it is not plain from the status; `first`, "opaque"
where a connection that begins so does not look like HTTP, so that its bytes pass unread.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("forms.jsonl")


@dataclass(frozen=True)
class Form:
    """One of them."""

    name: str
    clause: str
    bytes: bytes
    expect: int
    requests: int
    is_opaque_first: bool


def load(file: Path = FILE) -> list[Form]:
    """Reads the table."""
    found = []
    for line in file.read_text(encoding="ascii").splitlines():
        row = json.loads(line)
        passes = 200 <= row["expect"] < 300
        found.append(
            Form(
                row["name"], row["clause"], row["bytes"].encode("latin-1"), row["expect"],
                row.get("requests", 1 if passes else 0), row.get("first") == "opaque",
            )
        )
    return found
