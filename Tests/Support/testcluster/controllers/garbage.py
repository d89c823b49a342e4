# SPDX-License-Identifier: Apache-2.0
"""Garbage: objects go with their owners, or stay behind when that is wished."""

from __future__ import annotations

from collections.abc import Iterable

from ..model.failures import Failure, Object
from ..server.api import FOREGROUND, ORPHAN, Api, Candidate
from ..server.store import Change, Key
from .controller import Controller, Name

Place = tuple[Key, str, str]


class Garbage(Controller):
    """Looks at owners by their uid, which stands where a name would."""

    def __init__(self, api: Api) -> None:
        self._dependents: dict[str, set[Place]] = {}
        self._living: dict[str, Place] = {}
        super().__init__(api)

    def concerns(self, change: Change) -> Iterable[Name]:
        """An owner that has ended or is to end, and a dependent that has come or gone."""
        place = (change.key, *change.name)
        touched: list[str] = []
        for thing in (change.old, change.new):
            for owner in (thing or {}).get("metadata", {}).get("ownerReferences") or []:
                touched.append(owner["uid"])
                places = self._dependents.setdefault(owner["uid"], set())
                if thing is change.new:
                    places.add(place)
                else:
                    places.discard(place)
        own = (change.new or change.old or {})["metadata"]["uid"]
        if change.new is None:
            self._living.pop(own, None)
            touched.append(own)
        else:
            self._living[own] = place
            if change.new["metadata"].get("deletionTimestamp"):
                touched.append(own)
        return [("", uid) for uid in touched if uid in self._dependents or uid == own]

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Decides about all that an owner has."""
        uid = name
        places = list(self._dependents.get(uid, ()))
        place = self._living.get(uid)
        owner = self._at(place) if place else None
        if owner is None:
            for each in places:
                await self._collect(each)
            if not self._dependents.get(uid):
                self._dependents.pop(uid, None)
            return None
        held = owner["metadata"].get("finalizers") or []
        if not owner["metadata"].get("deletionTimestamp"):
            return None
        assert place is not None
        if ORPHAN in held:
            for each in places:
                await self._disown(each, uid)
            await self._release(place, ORPHAN)
        elif FOREGROUND in held:
            blocking = 0
            for each in places:
                thing = self._at(each)
                if thing is None:
                    continue
                blocking += any(
                    one["uid"] == uid and one.get("blockOwnerDeletion")
                    for one in thing["metadata"].get("ownerReferences") or []
                )
                if not thing["metadata"].get("deletionTimestamp"):
                    await self._delete(each, "Foreground")
            still = [each for each in places if self._at(each) is not None]
            if blocking and still:
                return 0.1
            await self._release(place, FOREGROUND)
        return None

    def _at(self, place: Place) -> Object | None:
        return self.store.get(*place)

    async def _collect(self, place: Place) -> None:
        """An object goes when none of its owners is left."""
        thing = self._at(place)
        if thing is None or thing["metadata"].get("deletionTimestamp"):
            return
        owners = thing["metadata"].get("ownerReferences") or []
        if not any(each["uid"] in self._living for each in owners):
            await self._delete(place, "Background")

    async def _delete(self, place: Place, policy: str) -> None:
        key, namespace, name = place
        thing = self._at(place)
        if thing is None:
            return
        wish = {
            "propagationPolicy": policy, "preconditions": {"uid": thing["metadata"]["uid"]}
        }
        if policy == "Foreground" and not self._dependents.get(thing["metadata"]["uid"]):
            wish["propagationPolicy"] = "Background"
        try:
            await self.api.delete(self.served(key), namespace, name, wish, self.options)
        except Failure as failure:
            if failure.code not in (404, 409):
                raise

    async def _disown(self, place: Place, uid: str) -> None:
        key, namespace, name = place
        if self._at(place) is None:
            return

        def writer(old: Object) -> Candidate:
            owners = [
                each for each in old["metadata"].get("ownerReferences") or []
                if each["uid"] != uid
            ]
            metadata = dict(old["metadata"])
            metadata.pop("ownerReferences", None)
            if owners:
                metadata["ownerReferences"] = owners
            return Candidate(old | {"metadata": metadata})

        await self.api.write(self.served(key), namespace, name, writer, self.options)

    async def _release(self, place: Place, finalizer: str) -> None:
        key, namespace, name = place

        def writer(old: Object) -> Candidate:
            held = [each for each in old["metadata"].get("finalizers") or [] if each != finalizer]
            metadata = dict(old["metadata"])
            metadata.pop("finalizers", None)
            if held:
                metadata["finalizers"] = held
            return Candidate(old | {"metadata": metadata})

        await self.api.write(self.served(key), namespace, name, writer, self.options)
