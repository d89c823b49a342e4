# SPDX-License-Identifier: Apache-2.0
"""The programs in C that make load and serve as floors."""

from __future__ import annotations

from pathlib import Path

from podbench.errors import call

HERE = Path(__file__).parent
FLAGS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror")


def build(folder: Path) -> None:
    """Compiles load, stream and relay into a folder, those that are older than their source."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("load", "stream", "relay"):
        sources = [HERE / f"{name}.c", HERE / "control.h"]
        made = folder / name
        newest = max(source.stat().st_mtime for source in sources)
        if made.exists() and made.stat().st_mtime > newest:
            continue
        libraries = ["-lssl", "-lcrypto"] if name == "relay" else []
        call("gcc", *FLAGS, "-o", made, sources[0], *libraries)
