# SPDX-License-Identifier: Apache-2.0
"""The messages of Fixtures/http1 as bytes: http1_forms.py FOLDER writes a file for each."""

import json
import pathlib
import sys
from typing import Any, Iterator

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Fixtures" / "http1"


def wire(form: dict[str, Any]) -> bytes:
    """What the peer sends: texts of one byte a character, some of them repeated."""
    parts = [p if isinstance(p, str) else p[0] * p[1] for p in form["bytes"]]
    return "".join(parts).encode("latin-1")


def forms(table: str) -> Iterator[dict[str, Any]]:
    """The lines of `refused` or `accepted`."""
    for line in (FIXTURES / f"{table}.jsonl").read_text("ascii").splitlines():
        yield json.loads(line)


def main() -> int:
    """Writes them."""
    if len(sys.argv) != 2:
        print("usage: http1_forms.py FOLDER", file=sys.stderr)
        return 64
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for table in ("refused", "accepted"):
        for form in forms(table):
            (folder / form["name"]).write_bytes(wire(form))
    return 0


if __name__ == "__main__":
    sys.exit(main())
