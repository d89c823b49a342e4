# SPDX-License-Identifier: Apache-2.0
"""The page that shows the results: docs/performance.md."""

from __future__ import annotations

from .budgets import Verdict
from .machine import Facts
from .medians import Medians
from .scenarios import SCENARIOS

HEAD = """# Performance

What two sidecars cost: a client's proxy and a server's, with mutual TLS 1.3 between them, both on the machine below, beside
other people's proxies in the same run. This page and its picture are made by `make bench` from `.build/bench/results.json`.

![CPU time of both proxies](performance.svg)

## How to read it

- **CPU** is what the kernel has accounted to both proxies together, user and system time, divided by the requests (or GiB) that
  came through meanwhile. It holds on a busy machine better than rates do, but not from one machine to another: compare within one
  table only. Load, application and both proxies share the machine's cores.
- Each number is the median of the runs, with the least and the most behind it. The implementations take turns, round by round,
  so that drift hits all. A run during which others took more than 0.15 cores is made once more, and left out where quieter ones
  exist; the last column counts those that stayed disturbed.
- Latencies of the open loop count from when a request was meant to be sent.
- All peers have one worker thread, the same certificates (ECDSA P-256) and TLS 1.3, want a certificate of both sides, and speak
  HTTP/1.1 to the application over connections that are kept. Their clients check the server's name. The client's name is checked
  by ours and by Envoy alone. Ours has all that a sidecar has: metrics, policy, identity.
- A budget is hit or missed by the medians. Where the spreads (in brackets) overlap, another run may decide otherwise.
- Memory before load is the larger proxy's, after its first request where the load is HTTP. Memory before the first connection, of
  idle connections and after a storm, system calls and allocations do not depend on speed: `Scripts/bench_proxy.py` holds the
  proxy to those budgets in `make test`, and `make bench` prints them.
- `ours` uses io_uring where the kernel gives it, as on this machine; `ours-epoll` is the same proxy with `--io epoll`, which is
  what most pods have, since the usual seccomp profiles forbid io_uring ([0011](decisions/0011-io-uring.md)).
- `relay` and `tls-relay` are a small C program that passes bytes on by epoll, without and with TLS: what the shape itself costs
  when done plainly, and no lower bound. They have no pool: a connection for each request is a handshake for each, which the
  proxies spare. `direct` is no proxy at all.
"""


def page(
    table: dict[tuple[str, str], Medians], verdicts: list[Verdict], facts: Facts, command: str
) -> str:
    """The whole page."""
    parts = [HEAD, "## The run\n", facts.markdown(command), "\n## Budgets\n", budgets(verdicts)]
    parts += ["\n## Before load\n", before_load(table)]
    for scenario in SCENARIOS:
        rows = [(who, one) for (what, who), one in table.items() if what == scenario.name]
        if rows:
            unit = "us a request" if scenario.is_http else "s a GiB"
            parts += [f"\n## {scenario.title}\n", rows_of(rows, unit, scenario.is_http)]
    return "\n".join(parts)


def budgets(verdicts: list[Verdict]) -> str:
    """A table of what was wanted and found."""
    lines = ["| what | wanted | found | |", "|---|---|---|---|"]
    lines += [
        f"| {one.what} | {one.wanted} | {one.found} | {'hit' if one.is_met else '**missed**'} |"
        for one in verdicts
    ]
    return "\n".join(lines) + "\n"


def before_load(table: dict[tuple[str, str], Medians]) -> str:
    """What a proxy takes to start, and then has, in the first scenario that was run."""
    first = next(iter(table), ("", ""))[0]
    lines = ["| | start until it takes a connection, ms | memory, MiB |", "|---|---|---|"]
    lines += [
        f"| {name} | {one.start_ms.text(1)} | {one.idle_kib.median / 1024:.1f} |"
        for (scenario, name), one in table.items() if scenario == first and name != "direct"
    ]
    return "\n".join(lines) + "\n"


def rows_of(rows: list[tuple[str, Medians]], unit: str, is_http: bool) -> str:
    """A table of the implementations."""
    rate = "requests/s" if is_http else "GiB/s"
    lines = [
        f"| | CPU, {unit} | {rate} | p50, us | p99, us | memory under load, MiB | runs, disturbed |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in rows:
        p50 = f"{one.p50.median:.0f}" if one.p50 else ""
        p99 = f"{one.p99.text(0)}" if one.p99 else ""
        is_proxy = name != "direct"
        lines.append(
            f"| {name} | {one.cost.text(1 if is_http else 2) if is_proxy else ''} "
            f"| {one.rate.median:.{0 if is_http else 2}f} | {p50} | {p99} "
            f"| {one.loaded_kib.median / 1024:.1f} | {one.runs}, {one.disturbed} |"
            if is_proxy
            else f"| {name} | | {one.rate.median:.{0 if is_http else 2}f} | {p50} | {p99} | "
            f"| {one.runs}, {one.disturbed} |"
        )
    return "\n".join(lines) + "\n"
