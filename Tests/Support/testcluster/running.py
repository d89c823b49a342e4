# SPDX-License-Identifier: Apache-2.0
"""The command in the foreground: in this process, or with pods in namespaces of its own."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from podbench import outside, waiting
from podbench.outside import Place

from .cluster import Cluster, listening_socket
from .node.network import NODE_ADDRESS
from .node.node import API_PORT, Node, Outside, prepare

INHERITED = "TESTCLUSTER_INHERITED"
_LOUD = "API ONLY: {why}. Pods stay Pending, services have no endpoints, no name is resolved."


def run(options: argparse.Namespace) -> int:
    """Runs a cluster until it is told to end."""
    if place := outside.inner_place():
        return _inside(options, place)
    begun = time.monotonic()
    if options.no_pods:
        return _without_pods(options, "as --no-pods asks", begun)
    if not can_run_pods():
        return _without_pods(options, "pods take root and namespaces", begun)
    with listening_socket("127.0.0.1", options.port) as sock:
        network = os.open("/proc/self/ns/net", os.O_RDONLY)
        os.environ[INHERITED] = f"{sock.fileno()}:{network}:{begun}"
        result = outside.run(sys.argv, (sock.fileno(), network))
    options.kubeconfig.unlink(missing_ok=True)
    return 0 if result == waiting.INTERRUPTED else result


def can_run_pods() -> bool:
    """Whether this process may make what a node is made of."""
    if os.geteuid() != 0:
        return False
    command = ["unshare", "--mount", "--net", "--pid", "--fork", "true"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _without_pods(options: argparse.Namespace, why: str, begun: float) -> int:
    """The API alone."""
    print(_LOUD.format(why=why), file=sys.stderr, flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="testcluster-") as folder,
        listening_socket("127.0.0.1", options.port) as sock,
    ):
        return asyncio.run(_serve(Path(folder), sock, options.kubeconfig, begun))


async def _serve(folder: Path, sock: socket.socket, kubeconfig: Path, begun: float) -> int:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ended.set)
    cluster = Cluster(folder, f"127.0.0.1:{sock.getsockname()[1]}")
    await cluster.start([sock])
    announce(cluster, kubeconfig, begun)
    try:
        await ended.wait()
    finally:
        await cluster.stop()
        kubeconfig.unlink(missing_ok=True)
    return 0


def _inside(options: argparse.Namespace, place: Place) -> int:
    """The part that runs in namespaces of its own."""
    file, network, begun = os.environ.pop(INHERITED).split(":")
    sock = socket.socket(fileno=int(file))
    prepare(place.world, place.run)
    try:
        return asyncio.run(_serve_with_pods(options, place, sock, int(network), float(begun)))
    finally:
        outside.cgroups_left(place.run)


async def _serve_with_pods(
    options: argparse.Namespace, place: Place, sock: socket.socket, network: int, begun: float
) -> int:
    address = f"127.0.0.1:{sock.getsockname()[1]}"
    cluster = Cluster(place.world, address, NODE_ADDRESS, API_PORT)
    cluster.admission.post = Outside(network).dialer()
    node = Node(cluster, place.world, options.build.resolve(), place.run)
    await cluster.start([sock, listening_socket(NODE_ADDRESS, API_PORT)])
    await node.start(place.report)
    announce(cluster, options.kubeconfig, begun)
    try:
        await _until_ending(lambda: place.report(node.kubelet.namespace_ids()))
    finally:
        waiting.ending.set()
        await node.stop()
        await cluster.stop()
    return 0


async def _until_ending(report: Callable[[], None]) -> None:
    """Waits for the word from outside, and keeps it informed."""
    while not waiting.ending.is_set():
        report()
        for _ in range(10):
            if waiting.ending.is_set():
                return
            await asyncio.sleep(0.05)


def announce(cluster: Cluster, kubeconfig: Path, begun: float) -> None:
    """Writes the kubeconfig, and says how to use it."""
    kubeconfig.parent.mkdir(parents=True, exist_ok=True)
    draft = kubeconfig.with_name(kubeconfig.name + f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(cluster.kubeconfig())
    draft.rename(kubeconfig)
    print(f"https://{cluster.address}, after {time.monotonic() - begun:.2f} s. To use it:")
    print(f"    export KUBECONFIG={kubeconfig}")
    print("    kubectl get pods --all-namespaces")
    print("ready", flush=True)

