# SPDX-License-Identifier: Apache-2.0
"""Proxies on addresses of the loopback interface, an application behind them, and connections."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from podbench.errors import BenchError
from podbench.identity import Authority, identity_name
from podbench.waiting import wait_until

# LIMIT: seconds that any one step may take; a busy machine is slow.
STEP_SECONDS = 30.0


class Network:
    """Loopback addresses that no other run has; all of 127.0.0.0/8 is ours."""

    def __init__(self) -> None:
        self._net = f"127.{secrets.randbelow(254) + 1}.{secrets.randbelow(254) + 1}"
        self._last = 0

    def next(self) -> str:
        """One more address."""
        self._last += 1
        return f"{self._net}.{self._last}"


class Proxy:
    """A meshctl-proxy that runs."""

    def __init__(
        self, executable: Path, folder: Path, config: dict[str, object],
        environment: dict[str, str] | None = None, words: Sequence[str] = (),
    ) -> None:
        self.address = str(config["address"])
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "proxy.yaml"
        file.write_text(json.dumps(config["file"]))
        self._log = folder / "proxy.log"
        with self._log.open("wb") as log:
            self.started = time.perf_counter()
            self._process = subprocess.Popen(
                [executable, "--config", file, *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={"PATH": os.environ["PATH"], **(environment or {})},
            )
        self.pid = self._process.pid

    def _get(self, path: str) -> tuple[int, str] | None:
        """A page of the admin port; nothing while nobody listens."""
        connection = http.client.HTTPConnection(self.address, 4191, timeout=STEP_SECONDS)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except ConnectionRefusedError:
            return None
        finally:
            connection.close()

    def is_ready(self) -> bool:
        """What the kubelet asks."""
        if self._process.poll() is not None:
            raise BenchError(f"the proxy ended: {self._log.read_text()}")
        answer = self._get("/ready")
        return answer is not None and answer[0] == 200

    def await_ready(self, step: float = 0.02) -> float:
        """Waits; the seconds since the process was started."""
        wait_until("/ready", self.is_ready, STEP_SECONDS, step)
        return time.perf_counter() - self.started

    def open_connections(self) -> int:
        """How many connections it relays."""
        answer = self._get("/metrics")
        if answer is None:
            raise BenchError("the admin port is gone")
        return sum(
            int(line.split()[-1])
            for line in answer[1].splitlines()
            if line.startswith('tcp_open_connections{peer="src",')
        )

    def resident(self) -> float:
        """Bytes of memory that are in use, the mapped parts of its file among them."""
        return field_of(Path(f"/proc/{self.pid}/status"), "VmRSS:") * 1024.0

    def anonymous(self) -> float:
        """Bytes of memory that are its alone: what it has allocated."""
        return field_of(Path(f"/proc/{self.pid}/status"), "RssAnon:") * 1024.0

    def stop(self) -> None:
        """Ends it."""
        self._process.kill()
        self._process.wait()


def field_of(file: Path, name: str) -> int:
    """A number of one of the kernel's files."""
    for line in file.read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    raise BenchError(f"{file} has no {name}")


@dataclass
class Connection:
    """One connection through the mesh, seen from both ends."""

    client: socket.socket
    server: socket.socket

    def say(self, words: bytes, back: bytes) -> None:
        """Bytes there, and bytes back."""
        self.client.sendall(words)
        receive(self.server, len(words))
        self.server.sendall(back)
        receive(self.client, len(back))

    def close(self) -> None:
        """Ends it at both ends."""
        self.client.close()
        self.server.close()


def receive(end: socket.socket, count: int) -> bytes:
    """So many bytes, no fewer."""
    data = b""
    while len(data) < count:
        more = end.recv(count - len(data))
        if not more:
            raise BenchError("a connection ended too early")
        data += more
    return data


class Mesh:
    """An application, and one proxy before it, or a second one by mutual TLS."""

    def __init__(
        self, executable: Path, folder: Path, is_meshed: bool,
        environments: list[dict[str, str]] | None = None, words: Sequence[str] = (),
    ) -> None:
        network = Network()
        folder.mkdir(exist_ok=True)
        names = {who: identity_name(who, "default") for who in ("web", "api")}
        api, app = network.next(), network.next()
        self.listener = socket.create_server((app, 0), backlog=4096)
        port = self.listener.getsockname()[1]
        files: dict[str, dict[str, object]] = {"api": {"inbound": {"forwardTo": f"{app}:{port}"}}}
        addresses = {"api": api}
        self.entrance = (api, 4143)
        if is_meshed:
            authority = Authority(folder / "authority")
            addresses["web"] = network.next()
            self.entrance = (addresses["web"], 7000)
            service = {
                "address": f"{addresses['web']}:7000",
                "endpoints": [{"address": f"{api}:{port}", "identity": names["api"]}],
            }
            files["web"] = {"inbound": {}, "services": {"api.default.svc.cluster.local": service}}
            for who, file in files.items():
                (folder / who).mkdir()
                authority.issue(names[who], folder / who, os.geteuid())
                file["identity"] = {
                    "name": names[who], "certificate": "tls.crt", "key": "tls.key",
                    "trustRoots": "ca.crt",
                }
        self.proxies: dict[str, Proxy] = {}
        for index, (who, file) in enumerate(files.items()):
            own = addresses[who]
            inbound = file["inbound"]
            assert isinstance(inbound, dict)
            inbound |= {"listenAddr": f"{own}:4143", "adminListenAddr": f"{own}:4191"}
            file["proxy"] = {"listenAddr": f"{own}:4140"}
            self.proxies[who] = Proxy(
                executable, folder / who, {"address": own, "file": file},
                environments[index] if environments else None, words,
            )

    def __enter__(self) -> Self:
        for proxy in self.proxies.values():
            proxy.await_ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for proxy in self.proxies.values():
            proxy.stop()
        self.listener.close()

    def connect(self, count: int, at_once: int = 50) -> list[Connection]:
        """Connections, each of which has carried bytes both ways."""
        made: list[Connection] = []
        while len(made) < count:
            batch = min(at_once, count - len(made))
            clients = [socket.create_connection(self.entrance, STEP_SECONDS) for _ in range(batch)]
            for index, client in enumerate(clients):
                client.sendall(index.to_bytes(4, "big"))
            for _ in range(batch):
                server, _ = self.listener.accept()
                server.settimeout(STEP_SECONDS)
                which = int.from_bytes(receive(server, 4), "big")
                server.sendall(b"!")
                made.append(Connection(clients[which], server))
        for connection in made:
            receive(connection.client, 1)
        return made

    def close(self, connections: list[Connection]) -> None:
        """Ends connections, and waits until the proxies have seen it."""
        for connection in connections:
            connection.close()
        for who, proxy in self.proxies.items():
            wait_until(
                f"{who} to close all", lambda: proxy.open_connections() == 0, STEP_SECONDS
            )
