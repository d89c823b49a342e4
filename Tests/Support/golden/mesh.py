# SPDX-License-Identifier: Apache-2.0
"""Proxies on loopback: a client's, a server's, one that lets in only the mesh, one that lets in
nobody, and one whose application does not listen."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from podbench.identity import Authority, identity_name
from podbench.loopback import PROXY, is_listening
from podbench.waiting import wait_until

# Which of the client's addresses leads where; all are listened on by its own proxy.
SERVICES = {
    "api": ("api", 8080, True),
    "locked": ("locked", 8080, True),
    "shut": ("shut", 8080, True),
    "alone": ("alone", 8080, True),
    "bytes": ("api", 7070, True),
    "greeting": ("api", 7071, True),
    "plain": ("api", 8080, False),
    "plain-bytes": ("api", 7070, False),
    "gone": ("nobody", 8080, False),
    "gone-bytes": ("nobody", 7070, False),
    "forbidden": ("api", 8080, False),
    "forbidden-bytes": ("api", 7070, False),
}
# What `outgoing.allow` of the client has no entry for.
FORBIDDEN = ("forbidden", "forbidden-bytes")

# Whom each of the servers' proxies lets in.
POLICIES = {
    "api": "all-unauthenticated",
    "locked": "all-authenticated",
    "shut": "deny",
    "alone": "all-unauthenticated",
}


class Mesh:
    """Addresses by name, once everything listens."""

    def __init__(self, build: Path, stack: ExitStack) -> None:
        net = f"127.{secrets.randbelow(254) + 1}.{secrets.randbelow(254) + 1}"
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="golden-")))
        self.stack = stack
        names = ["web", *POLICIES]
        self.proxies = {name: f"{net}.{1 + at}" for at, name in enumerate(names)}
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
            wait_until(f"{name} to listen", partial(is_listening, own, 4143), 10)
        for name in ("api", "locked"):
            own = self.proxies[name]
            wait_until(f"{name}'s server", partial(is_listening, own, 7070), 10)

    def config(self, name: str, own: str) -> str:
        """The proxy's file."""
        text = PROXY.format(own=own, name=self.identities[name])
        if name != "web":
            return text + f"  forwardTo: {own}:8080\n  defaultPolicy: {POLICIES[name]}\n"
        listen = f"  listenAddr: {own}:4140\n"
        allowed = [f"k8s:shop/{name}" for name in self.services if name not in FORBIDDEN]
        outgoing = f"  proxy:\n    outgoing:\n      allow: [{', '.join(allowed)}]\n"
        text = text.replace(listen, listen + outgoing)
        text += "services:\n"
        for service, (peer, port, is_meshed) in SERVICES.items():
            text += f"  {service}.shop.svc.cluster.local:\n"
            text += f"    address: {self.services[service]}:{port}\n    endpoints:\n"
            text += f"    - address: {self.peers[peer]}:{port}\n"
            if is_meshed:
                text += f"      identity: {self.identities[peer]}\n"
        text += "  empty.shop.svc.cluster.local:\n"
        return text + f"    address: {self.services['empty']}:8080\n    endpoints: []\n"

    def add_many_endpoints(self, services: int, each: int) -> list[str]:
        """Gives web so many services more, while it runs, with so many endpoints each.

        All of 127.0.0.0/8 is this machine's: one server stands for all endpoints. Returns the
        services' addresses once they are listened on.
        """
        with socket.create_server(("0.0.0.0", 0)) as free:
            port = free.getsockname()[1]
        self.start("everywhere", sys.executable, "-B", "-m", "golden.backend", "0.0.0.0", str(port))
        net = self.proxies["web"].rsplit(".", 1)[0]
        found = [f"{net}.{100 + at}" for at in range(services)]
        place = self.folder / "web" / "proxy.yaml"
        names = ", ".join(f"k8s:shop/many-{at}" for at in range(services))
        text = place.read_text().replace("allow: [", f"allow: [{names}, ")
        for at, address in enumerate(found):
            text += f"  many-{at}.shop.svc.cluster.local:\n"
            text += f"    address: {address}:8080\n    endpoints:\n"
            for n in range(each):
                text += f"    - address: 127.{100 + at}.{n // 250}.{n % 250 + 1}:{port}\n"
        new = place.with_suffix(".new")
        new.write_text(text)
        new.replace(place)
        wait_until("everywhere to listen", lambda: is_listening("0.0.0.0", port), 10)
        for address in found:
            wait_until("the new services", partial(is_listening, address, 8080), 10)
        return found

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
