# SPDX-License-Identifier: Apache-2.0
"""The list of rows in the README, and the record of what a real server has confirmed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from .row import Row

FOLDER = Path(__file__).parent
README = FOLDER / "README.md"
RECORD = FOLDER / "confirmed.json"
START, END = "<!-- rows: Scripts/conformance --write-list -->\n", "<!-- end of rows -->\n"

# By the name of a theme its rows.
Themes = Mapping[str, Sequence[Row]]


def confirmed() -> dict[str, dict[str, str]]:
    """By row: the version of the server that confirmed it, and the row's digest at that time."""
    record: dict[str, dict[str, str]] = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    return record


def record(passed: Sequence[Row], version: str) -> None:
    """Notes that a real server has answered as these rows say."""
    rows = confirmed() | {row.id: {"version": version, "row": row.digest()} for row in passed}
    lines = (f"  {json.dumps(name)}: {json.dumps(rows[name])}" for name in sorted(rows))
    RECORD.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def is_confirmed(row: Row, rows: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether a real server has confirmed the row as it stands, not an earlier form of it."""
    return row.id in rows and rows[row.id]["row"] == row.digest()


def listing(themes: Themes) -> str:
    """The README's tables."""
    rows = confirmed()
    every = [row for theme in themes.values() for row in theme]
    count = sum(is_confirmed(row, rows) for row in every)
    text = [f"{len(every)} rows, {count} of them confirmed against a real kube-apiserver.\n"]
    for theme, members in themes.items():
        text.append(f"\n### {theme}\n\n| row | what holds | confirmed |\n|---|---|---|\n")
        for row in members:
            version = rows[row.id]["version"] if is_confirmed(row, rows) else "no"
            text.append(f"| `{row.id}` | {row.does} | {version} |\n")
    return "".join(text)


def is_current(themes: Themes) -> bool:
    """Whether the README lists the rows as they are."""
    return README.read_text() == _with_list(themes)


def write(themes: Themes) -> None:
    """Brings the README up to date."""
    README.write_text(_with_list(themes))


def _with_list(themes: Themes) -> str:
    before, _, rest = README.read_text().partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}{listing(themes)}{END}{after}"
