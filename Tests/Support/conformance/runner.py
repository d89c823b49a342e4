# SPDX-License-Identifier: Apache-2.0
"""Runs rows side by side and says what came of them."""

from __future__ import annotations

import http.client
import secrets
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from .connection import Identity, ask
from .hooks import Hooks
from .kubeconfig import Server
from .row import Row
from .world import RowFailed, World


@dataclass(frozen=True)
class Outcome:
    """What came of a row: `passed`, `failed` or `skipped`, and why."""

    row: Row
    result: str
    seconds: float = 0
    reason: str = ""


def version(server: Server) -> str:
    """The version that the server says it has."""
    reply = ask(server, "GET", "/version", None, {"Accept": "application/json"}, Identity())
    return str(reply.body["gitVersion"])


def run(
    server: Server,
    rows: Sequence[Row],
    hook_host: str | None,
    jobs: int,
    report: Callable[[Outcome], None],
) -> list[Outcome]:
    """Without an address that the server can reach us at, rows with hooks are skipped."""
    hooks = Hooks(hook_host) if hook_host else None
    try:
        with ThreadPoolExecutor(jobs) as pool:
            waiting = [pool.submit(_run, server, hooks, row) for row in rows]
            outcomes = []
            for done in as_completed(waiting):
                outcomes.append(done.result())
                report(outcomes[-1])
        return outcomes
    finally:
        if hooks:
            hooks.close()


def _run(server: Server, hooks: Hooks | None, row: Row) -> Outcome:
    if row.hooks and hooks is None:
        return Outcome(row, "skipped", reason="the server cannot reach a webhook of ours")
    start = time.monotonic()
    result, reason = "passed", ""
    try:
        World(server, hooks, row, secrets.token_hex(3)).run()
    except RowFailed as failure:
        result, reason = "failed", str(failure)
    except (OSError, http.client.HTTPException) as failure:
        result, reason = "failed", f"the server has gone away: {failure!r}"
    except Exception:  # noqa: BLE001 - whatever else it is, the row has not passed
        result, reason = "failed", traceback.format_exc()
    return Outcome(row, result, time.monotonic() - start, reason)
