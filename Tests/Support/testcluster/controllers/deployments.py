# SPDX-License-Identifier: Apache-2.0
"""Deployments: a ReplicaSet for each template, and the way from one to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..model import rollout
from ..model.failures import Failure, Object
from ..server.api import Candidate, now_text
from ..server.store import Change
from .controller import Controller, Name, condition, controller_of, owner_reference

DEPLOYMENTS, REPLICA_SETS, PODS = ("apps", "deployments"), ("apps", "replicasets"), ("", "pods")
REVISION = "deployment.kubernetes.io/revision"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MOST = "deployment.kubernetes.io/max-replicas"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


class Deployments(Controller):
    """Rolls templates out."""

    def concerns(self, change: Change) -> Iterable[Name]:
        """The deployment itself, that of a set, and one whose pod has gone."""
        if change.key == DEPLOYMENTS:
            return [change.name]
        if change.key == REPLICA_SETS:
            return {
                (change.name[0], controller_of(each)["name"])
                for each in (change.old, change.new)
                if each is not None and controller_of(each).get("kind") == "Deployment"
            }
        if change.key == PODS and change.new is None and change.old is not None:
            owner = controller_of(change.old)
            found = self.store.get(REPLICA_SETS, change.name[0], owner.get("name", ""))
            if found is not None and controller_of(found).get("kind") == "Deployment":
                return [(change.name[0], controller_of(found)["name"])]
        return []

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """One step of a rollout, and the status."""
        found = self.store.get(DEPLOYMENTS, namespace, name)
        if found is None or found["metadata"].get("deletionTimestamp"):
            return None
        sets = self._sets(found)
        new = self._of_template(found, sets)
        if new is None and not found["spec"].get("paused"):
            new = await self._make(found, sets)
            sets = self._sets(found)
        if new is not None:
            await self._revise(found, new, sets)
            sets = self._sets(found)
            new = self._of_template(found, sets)
        if new is not None:
            await self._step(found, new, [each for each in sets if each is not new])
        await self._report(found)
        await self._clean_up(found)
        return None

    def _sets(self, found: Object) -> list[Object]:
        """Its sets, the oldest first."""
        namespace, uid = found["metadata"]["namespace"], found["metadata"]["uid"]
        return sorted(self.owned(REPLICA_SETS, namespace, uid), key=_revision)

    @staticmethod
    def _of_template(found: Object, sets: Sequence[Object]) -> Object | None:
        template = found["spec"]["template"]
        return next(
            (each for each in sets
             if rollout.same_template(each["spec"]["template"], template)), None
        )

    async def _make(self, found: Object, sets: Sequence[Object]) -> Object:
        metadata, spec = found["metadata"], found["spec"]
        template = dict(spec["template"])
        collisions = int((found.get("status") or {}).get("collisionCount", 0))
        mark = rollout.template_hash(template, collisions)
        labels = ((template.get("metadata") or {}).get("labels") or {}) | {rollout.HASH: mark}
        template["metadata"] = (template.get("metadata") or {}) | {"labels": labels}
        selector = dict(spec["selector"])
        selector["matchLabels"] = (selector.get("matchLabels") or {}) | {rollout.HASH: mark}
        replicas = int(spec.get("replicas", 1))
        # The first set starts whole, others as far as there is room.
        total = sum(int(each["spec"].get("replicas", 0)) for each in sets)
        strategy = spec.get("strategy") or {}
        size = replicas if total == 0 else 0
        if total and strategy.get("type") == "RollingUpdate":
            surge, _ = rollout.bounds(strategy.get("rollingUpdate") or {}, replicas)
            size = max(0, min(replicas, replicas + surge - total))
        elif strategy.get("type") == "Recreate" and self._old_pods(found, sets):
            size = 0
        annotations = {
            key: value for key, value in (metadata.get("annotations") or {}).items()
            if key != LAST_APPLIED
        }
        annotations |= self._marks(found)
        annotations[REVISION] = str(max([0, *map(_revision, sets)]) + 1)
        body = {
            "metadata": {
                "name": f"{metadata['name']}-{mark}", "labels": labels,
                "annotations": annotations,
                "ownerReferences": [owner_reference(found, "apps/v1", "Deployment")],
            },
            "spec": {"replicas": size, "selector": selector, "template": template},
        }
        if spec.get("minReadySeconds"):
            body["spec"]["minReadySeconds"] = spec["minReadySeconds"]
        return await self.api.create(
            self.served(REPLICA_SETS), metadata["namespace"], body, self.options
        )

    def _marks(self, found: Object) -> dict[str, str]:
        replicas = int(found["spec"].get("replicas", 1))
        strategy = found["spec"].get("strategy") or {}
        surge = 0
        if strategy.get("type") == "RollingUpdate":
            surge, _ = rollout.bounds(strategy.get("rollingUpdate") or {}, replicas)
        return {DESIRED: str(replicas), MOST: str(replicas + surge)}

    async def _revise(self, found: Object, new: Object, sets: Sequence[Object]) -> None:
        """The set of the current template has the highest revision, and the deployment says it."""
        highest = max(_revision(each) for each in sets)
        if _revision(new) < highest:
            await self._annotate(REPLICA_SETS, new, {REVISION: str(highest + 1)})
            highest += 1
        marks = self._marks(found)
        old = new["metadata"].get("annotations") or {}
        if any(old.get(key) != value for key, value in marks.items()):
            await self._annotate(REPLICA_SETS, new, marks)
        if (found["metadata"].get("annotations") or {}).get(REVISION) != str(highest):
            # Through the status, which leaves the generation as it is.
            await self._annotate(DEPLOYMENTS, found, {REVISION: str(highest)}, "status")

    async def _annotate(
        self, key: tuple[str, str], thing: Object, values: dict[str, str], subresource: str = ""
    ) -> None:
        def writer(old: Object) -> Candidate:
            annotations = (old["metadata"].get("annotations") or {}) | values
            return Candidate(old | {"metadata": old["metadata"] | {"annotations": annotations}})

        metadata = thing["metadata"]
        await self.api.write(
            self.served(key), metadata["namespace"], metadata["name"], writer, self.options,
            subresource,
        )

    def _old_pods(self, found: Object, sets: Sequence[Object]) -> int:
        namespace = found["metadata"]["namespace"]
        return sum(
            len(self.owned(PODS, namespace, each["metadata"]["uid"])) for each in sets
        )

    async def _step(self, found: Object, new: Object, old: Sequence[Object]) -> None:
        spec = found["spec"]
        replicas = int(spec.get("replicas", 1))
        if spec.get("paused"):
            return
        strategy = spec.get("strategy") or {}
        if strategy.get("type") == "Recreate":
            sizes = {each["metadata"]["name"]: 0 for each in old if each["spec"].get("replicas")}
            if not sizes and not self._old_pods(found, old):
                sizes = {new["metadata"]["name"]: replicas}
        else:
            surge, missing = rollout.bounds(strategy.get("rollingUpdate") or {}, replicas)
            sizes = rollout.next_sizes(
                replicas, surge, missing, _generation(new), [_generation(each) for each in old]
            )
        for each in [new, *old]:
            size = sizes.get(each["metadata"]["name"])
            if size is not None and size != each["spec"].get("replicas"):
                await self._resize(each, size)

    async def _resize(self, thing: Object, size: int) -> None:
        metadata = thing["metadata"]
        await self.api.write(
            self.served(REPLICA_SETS), metadata["namespace"], metadata["name"],
            lambda old: Candidate(old | {"spec": old["spec"] | {"replicas": size}}),
            self.options,
        )

    async def _report(self, found: Object) -> None:
        namespace, name = found["metadata"]["namespace"], found["metadata"]["name"]
        current = self.store.get(DEPLOYMENTS, namespace, name)
        if current is None:
            return
        sets = self._sets(current)
        new = self._of_template(current, sets)
        replicas = int(current["spec"].get("replicas", 1))

        def count(word: str, some: Sequence[Object]) -> int:
            return sum(int((each.get("status") or {}).get(word, 0)) for each in some)

        total, available = count("replicas", sets), count("availableReplicas", sets)
        updated = count("replicas", [new]) if new else 0
        status: Object = {
            "observedGeneration": current["metadata"].get("generation", 1),
            "replicas": total, "updatedReplicas": updated,
            "readyReplicas": count("readyReplicas", sets), "availableReplicas": available,
            "unavailableReplicas": max(0, total - available),
        }
        status = {key: value for key, value in status.items() if value}
        status["terminatingReplicas"] = count("terminatingReplicas", sets)
        strategy = current["spec"].get("strategy") or {}
        missing = 0
        if strategy.get("type") == "RollingUpdate":
            _, missing = rollout.bounds(strategy.get("rollingUpdate") or {}, replicas)
        old = (current.get("status") or {}).get("conditions") or []
        is_up = available >= replicas - missing
        is_done = updated == total == available == replicas
        word = new["metadata"]["name"] if new else ""
        conditions = [
            _condition(old, "Available", is_up, *(
                ("MinimumReplicasAvailable", "Deployment has minimum availability.") if is_up
                else ("MinimumReplicasUnavailable",
                      "Deployment does not have minimum availability.")
            )),
            _condition(old, "Progressing", True, *(
                ("NewReplicaSetAvailable",
                 f'ReplicaSet "{word}" has successfully progressed.') if is_done
                else ("ReplicaSetUpdated", f'ReplicaSet "{word}" is progressing.')
            )),
        ]
        failed = [
            each for one in sets for each in (one.get("status") or {}).get("conditions") or []
            if each["type"] == "ReplicaFailure"
        ]
        status["conditions"] = conditions + failed[:1]
        await self.set_status(DEPLOYMENTS, current, status)

    async def _clean_up(self, found: Object) -> None:
        limit = int(found["spec"].get("revisionHistoryLimit", 10))
        sets = self._sets(found)
        new = self._of_template(found, sets)
        idle = [
            each for each in sets if each is not new and not each["spec"].get("replicas")
            and not (each.get("status") or {}).get("replicas")
        ]
        for each in idle[: max(0, len(idle) - limit)]:
            metadata = each["metadata"]
            try:
                await self.api.delete(
                    self.served(REPLICA_SETS), metadata["namespace"], metadata["name"], {},
                    self.options,
                )
            except Failure as failure:
                if failure.code != 404:
                    raise


def _revision(thing: Object) -> int:
    text = (thing["metadata"].get("annotations") or {}).get(REVISION, "0")
    return int(text) if text.isdigit() else 0


def _generation(thing: Object) -> rollout.Generation:
    return rollout.Generation(
        thing["metadata"]["name"], int(thing["spec"].get("replicas", 0)),
        int((thing.get("status") or {}).get("availableReplicas", 0)),
    )


def _condition(
    old: list[Object], kind: str, value: bool, reason: str, message: str
) -> Object:
    text = "True" if value else "False"
    before = condition(old, kind)
    if before and (before["status"], before["reason"]) == (text, reason):
        if before["message"] == message:
            return before
    now = now_text()
    changed = before.get("lastTransitionTime", now) if before.get("status") == text else now
    return {
        "type": kind, "status": text, "lastUpdateTime": now, "lastTransitionTime": changed,
        "reason": reason, "message": message,
    }
