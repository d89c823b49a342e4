# SPDX-License-Identifier: Apache-2.0
"""Rounds of runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from podbench.errors import BenchError

from .cell import Place, Result
from . import cell
from .scenarios import Scenario
from .side import Implementation

# A run that others took more than this of, in cores, is disturbed.
FOREIGN_CORES_MAX = 0.15
STOLEN_CORES_MAX = 0.05


def is_disturbed(result: Result) -> bool:
    """Whether somebody else was busy on the machine meanwhile."""
    foreign, stolen = result["foreign_cores"], result["stolen_cores"]
    assert isinstance(foreign, float) and isinstance(stolen, float)
    return foreign > FOREIGN_CORES_MAX or stolen > STOLEN_CORES_MAX


def run_rounds(
    place: Place, implementations: list[Implementation], scenarios: list[Scenario],
    rounds: int, seconds: float,
) -> Iterator[Result]:
    """All of a scenario's implementations stand side by side in a round, so that drift hits all."""
    for number in range(rounds):
        for scenario in scenarios:
            for one in implementations:
                result = attempt(place, one, scenario, seconds)
                if is_disturbed(result):
                    again = attempt(place, one, scenario, seconds)
                    if not is_disturbed(again) or quieter(again, result):
                        result = again
                yield result | {
                    "scenario": scenario.name, "implementation": one.name, "round": number,
                    "is_disturbed": is_disturbed(result),
                }


def quieter(one: Result, other: Result) -> bool:
    """Of two that were disturbed."""
    return disturbance(one) < disturbance(other)


def disturbance(result: Result) -> float:
    """Cores that were busy for others."""
    foreign, stolen = result["foreign_cores"], result["stolen_cores"]
    assert isinstance(foreign, float) and isinstance(stolen, float)
    return foreign + stolen


def attempt(
    place: Place, made_by: Implementation, scenario: Scenario, seconds: float
) -> Result:
    """One run, which says of whom when it fails."""
    try:
        return cell.run(place, made_by, scenario, seconds)
    except BenchError as error:
        raise BenchError(f"{made_by.name}, {scenario.name}: {error}") from error


def show(result: Result) -> None:
    """One line for each run."""
    latency = result.get("latency")
    tail = ""
    if isinstance(latency, dict):
        tail = f"p50 {latency['p50_us']:8.0f}  p99 {latency['p99_us']:8.0f} us"
    cost_of = result["cost_of"]
    assert isinstance(cost_of, dict)
    sides = "  ".join(f"{name[:3]} {value:6.2f}" for name, value in cost_of.items())
    print(
        f"{result['scenario']:8} {result['implementation']:10} cost {result['cost']:7.2f}"
        f"  rate {result['per_second']:9.1f}  {sides}  foreign {result['foreign_cores']:.2f}"
        f"{' DISTURBED' if result['is_disturbed'] else ''}  {tail}", flush=True,
    )
