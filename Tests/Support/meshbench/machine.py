# SPDX-License-Identifier: Apache-2.0
"""What was measured on, and whom."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Facts:
    """The machine, and the versions."""

    processor: str
    cores: int
    memory_gib: float
    kernel: str
    congestion: str
    versions: dict[str, str]

    @staticmethod
    def now(commit: str, envoy: Path | None) -> Facts:
        """Of this machine."""
        words = Path("/proc/cpuinfo").read_text()
        model = re.search(r"^model name\s*: (.*)$", words, re.M)
        memory = re.search(r"^MemTotal: *(\d+)", Path("/proc/meminfo").read_text(), re.M)
        congestion = Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
        versions = {
            "meshctl": commit,
            "nginx": said(["/usr/sbin/nginx", "-v"]),
            "HAProxy": said(["haproxy", "-v"]),
            "OpenSSL": said(["openssl", "version"]),
        }
        if envoy:
            # Behind the path of the executable: a commit, the version, how it was built.
            versions["Envoy"] = said([str(envoy), "--version"]).split("version: ")[-1]
        return Facts(
            model[1] if model else platform.machine(), os.cpu_count() or 1,
            int(memory[1]) / (1 << 20) if memory else 0, platform.release(), congestion, versions,
        )

    def markdown(self, command: str) -> str:
        """A list for the page."""
        lines = [
            f"- `{command}`",
            f"- {self.cores} cores of {self.processor}, {self.memory_gib:.0f} GiB, "
            f"Linux {self.kernel}, TCP congestion control {self.congestion}",
        ]
        lines += [f"- {name}: {text}" for name, text in self.versions.items()]
        return "\n".join(lines) + "\n"

    def tree(self) -> dict[str, object]:
        """For the raw results."""
        return asdict(self)


def said(command: list[str]) -> str:
    """The first line that a program prints of its version."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except OSError:
        return "not there"
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return lines[0] if lines else "unknown"
