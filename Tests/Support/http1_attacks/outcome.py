# SPDX-License-Identifier: Apache-2.0
"""What a case says, and waiting for what other processes do."""

from __future__ import annotations

import time
from collections.abc import Callable


class AttackFailed(Exception):
    """The proxy did not do what it has to; the text says what was seen."""


def expect(is_true: bool, what: str) -> None:
    """Ends the case when something does not hold."""
    if not is_true:
        raise AttackFailed(what)


def wait_until(what: str, is_true: Callable[[], bool], seconds: float = 5.0) -> None:
    """Looks again and again, for so long."""
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            raise AttackFailed(f"waited {seconds:g} s in vain: {what}")
        time.sleep(0.02)
