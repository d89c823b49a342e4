# SPDX-License-Identifier: Apache-2.0
"""Runs cases side by side, each in a process of its own, and says what came of them."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import resource
import signal
import time
import traceback
from collections.abc import Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess

from .outcome import AttackFailed, Skipped
from .table import Case

# LIMIT: seconds that a case may take beside its flood, however busy the machine is; what hangs is
# ended and has failed.
CASE_SECONDS_MAX = 60.0


def run(cases: Sequence[Case], seconds: float | None, jobs: int) -> int:
    """Returns the exit code: 0 when all that ran have passed."""
    # A thousand connections have three ends in this process.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    waiting, running, failed = list(cases), list[Running](), list[str]()
    while waiting or running:
        while waiting and len(running) < jobs:
            running.append(Running(waiting.pop(0), seconds))
        ready = wait([one.end for one in running], timeout=1)
        for one in list(running):
            if one.end not in ready and not one.is_overdue():
                continue
            running.remove(one)
            if not one.finish():
                failed.append(one.case.title)
    for title in failed:
        print(f"FAILED; to repeat it: Scripts/attacks --only '{title}'")
    return 1 if failed or not cases else 0


class Running:
    """A case in its process."""

    def __init__(self, case: Case, seconds: float | None) -> None:
        forking = multiprocessing.get_context("fork")
        self.case = case
        self.end, theirs = forking.Pipe(duplex=False)
        self._start = time.monotonic()
        self._seconds_max = CASE_SECONDS_MAX + (seconds or 0)
        # Not a daemon: floods have processes of their own.
        self._process: ForkProcess = forking.Process(target=_work, args=(case, seconds, theirs))
        self._process.start()
        theirs.close()

    def is_overdue(self) -> bool:
        """Whether it hangs."""
        return time.monotonic() - self._start > self._seconds_max

    def finish(self) -> bool:
        """Says what came of it; whether that is well."""
        try:
            verdict, words = self.end.recv() if self.end.poll() else ("FAIL", "it hung\n")
        except EOFError:
            verdict, words = "FAIL", "its process has ended\n"
        took = time.monotonic() - self._start
        if self._process.is_alive() and verdict == "FAIL":
            self._process.terminate()
        self._process.join(5)
        print(f"{verdict:>4}  {self.case.title} ({took:.1f} s)\n{words}", end="", flush=True)
        return bool(verdict != "FAIL")


def _work(case: Case, seconds: float | None, end: Connection) -> None:
    # Ended from outside, it still stops its proxies.
    signal.signal(signal.SIGTERM, lambda _number, _frame: exit(1))
    output = io.StringIO()
    verdict = "ok"
    with contextlib.redirect_stdout(output):
        try:
            case(seconds)
        except Skipped as reason:
            verdict = "SKIP"
            print(f"      {reason}")
        except AttackFailed as reason:
            verdict = "FAIL"
            print(f"      {reason}")
        except Exception:  # noqa: BLE001 - whatever else it is, the case has not passed
            verdict = "FAIL"
            print(traceback.format_exc())
    end.send((verdict, output.getvalue()))
