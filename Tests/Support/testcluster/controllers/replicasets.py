# SPDX-License-Identifier: Apache-2.0
"""ReplicaSets: as many pods as they say."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from ..model import rollout, selectors
from ..model.failures import Failure, Object
from ..server.store import Change
from .controller import Controller, Name, controller_of, owner_reference

REPLICA_SETS, PODS = ("apps", "replicasets"), ("", "pods")
# LIMIT: pods that one look at a set makes or ends; the next look does the rest.
BURST = 50


class ReplicaSets(Controller):
    """Makes pods and ends them."""

    def concerns(self, change: Change) -> Iterable[Name]:
        """The set itself, and the one that a pod is of."""
        if change.key == REPLICA_SETS:
            return [change.name]
        if change.key == PODS:
            return {
                (change.name[0], controller_of(each)["name"])
                for each in (change.old, change.new)
                if each is not None and controller_of(each).get("kind") == "ReplicaSet"
            }
        return []

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Brings the number of pods to what is wanted."""
        found = self.store.get(REPLICA_SETS, namespace, name)
        if found is None:
            return None
        test = selectors.of_object(found["spec"]["selector"])
        pods = [
            each for each in self.owned(PODS, namespace, found["metadata"]["uid"])
            if test(each["metadata"].get("labels") or {})
        ]
        active = [
            each for each in pods if not each["metadata"].get("deletionTimestamp")
            and (each.get("status") or {}).get("phase") not in ("Succeeded", "Failed")
        ]
        failure: Failure | None = None
        if not found["metadata"].get("deletionTimestamp"):
            try:
                await self._scale(found, active)
            except Failure as error:
                failure = error
        again = await self._report(found, failure)
        if failure is not None:
            raise failure
        return again

    async def _scale(self, found: Object, active: list[Object]) -> None:
        wanted = int(found["spec"].get("replicas", 1))
        namespace, name = found["metadata"]["namespace"], found["metadata"]["name"]
        served = self.served(PODS)
        for _ in range(min(BURST, wanted - len(active))):
            template = found["spec"]["template"]
            metadata = {
                key: value for key, value in (template.get("metadata") or {}).items()
                if key in ("labels", "annotations", "finalizers") and value
            }
            metadata["generateName"] = f"{name}-"
            metadata["ownerReferences"] = [owner_reference(found, "apps/v1", "ReplicaSet")]
            body = {"metadata": metadata, "spec": template["spec"]}
            await self.api.create(served, namespace, body, self.options)
        for pod in rollout.doomed(active, min(BURST, len(active) - wanted)) if (
            len(active) > wanted
        ) else []:
            try:
                await self.api.delete(
                    served, namespace, pod["metadata"]["name"], {}, self.options
                )
            except Failure as failure:
                if failure.code != 404:
                    raise

    async def _report(self, found: Object, failure: Failure | None) -> float | None:
        namespace, name = found["metadata"]["namespace"], found["metadata"]["name"]
        current = self.store.get(REPLICA_SETS, namespace, name)
        if current is None:
            return None
        every = self.owned(PODS, namespace, current["metadata"]["uid"])
        pods = [
            each for each in every if not each["metadata"].get("deletionTimestamp")
            and (each.get("status") or {}).get("phase") not in ("Succeeded", "Failed")
        ]
        labels = (current["spec"]["template"].get("metadata") or {}).get("labels") or {}
        full = selectors.of_map(labels)
        ready = [each for each in pods if rollout.is_ready(each)]
        minimum = int(current["spec"].get("minReadySeconds", 0))
        ages = [_ready_seconds(each) for each in ready]
        status: Object = {
            "replicas": len(pods),
            "fullyLabeledReplicas": sum(full(p["metadata"].get("labels") or {}) for p in pods),
            "readyReplicas": len(ready),
            "availableReplicas": sum(age >= minimum for age in ages),
            "observedGeneration": current["metadata"].get("generation", 1),
        }
        status = {k: v for k, v in status.items() if v or k == "replicas"}
        status["terminatingReplicas"] = sum(
            bool(each["metadata"].get("deletionTimestamp")) for each in every
        )
        if failure is not None:
            status["conditions"] = [{
                "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
                "message": str(failure),
                "lastTransitionTime": current["metadata"]["creationTimestamp"],
            }]
        await self.set_status(REPLICA_SETS, current, status)
        waiting = [minimum - age for age in ages if age < minimum]
        return min(waiting) + 0.1 if waiting else None


def _ready_seconds(pod: Object) -> float:
    for each in (pod.get("status") or {}).get("conditions") or []:
        if each["type"] == "Ready" and each.get("lastTransitionTime"):
            then = datetime.datetime.fromisoformat(each["lastTransitionTime"])
            return (datetime.datetime.now(datetime.UTC) - then).total_seconds()
    return 0.0
