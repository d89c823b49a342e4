# SPDX-License-Identifier: Apache-2.0
"""More peers than there may be series of metrics."""

from __future__ import annotations

import contextlib
import re
import socket
import time

from .canary import sing
from .mesh import Echo, Mesh
from .outcome import expect, wait_until
from .proxy import SERVICE, Proxy, Settings
from .watch import Watch

# Of the proxy's own bounds: series of a family in a proxy.
SERIES_MAX = 500
PEERS = 600
# A page while it is put together, and what a heap differs by.
GROWTH_BYTES_MAX = 4 << 20
FAMILY = "tcp_open_total"


def more_peers_than_series() -> None:
    """Each connection counts; who has been idle for long makes room for those without a series."""
    with Mesh() as mesh:
        everywhere = Echo("0.0.0.0")
        peers = [f"127.150.{n // 250}.{n % 250 + 1}:{everywhere.port}" for n in range(PEERS)]
        # None that Watch knows: twice a second it looks for series that may go.
        crowd = Proxy(
            "crowd",
            mesh.folder,
            Settings(
                endpoints=[(peer, None) for peer in peers],
                detect_seconds=10,
                variables={"LINKERD2_PROXY_METRICS_RETAIN_IDLE": "1s"},
            ),
        )
        with Watch(mesh), contextlib.ExitStack() as stack:
            stack.callback(crowd.stop)
            # It goes on with one of those that have no series: else the first ones would take the
            # room that they have made.
            meet(crowd, PEERS + PEERS // 2)
            series, total = counted(crowd)
            expect(len(series) == SERIES_MAX, f"{len(series)} series of {FAMILY}")
            expect(total == 3 * PEERS, f"{total} connections are counted")
            known = set(series)
            before = crowd.own_bytes()

            def has_changed() -> bool:
                # Longer than a series must count nothing, and than it takes to see so.
                time.sleep(2.5)
                meet(crowd, PEERS)
                known.update(counted(crowd)[0])
                return len(known) > SERIES_MAX + 40

            wait_until("others get series", has_changed, 15)
            series, _ = counted(crowd)
            expect(len(series) <= SERIES_MAX, f"{len(series)} series of {FAMILY}")
            grown = crowd.own_bytes() - before
            print(f"      {len(known)} peers had a series, {grown >> 10:+} KiB")
            expect(grown < GROWTH_BYTES_MAX, f"it has grown by {grown} bytes")


def meet(crowd: Proxy, count: int) -> None:
    """So many connections, to one peer after the other."""
    for _ in range(count):
        with socket.create_connection((crowd.ip, SERVICE), timeout=5) as client:
            sing(client)


def counted(crowd: Proxy) -> tuple[list[str], int]:
    """The labels of the family's series but the one for all others, and all counts together."""
    found = re.findall(rf"^{FAMILY}{{(.*)}} (\d+)$", crowd.page("/metrics").replace("\r", ""), re.M)
    labels = [labels for labels, _ in found if labels != 'other="true"']
    return labels, sum(int(count) for _, count in found)
