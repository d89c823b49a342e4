# SPDX-License-Identifier: Apache-2.0
"""Field managers: who has set which field, and server-side apply. Pure; the time is an argument."""

from __future__ import annotations

from dataclasses import dataclass, replace

from . import fieldsets
from .failures import Failure, Object
from .fieldsets import Fields
from .schemas import Schema

# What nobody manages.
_NOBODYS: tuple[fieldsets.Path, ...] = (
    ("f:apiVersion",), ("f:kind",), ("f:metadata",), ("f:metadata", "f:name"),
    ("f:metadata", "f:namespace"), ("f:metadata", "f:creationTimestamp"),
    ("f:metadata", "f:selfLink"), ("f:metadata", "f:uid"), ("f:metadata", "f:clusterName"),
    ("f:metadata", "f:generation"), ("f:metadata", "f:managedFields"),
    ("f:metadata", "f:resourceVersion"),
)
# LIMIT: entries of updates in one object; Kubernetes' own. Older ones become one.
UPDATES = 10
ANCIENT = "ancient-changes"
# Who owned what was there before the first apply.
UNKNOWN = "before-first-apply"


@dataclass(frozen=True)
class Key:
    """Who manages, and how."""

    manager: str
    operation: str
    subresource: str
    api_version: str


@dataclass(frozen=True)
class Entry:
    """What somebody manages, and since when."""

    fields: Fields
    time: str


Managers = dict[Key, Entry]


@dataclass(frozen=True)
class Change:
    """Who changes an object, and when."""

    manager: str
    api_version: str
    time: str
    subresource: str = ""
    forces: bool = False


def read(thing: Object) -> Managers:
    """The managers that an object names; entries that cannot be read are left out."""
    found: Managers = {}
    for item in thing.get("metadata", {}).get("managedFields") or []:
        if item.get("fieldsType") != "FieldsV1":
            continue
        key = Key(
            item.get("manager", ""), item.get("operation", ""), item.get("subresource", ""),
            item.get("apiVersion", ""),
        )
        found[key] = Entry(fieldsets.from_v1(item.get("fieldsV1")), item.get("time", ""))
    return found


def written(thing: Object, managers: Managers) -> Object:
    """The object with these managers."""
    metadata = {k: v for k, v in thing["metadata"].items() if k != "managedFields"}
    items = []
    for key, entry in sorted(managers.items(), key=_rank):
        item: Object = {
            "manager": key.manager, "operation": key.operation, "apiVersion": key.api_version,
            "fieldsType": "FieldsV1",
            "fieldsV1": fieldsets.to_v1(entry.fields),
        }
        if entry.time:
            item["time"] = entry.time
        if key.subresource:
            item["subresource"] = key.subresource
        items.append(item)
    if items:
        metadata["managedFields"] = items
    return thing | {"metadata": metadata}


def _rank(item: tuple[Key, Entry]) -> tuple[str, str, str, str, str]:
    key, entry = item
    return key.operation, entry.time, key.manager, key.api_version, key.subresource


def plain(thing: Object) -> Object:
    """The object without its managers, as differences are looked for."""
    metadata = {k: v for k, v in (thing.get("metadata") or {}).items() if k != "managedFields"}
    return thing | {"metadata": metadata}


def _managed(fields: Fields, ignored: tuple[str, ...]) -> Fields:
    return frozenset(
        path for path in fields
        if path and path not in _NOBODYS and path[0][2:] not in ignored
    )


def _ignored(subresource: str) -> tuple[str, ...]:
    """What a change of an object's status does not touch."""
    return ("spec",) if subresource == "status" else ()


def update(live: Object, new: Object, managers: Managers, schema: Schema, change: Change) -> (
    Managers
):
    """The managers after somebody has written a whole object."""
    key = Key(change.manager, "Update", change.subresource, change.api_version)
    difference = fieldsets.compare(plain(live), plain(new), schema)
    touched = frozenset(difference.added | difference.changed)
    after = _yield(managers, key, touched, frozenset(difference.removed))
    own = after.get(key)
    before = own.fields if own else fieldsets.EMPTY
    fields = _managed((before | touched) - difference.removed, ())
    if fields != before or own is None:
        after[key] = Entry(fields, change.time)
    if not after[key].fields:
        del after[key]
    return _capped(after, key)


