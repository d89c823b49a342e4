# SPDX-License-Identifier: Apache-2.0
"""The kubelet: runs the pods that have this node, and says how they are."""

from __future__ import annotations

import asyncio
import datetime
import os
import threading
from collections.abc import AsyncGenerator, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from aiohttp import web
from podbench import addresses
from podbench.errors import BenchError
from podbench.images import Image, Images
from podbench.spec import PodFacts

from ..controllers.controller import Controller, Name
from ..model import failures, podspec, schemas
from ..model.failures import Failure, Object
from ..server.api import Api, Candidate, now_text
from ..server.authority import AUDIENCES, Tokens
from ..server.store import Change
from . import executing
from .network import NODE_ADDRESS, PODS, Numbers
from .runner import Runner
from .sandbox import NodePod
from .volumes import Volumes

NODE = "node-1"
POD_KEY, NODES, LEASES = ("", "pods"), ("", "nodes"), ("coordination.k8s.io", "leases")
LEASE_SECONDS, RENEW_SECONDS = 40, 10.0
# LIMIT: bytes of a log that are sent at once.
LOG_BYTES = 10 * 1024 * 1024
# Seconds between looks at a log that somebody follows.
FOLLOW_SECONDS = 0.1
# LIMIT: probes that are under way at once.
PROBES = 16


class _Images:
    """Images are made one at a time."""

    def __init__(self, images: Images) -> None:
        self._images = images
        self._lock = threading.Lock()

    def find(self, reference: str) -> Image:
        """An image by its reference."""
        with self._lock:
            return self._images.find(reference)


