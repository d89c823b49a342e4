# SPDX-License-Identifier: Apache-2.0
"""A meshctl-proxy that runs, and what can be seen of it from outside."""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .outcome import AttackFailed, wait_until

OUTBOUND, INBOUND, ADMIN, SERVICE = 4140, 4143, 4191, 7000


def loopback_address() -> str:
    """One of the 16 million addresses that are all this machine's own."""
    return ".".join(["127", *(str(1 + secrets.randbelow(250)) for _ in range(3))])


@dataclass(frozen=True)
class Identity:
    """A name, and the files NAME.crt and NAME.key that prove it."""

    name: str
    files: str


@dataclass
class Settings:
    """What a proxy is told."""

    identity: Identity | None = None
    policy: str | None = None
    forward_to: str | None = None
    # Endpoints behind port 7000 of the proxy's address: address and identity.
    endpoints: Sequence[tuple[str, str | None]] = ()
    # Before the proxy's own words: prlimit, faketime, unshare.
    wrapper: Sequence[str] = ()
    flags: Sequence[str] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    # Where its log goes; None for a file in its folder.
    report: int | None = None
    output: int | None = None
    detect_seconds: float | None = None


class Proxy:
    """One proxy, with the usual ports at an address of its own."""

    executable = Path(".build/debug/meshctl-proxy")

    def __init__(self, name: str, folder: Path, settings: Settings) -> None:
        self.ip = loopback_address()
        self.name = name
        self._log = folder / f"{name}.log"
        (folder / f"{name}.yaml").write_text(json.dumps(self._file(settings)))
        words = [*settings.wrapper, str(self.executable.resolve())]
        words += ["--config", f"{name}.yaml", *settings.flags]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                words,
                cwd=folder,
                env={"PATH": os.environ["PATH"], **self._variables(settings), **settings.variables},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if settings.output is None else settings.output,
                stderr=log if settings.report is None else settings.report,
                start_new_session=True,
            )
        wait_until(f"{name} is ready\n{self.log()}", self._is_ready, 20)

    def _file(self, settings: Settings) -> dict[str, object]:
        inbound: dict[str, object] = {
            "listenAddr": f"{self.ip}:{INBOUND}",
            "adminListenAddr": f"{self.ip}:{ADMIN}",
        }
        if settings.policy:
            inbound["defaultPolicy"] = settings.policy
        if settings.forward_to:
            inbound["forwardTo"] = settings.forward_to
        text: dict[str, object] = {
            "proxy": {"listenAddr": f"{self.ip}:{OUTBOUND}"},
            "inbound": inbound,
        }
        if settings.identity:
            text["identity"] = {
                "name": settings.identity.name,
                "certificate": f"{settings.identity.files}.crt",
                "key": f"{settings.identity.files}.key",
                "trustRoots": "ca.crt",
            }
        if settings.endpoints:
            text["services"] = {
                "service.default.svc.cluster.local": {
                    "address": f"{self.ip}:{SERVICE}",
                    "endpoints": [
                        {"address": address, **({"identity": identity} if identity else {})}
                        for address, identity in settings.endpoints
                    ],
                }
            }
        return text

    def _variables(self, settings: Settings) -> dict[str, str]:
        """Deadlines are an injected pod's to set, by its environment, and then all else is too."""
        if settings.detect_seconds is None:
            return {}
        prefix = "LINKERD2_PROXY_"
        return {
            f"{prefix}INBOUND_DETECT_TIMEOUT": f"{int(settings.detect_seconds * 1000)}ms",
            f"{prefix}INBOUND_LISTEN_ADDR": f"{self.ip}:{INBOUND}",
            f"{prefix}OUTBOUND_LISTEN_ADDRS": f"{self.ip}:{OUTBOUND}",
            f"{prefix}ADMIN_LISTEN_ADDR": f"{self.ip}:{ADMIN}",
            f"{prefix}INBOUND_DEFAULT_POLICY": settings.policy or "all-unauthenticated",
        }

    def _is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise AttackFailed(f"{self.name} ended at its start:\n{self.log()}")
        return self.status("/ready") == 200

    # The admin port.

    def page(self, path: str) -> str:
        """A page with its head; nothing while nobody listens."""
        try:
            with socket.create_connection((self.ip, ADMIN), timeout=5) as client:
                client.sendall(f"GET {path} HTTP/1.1\r\nHost: admin\r\n\r\n".encode())
                parts = []
                while part := client.recv(65536):
                    parts.append(part)
                return b"".join(parts).decode()
        except OSError:
            return ""

    def status(self, path: str) -> int:
        """The status of a page; 0 while nobody listens."""
        words = self.page(path).split()
        return int(words[1]) if len(words) > 1 else 0

    def metric(self, family: str, **labels: str) -> int:
        """All series of a family that have these labels, together; 0 when there is none."""
        wanted = [f'{name}="{value}"' for name, value in labels.items()]
        return sum(
            int(line.split()[-1])
            for line in self.page("/metrics").splitlines()
            if line.startswith(family + "{") and all(label in line for label in wanted)
        )

    def refusals(self, direction: str, error: str) -> int:
        """How many connections ended for this reason."""
        return self.metric(f"{direction}_tcp_errors_total", error=error)

    def open_connections(self) -> int:
        """How many are open, both ways."""
        return self.metric("tcp_open_connections", peer="src")

    # What the kernel and the log know.

    @property
    def pid(self) -> int:
        """The proxy's own process: a wrapper execs it, or has it as its only child."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        words = children.read_text().split()
        return int(words[0]) if words else self.process.pid

    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def processor_seconds(self) -> float:
        """Time on a processor so far, to the nanosecond."""
        total = 0
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    def resident_bytes(self) -> int:
        """Memory in use, pages of its files among it."""
        return self._status_bytes("VmRSS")

    def own_bytes(self) -> int:
        """Memory in use without the pages of its files, which come and go as code runs."""
        return self._status_bytes("RssAnon")

    def forget_most_resident(self) -> None:
        """Starts again to look for the most (proc(5), clear_refs)."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def most_resident_bytes(self) -> int:
        """The most memory that was in use at once."""
        return self._status_bytes("VmHWM")

    def _status_bytes(self, key: str) -> int:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{key}:"):
                return int(line.split()[1]) * 1024
        raise AttackFailed(f"/proc has no {key} of {self.name}")

    def descriptors(self) -> int:
        """How many are open."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def log(self) -> str:
        """All of it so far."""
        return self._log.read_text() if self._log.exists() else ""

    def warnings(self) -> list[Warning]:
        """The log's lines about connections that were refused or cut."""
        lines = self.log().splitlines()
        return [Warning.parse(line) for line in lines if re.search(r"\] +WARN \w+: conn", line)]

    def stop(self) -> None:
        """Ends it at once."""
        if self.is_running():
            try:
                os.kill(self.pid, 9)
            except OSError:
                pass
            self.process.kill()
        self.process.wait()


@dataclass(frozen=True)
class Warning:
    """A line of the log about a connection."""

    seconds: float
    message: str
    fields: Mapping[str, str]
    line: str

    @classmethod
    def parse(cls, line: str) -> Warning:
        """Reads the line."""
        time = float(line[1 : line.index("s]")])
        fields = dict(re.findall(r'([a-z]+)="((?:[^"\\]|\\.)*)"', line))
        message = line.split(": ", 1)[1].split(" direction=")[0]
        return cls(time, message, fields, line)