def _yield(managers: Managers, own: Key, touched: Fields, removed: Fields) -> Managers:
    """What the others keep."""
    after: Managers = {}
    for key, entry in managers.items():
        if key == own:
            after[key] = entry
            continue
        fields = entry.fields - touched - removed
        if fields:
            after[key] = replace(entry, fields=fields)
    return after


def _capped(managers: Managers, own: Key) -> Managers:
    updates = sorted(
        (key for key in managers if key.operation == "Update" and not key.subresource),
        key=lambda key: managers[key].time,
    )
    extra = [key for key in updates if key != own][: max(0, len(updates) - UPDATES)]
    if not extra:
        return managers
    old = Key(ANCIENT, "Update", "", extra[0].api_version)
    joined: Fields = frozenset().union(*(managers[key].fields for key in extra))
    after = {key: entry for key, entry in managers.items() if key not in extra}
    after[old] = Entry(joined, managers[extra[-1]].time)
    return after


def apply(
    live: Object, wanted: Object, managers: Managers, schema: Schema, change: Change
) -> tuple[Object, Managers]:
    """The object after server-side apply, and its managers; a Failure if others own a field."""
    key = Key(change.manager, "Apply", change.subresource, change.api_version)
    if not managers and live["metadata"].get("uid"):
        # Whatever is there was somebody's before anybody was asked.
        before = Key(UNKNOWN, "Update", "", change.api_version)
        every = _managed(fieldsets.of_object(plain(live), schema), ("status",))
        managers = {before: Entry(every, live["metadata"].get("creationTimestamp", ""))}
    ignored = _ignored(change.subresource)
    config = {name: value for name, value in plain(wanted).items() if name not in ignored}
    fields = _managed(fieldsets.of_object(config, schema), ignored)
    own = managers.get(key)
    last = own.fields if own else fieldsets.EMPTY
    new = fieldsets.merged(plain(live), config, schema)
    others: Fields = frozenset().union(
        *(entry.fields for each, entry in managers.items() if each != key)
    )
    new = _pruned(new, last - fields, fields | others, schema)
    difference = fieldsets.compare(plain(live), new, schema)
    touched = frozenset(difference.added | difference.changed)
    conflicts = {
        each: sorted(entry.fields & touched)
        for each, entry in managers.items() if each != key and entry.fields & touched
    }
    if conflicts and not change.forces:
        raise conflict(conflicts)
    after = _yield(managers, key, touched, frozenset(difference.removed))
    if own is None or own.fields != fields:
        after[key] = Entry(fields, change.time)
    if not fields:
        after.pop(key, None)
    return new, after


def _pruned(thing: Object, dropped: Fields, kept: Fields, schema: Schema) -> Object:
    """Without what somebody has ceased to apply and nobody else owns."""
    # From the outside in, so that an item that is nobody's goes while it has its key.
    for path in sorted(dropped, key=len):
        if path in kept or any(other[: len(path)] == path for other in kept):
            continue
        thing = fieldsets.without(thing, path, schema)
    return thing


def conflict(conflicts: dict[Key, list[fieldsets.Path]]) -> Failure:
    """The refusal of an apply that would take fields from others."""
    causes = []
    groups: dict[str, list[str]] = {}
    for key in sorted(conflicts, key=lambda key: (key.manager, key.api_version)):
        what = f'"{key.manager}"'
        if key.subresource:
            what += f' with subresource "{key.subresource}"'
        if key.operation == "Update":
            what += f" using {key.api_version}"
        for path in conflicts[key]:
            text = fieldsets.shown(path)
            causes.append(
                {
                    "reason": "FieldManagerConflict", "message": f"conflict with {what}",
                    "field": text,
                }
            )
            groups.setdefault(what, []).append(text)
    count = len(causes)
    parts = []
    for what, paths in groups.items():
        if count == 1:
            parts.append(f"conflict with {what}: {paths[0]}")
        else:
            parts.append(f"conflicts with {what}:\n- " + "\n- ".join(paths))
    word = "conflict" if count == 1 else "conflicts"
    text = f"Apply failed with {count} {word}: " + "\n".join(parts)
    return Failure(409, "Conflict", text, {"causes": causes})
