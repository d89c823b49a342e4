# SPDX-License-Identifier: Apache-2.0
"""Writes what crosses the bridge into a file, by tcpdump."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .network import BRIDGE
from .waiting import wait_until

# LIMIT: what the kernel keeps for tcpdump when that is slow, in KiB: a case's bytes, twice over.
BUFFER_KIB = 32768
# Probes come from the node, which is no part of the mesh.
NO_PROBES = "tcp and not port 4191"


@contextmanager
def captured(
    file: Path, is_whole: Callable[[], bool], what: str = NO_PROBES, *options: str
) -> Iterator[Path]:
    """Captures while the body runs and then until all is in the file, by the caller's word."""
    command = ["tcpdump", "-i", BRIDGE, "-Z", "root", "-U", "--immediate-mode", "-n"]
    command += ["-B", str(BUFFER_KIB), *options, "-w", str(file), what]
    log = file.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=output)
    try:
        wait_until("tcpdump to listen", lambda: "listening on" in log.read_text(), step=0.005)
        yield file
        # The last packets may be on their way to the file.
        wait_until("the capture to end", is_whole)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
