# SPDX-License-Identifier: Apache-2.0
"""CRDs: their kinds are served once their names are free, and their objects end with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..model.failures import Failure, Object
from ..server.api import Api, Candidate, now_text
from ..server.catalog import CRDS
from ..server.strategies import CRD_FINALIZER
from ..server.store import DELETED, Change
from .controller import Controller, Name


class CustomResources(Controller):
    """Serves what CRDs say."""

    def __init__(self, api: Api, changed: Callable[[], None]) -> None:
        super().__init__(api)
        self._changed = changed

    def concerns(self, change: Change) -> Iterable[Name]:
        """The CRD itself."""
        if change.key != CRDS:
            return []
        if change.kind == DELETED and change.old is not None:
            self.api.catalog.forget(change.old)
            self.store.drop_kind(_key(change.old))
            self._changed()
            return []
        return [change.name]

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Takes its names, serves it, or ends it."""
        crd = self.store.get(CRDS, "", name)
        if crd is None:
            return None
        if crd["metadata"].get("deletionTimestamp"):
            return await self._end(crd)
        is_free = not self.api.catalog.names_taken(crd)
        if is_free:
            self.api.catalog.define(crd)
            self._changed()
        await self.set_status(CRDS, crd, self._status(crd, is_free))
        return None

    def _status(self, crd: Object, is_free: bool) -> Object:
        status: Object = dict(crd.get("status") or {})
        names = crd["spec"]["names"]
        kept = {key: value for key, value in names.items() if value}
        old = {each["type"]: each for each in status.get("conditions") or []}

        def made(kind: str, value: str, reason: str, message: str) -> Any:
            before = old.get(kind)
            if before and before["status"] == value:
                return before
            return {
                "type": kind, "status": value, "lastTransitionTime": now_text(),
                "reason": reason, "message": message,
            }

        if is_free:
            conditions = [
                made("NamesAccepted", "True", "NoConflicts", "no conflicts found"),
                made("Established", "True", "InitialNamesAccepted",
                     "the initial names have been accepted"),
            ]
        else:
            conditions = [
                made("NamesAccepted", "False", "KindConflict",
                     f"\"{names['kind']}\" is already in use"),
                made("Established", "False", "NotAccepted", "not all names are accepted"),
            ]
        stored = [each["name"] for each in crd["spec"]["versions"] if each.get("storage")]
        known = status.get("storedVersions") or []
        return status | {
            "conditions": conditions, "acceptedNames": kept if is_free else {
                "plural": "", "kind": ""
            },
            "storedVersions": known + [each for each in stored if each not in known],
        }

    async def _end(self, crd: Object) -> float | None:
        if CRD_FINALIZER not in (crd["metadata"].get("finalizers") or []):
            return None
        key = _key(crd)
        served = next(
            (each for each in self.api.catalog.served.values() if each.resource.key == key), None
        )
        if served is not None:
            for thing in list(self.store.all(key)):
                metadata = thing["metadata"]
                try:
                    await self.api.delete(
                        served, metadata.get("namespace", ""), metadata["name"], {}, self.options
                    )
                except Failure as failure:
                    if failure.code != 404:
                        raise
            if self.store.count(key):
                return 0.2

        def release(old: Object) -> Candidate:
            held = [each for each in old["metadata"]["finalizers"] if each != CRD_FINALIZER]
            return Candidate(old | {"metadata": old["metadata"] | {"finalizers": held}})

        await self.api.write(
            self.served(CRDS), "", crd["metadata"]["name"], release, self.options
        )
        return None


def _key(crd: Object) -> tuple[str, str]:
    return crd["spec"]["group"], crd["spec"]["names"]["plural"]
