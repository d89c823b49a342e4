# SPDX-License-Identifier: Apache-2.0
"""Proxies on loopback addresses, with mutual TLS between them, and servers behind them."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from podbench.identity import Authority, identity_name
from podbench.loopback import PROXY, is_listening
from podbench.waiting import wait_until

CLIENT = "webapp"
# Who serves what, on the same port with and without the mesh.
PORTS = {"recorder": 8080, "nginx": 8081, "websocket": 8082, "proxy": 8083, "rolling": 8084}
HOST = "users-api.test"


@dataclass(frozen=True)
class Route:
    """One way to the servers: through the mesh or straight."""

    host: str
    is_meshed: bool

    def address(self, server: str) -> tuple[str, int]:
        """Where to connect."""
        return self.host, PORTS[server]

    def url(self, server: str, path: str) -> str:
        """A URL that names the address; the same Host must then be given as a field."""
        return f"http://{self.host}:{PORTS[server]}{path}"


class Mesh:
    """A client's proxy, and one proxy in front of each replica of the servers."""

    def __init__(self, build: Path, replicas: int = 1, flags: tuple[str, ...] = ()) -> None:
        self.build = build
        # More flags of the servers' proxies.
        self.flags = flags
        # Of 127.0.0.0/8 every address is ours; a random part keeps two runs apart.
        net = f"127.{secrets.randbelow(254) + 1}.{secrets.randbelow(254) + 1}"
        self.client_ip = f"{net}.1"
        self.server_ips = [f"{net}.{number + 2}" for number in range(replicas)]
        self.server_identity = identity_name("users-api", "default")
        self.client_identity = identity_name(CLIENT, "default")
        self._stack = ExitStack()
        self.proxies: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Mesh:
        name = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="http1-"))
        self.folder = Path(name)
        self.folder.chmod(0o755)
        self._authority = Authority(self.folder / "authority")
        for ip in self.server_ips:
            self._configure(ip, self.server_identity, f"  forwardTo: {ip}:{PORTS['recorder']}\n")
            self.start_proxy(ip, *self.flags)
        self._configure(self.client_ip, self.client_identity, self._services())
        self.start_proxy(self.client_ip)
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
        """Where servers listen."""
        return self.server_ips[0]

    @property
    def routes(self) -> tuple[Route, Route]:
        """Straight, and through the mesh."""
        return Route(self.server_ips[0], False), Route(self.client_ip, True)

    def enter(self, route: Route) -> None:
        """Goes to where a route begins, which is here."""

    def _services(self) -> str:
        text = "services:\n"
        for name, port in PORTS.items():
            text += f"  {name}.default.svc.cluster.local:\n"
            text += f"    address: {self.client_ip}:{port}\n    endpoints:\n"
            for ip in self.server_ips:
                text += f"    - address: {ip}:{port}\n      identity: {self.server_identity}\n"
        return text

    def _configure(self, ip: str, identity: str, rest: str) -> None:
        place = self.folder / ip
        place.mkdir()
        self._authority.issue(identity, place, os.geteuid())
        (place / "proxy.yaml").write_text(PROXY.format(own=ip, name=identity) + rest)

    def start_proxy(self, ip: str, *flags: str) -> None:
        """Starts a proxy, and waits until it listens."""
        config = str(self.folder / ip / "proxy.yaml")
        self.proxies[ip] = self.start(
            str(self.build / "meshctl-proxy"), "--config", config, *flags, log=f"proxy-{ip}.log"
        )
        wait_until(f"the proxy of {ip}", lambda: is_listening(ip, 4143), 10)

    def start(self, *words: str, log: str) -> subprocess.Popen[bytes]:
        """Starts a process that ends with the mesh."""
        with (self.folder / log).open("ab") as file:
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=file, stderr=file, cwd=self.folder
            )
        self._stack.callback(end, process)
        return process

    def complaints(self) -> str:
        """What the proxies have said of requests and connections that failed."""
        lines = []
        for file in sorted(self.folder.glob("proxy-*.log")):
            words = ("failed", "refused", "error", "Fatal")
            for line in file.read_text(errors="replace").splitlines():
                if any(word in line for word in words):
                    lines.append(f"{file.stem}: {line[:300]}")
        return "\n".join(lines[-8:])


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process for good."""
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.wait()
