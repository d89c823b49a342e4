# SPDX-License-Identifier: Apache-2.0
"""The command in the foreground: in this process without pods, in namespaces of its own with them."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from podbench import outside, waiting
from podbench.errors import BenchError

from .cluster import Cluster, listening_socket

BEGUN = time.monotonic()
_LOUD = "API ONLY: {why}. Pods stay Pending, services have no endpoints, no name is resolved."


def run(options: argparse.Namespace) -> int:
    """Runs a cluster until it is told to end."""
    return without_pods(options, "as --no-pods asks")


def without_pods(options: argparse.Namespace, why: str) -> int:
    """The API alone."""
    print(_LOUD.format(why=why), file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="testcluster-") as folder:
        sock = listening_socket("127.0.0.1", options.port)
        return asyncio.run(_serve(Path(folder), sock, options.kubeconfig))


async def _serve(folder: Path, sock: object, kubeconfig: Path) -> int:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ended.set)
    port = sock.getsockname()[1]  # type: ignore[attr-defined]
    cluster = Cluster(folder, f"127.0.0.1:{port}")
    await cluster.start([sock])  # type: ignore[list-item]
    announce(cluster, kubeconfig)
    try:
        await ended.wait()
    finally:
        await cluster.stop()
        kubeconfig.unlink(missing_ok=True)
    return 0


def announce(cluster: Cluster, kubeconfig: Path) -> None:
    """Writes the kubeconfig, and says how to use it."""
    kubeconfig.parent.mkdir(parents=True, exist_ok=True)
    draft = kubeconfig.with_name(kubeconfig.name + f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(cluster.kubeconfig())
    draft.rename(kubeconfig)
    print(f"https://{cluster.address}, after {time.monotonic() - BEGUN:.2f} s. To use it:")
    print(f"    export KUBECONFIG={kubeconfig}")
    print("    kubectl get pods --all-namespaces")
    print("ready", flush=True)


__all__ = ["BenchError", "outside", "run", "waiting"]
