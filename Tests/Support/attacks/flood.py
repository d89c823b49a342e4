# SPDX-License-Identifier: Apache-2.0
"""The same thing as fast as a few processes can."""

from __future__ import annotations

import contextlib
import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection


def flood(attack: Callable[[], None], seconds: float, processes: int) -> int:
    """How often it was done in so many seconds; failures count too."""
    forking = multiprocessing.get_context("fork")
    ends: list[Connection] = []
    for _ in range(processes):
        mine, theirs = forking.Pipe(duplex=False)
        worker = forking.Process(target=_work, args=(attack, seconds, theirs), daemon=True)
        worker.start()
        theirs.close()
        ends.append(mine)
    return sum(int(end.recv()) for end in ends)


def _work(attack: Callable[[], None], seconds: float, end: Connection) -> None:
    count = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            attack()
            count += 1
    end.send(count)
