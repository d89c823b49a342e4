# SPDX-License-Identifier: Apache-2.0
"""When to probe, and what the answers mean. Pure but for the call itself, which is handed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from typing import Any


class Prober:
    """One probe of one container."""

    def __init__(
        self, spec: Mapping[str, Any], attempt: Callable[[], bool], pool: Executor, now: float
    ) -> None:
        self._attempt = attempt
        self._pool = pool
        self._period = max(1.0, float(spec.get("periodSeconds", 10)))
        self._failures = max(1, int(spec.get("failureThreshold", 3)))
        self._successes = max(1, int(spec.get("successThreshold", 1)))
        self._next = now + float(spec.get("initialDelaySeconds", 0))
        self._future: Future[bool] | None = None
        self._good = self._bad = 0
        # None until the answers have been alike often enough.
        self.result: bool | None = None

    def look(self, now: float) -> bool | None:
        """Probes if it is time, and returns what holds."""
        if self._future is None:
            if now >= self._next:
                self._future = self._pool.submit(self._attempt)
        elif self._future.done():
            self._count(self._future)
            self._future = None
            self._next = max(self._next + self._period, now)
        return self.result

    def _count(self, future: Future[bool]) -> None:
        is_good = future.exception() is None and future.result()
        self._good, self._bad = (self._good + 1, 0) if is_good else (0, self._bad + 1)
        if self._good >= self._successes:
            self.result = True
        elif self._bad >= self._failures:
            self.result = False
