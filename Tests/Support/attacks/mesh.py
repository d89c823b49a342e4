# SPDX-License-Identifier: Apache-2.0
"""An application, the proxy in front of it, and the proxy of a client."""

from __future__ import annotations

import selectors
import socket
import tempfile
import threading
from pathlib import Path
from types import TracebackType

from .certificates import Authority, Wanted, identity
from .proxy import INBOUND, SERVICE, Identity, Proxy, Settings

API, WEB = identity("api"), identity("web")


class Echo:
    """Sends back what it receives, and ends when its client has ended: on a thread of its own."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server((host, 0), backlog=4096)
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self.accepted = 0
        # How connections ended: by an end, or by a break.
        self.endings: list[str] = []
        self.received = 0
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                assert isinstance(key.fileobj, socket.socket)
                if key.fileobj is self._listener:
                    self._accept()
                else:
                    self._serve(key.fileobj)

    def _accept(self) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:
            return
        client.settimeout(5)
        self.accepted += 1
        self._selector.register(client, selectors.EVENT_READ)

    def _serve(self, client: socket.socket) -> None:
        try:
            data = client.recv(65536)
            self.received += len(data)
            if data:
                client.sendall(data)
                return
            self.endings.append("end")
        except OSError:
            self.endings.append("break")
        self._selector.unregister(client)
        client.close()


class Mesh:
    """client -> web (its service listener) -> mutual TLS -> api (4143) -> echo."""

    def __init__(
        self, web: Settings | None = None, api: Settings | None = None, has_web: bool = True
    ) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="mesh-attack-")
        self.folder = Path(self._temporary.name)
        self.authority = Authority(self.folder).make()
        self.authority.issue("api", Wanted(f"DNS:{API}"))
        self.authority.issue("web", Wanted(f"DNS:{WEB}"))
        self.echo = Echo()
        self.proxies: list[Proxy] = []
        settings = api or Settings()
        settings.identity = settings.identity or Identity(API, "api")
        settings.policy = settings.policy or "all-authenticated"
        self.api = self.start("api", settings)
        if has_web:
            settings = web or Settings()
            settings.identity = Identity(WEB, "web")
            settings.endpoints = [(f"{self.api.ip}:{self.echo.port}", API)]
            self.web = self.start("web", settings)

    def start(self, name: str, settings: Settings) -> Proxy:
        """One more proxy."""
        proxy = Proxy(name, self.folder, settings)
        self.proxies.append(proxy)
        return proxy

    def connect(self, seconds: float = 5) -> socket.socket:
        """A connection through both proxies."""
        return socket.create_connection((self.web.ip, SERVICE), timeout=seconds)

    def to_inbound(self, seconds: float = 5) -> socket.socket:
        """A connection to the inbound port itself, as an attacker has it."""
        return socket.create_connection((self.api.ip, INBOUND), timeout=seconds)

    def __enter__(self) -> Mesh:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for proxy in self.proxies:
            proxy.stop()
        self._temporary.cleanup()
