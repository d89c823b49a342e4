# SPDX-License-Identifier: Apache-2.0
"""What the bench says when it cannot do what a spec asks."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence


class BenchError(Exception):
    """The bench cannot go on; the text says why and where."""


def call(*words: object, text: str | None = None) -> str:
    """Runs a command and returns what it wrote; its complaint is the error."""
    line = [str(word) for word in words]
    done = subprocess.run(line, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        complaint = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise BenchError(f"{shown(line)}: exit {done.returncode}: {' '.join(complaint[-5:])}")
    return done.stdout


def shown(words: Sequence[str]) -> str:
    """A command line for people."""
    return " ".join(words)
