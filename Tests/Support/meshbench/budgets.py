# SPDX-License-Identifier: Apache-2.0
"""What the measurements have to come to, beside the peers of the same run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .implementations import OURS, OURS_EPOLL, PEERS
from .medians import Medians, Spread

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
    found: list[Verdict] = []
    # Most pods may not use io_uring: what is met with it alone is not met for them.
    for us, how in ((OURS, ""), (OURS_EPOLL, ", without io_uring")):
        found += timings(table, us, how)
        memory = [one.idle_kib.median for (_, name), one in table.items() if name == us]
        if memory:
            # After the first request, where the load is HTTP: more than Scripts/bench_proxy.py
            # finds, which looks before the first connection.
            most = max(memory) / 1024
            found.append(Verdict(
                f"memory before load{how}", "at most 10 MiB", f"{most:.1f} MiB", most <= 10,
            ))
    return found


def timings(table: Table, us: str, how: str) -> list[Verdict]:
    """Those that peers set."""
    found = [
        ratio(table, us, peer, how, 0.7) for peer in ("nginx", "haproxy")
        if peer in peers(table, us, "h1-c32")
    ]
    if peers(table, us, "h1-2000"):
        found.append(beside_best(
            table, us, "h1-2000", f"p99 at 2000 requests/s{how}", p99, 0, "us",
        ))
    for name, way in (("tcp", "client to server"), ("tcp-rev", "server to client")):
        if peers(table, us, name):
            found.append(beside_best(
                table, us, name, f"opaque TCP, {way}{how}", lambda one: one.cost, 2, "s/GiB",
            ))
    return found


def peers(table: Table, us: str, scenario: str) -> list[str]:
    """Those that were run beside us."""
    if (scenario, us) not in table:
        return []
    return [peer for peer in PEERS if (scenario, peer) in table]


def ratio(table: Table, us: str, peer: str, how: str, most: float) -> Verdict:
    """CPU time of a request beside a peer's."""
    ours, theirs = table["h1-c32", us].cost, table["h1-c32", peer].cost
    return Verdict(
        f"HTTP/1, 32 connections, beside {peer}{how}", f"at most {most} times",
        f"{ours.median / theirs.median:.2f} times: {ours.text(1)} beside {theirs.text(1)} "
        "us/request", ours.median <= most * theirs.median,
    )


def p99(one: Medians) -> Spread:
    """Of a scenario that has latencies."""
    assert one.p99
    return one.p99


def beside_best(
    table: Table, us: str, scenario: str, what: str, value: Callable[[Medians], Spread],
    digits: int, unit: str,
) -> Verdict:
    """What may not be more than the least of the peers' medians."""
    ours = value(table[scenario, us])
    best, name = min(
        ((value(table[scenario, peer]), peer) for peer in peers(table, us, scenario)),
        key=lambda one: one[0].median,
    )
    return Verdict(
        what, f"no more than {name}'s, the best: {best.text(digits)} {unit}",
        f"{ours.text(digits)} {unit}", ours.median <= best.median,
    )
