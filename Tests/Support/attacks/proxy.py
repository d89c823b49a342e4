# SPDX-License-Identifier: Apache-2.0
"""A meshctl-proxy that is told all that an attack wants."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .outcome import wait_until
from .seen_proxy import ADMIN, SeenProxy

OUTBOUND, INBOUND, SERVICE = 4140, 4143, 7000


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
    # Its address; None for any.
    ip: str | None = None


class Proxy(SeenProxy):
    """One proxy, with the usual ports at an address of its own."""

    def __init__(self, name: str, folder: Path, settings: Settings) -> None:
        self.ip = settings.ip or loopback_address()
        self.name = name
        self.log_file = folder / f"{name}.log"
        (folder / f"{name}.yaml").write_text(json.dumps(self._file(settings)))
        words = [*settings.wrapper, str(self.executable.resolve())]
        words += ["--config", f"{name}.yaml", *settings.flags]
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                words,
                cwd=folder,
                env={"PATH": os.environ["PATH"], **self._variables(settings), **settings.variables},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if settings.output is None else settings.output,
                stderr=log if settings.report is None else settings.report,
                start_new_session=True,
            )
        wait_until(f"{name} is ready\n{self.log()}", self.is_ready, 20)

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

    @property
    def pid(self) -> int:
        """The proxy's own process: a wrapper execs it, or has it as its only child."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        words = children.read_text().split()
        return int(words[0]) if words else self.process.pid

    def refusals(self, direction: str, error: str) -> int:
        """How many connections ended for this reason."""
        return self.metric(f"{direction}_tcp_errors_total", error=error)

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
