# SPDX-License-Identifier: Apache-2.0
"""The node as a whole, beside an API server in the same loop."""

from __future__ import annotations

import asyncio
import ctypes
import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from podbench.errors import call

from ..cluster import Cluster
from ..server.dialing import Dialer
from .dns import Names
from .kubelet import Kubelet
from .network import NODE_ADDRESS, make_node_network
from .proxy import ServiceProxy

API_PORT = 6443
_CLONE_NEWNET = 0x40000000


class Node:
    """Networks, names, services and pods."""

    def __init__(self, cluster: Cluster, world: Path, build: Path, run: str) -> None:
        self._cluster = cluster
        self.kubelet = Kubelet(cluster.api, cluster.tokens, world, build, run)
        self._names = Names(cluster.store)
        self._proxy = ServiceProxy(cluster.api)
        cluster.controllers += [self.kubelet, self._proxy]
        cluster.parts.logs = self.kubelet.logs
        cluster.parts.execute = self.kubelet.execute
        self._lease: asyncio.Task[Any] | None = None

    async def start(self, report: Callable[[list[str]], None]) -> None:
        """Serves names and reports for duty; the report says what has to be gone in the end."""
        await self._names.start(NODE_ADDRESS)
        await self.kubelet.register()
        self._lease = asyncio.create_task(self.kubelet.renew())
        report(self.kubelet.namespace_ids())

    async def stop(self) -> None:
        """Ends all of it."""
        if self._lease is not None:
            self._lease.cancel()
        await self.kubelet.stop()
        self._names.stop()


def prepare(world: Path, run: str) -> None:
    """What the node stands on."""
    call("mount", "-t", "tmpfs", "-o", "mode=0755", run, world)
    make_node_network()


class Outside:
    """Makes connections in the network that this process came from.

    Webhooks that are named by an address are there, and not in the node's own network.
    """

    def __init__(self, network: int) -> None:
        self._network = network
        self._place = threading.local()
        self._pool = ThreadPoolExecutor(8, "outside")

    def dialer(self) -> Dialer:
        """Calls webhooks from there."""
        return Dialer(self._connect)

    async def _connect(self, host: str, port: int) -> socket.socket:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._open, host, port)

    def _open(self, host: str, port: int) -> socket.socket:
        if not getattr(self._place, "is_outside", False):
            library = ctypes.CDLL(None, use_errno=True)
            if library.setns(self._network, _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            self._place.is_outside = True
        # LIMIT: seconds; a webhook's own time is at most 30, Kubernetes' bound.
        found = socket.create_connection((host, port), 30)
        found.setblocking(False)
        return found
