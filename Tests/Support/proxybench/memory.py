# SPDX-License-Identifier: Apache-2.0
"""What a proxy costs at rest, for each idle connection, and after a storm of them."""

from __future__ import annotations

import os
import resource
import shutil
import time
from pathlib import Path

from podbench.errors import BenchError
from podbench.waiting import pause

from .proxies import Mesh
from .table import KIB, MIB, Table

# Connections that take what is taken once: OpenSSL's tables, the growth of the lists.
WARM_UP = 20
STORM = 5000
# LIMIT: seconds after a storm in which memory has to be given back.
EBB_SECONDS = 60.0
# What the C library keeps in each thread for the next calls, however large the storm was: some
# hundred pieces, each of which may hold a page.
KEPT_MIB_MAX = 1.5


def raise_descriptor_limit() -> None:
    """A storm takes two descriptors a connection here, and two in the proxy."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * STORM + 500
    if hard < wanted:
        raise BenchError(f"a process may have {hard} descriptors here, and this needs {wanted}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def as_from_disk(executable: Path, folder: Path) -> Path:
    """A copy of an executable that lies on the disk, not in memory.

    Linux maps code in pieces as large as those in which it was written or read into its cache.
    What the linker has just written counts for twice the memory of what a node has read.
    """
    copy = Path(shutil.copy(executable, folder / "shipped"))
    file = os.open(copy, os.O_RDONLY)
    os.fsync(file)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(file)
    return copy


def idle(table: Table, executable: Path, folder: Path, runs: int) -> None:
    """A proxy with an identity, before its first connection."""
    values = []
    for run in range(runs):
        with Mesh(executable, folder / f"idle-{run}", is_meshed=True) as mesh:
            # The log's thread and the upkeep have had their first turns.
            pause(1)
            values += [proxy.resident() / MIB for proxy in mesh.proxies.values()]
    table.judge("idle memory (aim: 8)", values, 10, "MiB")


def connections(
    table: Table, executable: Path, folder: Path, is_meshed: bool, count: int, runs: int
) -> None:
    """Bytes for each idle connection, in each proxy that it passes."""
    costs: dict[str, list[float]] = {}
    for run in range(runs):
        place = folder / f"connections-{is_meshed}-{run}"
        with Mesh(executable, place, is_meshed) as mesh:
            mesh.close(mesh.connect(WARM_UP))
            before = {who: proxy.resident() for who, proxy in mesh.proxies.items()}
            made = mesh.connect(count)
            for who, proxy in mesh.proxies.items():
                each = (proxy.resident() - before[who]) / count
                costs.setdefault(who, []).append(each / KIB)
            mesh.close(made)
    for who, values in costs.items():
        side = {"web": "outbound", "api": "inbound"}[who]
        kind = f"mutual TLS, {side}" if is_meshed else "plain"
        table.judge(f"idle connection, {kind}", values, 32 if is_meshed else 4, "KiB")


def storm(table: Table, executable: Path, folder: Path, is_meshed: bool) -> None:
    """Memory after many connections, as a part of what it was before."""
    kind = "mutual TLS" if is_meshed else "plain"
    with Mesh(executable, folder / f"storm-{is_meshed}", is_meshed) as mesh:
        proxies = mesh.proxies.values()
        mesh.close(mesh.connect(WARM_UP))
        before = [proxy.resident() for proxy in proxies]
        allocated = [proxy.anonymous() / MIB for proxy in proxies]
        made = mesh.connect(STORM)
        peaks = [proxy.resident() / MIB for proxy in proxies]
        mesh.close(made)
        start = time.monotonic()

        def more() -> list[float]:
            return [
                100 * (proxy.resident() / early - 1)
                for proxy, early in zip(proxies, before, strict=True)
            ]

        def kept() -> list[float]:
            return [
                proxy.anonymous() / MIB - early
                for proxy, early in zip(proxies, allocated, strict=True)
            ]

        # Both: what has been unmapped of the code must not make up for what is still allocated.
        while max(more()) > 10 or max(kept()) > KEPT_MIB_MAX:
            if time.monotonic() - start > EBB_SECONDS:
                break
            pause(0.1)
        table.judge(f"more than before {STORM} connections, {kind}", more(), 10, "%")
        table.judge("  of it allocated", kept(), KEPT_MIB_MAX, "MiB")
        table.tell("  seconds until then", [time.monotonic() - start], "s")
        table.tell("  memory at its most", peaks, "MiB")
