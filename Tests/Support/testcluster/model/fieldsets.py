# SPDX-License-Identifier: Apache-2.0
"""Sets of fields: which an object has, which two objects differ in, and as `fieldsV1`. Pure.

A path is a tuple of what `fieldsV1` has as keys: `f:name` for a field, `k:{...}` for an item of a
list with keys, `v:...` for an item of a set.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from . import schemas
from .schemas import Schema

Path = tuple[str, ...]
Fields = frozenset[Path]
EMPTY: Fields = frozenset()
# Keys of lists that may be left out, and what they are then.
KEY_DEFAULTS = {"protocol": "TCP"}


class _Missing:
    """Not even null."""


MISSING = _Missing()


def is_atomic(schema: Schema, value: Any) -> bool:
    """Whether a value is owned as a whole."""
    if isinstance(value, dict):
        return schema.get("x-kubernetes-map-type") == "atomic"
    if isinstance(value, list):
        return schema.get("x-kubernetes-list-type") not in ("map", "set")
    return True


def element(schema: Schema, item: Any) -> str:
    """The path element of an item of a list that is not atomic."""
    if schema.get("x-kubernetes-list-type") == "set":
        return "v:" + _text(item)
    keys: dict[str, Any] = {}
    for name in sorted(schema.get("x-kubernetes-list-map-keys") or ()):
        inside = schemas.field(schemas.items(schema), name) or {}
        default = inside.get("default", KEY_DEFAULTS.get(name, MISSING))
        value = item.get(name, default) if isinstance(item, dict) else MISSING
        if value is not MISSING:
            keys[name] = value
    return "k:" + _text(keys)


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def children(schema: Schema, value: Any) -> Iterator[tuple[str, Any, Schema]]:
    """The parts of a value that is not atomic: path element, value and schema of each."""
    if isinstance(value, dict):
        for key, inside in value.items():
            yield f"f:{key}", inside, schemas.field(schema, key) or schemas.ANYTHING
    elif isinstance(value, list):
        inner = schemas.items(schema)
        for item in value:
            yield element(schema, item), item, inner


def of_object(value: Any, schema: Schema) -> Fields:
    """The fields that an applied configuration names."""
    return frozenset(_fields(value, schema, ()))


def _fields(value: Any, schema: Schema, path: Path) -> Iterator[Path]:
    if is_atomic(schema, value):
        yield path
        return
    for name, inside, inner in children(schema, value):
        here = (*path, name)
        yield from _fields(inside, inner, here)
        is_item = isinstance(value, list)
        is_entry = isinstance(value, dict) and name[2:] not in (schema.get("properties") or {})
        if is_item or is_entry or inside is None or inside == {}:
            yield here


@dataclass
class Difference:
    """Which fields came, went and changed."""

    added: set[Path] = field(default_factory=set)
    removed: set[Path] = field(default_factory=set)
    changed: set[Path] = field(default_factory=set)


def compare(old: Any, new: Any, schema: Schema) -> Difference:
    """What has to be done to the old object to make it the new one."""
    found = Difference()
    _compare(old, new, schema, (), found)
    return found


def _compare(old: Any, new: Any, schema: Schema, path: Path, found: Difference) -> None:
    some = new if new is not MISSING and new is not None else old
    both_empty = (old is MISSING or not old) and (new is MISSING or not new)
    if isinstance(some, dict | list) and not is_atomic(schema, some) and not both_empty and (
        _fits(old, some) and _fits(new, some)
    ):
        before = {name: (v, s) for name, v, s in children(schema, _or_empty(old, some))}
        after = {name: (v, s) for name, v, s in children(schema, _or_empty(new, some))}
        for name in [*before, *(each for each in after if each not in before)]:
            left, right = before.get(name), after.get(name)
            inner = (right or left or (None, schemas.ANYTHING))[1]
            _compare(
                left[0] if left else MISSING, right[0] if right else MISSING, inner,
                (*path, name), found,
            )
        if old is MISSING:
            found.added.add(path)
        elif new is MISSING:
            found.removed.add(path)
        return
    if old is MISSING:
        found.added.add(path)
    elif new is MISSING:
        found.removed.add(path)
    elif old != new or isinstance(old, bool) != isinstance(new, bool):
        found.changed.add(path)


def _fits(value: Any, some: Any) -> bool:
    return value is MISSING or value is None or isinstance(value, type(some))


def _or_empty(value: Any, some: Any) -> Any:
    return type(some)() if value is MISSING or value is None else value


def to_v1(fields: Iterable[Path]) -> dict[str, Any]:
    """As `fieldsV1`."""
    members = set(fields)
    found: dict[str, Any] = {}
    for path in sorted(members):
        here = found
        for depth, name in enumerate(path):
            if name not in here:
                here[name] = {}
                if path[: depth + 1] in members and depth + 1 < len(path):
                    here[name]["."] = {}
            here = here[name]
    # A path that sorts before those below it has been a leaf until they came.
    for path in members:
        here = found
        for name in path:
            here = here[name]
        if here and "." not in here:
            here["."] = {}
    return _sorted(found)


def _sorted(tree: dict[str, Any]) -> dict[str, Any]:
    return {name: _sorted(tree[name]) for name in sorted(tree)}


def from_v1(tree: Any) -> Fields:
    """From `fieldsV1`."""
    return frozenset(_paths(tree or {}, ()))


def _paths(tree: dict[str, Any], path: Path) -> Iterator[Path]:
    for name, inside in tree.items():
        if name == ".":
            yield path
            continue
        here = (*path, name)
        if inside:
            yield from _paths(inside, here)
        else:
            yield here


def shown(path: Path) -> str:
    """`.spec.containers[name="a"].image`, as in messages."""
    parts = []
    for name in path:
        kind, _, rest = name.partition(":")
        if kind == "f":
            parts.append(f".{rest}")
        elif kind == "k":
            keys = ",".join(f"{key}={_text(value)}" for key, value in json.loads(rest).items())
            parts.append(f"[{keys}]")
        elif kind == "v":
            parts.append(f"[={rest}]")
        else:
            parts.append(f"[{rest}]")
    return "".join(parts)


def without(value: Any, path: Path, schema: Schema) -> Any:
    """The value without the field at a path."""
    if not path:
        return value
    name, rest = path[0], path[1:]
    if isinstance(value, dict) and name.startswith("f:"):
        key = name[2:]
        if key not in value:
            return value
        if not rest:
            return {k: v for k, v in value.items() if k != key}
        inner = schemas.field(schema, key) or schemas.ANYTHING
        return value | {key: without(value[key], rest, inner)}
    if isinstance(value, list) and not is_atomic(schema, value):
        inner, result = schemas.items(schema), []
        for item in value:
            if element(schema, item) != name:
                result.append(item)
            elif rest:
                result.append(without(item, rest, inner))
        return result
    return value


def merged(live: Any, wanted: Any, schema: Schema) -> Any:
    """The live value with all that an applied configuration names."""
    if wanted is None and isinstance(live, dict | list) and not is_atomic(schema, live):
        return live
    if live is None or is_atomic(schema, wanted) or not isinstance(live, type(wanted)):
        return wanted
    if isinstance(wanted, dict):
        result = dict(live)
        for key, value in wanted.items():
            inner = schemas.field(schema, key) or schemas.ANYTHING
            result[key] = merged(live.get(key), value, inner)
        return result
    inner = schemas.items(schema)
    new = {element(schema, item): item for item in wanted}
    items = []
    for item in live:
        name = element(schema, item)
        items.append(merged(item, new.pop(name), inner) if name in new else item)
    return items + list(new.values())
