# SPDX-License-Identifier: Apache-2.0
"""What controllers have in common: a queue of names, and another try after a failure."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Iterable
from typing import Any

from ..model.failures import Failure, Object
from ..model.rbac import User
from ..server.api import Api, Candidate
from ..server.catalog import Served
from ..server.options import Options
from ..server.store import Change, Key

Name = tuple[str, str]
# Seconds until the next try, doubled from the first to the last.
RETRY_MIN, RETRY_MAX = 0.02, 5.0


class Controller:
    """Reconciles one kind of object, one at a time."""

    user = "system:kube-controller-manager"

    def __init__(self, api: Api) -> None:
        self.api = api
        self.store = api.store
        self._waiting: dict[Name, None] = {}
        self._some = asyncio.Event()
        self._delays: dict[Name, float] = {}
        self._timers: dict[Name, asyncio.TimerHandle] = {}
        api.store.listen(self._hear)

    def concerns(self, change: Change) -> Iterable[Name]:
        """Which objects have to be looked at after a change."""
        raise NotImplementedError

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Does what is to be done; returns after how many seconds to look again, if at all."""
        raise NotImplementedError

    @property
    def options(self) -> Options:
        """How it writes."""
        return Options(User(self.user, ("system:masters", "system:authenticated")),
                       "kube-controller-manager", strictness="Ignore")

    def served(self, key: Key) -> Served:
        """A kind at the version that controllers use."""
        for each in self.api.catalog.served.values():
            if each.resource.key == key:
                return each
        raise KeyError(key)

    def add(self, namespace: str, name: str) -> None:
        """Has an object looked at."""
        self._waiting[namespace, name] = None
        self._some.set()

    def add_later(self, namespace: str, name: str, seconds: float) -> None:
        """Has it looked at in a while."""
        if timer := self._timers.pop((namespace, name), None):
            timer.cancel()
        loop = asyncio.get_running_loop()
        self._timers[namespace, name] = loop.call_later(seconds, self.add, namespace, name)

    def _hear(self, change: Change) -> None:
        for namespace, name in self.concerns(change):
            self.add(namespace, name)

    async def run(self) -> None:
        """Works until it is cancelled."""
        while True:
            while not self._waiting:
                self._some.clear()
                await self._some.wait()
            namespace, name = next(iter(self._waiting))
            del self._waiting[namespace, name]
            await self._try(namespace, name)

    async def _try(self, namespace: str, name: str) -> None:
        key = (namespace, name)
        try:
            again = await self.reconcile(namespace, name)
            self._delays.pop(key, None)
            if again is not None:
                self.add_later(namespace, name, again)
        except Failure as failure:
            # Somebody else was faster, or a webhook is down: both pass.
            self._retry(key, str(failure) if failure.code >= 500 else "")
        except Exception:
            traceback.print_exc(file=sys.stderr)
            self._retry(key, "")

    def _retry(self, key: Name, words: str) -> None:
        delay = self._delays.get(key, RETRY_MIN)
        self._delays[key] = min(delay * 2, RETRY_MAX)
        if words and delay >= 1:
            print(f"{type(self).__name__}: {'/'.join(key)}: {words}", file=sys.stderr)
        self.add_later(*key, delay)

    async def set_status(self, key: Key, thing: Object, status: Object) -> None:
        """Writes a status, if it is another one."""
        if thing.get("status") == status:
            return
        metadata = thing["metadata"]
        await self.api.write(
            self.served(key), metadata.get("namespace", ""), metadata["name"],
            lambda old: Candidate(old | {"status": status}), self.options, "status",
        )

    def owned(self, key: Key, namespace: str, uid: str) -> list[Object]:
        """Objects that have this one as their controller."""
        return [
            each for each in self.store.all(key, namespace) if controller_of(each).get("uid") == uid
        ]


def controller_of(thing: Object) -> Object:
    """The owner that controls an object; empty if nobody does."""
    for owner in thing["metadata"].get("ownerReferences") or []:
        if owner.get("controller"):
            return dict(owner)
    return {}


def owner_reference(owner: Object, api_version: str, kind: str) -> Object:
    """The reference of what an object controls."""
    return {
        "apiVersion": api_version, "kind": kind, "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"], "controller": True, "blockOwnerDeletion": True,
    }


def condition(conditions: list[Any], kind: str) -> Object:
    """A condition by its type; empty if there is none."""
    return next((dict(each) for each in conditions if each["type"] == kind), {})
