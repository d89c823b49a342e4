# SPDX-License-Identifier: Apache-2.0
"""The scheduler: gives pods a node."""

from __future__ import annotations

from collections.abc import Iterable

from ..model import scheduling
from ..server.api import now_text
from ..server.store import Change
from ..server.subresources import bound
from .controller import Controller, Name, condition

PODS, NODES = ("", "pods"), ("", "nodes")


class Scheduler(Controller):
    """Binds pods."""

    user = "system:kube-scheduler"

    def concerns(self, change: Change) -> Iterable[Name]:
        """Pods without a node, also when there is new room."""
        if change.key == PODS and change.new is not None:
            return [] if change.new["spec"].get("nodeName") else [change.name]
        if change.key == NODES or change.key == PODS:
            return [
                (each["metadata"]["namespace"], each["metadata"]["name"])
                for each in self.store.all(PODS) if not each["spec"].get("nodeName")
            ]
        return []

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Chooses a node, or says why there is none."""
        pod = self.store.get(PODS, namespace, name)
        if pod is None or pod["spec"].get("nodeName") or pod["metadata"].get(
            "deletionTimestamp"
        ):
            return None
        if pod["spec"].get("schedulerName", "default-scheduler") != "default-scheduler":
            return None
        nodes = list(self.store.all(NODES))
        if not nodes:
            # Without a node the cluster is its API alone, and pods wait.
            return None
        every = [
            each for each in self.store.all(PODS)
            if (each.get("status") or {}).get("phase") not in ("Succeeded", "Failed")
        ]
        node, why = scheduling.choose(pod, nodes, every)
        served = self.served(PODS)
        if node is None:
            status = dict(pod.get("status") or {})
            others = [
                each for each in status.get("conditions") or []
                if each["type"] != "PodScheduled"
            ]
            before = condition(status.get("conditions") or [], "PodScheduled")
            made = {
                "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                "message": why, "lastProbeTime": None,
                "lastTransitionTime": before.get("lastTransitionTime", now_text()),
            }
            await self.set_status(PODS, pod, status | {"conditions": [*others, made]})
            return None

        await self.api.write(
            served, namespace, name, lambda old: bound(old, node), self.options, "binding"
        )
        return None
