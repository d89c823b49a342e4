# SPDX-License-Identifier: Apache-2.0
"""Waiting that ends when the bench is told to end.

No signal handler raises: an exception that comes from nowhere can leave a lock of Python's own
taken. Whoever waits asks `ending` instead.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping

from .errors import BenchError

# LIMIT: for what has no bound of its own in the spec; seconds.
WAIT_SECONDS = 20.0
# The exit code of a command that was interrupted, by the shells' custom.
INTERRUPTED = 130

# Set when the bench is to end.
ending = threading.Event()


def end_on_signals() -> None:
    """Lets the signals that end a command end the bench."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: ending.set())


def pause(seconds: float) -> None:
    """Sleeps, unless the bench ends."""
    if ending.wait(seconds):
        raise BenchError("interrupted")


def wait_until(
    what: str, is_true: Callable[[], bool], seconds: float = WAIT_SECONDS, step: float = 0.02
) -> None:
    """Waits for something that comes from outside."""
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            raise BenchError(f"waited {seconds:g} s in vain for {what}")
        pause(step)


def run_command(command: list[str], variables: Mapping[str, str]) -> int:
    """Runs a command to its end or the bench's; returns its exit code."""
    process = subprocess.Popen(command, env={**os.environ, **variables})
    while process.poll() is None:
        if ending.wait(0.05):
            process.terminate()
            try:
                process.wait(2)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            return INTERRUPTED
    return process.returncode
