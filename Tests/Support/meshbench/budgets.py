# SPDX-License-Identifier: Apache-2.0
"""What the measurements have to come to, beside the peers of the same run."""

from __future__ import annotations

from dataclasses import dataclass

from .implementations import OURS, PEERS
from .medians import Medians

Table = dict[tuple[str, str], Medians]


@dataclass(frozen=True)
class Verdict:
    """One budget, and what was found."""

    what: str
    wanted: str
    found: str
    is_met: bool

    def line(self) -> str:
        """For a terminal."""
        return f"{'hit ' if self.is_met else 'MISS'}  {self.what}: {self.found} ({self.wanted})"


def verdicts(table: Table) -> list[Verdict]:
    """Those whose scenarios were run with at least one peer."""
    found = [
        ratio(table, "h1-c32", peer, 0.7) for peer in ("nginx", "haproxy")
        if both(table, "h1-c32", peer)
    ]
    if peers(table, "h1-2000"):
        ours, best = table["h1-2000", OURS].p99, best_peer(table, "h1-2000", lambda one: one.p99)
        assert ours
        found.append(Verdict(
            "p99 at 2000 requests/s", f"no more than the best peer's, {best:.0f} us",
            f"{ours.median:.0f} us", ours.median <= best,
        ))
    for name, way in (("tcp", "client to server"), ("tcp-rev", "server to client")):
        if peers(table, name):
            cost, best = table[name, OURS].cost, best_peer(table, name, lambda one: one.cost)
            found.append(Verdict(
                f"opaque TCP, {way}", f"no more than the best peer's, {best:.2f} s/GiB",
                f"{cost.median:.2f} s/GiB", cost.median <= best,
            ))
    idle = [one.idle_kib.median for (_, name), one in table.items() if name == OURS]
    if idle:
        found.append(Verdict(
            "idle memory", "10 MiB", f"{max(idle) / 1024:.1f} MiB", max(idle) <= 10 * 1024,
        ))
    return found


def both(table: Table, scenario: str, peer: str) -> bool:
    """Whether there is something to compare."""
    return (scenario, OURS) in table and (scenario, peer) in table


def peers(table: Table, scenario: str) -> list[str]:
    """Those that were run beside us."""
    return [peer for peer in PEERS if both(table, scenario, peer)]


def ratio(table: Table, scenario: str, peer: str, most: float) -> Verdict:
    """CPU time beside a peer's."""
    ours, theirs = table[scenario, OURS].cost.median, table[scenario, peer].cost.median
    return Verdict(
        f"HTTP/1, 32 connections, beside {peer}", f"at most {most} times",
        f"{ours / theirs:.2f} times ({ours:.1f} and {theirs:.1f} us/request)",
        ours <= most * theirs,
    )


def best_peer(table: Table, scenario: str, value: object) -> float:
    """The least of the peers' medians."""
    assert callable(value)
    return float(min(value(table[scenario, peer]).median for peer in peers(table, scenario)))
