# SPDX-License-Identifier: Apache-2.0
"""The bench: a bridge, names, an authority, and the pods of a manifest."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import BenchError, call
from .identity import Authority, identity_name
from .images import Images
from .names import NameServer
from .network import BRIDGE, GATEWAY, make_bridge
from .pod import Pod
from .spec import PodFacts
from .waiting import run_command

CLUSTER_DOMAIN = "svc.cluster.local"
CONFIG_PATH = "/var/run/linkerd/identity/end-entity/proxy.yaml"
WORKLOADS = {"Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "ReplicationController", "Job"}


@dataclass
class Service:
    """A name with a virtual address, which nothing but the proxies' tables knows."""

    name: str
    address: str
    ports: dict[int, int]
    pods: list[Pod] = field(default_factory=list)


@dataclass
class BenchOptions:
    """What to run."""

    manifest: Path
    build: Path
    pods: Mapping[str, int]
    is_injected: bool = True
    flags: tuple[str, ...] = ()


class Bench:
    """Works in the mount, network and process namespaces of its own that Scripts/podbench makes."""

    def __init__(self, world: Path, run: str, options: BenchOptions) -> None:
        self.world = world
        self.options = options
        self.pods: list[Pod] = []
        self.services: dict[str, Service] = {}
        self._run = run
        call("mount", "-t", "tmpfs", "-o", "mode=0755", run, world)
        for folder in ("bundles", "images", "logs", "pods"):
            (world / folder).mkdir()
        self._images = Images(world / "images", options.build)
        self.authority = Authority(world / "authority")
        make_bridge()
        NameServer(GATEWAY, self._resolve)

    def start(self) -> None:
        """Makes the pods and starts all of them."""
        for thing in self._objects():
            self._add(thing)
        if not self.pods:
            raise BenchError(f"{self.options.manifest} has no workload to run")
        for number, pod in enumerate(self.pods):
            pod.prepare(number)
            if pod.is_meshed:
                name = identity_name(pod.facts.service_account, pod.facts.namespace)
                self.authority.issue(name, pod.identity_folder, pod.proxy_user)
                (pod.identity_folder / "proxy.yaml").write_text(self._proxy_file(name))
        for pod in self.pods:
            for spec in [*(pod.spec.get("initContainers") or []), *pod.spec["containers"]]:
                self._images.find(spec["image"])
        with ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(lambda pod: pod.start(self._images), self.pods))

    def stop(self) -> None:
        """Ends all pods at once."""
        with ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(lambda pod: pod.stop(), self.pods))

    def pod(self, name: str) -> Pod:
        """A pod by its name."""
        return next(pod for pod in self.pods if pod.facts.name == name)

    def namespace_ids(self) -> list[str]:
        """All namespaces that are the bench's, as the kernel names them."""
        own = [os.readlink(f"/proc/self/ns/{kind}") for kind in ("net", "mnt", "pid")]
        return own + [name for pod in self.pods for name in pod.namespace_ids()]

    def _objects(self) -> list[dict[str, Any]]:
        """The manifest's objects, injected; meshctl reads the YAML."""
        command = [str(self.options.build / "meshctl")]
        if self.options.is_injected:
            values = self.world / "values.json"
            variable = {"name": "MESHCTL_PROXY_CONFIG", "value": CONFIG_PATH}
            values.write_text(json.dumps({"proxy": {"additionalEnv": [variable]}}))
            command += ["inject", "--manual", "--values", str(values)]
            command += ["--identity-trust-anchors-file", str(self.authority.certificate)]
            command += self.options.flags
        else:
            command += ["uninject"]
        text = call(*command, "-o", "json", self.options.manifest)
        return [json.loads(line) for line in text.splitlines() if line.strip()]

    def _add(self, thing: Mapping[str, Any]) -> None:
        metadata = thing["metadata"]
        name, namespace = metadata["name"], metadata.get("namespace", "default")
        if thing["kind"] not in WORKLOADS:
            raise BenchError(f"the bench runs no {thing['kind']}, such as {name}")
        template = thing["spec"]["template"]
        count = self.options.pods.get(name, thing["spec"].get("replicas", 1))
        pods = [
            self._new_pod(f"{name}-{index + 1}", namespace, template) for index in range(count)
        ]
        self.pods += pods
        if pods and pods[0].ports:
            host = f"{name}.{namespace}.{CLUSTER_DOMAIN}"
            address = f"10.96.0.{10 + len(self.services)}"
            ports = {port: port for port in pods[0].ports}
            self.services[host] = Service(host, address, ports, pods)

    def _new_pod(self, name: str, namespace: str, template: Mapping[str, Any]) -> Pod:
        spec, metadata = template["spec"], template.get("metadata") or {}
        facts = PodFacts(
            name=name,
            namespace=namespace,
            uid=str(uuid.uuid4()),
            ip=f"10.244.0.{10 + len(self.pods) + self._count(name)}",
            node_name="bench",
            node_ip=GATEWAY,
            service_account=spec.get("serviceAccountName", "default"),
            labels=metadata.get("labels") or {},
            annotations=metadata.get("annotations") or {},
        )
        return Pod(facts, spec, self.world, f"/{self._run}")

    @staticmethod
    def _count(name: str) -> int:
        return int(name.rsplit("-", 1)[1]) - 1

    def _proxy_file(self, name: str) -> str:
        """The standalone file of a proxy, which says what a control plane would."""
        lines = [
            "identity:", f"  name: {name}", "  certificate: tls.crt", "  key: tls.key",
            "  trustRoots: ca.crt", "services:",
        ]
        for service in self.services.values():
            for port, target in service.ports.items():
                # The table has one address a service; a second port is a second entry.
                host = service.name if len(service.ports) == 1 else f"p{port}.{service.name}"
                lines += [f"  {host}:", f"    address: {service.address}:{port}", "    endpoints:"]
                for pod in service.pods:
                    lines.append(f"    - address: {pod.facts.ip}:{target}")
                    if pod.is_meshed:
                        facts = pod.facts
                        peer = identity_name(facts.service_account, facts.namespace)
                        lines.append(f"      identity: {peer}")
        return "\n".join(lines) + "\n"

    def _resolve(self, name: str, asker: str) -> list[str] | None:
        """A meshed pod gets the virtual address; another, which has no use for it, the pods'."""
        service = self.services.get(name)
        if service is None:
            return None
        if any(pod.facts.ip == asker and pod.is_meshed for pod in self.pods):
            return [service.address]
        return [pod.facts.ip for pod in service.pods]


def run_beside(bench: Bench, command: list[str]) -> int:
    """Runs a command beside the pods, with what it needs to find them."""
    return run_command(
        command, {"PODBENCH_WORLD": str(bench.world), "PODBENCH_BRIDGE": BRIDGE}
    )
