# SPDX-License-Identifier: Apache-2.0
"""Debian's Prometheus, on loopback, with the proxies as its targets."""

from __future__ import annotations

import json
import socket
import urllib.parse
import urllib.request
from urllib.error import URLError

from podbench.waiting import wait_until

from .mesh import Mesh

CONFIG = """
global:
  scrape_interval: 500ms
scrape_configs:
- job_name: meshctl-proxy
  static_configs:
"""


class Prometheus:
    """A server that scrapes every half second until the mesh ends."""

    def __init__(self, mesh: Mesh) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        text = CONFIG
        for name, own in mesh.proxies.items():
            text += f"  - targets: ['{own}:4191']\n    labels: {{proxy: {name}}}\n"
        config = mesh.folder / "prometheus.yml"
        config.write_text(text)
        mesh.start(
            "prometheus",
            "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={mesh.folder}/tsdb",
            f"--web.listen-address={self.address}",
        )
        wait_until("Prometheus to scrape all proxies", lambda: self.up() == len(mesh.proxies))

    def up(self) -> int:
        """How many proxies it can read."""
        try:
            return int(self.value('sum(up{job="meshctl-proxy"})'))
        except (URLError, OSError, ValueError, IndexError):
            return 0

    def value(self, query: str) -> float:
        """The one number that a query comes to."""
        url = f"http://{self.address}/api/v1/query?" + urllib.parse.urlencode({"query": query})
        with urllib.request.urlopen(url, timeout=10) as answer:
            result = json.load(answer)["data"]["result"]
        if len(result) != 1:
            raise ValueError(f"{query} has {len(result)} answers")
        return float(result[0]["value"][1])
