# SPDX-License-Identifier: Apache-2.0
"""A pod: a network of its own, volumes, and containers in the order of the kubelet."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from . import addresses
from .container import Container
from .errors import BenchError, call
from .images import Images
from .network import join_bridge, make_sandbox
from .spec import POD_FIELDS, Place, PodFacts, check_fields, quantity

IDENTITY_VOLUME = "linkerd-identity-end-entity"
PROXY = "linkerd-proxy"


class Pod:
    """A pod whose containers have not been started yet, and then one whose have."""

    def __init__(
        self, facts: PodFacts, spec: Mapping[str, Any], world: Path, cgroup: str, kind: str
    ) -> None:
        check_fields(f"pod {facts.name}", spec, POD_FIELDS)
        self.facts = facts
        self.kind = kind
        self.spec = spec
        self.folder = world / "pods" / facts.name
        self.folder.mkdir(parents=True)
        self.sidecars: list[Container] = []
        self.containers: list[Container] = []
        # Init containers that end, or have ended, by themselves.
        self.preparing: list[Container] = []
        self._world = world
        self._cgroup = cgroup
        self._sandbox: subprocess.Popen[str] | None = None
        self._volumes: dict[str, Path] = {}
        self._files: dict[str, Path] = {}

    @property
    def is_meshed(self) -> bool:
        """Whether it has the mesh's proxy."""
        return any(spec["name"] == PROXY for spec in self._specs())

    @property
    def proxy_user(self) -> int:
        """Who the proxy runs as."""
        for spec in self._specs():
            if spec["name"] == PROXY:
                return int(spec["securityContext"]["runAsUser"])
        raise BenchError(f"pod {self.facts.name} has no proxy")

    @property
    def identity_folder(self) -> Path:
        """What the proxy sees as its identity's folder."""
        return self._volumes[IDENTITY_VOLUME]

    @property
    def ports(self) -> list[int]:
        """The TCP ports that the application serves."""
        return [
            int(port["containerPort"])
            for spec in self.spec["containers"] if spec["name"] != PROXY
            for port in spec.get("ports") or [] if port.get("protocol", "TCP") == "TCP"
        ]

    def _specs(self) -> list[Mapping[str, Any]]:
        return [*(self.spec.get("initContainers") or []), *self.spec["containers"]]

    def container(self, name: str) -> Container:
        """A container that runs or ran."""
        for container in self.preparing + self.sidecars + self.containers:
            if container.name == name:
                return container
        raise BenchError(f"pod {self.facts.name} has no container {name}")

    def prepare(self, number: int) -> int:
        """Makes the network, the volumes and the files; returns the sandbox's process."""
        self._sandbox = make_sandbox(self.facts.name)
        pid = self._sandbox.pid
        if self.kind == addresses.OFF:
            self.run_in_network("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6")
        self.join(pid, number)
        self._write_files()
        for volume in self.spec.get("volumes") or []:
            self._volumes[volume["name"]] = self.make_volume(volume)
        return pid

    def join(self, process: int, number: int) -> None:
        """Connects the network of the sandbox's process."""
        join_bridge(process, number, *self.facts.ips)

    @property
    def name_server(self) -> str:
        """Whom it asks for names."""
        return addresses.NODE[addresses.version_of(self.facts.ip)]

    def run_in_network(self, *words: object, text: str | None = None) -> str:
        """Runs a command of the node's in the pod's network."""
        assert self._sandbox is not None
        return call("nsenter", f"--net=/proc/{self._sandbox.pid}/ns/net", *words, text=text)

    def _write_files(self) -> None:
        texts = {
            "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n"
            + "".join(f"{ip} {self.facts.name}\n" for ip in self.facts.ips),
            "/etc/hostname": f"{self.facts.name}\n",
            "/etc/resolv.conf": f"search {self.facts.namespace}.svc.cluster.local"
            f" svc.cluster.local cluster.local\nnameserver {self.name_server}\noptions ndots:5\n",
        }
        for path, text in texts.items():
            self._files[path] = self.folder / Path(path).name
            self._files[path].write_text(text)

    def make_volume(self, volume: Mapping[str, Any]) -> Path:
        """The folder of a volume."""
        name: str = volume["name"]
        check_fields(f"volume {name}", volume, {"name", "emptyDir", "projected"})
        folder = self.folder / "volumes" / name
        folder.mkdir(parents=True)
        if "projected" in volume:
            self._project(name, volume["projected"], folder)
            return folder
        wanted = volume["emptyDir"] or {}
        check_fields(f"volume {name}", wanted, {"medium", "sizeLimit"})
        if wanted.get("medium") == "Memory":
            size = f",size={quantity(wanted['sizeLimit'])}" if "sizeLimit" in wanted else ""
            call("mount", "-t", "tmpfs", "-o", f"mode=0777{size}", "tmpfs", folder)
        folder.chmod(0o777)
        return folder

    def _project(self, name: str, projected: Mapping[str, Any], folder: Path) -> None:
        for source in projected["sources"]:
            check_fields(f"volume {name}", source, {"serviceAccountToken"})
            token = source["serviceAccountToken"]
            who = f"system:serviceaccount:{self.facts.namespace}:{self.facts.service_account}"
            claims = {"aud": [token["audience"]], "sub": who, "exp": int(time.time()) + 86400}
            parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
            text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts) + b"."
            (folder / token["path"]).write_bytes(text)

    def start(self, images: Images) -> None:
        """Runs the init containers one after another, then the others; waits until ready."""
        for spec in self.spec.get("initContainers") or []:
            container = self.make(spec, images, self._world)
            if container.is_sidecar:
                self.sidecars.append(container)
                container.start()
                container.wait_for_start()
            else:
                self.preparing.append(container)
                container.start()
                container.wait()
        for spec in self.spec["containers"]:
            container = self.make(spec, images, self._world)
            self.containers.append(container)
            # A postStart hook holds the next ones back.
            container.start()
        for container in self.containers:
            container.wait_for_start()
        for container in self.sidecars + self.containers:
            container.wait_until_ready()

    def make(self, spec: Mapping[str, Any], images: Images, world: Path) -> Container:
        """A container that has not been started, in a folder of bundles and logs."""
        assert self._sandbox is not None
        image = images.find(spec["image"])
        place = Place(
            root=image.root,
            pod_process=self._sandbox.pid,
            volumes=self._volumes,
            cgroup=f"{self._cgroup}/{self.facts.name}/{spec['name']}",
            files=self._files,
            binds=image.binds,
            has_ipv6=self.kind != addresses.OFF,
        )
        return Container(spec, self.facts, image, place, world)

    def stop(self) -> None:
        """Ends the application, then the sidecars from the last to the first."""
        grace = float(self.spec.get("terminationGracePeriodSeconds", 30))
        deadline = time.monotonic() + grace
        groups = [self.containers, *([container] for container in reversed(self.sidecars))]
        for group in [*groups, self.preparing]:
            # At once: one container's preStop hook does not keep the others.
            with ThreadPoolExecutor(max_workers=max(1, len(group))) as pool:
                list(pool.map(lambda container: container.stop(deadline), group))
        if self._sandbox is not None:
            self._sandbox.kill()
            self._sandbox.wait()

    def namespace_ids(self) -> list[str]:
        """The pod's own namespaces, as the kernel names them."""
        assert self._sandbox is not None
        folder = f"/proc/{self._sandbox.pid}/ns"
        return [os.readlink(f"{folder}/{kind}") for kind in ("net", "ipc", "uts")]
