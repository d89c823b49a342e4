# SPDX-License-Identifier: Apache-2.0
"""What the runs of one scenario with one implementation come to."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .cell import Result


@dataclass(frozen=True)
class Spread:
    """The median of some runs, and the least and the most of them."""

    median: float
    least: float
    most: float

    @staticmethod
    def of(values: Iterable[float]) -> Spread:
        """Of at least one value."""
        all_values = list(values)
        return Spread(statistics.median(all_values), min(all_values), max(all_values))

    def text(self, digits: int) -> str:
        """For a table."""
        return f"{self.median:.{digits}f} ({self.least:.{digits}f} to {self.most:.{digits}f})"


@dataclass(frozen=True)
class Medians:
    """The runs of one scenario with one implementation."""

    cost: Spread
    rate: Spread
    p50: Spread | None
    p99: Spread | None
    idle_kib: Spread
    loaded_kib: Spread
    start_ms: Spread
    runs: int
    # Of the runs, those while somebody else was busy on the machine.
    disturbed: int


def medians(results: list[Result]) -> dict[tuple[str, str], Medians]:
    """By scenario and implementation, in the order of the runs."""
    groups: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        groups.setdefault(
            (str(result["scenario"]), str(result["implementation"])), []
        ).append(result)
    return {key: _medians(runs) for key, runs in groups.items()}


def _medians(runs: list[Result]) -> Medians:
    # Disturbed runs count only where there are no others.
    good = [run for run in runs if not run["is_disturbed"]] or runs

    def spread(value: Callable[[Result], float]) -> Spread:
        return Spread.of(value(run) for run in good)

    def latency(name: str) -> Spread | None:
        return spread(lambda run: _number(run["latency"], name)) if "latency" in good[0] else None

    return Medians(
        cost=spread(lambda run: float(str(run["cost"]))),
        rate=spread(lambda run: float(str(run["per_second"]))),
        p50=latency("p50_us"),
        p99=latency("p99_us"),
        idle_kib=spread(lambda run: _most(run["idle_kib"])),
        loaded_kib=spread(lambda run: _most(run["loaded_kib"])),
        start_ms=spread(lambda run: _most(run["start_ms"])),
        runs=len(runs),
        disturbed=sum(bool(run["is_disturbed"]) for run in runs),
    )


def _number(value: object, name: str) -> float:
    assert isinstance(value, dict)
    return float(value[name])


def _most(value: object) -> float:
    """Of the two proxies of a pair."""
    assert isinstance(value, dict)
    return max((float(one) for one in value.values()), default=0.0)
