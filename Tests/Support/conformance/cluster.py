# SPDX-License-Identifier: Apache-2.0
"""A TestCluster for as long as the table runs."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .connection import Identity, ask
from .kubeconfig import Server


class NoCluster(Exception):
    """It did not start; the text says why."""


@contextlib.contextmanager
def test_cluster(root: Path) -> Iterator[Server]:
    """The API alone: nothing of the table needs a pod that runs."""
    with tempfile.TemporaryDirectory() as folder:
        kubeconfig = Path(folder, "kubeconfig")
        command = [
            sys.executable, "-B", str(root / "Scripts/testcluster"),
            "--no-pods", "--kubeconfig", str(kubeconfig),
        ]  # fmt: skip
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            _wait(process)
            server = Server.from_file(kubeconfig)
            # A cluster that has been up for ten minutes has forgotten its first versions.
            headers = {"Accept": "application/json", "Content-Type": "application/json"}
            reply = ask(server, "POST", "/testcluster/compact", b"{}", headers, Identity())
            if reply.status >= 300:
                raise NoCluster(f"its history stays: {reply.status} {reply.body}")
            yield server
        finally:
            process.terminate()
            # LIMIT: seconds that it may take to end.
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == "ready":
            return
    raise NoCluster(f"Scripts/testcluster has ended with {process.wait()}")
