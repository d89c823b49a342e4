# SPDX-License-Identifier: Apache-2.0
"""The same cases between two pods of the bench, whose traffic is redirected as in a cluster.

This process enters the pods' network namespaces in turn: its servers run in one pod, its clients in
the other, or beside the servers for what they see without the mesh.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from podbench.errors import BenchError, call
from podbench.identity import identity_name

from .mesh import PORTS, Route, end

CLONE_NEWNET = 0x40000000
CLIENT, SERVER = "webapp-1", "users-api-1"
SERVICE = "users-api.default.svc.cluster.local"

CONTAINER = """
      - name: {name}
        image: nginxdemos/hello:plain-1.0
        readinessProbe:
          httpGet:
            port: 80
"""
POD = """---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  selector:
    matchLabels:
      app: {name}
  template:
    metadata:
      labels:
        app: {name}
    spec:
      containers:"""


def manifest() -> str:
    """A client and a server; the ports of the cases are declared, and so have endpoints."""
    text = ""
    for name in ("webapp", "users-api"):
        text += POD.format(name=name) + CONTAINER.format(name=name) + "        ports:\n"
        text += "".join(f"        - containerPort: {port}\n" for port in PORTS.values())
    return text


class Pods:
    """What a case needs of the two pods; runs beside them."""

    def __init__(self) -> None:
        self._world = Path(os.environ["PODBENCH_WORLD"])
        self._spaces = {name: self._network(name) for name in (CLIENT, SERVER)}
        file = self._world / "pods" / CLIENT / "volumes/linkerd-identity-end-entity/proxy.yaml"
        lines = file.read_text().splitlines()
        at = next(index for index, line in enumerate(lines) if SERVICE in line)
        self._virtual = lines[at + 1].split()[1].strip('"').rsplit(":", 1)[0]
        self.server_ips = [lines[at + 3].split()[2].strip('"').rsplit(":", 1)[0]]
        self.client_ip = self._virtual
        self.client_identity = identity_name("default", "default")
        self._stack = ExitStack()

    def _network(self, pod: str) -> Path:
        container = f"{pod}.{pod.rsplit('-', 1)[0]}"
        state = json.loads(call("runc", "--root", self._world / "runc", "state", container))
        return Path(f"/proc/{state['pid']}/ns/net")

    def __enter__(self) -> Pods:
        name = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="http1-"))
        self.folder = Path(name)
        self.folder.chmod(0o755)
        self.enter(self.routes[0])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def listen_ip(self) -> str:
        """Where servers listen: their proxy reaches them by the pod's own loopback address."""
        return "0.0.0.0"

    @property
    def routes(self) -> tuple[Route, Route]:
        """Straight, beside the servers, and through the mesh, from the other pod."""
        return Route(self.server_ips[0], False), Route(self._virtual, True)

    def enter(self, route: Route) -> None:
        """Goes to the pod where a route begins; new threads and processes begin there too."""
        with self._spaces[CLIENT if route.is_meshed else SERVER].open("rb") as file:
            if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET):
                raise BenchError(f"cannot enter a pod: {os.strerror(ctypes.get_errno())}")

    def start(self, *words: str, log: str) -> subprocess.Popen[bytes]:
        """Starts a process that ends with the cases."""
        with (self.folder / log).open("ab") as file:
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=file, stderr=file, cwd=self.folder
            )
        self._stack.callback(end, process)
        return process

    def complaints(self) -> str:
        """The last words of the proxies."""
        lines = []
        for file in sorted((self._world / "logs").glob("*linkerd-proxy*")):
            text = file.read_text(errors="replace").splitlines()[-4:]
            lines += [f"{file.name}: {line[:300]}" for line in text]
        return "\n".join(lines)
