# SPDX-License-Identifier: Apache-2.0
"""Runs cases side by side, each in a process of its own, and says what came of them."""

from __future__ import annotations

import contextlib
import io
import math
import multiprocessing
import resource
import shlex
import signal
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess

from .outcome import AttackFailed, Skipped


@dataclass(frozen=True)
class Job:
    """A case to run; its title, and what is printed behind that, if anything."""

    title: str
    run: Callable[[], None]
    remark: str = ""
    # Whether nothing else may run beside it, since it measures.
    is_alone: bool = False
    # How many seconds it may take where that is more than others may.
    seconds_max: float = 0


@dataclass(frozen=True)
class Bounds:
    """How many jobs run at a time, and how many seconds one may take.

    One that takes longer than `seconds` has failed, however well it ended; None for no such bound.
    One that takes longer than `hang_seconds` is ended.
    """

    jobs: int
    seconds: float | None
    # LIMIT: however busy the machine is.
    hang_seconds: float = 60.0


def run(script: str, work: Sequence[Job], bounds: Bounds) -> int:
    """Returns the exit code: 0 when all that ran have passed. `script` is what repeats one."""
    # Thousands of connections have three ends in a process.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    start = time.monotonic()
    waiting, running, failed = list(work), list[Running](), list[str]()
    while waiting or running:
        while waiting and has_room(running, waiting[0], bounds):
            running.append(Running(waiting.pop(0), bounds))
        ready = wait([one.end for one in running], timeout=1)
        for one in list(running):
            if one.end not in ready and not one.is_overdue():
                continue
            running.remove(one)
            if not one.finish():
                failed.append(one.job.title)
    print(f"{len(work)} cases, {len(failed)} failed, {time.monotonic() - start:.0f} s")
    for title in failed:
        print(f"FAILED; to repeat it: {script} --only {shlex.quote(title)}")
    return 1 if failed or not work else 0


def has_room(running: Sequence[Running], job: Job, bounds: Bounds) -> bool:
    """Whether a job may start beside the others."""
    if not running:
        return True
    is_shared = not job.is_alone and not running[0].job.is_alone
    return is_shared and len(running) < bounds.jobs


class Running:
    """A job in its process."""

    def __init__(self, job: Job, bounds: Bounds) -> None:
        forking = multiprocessing.get_context("fork")
        self.job = job
        self.end, theirs = forking.Pipe(duplex=False)
        self._start = time.monotonic()
        self._bounds = bounds
        # Not a daemon: floods have processes of their own.
        self._process: ForkProcess = forking.Process(target=_work, args=(job, theirs))
        self._process.start()
        theirs.close()

    def is_overdue(self) -> bool:
        """Whether it hangs."""
        return time.monotonic() - self._start > self._bounds.hang_seconds

    def finish(self) -> bool:
        """Says what came of it; whether that is well."""
        took = time.monotonic() - self._start
        verdict, words = "FAIL", "      it hung\n"
        try:
            if self.end.poll():
                verdict, words, took = self.end.recv()
        except EOFError:
            words = "      its process has ended\n"
        if self._process.is_alive() and verdict == "FAIL":
            self._process.join(1)
            self._process.terminate()
        self._process.join(5)
        most = max(self._bounds.seconds or math.inf, self.job.seconds_max)
        if took > most and verdict == "ok":
            verdict = "FAIL"
            words += f"      it may take {most:g} s\n"
        title = f"{self.job.title}{self.job.remark} ({took:.1f} s)"
        print(f"{verdict:>4}  {title}\n{words}", end="", flush=True)
        return bool(verdict != "FAIL")


def _work(job: Job, end: Connection) -> None:
    # Ended from outside, it still stops its proxies.
    signal.signal(signal.SIGTERM, lambda _number, _frame: exit(1))
    output = io.StringIO()
    verdict = "ok"
    start = time.monotonic()
    with contextlib.redirect_stdout(output):
        try:
            job.run()
        except Skipped as reason:
            verdict = "SKIP"
            print(f"      {reason}")
        except AttackFailed as reason:
            verdict = "FAIL"
            print(f"      {reason}")
        except Exception:  # noqa: BLE001 - whatever else it is, the case has not passed
            verdict = "FAIL"
            print(traceback.format_exc())
    end.send((verdict, output.getvalue(), time.monotonic() - start))
