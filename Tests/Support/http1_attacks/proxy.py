# SPDX-License-Identifier: Apache-2.0
"""A meshctl-proxy in front of HTTP/1."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from attacks.outcome import wait_until
from attacks.seen_proxy import ADMIN, SeenProxy

OUTBOUND, INBOUND = 4140, 4143


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


class Proxy(SeenProxy):
    """One proxy at an address of its own."""

    def __init__(self, name: str, ip: str, folder: Path, settings: Settings) -> None:
        self.name, self.ip = name, ip
        self.log_file = folder / "proxy.log"
        (folder / "proxy.yaml").write_text(json.dumps(self._file(settings)))
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.executable.resolve()), "--config", str(folder / "proxy.yaml")],
                env={"PATH": os.environ["PATH"], **self._variables(settings)},
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
                start_new_session=True,
            )
        wait_until(f"{name} is ready", self.is_ready, 20)

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

    def stop(self) -> None:
        """Ends it at once."""
        self.process.kill()
        self.process.wait()
