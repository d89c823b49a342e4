# SPDX-License-Identifier: Apache-2.0
"""The rule that every case is held to, whatever the attack.

No crash; the canary is heard; processor, memory and descriptors come back to where they were; the
log has one line a second and cause at most, and each says who and why.
"""

from __future__ import annotations

import os
import time
from types import TracebackType

from .canary import Canary, sing
from .mesh import Mesh
from .outcome import AttackFailed, expect, wait_until
from .proxy import Proxy

# A tenth more than before: of descriptors, and of memory a tenth of all that was in use.
TOLERANCE = 0.1
# Of one second; the proxy looks at its files and its log now and then.
IDLE_SECONDS_MAX = float(os.environ.get("ATTACKS_IDLE_SECONDS_MAX", "0.001"))
# As long as it takes the proxy to look at its files once.
LOOK_SECONDS = 0.5
# What an attack may make of it meanwhile: 1300 handshakes, of 42 KiB each.
GROWTH_BYTES_MAX = 64 << 20
# Two lines of a cause may be this much less than a second apart: they are stamped when written.
LINE_SECONDS_MIN = 0.9


class Watch:
    """Holds the proxies of a mesh to the rule, from here to the end of the block."""

    def __init__(
        self, mesh: Mesh, canary: bool = True, new: bool = True, patience: float = 5
    ) -> None:
        """`patience` is for how many seconds a canary may wait for its answer."""
        self._mesh = mesh
        self._patience = patience
        self._canary_wanted = canary
        self._new = new
        self.canary: Canary | None = None
        self._before: dict[str, tuple[int, int, int]] = {}

    def __enter__(self) -> Watch:
        # What is made for the first connections stays; that is no leak.
        if self._canary_wanted:
            for _ in range(8):
                with self._mesh.connect() as client:
                    sing(client)
            self._await_closed()
        for proxy in self._mesh.proxies:
            self._before[proxy.name] = (
                proxy.descriptors(),
                proxy.own_bytes(),
                proxy.resident_bytes(),
            )
            proxy.forget_most_resident()
        if self._canary_wanted:
            self.canary = Canary(lambda: self._mesh.connect(self._patience), self._new)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self._explain()
            return
        try:
            if self.canary:
                self.canary.end()
            self._await_closed()
            for proxy in self._mesh.proxies:
                expect(proxy.is_running(), f"{proxy.name} has ended:\n{proxy.log()}")
                self._expect_quiet_log(proxy)
                self._expect_baseline(proxy)
            self._expect_idle()
        except AttackFailed:
            self._explain()
            raise

    def _explain(self) -> None:
        for proxy in self._mesh.proxies:
            tail = "\n".join(proxy.log().splitlines()[-15:])
            print(f"--- the log of {proxy.name}:\n{tail}", flush=True)

    def _await_closed(self) -> None:
        for proxy in self._mesh.proxies:
            wait_until(
                f"{proxy.name} closes all",
                lambda: proxy.open_connections() == 0,  # noqa: B023
            )

    def _expect_baseline(self, proxy: Proxy) -> None:
        descriptors, own, resident = self._before[proxy.name]
        grown = proxy.most_resident_bytes() - resident
        expect(grown <= GROWTH_BYTES_MAX, f"{proxy.name} grew by {grown} bytes")
        wait_until(
            f"{proxy.name} has {proxy.descriptors()} descriptors, and had {descriptors}",
            lambda: proxy.descriptors() <= descriptors * (1 + TOLERANCE),
        )
        wait_until(
            f"{proxy.name} has {proxy.own_bytes()} bytes of its own, and had {own}",
            lambda: proxy.own_bytes() <= own + resident * TOLERANCE,
            2,
        )

    def _expect_idle(self) -> None:
        """The best of a few times: trimming memory takes some of the first."""
        for _ in range(5):
            before = {proxy.name: proxy.processor_seconds() for proxy in self._mesh.proxies}
            time.sleep(LOOK_SECONDS)
            used = {
                proxy.name: (proxy.processor_seconds() - before[proxy.name]) / LOOK_SECONDS
                for proxy in self._mesh.proxies
            }
            if max(used.values()) <= IDLE_SECONDS_MAX:
                return
        raise AttackFailed(f"an idle second takes {used} s of processor time")

    def _expect_quiet_log(self, proxy: Proxy) -> None:
        last: dict[str, float] = {}
        for warning in proxy.warnings():
            for field in ("client", "reason", "error", "direction"):
                expect(field in warning.fields, f"no {field}: {warning.line}")
            cause = warning.message + warning.fields["direction"] + warning.fields["error"]
            apart = warning.seconds - last.get(cause, -10.0)
            expect(apart >= LINE_SECONDS_MIN, f"{apart:.3f} s after the last: {warning.line}")
            last[cause] = warning.seconds
