# SPDX-License-Identifier: Apache-2.0
"""A meshctl-proxy that runs, and what can be seen of it from outside."""

from __future__ import annotations

import json
import os
import re
import subprocess
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from attacks.outcome import AttackFailed, wait_until

OUTBOUND, INBOUND, ADMIN = 4140, 4143, 4191


@dataclass
class Settings:
    """What a proxy is told; nothing else is unlike its defaults."""

    identity: str
    policy: str = "all-unauthenticated"
    forward_to: str | None = None
    probes: Sequence[tuple[int, str]] = ()
    # Virtual address, endpoint and its identity.
    services: Sequence[tuple[str, str, str]] = ()
    # Keys of `timeouts:`, so that a case need not wait for minutes.
    timeouts: Mapping[str, str] = field(default_factory=dict)
    pool_idle: str = "300ms"


class Proxy:
    """One proxy at an address of its own."""

    executable = Path(".build/debug/meshctl-proxy")

    def __init__(self, name: str, ip: str, folder: Path, settings: Settings) -> None:
        self.name, self.ip = name, ip
        self._log = folder / "proxy.log"
        (folder / "proxy.yaml").write_text(json.dumps(self._file(settings)))
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.executable.resolve()), "--config", str(folder / "proxy.yaml")],
                env={"PATH": os.environ["PATH"], **self._variables(settings)},
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
                start_new_session=True,
            )
        wait_until(f"{name} is ready", self._is_ready, 20)

    def _file(self, settings: Settings) -> dict[str, object]:
        inbound: dict[str, object] = {
            "listenAddr": f"{self.ip}:{INBOUND}",
            "adminListenAddr": f"{self.ip}:{ADMIN}",
            "defaultPolicy": settings.policy,
        }
        if settings.forward_to:
            inbound["forwardTo"] = settings.forward_to
        if settings.probes:
            inbound["probes"] = [{"port": port, "path": path} for port, path in settings.probes]
        found: dict[str, object] = {
            "proxy": {"listenAddr": f"{self.ip}:{OUTBOUND}"},
            "inbound": inbound,
            "identity": {
                "name": settings.identity, "certificate": "tls.crt", "key": "tls.key",
                "trustRoots": "ca.crt",
            },
            "services": {
                f"service-{index}.default.svc.cluster.local": {
                    "address": address,
                    "endpoints": [{"address": endpoint, "identity": identity}],
                }
                for index, (address, endpoint, identity) in enumerate(settings.services)
            },
        }
        if settings.timeouts:
            found["timeouts"] = dict(settings.timeouts)
        return found

    def _variables(self, settings: Settings) -> dict[str, str]:
        """An injected pod's environment: it has settings that the file has not."""
        prefix = "LINKERD2_PROXY_"
        return {
            f"{prefix}INBOUND_LISTEN_ADDR": f"{self.ip}:{INBOUND}",
            f"{prefix}OUTBOUND_LISTEN_ADDRS": f"{self.ip}:{OUTBOUND}",
            f"{prefix}ADMIN_LISTEN_ADDR": f"{self.ip}:{ADMIN}",
            f"{prefix}INBOUND_DEFAULT_POLICY": settings.policy,
            f"{prefix}INBOUND_HTTP1_CONNECTION_POOL_IDLE_TIMEOUT": settings.pool_idle,
            f"{prefix}OUTBOUND_HTTP1_CONNECTION_POOL_IDLE_TIMEOUT": settings.pool_idle,
        }

    def _is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise AttackFailed(f"{self.name} ended at its start:\n{self.log()}")
        return "ready" in self.page("/ready")

    def page(self, path: str) -> str:
        """A page of the admin port; empty while nobody listens."""
        try:
            with urllib.request.urlopen(f"http://{self.ip}:{ADMIN}{path}", timeout=5) as page:
                return str(page.read().decode())
        except OSError:
            return ""

    def metric(self, family: str, **labels: str) -> int:
        """All series of a family that have these labels, together; 0 when there is none."""
        wanted = [f'{name}="{value}"' for name, value in labels.items()]
        return sum(
            int(line.split()[-1])
            for line in self.page("/metrics").splitlines()
            if line.startswith(family + "{") and all(label in line for label in wanted)
        )

    def open_connections(self) -> int:
        """How many clients are connected."""
        return self.metric("tcp_open_connections", peer="src")

    # What the kernel and the log know.

    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def processor_seconds(self) -> float:
        """Time on a processor so far."""
        tasks = Path(f"/proc/{self.process.pid}/task")
        return sum(
            int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()
        ) / 1e9

    def resident_bytes(self) -> int:
        """Memory in use."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * 4096

    def forget_most_resident(self) -> None:
        """Starts again to look for the most (proc(5), clear_refs)."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def most_resident_bytes(self) -> int:
        """The most memory that was in use at once."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"^VmHWM:\s+(\d+)", status, re.MULTILINE)
        return int(found[1]) * 1024 if found else 0

    def descriptors(self) -> int:
        """How many are open."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def log(self) -> str:
        """All of it so far."""
        return self._log.read_text() if self._log.exists() else ""

    def stop(self) -> None:
        """Ends it at once."""
        self.process.kill()
        self.process.wait()
