# SPDX-License-Identifier: Apache-2.0
"""What the kernel says of processes and of the machine."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and all that it has started, and they."""
    found, left = [], [pid]
    while left:
        one = left.pop()
        found.append(one)
        for file in PROC.glob(f"{one}/task/*/children"):
            left += [int(child) for child in read(file).split()]
    return found


def read(file: Path) -> str:
    """A file of the kernel's; empty when its process or thread is gone."""
    try:
        return file.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def cpu_seconds(pids: Iterable[int]) -> float:
    """The time that the threads of processes have run, system calls included, to the nanosecond.

    It is the scheduler's own sum, which control groups add up as well; no sampling by the clock.
    The work of the network for a packet counts for the thread that sent it, loopback being what it
    is, but for what ksoftirqd takes over.
    """
    total = 0
    for pid in pids:
        for file in PROC.glob(f"{pid}/task/*/schedstat"):
            total += int((read(file).split() or ["0"])[0])
    return total / 1e9


def resident_kib(pids: Iterable[int], field: str = "VmRSS:") -> int:
    """Memory of processes; VmHWM: instead tells the most that they have had."""
    return sum(
        int(line.split()[1])
        for pid in pids
        for line in read(PROC / str(pid) / "status").splitlines()
        if line.startswith(field)
    )


def softirq_threads() -> list[int]:
    """The kernel's threads that do the work of the network when there is much of it."""
    return [
        int(place.name)
        for place in PROC.iterdir()
        if place.name.isdigit() and read(place / "comm").startswith("ksoftirqd/")
    ]


@dataclass(frozen=True)
class Machine:
    """Seconds that all cores together were idle, and were taken by the machine's host."""

    idle: float
    stolen: float

    @staticmethod
    def now() -> Machine:
        """Since the start of the machine."""
        fields = read(PROC / "stat").splitlines()[0].split()[1:]
        ticks = [int(field) for field in fields]
        return Machine((ticks[3] + ticks[4]) / TICKS, ticks[7] / TICKS)
