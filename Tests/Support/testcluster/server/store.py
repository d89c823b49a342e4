# SPDX-License-Identifier: Apache-2.0
"""What the cluster knows: objects, one counter of versions, and a bounded memory of changes.

Everything happens in one event loop, so that nothing here waits or locks. Stored objects are shared
and never changed: whoever wants another writes another.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]
Key = tuple[str, str]
Name = tuple[str, str]

# LIMIT: changes that watches and lists can go back over. A client that is later starts anew, as
# with etcd after a compaction.
HISTORY = 20_000
# LIMIT: changes that wait for one watching client. A slower one is cut off.
QUEUE = 5_000
# The first version that there is anything of.
FIRST = 2
ADDED, MODIFIED, DELETED = "ADDED", "MODIFIED", "DELETED"


class Outdated(Exception):
    """The version is older than what is remembered."""


@dataclass(frozen=True)
class Change:
    """One write."""

    revision: int
    kind: str
    key: Key
    name: Name
    old: Object | None
    new: Object | None


class Watcher:
    """What one client has yet to be told."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self.is_cut = False
        self._changes: deque[Change] = deque()
        self._some = asyncio.Event()

    def push(self, change: Change) -> None:
        """Remembers a change, unless too many wait already."""
        if len(self._changes) >= QUEUE:
            self.is_cut = True
        else:
            self._changes.append(change)
        self._some.set()

    async def next(self, seconds: float) -> Change | None:
        """The next change; None if there is none for so long, or no more."""
        if not self._changes and not self.is_cut:
            self._some.clear()
            try:
                await asyncio.wait_for(self._some.wait(), seconds)
            except TimeoutError:
                return None
        if self.is_cut or not self._changes:
            return None
        return self._changes.popleft()

    def cut(self) -> None:
        """Ends it."""
        self.is_cut = True
        self._some.set()


class Store:
    """All objects."""

    def __init__(self) -> None:
        self.revision = 1
        self._compacted = 0
        self._tables: dict[Key, dict[Name, Object]] = {}
        self._history: deque[Change] = deque()
        self._watchers: set[Watcher] = set()
        self._listeners: list[Callable[[Change], None]] = []

    def get(self, key: Key, namespace: str, name: str) -> Object | None:
        """An object, or None."""
        return self._tables.get(key, {}).get((namespace, name))

    def all(self, key: Key, namespace: str = "") -> Iterator[Object]:
        """All objects of a kind, of one namespace if that is named, in order of their names."""
        table = self._tables.get(key, {})
        for each in sorted(table):
            if not namespace or each[0] == namespace:
                yield table[each]

    def count(self, key: Key) -> int:
        """How many objects there are of a kind."""
        return len(self._tables.get(key, {}))

    def put(self, key: Key, thing: Object) -> Object:
        """Writes an object; returns it with its new version."""
        name = (thing["metadata"].get("namespace", ""), thing["metadata"]["name"])
        self.revision += 1
        metadata = thing["metadata"] | {"resourceVersion": str(self.revision)}
        thing = thing | {"metadata": metadata}
        table = self._tables.setdefault(key, {})
        old = table.get(name)
        table[name] = thing
        kind = ADDED if old is None else MODIFIED
        self._tell(Change(self.revision, kind, key, name, old, thing))
        return thing

    def remove(
        self, key: Key, namespace: str, name: str, last_state: Object | None = None
    ) -> Object:
        """Removes an object; returns its last state, with the version of its end."""
        old = self._tables[key].pop((namespace, name))
        old = last_state or old
        self.revision += 1
        metadata = old["metadata"] | {"resourceVersion": str(self.revision)}
        last = old | {"metadata": metadata}
        self._tell(Change(self.revision, DELETED, key, (namespace, name), last, None))
        return last

    def drop_kind(self, key: Key) -> None:
        """Ends the watches of a kind that is not served any more."""
        for watcher in [each for each in self._watchers if each.key == key]:
            watcher.cut()

    def listen(self, listener: Callable[[Change], None]) -> None:
        """Calls back after each write, at once; for what is part of the server."""
        self._listeners.append(listener)

    def _tell(self, change: Change) -> None:
        self._history.append(change)
        if len(self._history) > HISTORY:
            self._compacted = self._history.popleft().revision
        for watcher in self._watchers:
            if watcher.key == change.key:
                watcher.push(change)
        for listener in self._listeners:
            listener(change)

    def compact(self) -> None:
        """Forgets all changes, as etcd does from time to time."""
        self._history.clear()
        self._compacted = self.revision

    def at(self, key: Key, revision: int) -> list[Object]:
        """All objects of a kind as they were at a version; Outdated if that is forgotten."""
        if revision < max(self._compacted, FIRST):
            raise Outdated
        table = dict(self._tables.get(key, {}))
        for change in reversed(self._history):
            if change.revision <= revision:
                break
            if change.key != key:
                continue
            if change.kind == ADDED:
                table.pop(change.name, None)
            elif change.old is not None:
                table[change.name] = change.old
        return [table[name] for name in sorted(table)]

    def watch(self, key: Key, since: int | None) -> Watcher:
        """Changes after a version, or from now on; Outdated if that is forgotten."""
        watcher = Watcher(key)
        if since is not None:
            if since < self._compacted:
                raise Outdated
            for change in self._history:
                if change.revision > since and change.key == key:
                    watcher.push(change)
        self._watchers.add(watcher)
        return watcher

    def unwatch(self, watcher: Watcher) -> None:
        """Forgets a client."""
        self._watchers.discard(watcher)

    def end(self) -> None:
        """Ends all watches."""
        for watcher in self._watchers:
            watcher.cut()

    def oldest(self) -> int:
        """The oldest version that is remembered."""
        return self._compacted
