# SPDX-License-Identifier: Apache-2.0
"""The bench: a bridge, names, an authority, and the pods of a manifest."""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import addresses, plugin, standalone
from .errors import BenchError, call
from .identity import Authority, identity_name
from .images import Images
from .names import NameServer
from .network import BRIDGE, make_bridge
from .pod import Pod
from .spec import PodFacts
from .standalone import Service
from .waiting import ending, run_command

CLUSTER_DOMAIN = "svc.cluster.local"
CONFIG_PATH = "/var/run/linkerd/identity/end-entity/proxy.yaml"
WORKLOADS = {"Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "ReplicationController", "Job"}


@dataclass
class BenchOptions:
    """What to run."""

    manifest: Path
    build: Path
    pods: Mapping[str, int]
    is_injected: bool = True
    flags: tuple[str, ...] = ()
    # Which versions of IP pods have, by their names; those without an entry have `kind`.
    kinds: Mapping[str, str] = field(default_factory=dict)
    kind: str = addresses.IPV4
    # Whether there is a CNI plugin for pods that do not redirect their traffic themselves.
    has_plugin: bool = True
    # Pods whose identity comes so many seconds after their start.
    late: Mapping[str, float] = field(default_factory=dict)
    # Services whose endpoints are the pod's own listeners.
    has_loops: bool = False

    @property
    def has_ipv6(self) -> bool:
        """Whether the mesh is told that there is IPv6."""
        return any(6 in addresses.KINDS[kind] for kind in (self.kind, *self.kinds.values()))


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
        NameServer(addresses.NODE.values(), self._resolve)

    def start(self) -> None:
        """Makes the pods and starts all of them."""
        for thing in self._objects():
            self._add(thing)
        if not self.pods:
            raise BenchError(f"{self.options.manifest} has no workload to run")
        for number, pod in enumerate(self.pods):
            pod.prepare(number)
            if pod.is_meshed:
                self._give_identity(pod)
            if self.options.has_plugin:
                plugin.redirect(pod, self.options.build / "meshctl-init", self.options.has_ipv6)
        for pod in self.pods:
            for spec in [*(pod.spec.get("initContainers") or []), *pod.spec["containers"]]:
                self._images.find(spec["image"])
        with ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(lambda pod: pod.start(self._images), self.pods))

    def _give_identity(self, pod: Pod) -> None:
        name = identity_name(pod.facts.service_account, pod.facts.namespace)
        self.authority.issue(name, pod.identity_folder, pod.proxy_user)
        if pod.facts.name in self.options.late:
            key = pod.identity_folder / "tls.key"
            withheld = key.rename(key.with_suffix(".late"))

            def give() -> None:
                if not ending.wait(self.options.late[pod.facts.name]):
                    withheld.rename(key)

            threading.Thread(target=give, daemon=True, name="late identity").start()
        loops = addresses.loops(pod.facts.ips) if self.options.has_loops else {}
        file = standalone.text(name, self.services.values(), loops)
        (pod.identity_folder / "proxy.yaml").write_text(file)

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
            settings: dict[str, Any] = {"proxy": {"additionalEnv": [variable]}}
            values.write_text(json.dumps(settings | {"disableIPv6": not self.options.has_ipv6}))
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
            virtual = addresses.of_service(len(self.services))
            ports = {port: port for port in pods[0].ports}
            self.services[host] = Service(host, virtual, ports, pods)

    def _new_pod(self, name: str, namespace: str, template: Mapping[str, Any]) -> Pod:
        spec, metadata = template["spec"], template.get("metadata") or {}
        kind = self.options.kinds.get(name, self.options.kind)
        facts = PodFacts(
            name=name,
            namespace=namespace,
            uid=str(uuid.uuid4()),
            ips=addresses.of_pod(len(self.pods) + self._count(name), kind),
            node_name="bench",
            node_ip=addresses.NODE[4],
            service_account=spec.get("serviceAccountName", "default"),
            labels=metadata.get("labels") or {},
            annotations=metadata.get("annotations") or {},
        )
        return Pod(facts, spec, self.world, f"/{self._run}", kind)

    @staticmethod
    def _count(name: str) -> int:
        return int(name.rsplit("-", 1)[1]) - 1

    def _resolve(self, name: str, asker: str) -> list[str] | None:
        """A meshed pod gets the virtual address; another, which has no use for it, the pods'."""
        service = self.services.get(name)
        if service is None:
            return None
        if any(asker in pod.facts.ips and pod.is_meshed for pod in self.pods):
            return list(service.addresses.values())
        return [ip for pod in service.pods for ip in pod.facts.ips]


def run_beside(bench: Bench, command: list[str]) -> int:
    """Runs a command beside the pods, with what it needs to find them."""
    return run_command(
        command, {"PODBENCH_WORLD": str(bench.world), "PODBENCH_BRIDGE": BRIDGE}
    )
