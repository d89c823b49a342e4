# SPDX-License-Identifier: Apache-2.0
"""Runs the cases, and says of each whether it holds."""

from __future__ import annotations

import traceback
from pathlib import Path

from . import connections, libraries, messages, servers, sockets, tools
from .case import CASES, Bench, CaseError
from .case import run as run_case
from .mesh import PORTS, Mesh
from .recorder import Recorder

# Importing them has filled the list of cases.
MODULES = (messages, connections, tools, libraries, sockets)


def run(build: Path, wanted: str) -> int:
    """The exit code: 0 when everything holds."""
    failed = 0
    with Mesh(build) as mesh:
        bench = Bench(mesh, Recorder(mesh.server_ips[0], PORTS["recorder"]))
        servers.start_nginx(mesh)
        servers.start_tinyproxy(mesh)
        sockets.start_websocket(mesh)
        for case in CASES:
            if wanted not in case.name:
                continue
            try:
                straight, meshed = run_case(case, bench)
                print(f"  ok  {case.name} ({straight:.2f} s, meshed {meshed:.2f} s)", flush=True)
            except (CaseError, OSError, EOFError, ValueError, AssertionError) as error:
                failed += 1
                print(f"FAIL  {case.name}: {type(error).__name__}: {error}", flush=True)
                if not isinstance(error, CaseError):
                    traceback.print_exc()
        if failed:
            print(mesh.complaints())
    return 1 if failed else 0
