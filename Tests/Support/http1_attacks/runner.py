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

from attacks.outcome import AttackFailed

from .scale import SECONDS
from .table import Case

# LIMIT: seconds that a case may take, however busy the machine is; what hangs is ended and has
# failed.
CASE_SECONDS_MAX = 120.0 + 4 * SECONDS


def run(cases: Sequence[Case], jobs: int) -> int:
    """Returns the exit code: 0 when all have passed."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    start = time.monotonic()
    waiting, running, failed = list(cases), list[Running](), list[str]()
    while waiting or running:
        while waiting and len(running) < jobs:
            running.append(Running(waiting.pop(0)))
        ready = wait([one.end for one in running], timeout=1)
        for one in list(running):
            if one.end in ready or one.is_overdue():
                running.remove(one)
                if not one.finish():
                    failed.append(one.case.title)
    print(f"{len(cases)} cases, {len(failed)} failed, {time.monotonic() - start:.0f} s")
    for title in failed:
        print(f"FAILED; to repeat it: Scripts/http1_attacks --only '{title}'")
    return 1 if failed or not cases else 0


class Running:
    """A case in its process."""

    def __init__(self, case: Case) -> None:
        forking = multiprocessing.get_context("fork")
        self.case = case
        self.end, theirs = forking.Pipe(duplex=False)
        self._start = time.monotonic()
        # Not a daemon: some cases have processes of their own.
        self._process: ForkProcess = forking.Process(target=_work, args=(case, theirs))
        self._process.start()
        theirs.close()

    def is_overdue(self) -> bool:
        """Whether it hangs."""
        return time.monotonic() - self._start > CASE_SECONDS_MAX

    def finish(self) -> bool:
        """Says what came of it; whether that is well."""
        try:
            verdict, words = self.end.recv() if self.end.poll() else ("FAIL", "      it hung\n")
        except EOFError:
            verdict, words = "FAIL", "      its process has ended\n"
        took = time.monotonic() - self._start
        if self._process.is_alive() and verdict == "FAIL":
            self._process.join(1)
            self._process.terminate()
        self._process.join(5)
        title = f"{self.case.title} (case {self.case.number}; {took:.1f} s)"
        print(f"{verdict:>4}  {title}\n{words}", end="", flush=True)
        return bool(verdict == "ok")


def _work(case: Case, end: Connection) -> None:
    # Ended from outside, it still stops its proxies.
    signal.signal(signal.SIGTERM, lambda _number, _frame: exit(1))
    output = io.StringIO()
    verdict = "ok"
    with contextlib.redirect_stdout(output):
        try:
            case.run()
        except AttackFailed as reason:
            verdict = "FAIL"
            print(f"      {reason}")
        except Exception:  # noqa: BLE001 - whatever else it is, the case has not passed
            verdict = "FAIL"
            print(traceback.format_exc())
    end.send((verdict, output.getvalue()))