class Kubelet(Controller):
    """One thread for each pod; all writes happen in the loop."""

    user = f"system:node:{NODE}"

    def __init__(self, api: Api, tokens: Tokens, world: Path, build: Path, run: str) -> None:
        super().__init__(api)
        self._tokens = tokens
        self._world = world
        self._run_name = run
        for folder in ("images", "pods"):
            (world / folder).mkdir(exist_ok=True)
        self._images = _Images(Images(world / "images", build))
        self._runners: dict[str, Runner] = {}
        self._numbers = Numbers()
        self._pool = ThreadPoolExecutor(PROBES, "probe")
        self._loop = asyncio.get_running_loop()
        self._latest: dict[str, Object] = {}

    def concerns(self, change: Change) -> Iterable[Name]:
        """The pods of this node."""
        if change.key != POD_KEY:
            return []
        pod = change.new or change.old
        return [change.name] if pod and pod["spec"].get("nodeName") == NODE else []

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Begins a pod, or its end."""
        pod = self.store.get(POD_KEY, namespace, name)
        for runner in list(self._runners.values()):
            facts = runner.pod.facts
            if (facts.namespace, facts.name) == (namespace, name) and (
                pod is None or pod["metadata"]["uid"] != facts.uid
            ):
                runner.end(0)
        if pod is None or pod["spec"].get("nodeName") != NODE:
            return None
        metadata, uid = pod["metadata"], pod["metadata"]["uid"]
        running = self._runners.get(uid)
        if metadata.get("deletionTimestamp"):
            if running is None:
                await self._forget(namespace, name, uid)
            else:
                running.end(float(metadata.get("deletionGracePeriodSeconds") or 0))
            return None
        if running is None and (pod.get("status") or {}).get("phase") not in (
            "Succeeded", "Failed"
        ):
            return await self._begin(pod)
        return None

    async def _begin(self, pod: Object) -> float | None:
        try:
            runner = self._make(pod)
        except (podspec.NotFound, BenchError) as error:
            await self._write(pod, _held_back(pod, str(error)))
            return 0.5 if isinstance(error, podspec.NotFound) else None
        self._runners[pod["metadata"]["uid"]] = runner
        runner.start()
        return None

    def _make(self, pod: Object) -> Runner:
        metadata, spec = pod["metadata"], pod["spec"]
        namespace = metadata["namespace"]
        runnable = podspec.runnable(
            pod, self._find, podspec.service_variables("10.96.0.1", 443)
        )
        # Whatever is missing is missing before anything is made.
        number = self._numbers.take()
        facts = PodFacts(
            name=metadata["name"], namespace=namespace, uid=metadata["uid"],
            ips=addresses.of_pod(number, addresses.DUAL), node_name=NODE,
            node_ip=NODE_ADDRESS, service_account=spec.get("serviceAccountName", "default"),
            labels=metadata.get("labels") or {}, annotations=metadata.get("annotations") or {},
        )

        def issue(audiences: list[str], seconds: int) -> tuple[str, float]:
            account = self._find("serviceaccounts", namespace, facts.service_account)
            if account is None:
                raise podspec.NotFound(f'serviceaccount "{facts.service_account}" not found')
            bound = {"kind": "Pod", "name": facts.name, "uid": facts.uid}
            return self._tokens.issue(
                dict(account), audiences or list(AUDIENCES), seconds, bound
            )

        volumes = Volumes(facts, self._find, issue)
        try:
            made = NodePod(
                facts, runnable, self._world / "pods" / facts.uid,
                f"/{self._run_name}/{facts.uid}", volumes,
            )
            return Runner(
                made, number, spec.get("restartPolicy", "Always"), self._images, self._pool,
                lambda status: self._report(pod, status), self._has_ended,
            )
        except BenchError:
            self._numbers.give_back(number)
            raise

    def _find(self, kind: str, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Objects of the core group; called from threads too, which may read."""
        return self.store.get(("", kind), namespace, name)

    def _report(self, pod: Object, status: Object) -> None:
        """From a pod's thread: the latest status is the one that is written."""
        uid = pod["metadata"]["uid"]
        is_first = uid not in self._latest
        self._latest[uid] = status
        if is_first and not self._loop.is_closed():
            asyncio.run_coroutine_threadsafe(self._flush(pod), self._loop)

    def _has_ended(self, runner: Runner) -> None:
        """From a pod's thread, the last it does."""
        if not self._loop.is_closed():
            asyncio.run_coroutine_threadsafe(self._over(runner), self._loop)

    async def _flush(self, pod: Object) -> None:
        status = self._latest.pop(pod["metadata"]["uid"], None)
        if status is not None:
            try:
                await self._write(pod, status)
            except Failure as failure:
                if failure.code != 404:
                    raise

    async def _write(self, pod: Object, status: Object) -> None:
        metadata = pod["metadata"]

        def writer(old: Object) -> Candidate:
            if old["metadata"]["uid"] != metadata["uid"]:
                return Candidate(old)
            kept = {
                key: value for key, value in (old.get("status") or {}).items()
                if key == "qosClass"
            }
            return Candidate(old | {"status": kept | status})

        await self.api.write(
            self.served(POD_KEY), metadata["namespace"], metadata["name"], writer,
            self.options, "status",
        )

    async def _over(self, runner: Runner) -> None:
        """The thread has ended: the pod goes, if that is why."""
        facts = runner.pod.facts
        self._runners.pop(facts.uid, None)
        self._numbers.give_back(runner.number)
        found = self.store.get(POD_KEY, facts.namespace, facts.name)
        if found is not None and found["metadata"]["uid"] == facts.uid:
            await self._flush(found)
            if found["metadata"].get("deletionTimestamp"):
                await self._forget(facts.namespace, facts.name, facts.uid)

    async def _forget(self, namespace: str, name: str, uid: str) -> None:
        wish = {"gracePeriodSeconds": 0, "preconditions": {"uid": uid}}
        try:
            await self.api.delete(self.served(POD_KEY), namespace, name, wish, self.options)
        except Failure as failure:
            if failure.code not in (404, 409):
                raise

    async def stop(self) -> None:
        """Ends all pods; whoever calls has said that the whole node ends."""
        runners = list(self._runners.values())
        for runner in runners:
            runner.end(0)
        for runner in runners:
            await asyncio.to_thread(runner.join, 10)
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def execute(
        self, request: web.BaseRequest, pod: Object, container: str
    ) -> web.StreamResponse:
        """Runs the command that a request names."""
        runner = self._runners.get(pod["metadata"]["uid"])
        words = request.query.getall("command", [])
        line = runner.words_inside(container, words) if runner and words else None
        if line is None:
            raise failures.bad_request(f"container {container} does not run, or has no command")
        return await executing.execute(request, line)

    async def logs(
        self, pod: Object, container: str, query: Mapping[str, str]
    ) -> AsyncGenerator[bytes, None]:
        """What a container has written, and what it will, if that is asked for."""
        runner = self._runners.get(pod["metadata"]["uid"])
        if runner is None:
            return
        true = ("1", "true")
        path = runner.log(container, query.get("previous", "").lower() in true)
        text = path.read_bytes() if path.exists() else b""
        at = len(text)
        lines = query.get("tailLines", "")
        if lines.isdigit():
            kept = text.splitlines(keepends=True)
            text = b"".join(kept[len(kept) - min(int(lines), len(kept)):])
        yield text[-LOG_BYTES:]
        follows = query.get("follow", "").lower() in true
        while follows and path.exists():
            # Looked at before the file, so that the last words are not missed.
            follows = runner.is_running(container)
            with path.open("rb") as file:
                file.seek(at)
                part = file.read(LOG_BYTES)
            at += len(part)
            if part:
                yield part
            await asyncio.sleep(FOLLOW_SECONDS)

    def namespace_ids(self) -> list[str]:
        """All namespaces of the node and its pods, as the kernel names them."""
        own = [os.readlink(f"/proc/self/ns/{kind}") for kind in ("net", "mnt", "pid")]
        for runner in list(self._runners.values()):
            try:
                own += runner.pod.namespace_ids()
            except (AssertionError, OSError):
                continue
        return own

    async def register(self) -> None:
        """Makes the node known."""
        room = {"cpu": str(os.cpu_count() or 1), "memory": f"{_memory_kib()}Ki",
                "pods": str(PODS)}
        body: Object = {
            "metadata": {"name": NODE, "labels": {
                "kubernetes.io/hostname": NODE, "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
            }},
            "spec": {"podCIDR": "10.244.0.0/24", "podCIDRs": ["10.244.0.0/24"]},
            "status": {
                "capacity": room, "allocatable": room,
                "addresses": [{"type": "InternalIP", "address": NODE_ADDRESS},
                              {"type": "Hostname", "address": NODE}],
                "conditions": [{
                    "type": "Ready", "status": "True", "reason": "KubeletReady",
                    "message": "kubelet is posting ready status",
                    "lastHeartbeatTime": now_text(), "lastTransitionTime": now_text(),
                }],
                "nodeInfo": {
                    "kubeletVersion": f"v{schemas.VERSION}", "osImage": "podbench",
                    "kernelVersion": os.uname().release, "operatingSystem": "linux",
                    "containerRuntimeVersion": "runc://1", "architecture": "amd64",
                    "machineID": "", "systemUUID": "", "bootID": "", "kubeProxyVersion": "",
                },
            },
        }
        await self.api.create(self.served(NODES), "", body, self.options)

    async def renew(self) -> None:
        """Keeps the node's lease until it is cancelled."""
        served = self.served(LEASES)
        while True:
            now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            spec = {"holderIdentity": NODE, "leaseDurationSeconds": LEASE_SECONDS,
                    "renewTime": now}
            if self.store.get(LEASES, "kube-node-lease", NODE) is None:
                body = {"metadata": {"name": NODE}, "spec": spec}
                await self.api.create(served, "kube-node-lease", body, self.options)
            else:
                await self.api.write(
                    served, "kube-node-lease", NODE,
                    lambda old: Candidate(old | {"spec": spec}),  # noqa: B023
                    self.options,
                )
            await asyncio.sleep(RENEW_SECONDS)


def _held_back(pod: Object, why: str) -> Object:
    """The status of a pod that cannot begin."""
    state = {"waiting": {"reason": "CreateContainerConfigError", "message": why}}
    return {"phase": "Pending", "containerStatuses": [
        {"name": each["name"], "image": each["image"], "imageID": "", "ready": False,
         "restartCount": 0, "started": False, "lastState": {}, "state": state}
        for each in pod["spec"]["containers"]
    ]}


def _memory_kib() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1])
    return 0
