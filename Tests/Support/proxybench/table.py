# SPDX-License-Identifier: Apache-2.0
"""Budgets beside what was measured."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

MIB = 1024.0 * 1024.0
KIB = 1024.0


@dataclass
class Table:
    """Lines that are printed as they come, and the names of the budgets that were missed."""

    missed: list[str] = field(default_factory=list)

    def head(self) -> None:
        """The names of the columns."""
        self._print("", "", "budget", "value", "spread")

    def judge(self, what: str, values: list[float], budget: float, unit: str) -> None:
        """One row. The worst value counts: a budget that is kept now and then is not kept."""
        self._judge(what, values, max(values), budget, unit)

    def judge_median(self, what: str, values: list[float], budget: float, unit: str) -> None:
        """A row of timings: the machine's other work makes outliers."""
        self._judge(what, values, statistics.median(values), budget, unit)

    def tell(self, what: str, values: list[float], unit: str) -> None:
        """A row without a budget."""
        self._row("", what, "", values, unit)

    def _judge(
        self, what: str, values: list[float], value: float, budget: float, unit: str
    ) -> None:
        if value > budget:
            self.missed.append(f"{what}: {value:.2f} {unit}, budget {budget:g} {unit}")
        self._row("PASS" if value <= budget else "MISS", what, f"<= {budget:g}", values, unit)

    def _row(self, verdict: str, what: str, budget: str, values: list[float], unit: str) -> None:
        spread = ""
        if len(values) > 1:
            spread = f"{min(values):.2f} to {max(values):.2f} in {len(values)}"
        self._print(verdict, what, budget, f"{statistics.median(values):.2f}", spread, unit)

    @staticmethod
    def _print(
        verdict: str, what: str, budget: str, value: str, spread: str, unit: str = ""
    ) -> None:
        row = f"{verdict:5} {what:50} {budget:>7} {value:>9} {unit:6} {spread}"
        print(row.rstrip(), flush=True)
