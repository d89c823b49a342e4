# SPDX-License-Identifier: Apache-2.0
"""Two proxies with mutual TLS between them, a server behind, and a canary's server beside it."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from podbench.identity import Authority, identity_name

from .backend import Backend
from .client import Client
from .meshed import Member
from .peer import Peer
from .proxy import INBOUND, Proxy, Settings

WEB, API = identity_name("webapp", "default"), identity_name("users-api", "default")


class World:
    """client -> web (8080) -> mutual TLS -> api (4143) -> backend (8080); 8081 is the canary's."""

    def __init__(
        self,
        policy: str = "all-unauthenticated",
        probes: Sequence[tuple[int, str]] = (),
        timeouts: Mapping[str, str] | None = None,
        pool_idle: str = "300ms",
    ) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="http1-attack-")
        folder = Path(self._temporary.name)
        # Of 127.0.0.0/8 every address is ours; a random part keeps two worlds apart.
        net = ".".join(["127", *(str(1 + secrets.randbelow(250)) for _ in range(2))])
        web, api = f"{net}.1", f"{net}.2"
        authority = Authority(folder / "authority")
        for name in (WEB, API):
            (folder / name).mkdir()
            authority.issue(name, folder / name, os.geteuid())
        self.backend, self.canary_backend = Backend(api, 8080), Backend(api, 8081)
        self.proxies: list[Proxy] = []
        self.api = self._start(
            "api", api, folder / API,
            Settings(
                API, policy, f"{api}:8080", probes, timeouts=timeouts or {}, pool_idle=pool_idle
            ),
        )
        services = [(f"{web}:{port}", f"{api}:{port}", API) for port in (8080, 8081)]
        self.peer_ip = f"{net}.3"
        services.append((f"{web}:8082", f"{self.peer_ip}:8080", API))
        self.web = self._start(
            "web", web, folder / WEB,
            Settings(WEB, services=services, timeouts=timeouts or {}, pool_idle=pool_idle),
        )

    def _start(self, name: str, ip: str, folder: Path, settings: Settings) -> Proxy:
        proxy = Proxy(name, ip, folder, settings)
        self.proxies.append(proxy)
        return proxy

    @property
    def outbound(self) -> tuple[str, int]:
        """Where a client of the mesh connects."""
        return self.web.ip, 8080

    @property
    def inbound(self) -> tuple[str, int]:
        """Where a stranger connects: the inbound port, in the clear."""
        return self.api.ip, INBOUND

    def sides(self) -> dict[str, tuple[str, int]]:
        """Both, by name."""
        return {"outbound": self.outbound, "inbound": self.inbound}

    def client(self, seconds: float = 5) -> Client:
        """A connection through both proxies."""
        return Client(self.outbound, seconds)

    def stranger(self, seconds: float = 5) -> Client:
        """A connection to the inbound port."""
        return Client(self.inbound, seconds)

    def canary(self) -> Client:
        """A connection to the canary's server."""
        return Client((self.web.ip, 8081))

    def peer(self) -> Peer:
        """A server of the mesh that is no proxy of ours; `to_peer` leads there."""
        return Peer(self.peer_ip, Path(self._temporary.name) / API)

    def to_peer(self) -> Client:
        """A connection to that server, through the client's proxy."""
        return Client((self.web.ip, 8082))

    def member(self) -> Member:
        """A connection to the inbound port by a member that is no proxy of ours."""
        return Member(self.inbound, Path(self._temporary.name) / WEB, API, 8080)

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        for proxy in self.proxies:
            proxy.stop()
        for backend in (self.backend, self.canary_backend):
            backend.close()
        self._temporary.cleanup()
