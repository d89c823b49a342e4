# SPDX-License-Identifier: Apache-2.0
"""A pod of podbench, at home on the cluster's node."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from podbench import addresses
from podbench.pod import Pod
from podbench.spec import PodFacts

from .network import join_node
from .volumes import KINDS, Volumes

DNS_ADDRESS = "10.96.0.10"


class NodePod(Pod):
    """Asks the cluster's name server, and has volumes that follow objects."""

    def __init__(
        self, facts: PodFacts, spec: Mapping[str, Any], world: Path, cgroup: str,
        volumes: Volumes,
    ) -> None:
        for folder in ("bundles", "logs", "pods"):
            (world / folder).mkdir(parents=True)
        super().__init__(facts, spec, world, cgroup, addresses.DUAL)
        self.world = world
        self.filled = volumes

    @property
    def name_server(self) -> str:
        """The service of the cluster's name server."""
        return DNS_ADDRESS

    def join(self, process: int, number: int) -> None:
        """Connects it to the node."""
        join_node(process, number, self.facts.ips)

    def make_volume(self, volume: Mapping[str, Any]) -> Path:
        """The folder of a volume."""
        if not any(kind in volume for kind in KINDS):
            return super().make_volume(volume)
        folder = self.folder / "volumes" / str(volume["name"])
        self.filled.make(volume, folder)
        return folder

    def clean_up(self) -> None:
        """Removes all that it had on the node."""
        mounts = Path("/proc/self/mounts").read_text().splitlines()
        for line in reversed(mounts):
            place = line.split(" ")[1]
            if place.startswith(f"{self.world}/"):
                subprocess.run(["umount", "-l", place], capture_output=True, check=False)
        shutil.rmtree(self.world, ignore_errors=True)
