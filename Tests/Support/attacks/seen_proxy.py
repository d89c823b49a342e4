# SPDX-License-Identifier: Apache-2.0
"""What can be seen of a running meshctl-proxy from outside."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

from .outcome import AttackFailed

ADMIN = 4191


class SeenProxy:
    """A proxy at an address of its own, with the usual admin port."""

    executable = Path(".build/release/meshctl-proxy")

    name: str
    ip: str
    log_file: Path
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """The proxy's own process, where it was not started by another's."""
        return self.process.pid

    def is_ready(self) -> bool:
        """Whether it says so; it must not have ended."""
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
        starts = (family + "{", family + " ")
        wanted = [f'{name}="{value}"' for name, value in labels.items()]
        return sum(
            int(line.split()[-1])
            for line in self.page("/metrics").splitlines()
            if line.startswith(starts) and all(label in line for label in wanted)
        )

    def open_connections(self) -> int:
        """How many are open, both ways."""
        return self.metric("tcp_open_connections", peer="src")

    # What the kernel and the log know.

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
        return self.log_file.read_text() if self.log_file.exists() else ""
