# SPDX-License-Identifier: Apache-2.0
"""Runs the cases, and says of each whether it holds."""

from __future__ import annotations

import traceback
from pathlib import Path

from . import connections, failover, libraries, messages, servers, sockets, tools
from .case import CASES, Bench, CaseError
from .case import run as run_case
from .mesh import PORTS, Mesh
from .pods import Pods
from .recorder import Recorder

# Importing them has filled the list of cases.
MODULES = (messages, connections, tools, libraries, sockets)


def run(build: Path, wanted: str) -> int:
    """On loopback addresses; the exit code is 0 when everything holds."""
    failed = 0 if wanted not in "failover" else try_failover(build)
    with Mesh(build) as mesh:
        failed += run_all(mesh, wanted)
    return 1 if failed else 0


def run_beside(wanted: str) -> int:
    """Beside the pods of a bench."""
    with Pods() as pods:
        return 1 if run_all(pods, wanted) else 0


def run_all(mesh: Mesh | Pods, wanted: str) -> int:
    """Runs the cases; returns how many have failed."""
    failed = 0
    bench = Bench(mesh, Recorder(mesh.listen_ip, PORTS["recorder"]))
    servers.start_nginx(mesh)
    servers.start_tinyproxy(mesh)
    sockets.start_websocket(mesh)
    for case in CASES:
        if wanted not in case.name or case.is_local and isinstance(mesh, Pods):
            continue
        try:
            straight, meshed = run_case(case, bench)
            print(f"  ok  {case.name} ({straight:.2f} s, meshed {meshed:.2f} s)", flush=True)
        except Exception as error:  # Of whatever library the case uses.
            failed += 1
            print(f"FAIL  {case.name}: {type(error).__name__}: {error}", flush=True)
            if not isinstance(error, CaseError):
                traceback.print_exc()
    if failed:
        print(mesh.complaints())
    return failed


def try_failover(build: Path) -> int:
    """Runs what needs two replicas; returns how much has failed."""
    try:
        print(f"  ok  {failover.run(build)}", flush=True)
        return 0
    except (CaseError, OSError, EOFError) as error:
        print(f"FAIL  failover: {error}", flush=True)
        return 1
