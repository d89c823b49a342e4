# SPDX-License-Identifier: Apache-2.0
"""Three proxies on loopback: a client's, a server's, and a server's that lets in only the mesh."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from podbench.identity import Authority, identity_name
from podbench.loopback import PROXY, is_listening
from podbench.waiting import wait_until

# Which of the client's addresses leads where; all are listened on by its own proxy.
SERVICES = {
    "api": ("api", 8080, True),
    "locked": ("locked", 8080, True),
    "bytes": ("api", 7070, True),
    "plain": ("api", 8080, False),
    "gone": ("nobody", 8080, False),
}


class Mesh:
    """Addresses by name, once everything listens."""

    def __init__(self, build: Path, stack: ExitStack) -> None:
        net = f"127.{secrets.randbelow(254) + 1}.{secrets.randbelow(254) + 1}"
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="golden-")))
        self.stack = stack
        self.proxies = {"web": f"{net}.1", "api": f"{net}.2", "locked": f"{net}.3"}
        self.identities = {name: identity_name(name, "shop") for name in self.proxies}
        self.services = {name: f"{net}.{10 + at}" for at, name in enumerate([*SERVICES, "empty"])}
        self.peers = {**self.proxies, "nobody": f"{net}.99"}
        authority = Authority(self.folder / "authority")
        for name in ("api", "locked"):
            self.start(name, sys.executable, "-B", "-m", "golden.backend", self.proxies[name])
        for name, own in self.proxies.items():
            place = self.folder / name
            place.mkdir()
            authority.issue(self.identities[name], place, os.geteuid())
            (place / "proxy.yaml").write_text(self.config(name, own))
            proxy = str(build / "meshctl-proxy")
            self.start(name, proxy, "--config", str(place / "proxy.yaml"))
        for name, own in self.proxies.items():
            wait_until(f"{name} to listen", lambda own=own: is_listening(own, 4143), 10)
        for name in ("api", "locked"):
            own = self.proxies[name]
            wait_until(f"{name}'s server", lambda own=own: is_listening(own, 7070), 10)

    def config(self, name: str, own: str) -> str:
        """The proxy's file."""
        text = PROXY.format(own=own, name=self.identities[name])
        if name != "web":
            policy = "all-authenticated" if name == "locked" else "all-unauthenticated"
            return text + f"  forwardTo: {own}:8080\n  defaultPolicy: {policy}\n"
        text += "services:\n"
        for service, (peer, port, is_meshed) in SERVICES.items():
            text += f"  {service}.shop.svc.cluster.local:\n"
            text += f"    address: {self.services[service]}:{port}\n    endpoints:\n"
            text += f"    - address: {self.peers[peer]}:{port}\n"
            if is_meshed:
                text += f"      identity: {self.identities[peer]}\n"
        text += "  empty.shop.svc.cluster.local:\n"
        return text + f"    address: {self.services['empty']}:8080\n    endpoints: []\n"

    def start(self, name: str, *words: str) -> None:
        """A process that ends with the mesh."""
        support = str(Path(__file__).resolve().parent.parent)
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": support},
            )
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)

    def url(self, name: str) -> str:
        """A proxy's metrics."""
        return f"http://{self.proxies[name]}:4191/metrics"
