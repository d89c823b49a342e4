# SPDX-License-Identifier: Apache-2.0
"""The cluster: its parts put together, and its life from the start to the end."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
import time
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from .controllers.controller import Controller
from .controllers.crds import CustomResources
from .controllers.deployments import Deployments
from .controllers.garbage import Garbage
from .controllers.namespaces import Beginnings, Namespaces
from .controllers.replicasets import ReplicaSets
from .controllers.scheduler import Scheduler
from .controllers.slices import Slices
from .server import bootstrap
from .server.admission import Admission, Unreachable
from .server.api import Api
from .server.authority import Certificates, Tokens
from .server.catalog import Catalog
from .server.dialing import Dialer
from .server.documents import Documents
from .server.frontend import Frontend, tls_context
from .server.reviews import Reviews
from .server.store import Store
from .server.subresources import Subresources

# LIMIT: bytes of a request's line and of one of its header fields.
LINE_BYTES = 64 * 1024
# LIMIT: seconds that requests under way have when the server ends.
END_SECONDS = 1.0
ADMIN = "/O=system:masters/CN=kubernetes-admin"
_USAGES = "serverAuth,clientAuth"


class Cluster:
    """An API server with its controllers, in one event loop."""

    def __init__(self, folder: Path, address: str, node: str = "", node_port: int = 6443) -> None:
        self.certificates = Certificates(folder / "pki")
        names = ",".join([
            "DNS:localhost", "DNS:kubernetes", "DNS:kubernetes.default",
            "DNS:kubernetes.default.svc", "DNS:kubernetes.default.svc.cluster.local",
            "IP:127.0.0.1", "IP:::1", "IP:10.96.0.1", *([f"IP:{node}"] if node else []),
        ])
        self._server_files = self.certificates.issue(
            "apiserver", "/CN=kube-apiserver", _USAGES, names
        )
        self._admin_files = self.certificates.issue("admin", ADMIN, "clientAuth")
        self.store = Store()
        self.catalog = Catalog()
        self.admission = Admission(self.store, self.catalog)
        self.api = Api(self.store, self.catalog, self.admission)
        self.tokens = Tokens(self.store)
        self.reviews = Reviews(self.store, self.tokens)
        self.address = address
        self.documents = Documents(self.catalog, self.tokens, address)
        self.parts = Subresources(self.api, self.reviews)
        self.admission.find_service = self._find_service
        self.admission.post = Dialer()
        self._node, self._node_port = node, node_port
        self.controllers: list[Controller] = [
            CustomResources(self.api, self.documents.forget), Namespaces(self.api),
            Beginnings(self.api, self.certificates.authority), Garbage(self.api),
            ReplicaSets(self.api), Deployments(self.api), Slices(self.api), Scheduler(self.api),
        ]
        self._frontend = Frontend(
            self.api, self.reviews, self.tokens, self.documents, self.parts
        )
        self._runner: web.ServerRunner | None = None
        self._tasks: list[asyncio.Task[Any]] = []

    @property
    def tls(self) -> ssl.SSLContext:
        """What the server proves itself with."""
        certificate, key = self._server_files
        return tls_context(str(certificate), str(key), str(self.certificates.authority))

    async def start(self, sockets: list[socket.socket]) -> None:
        """Serves on these sockets."""
        await bootstrap.fill(
            self.api, self._node or "127.0.0.1", self._node_port, bool(self._node)
        )
        for controller in self.controllers:
            self._tasks.append(asyncio.create_task(controller.run()))
        server = web.Server(
            self._frontend.handle, handler_cancellation=True, access_log=None,
            max_line_size=LINE_BYTES, max_field_size=LINE_BYTES, keepalive_timeout=120,
        )
        self._runner = web.ServerRunner(server, shutdown_timeout=END_SECONDS)
        await self._runner.setup()
        for each in sockets:
            await web.SockSite(self._runner, each, ssl_context=self.tls, backlog=512).start()
        await self._settle()
        # Nobody can have seen what was before: it is as forgotten as in an old cluster.
        self.store.compact()

    async def _settle(self) -> None:
        """Waits until each namespace has what it has from the start."""
        deadline = time.monotonic() + 2
        namespaces = list(self.store.all(("", "namespaces")))
        while time.monotonic() < deadline:
            if self.store.count(("", "serviceaccounts")) >= len(namespaces) <= self.store.count(
                ("", "configmaps")
            ):
                return
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """Ends all that it has begun."""
        self.store.end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()

    async def _find_service(self, namespace: str, name: str, port: int) -> tuple[str, int]:
        """Where a service's webhook is."""
        service = self.store.get(("", "services"), namespace, name)
        if service is None:
            raise Unreachable(f'service "{name}" not found')
        if not any(each["port"] == port for each in service["spec"].get("ports") or []):
            raise Unreachable(f'service "{name}" has no port {port}')
        if not self._node:
            raise Unreachable("no pods run here, so that no service has endpoints")
        return service["spec"]["clusterIP"], port

    def kubeconfig(self) -> str:
        """How an administrator reaches it."""
        certificate, key = self._admin_files

        def encoded(path: Path) -> str:
            return base64.b64encode(path.read_bytes()).decode()

        return yaml.safe_dump({
            "apiVersion": "v1", "kind": "Config", "current-context": "testcluster",
            "clusters": [{"name": "testcluster", "cluster": {
                "server": f"https://{self.address}",
                "certificate-authority-data": encoded(self.certificates.authority),
            }}],
            "users": [{"name": "admin", "user": {
                "client-certificate-data": encoded(certificate),
                "client-key-data": encoded(key),
            }}],
            "contexts": [{"name": "testcluster", "context": {
                "cluster": "testcluster", "user": "admin"
            }}],
        }, sort_keys=False)


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket for the server."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind((host, port))
    found.listen(512)
    found.setblocking(False)
    return found
