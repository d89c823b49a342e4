# SPDX-License-Identifier: Apache-2.0
"""Strategic merge patches: lists are merged by keys that the schema names. Pure."""

from __future__ import annotations

import copy
from typing import Any

from . import schemas
from .gojson import printed
from .merging import PatchError
from .schemas import Schema

PATCH, RETAIN, KEYS = "$patch", "$retainKeys", "x-kubernetes-patch-merge-key"
ORDER, DELETE = "$setElementOrder/", "$deleteFromPrimitiveList/"
Map = dict[str, Any]


def merge(original: Map, patch: Map, schema: Schema) -> Map:
    """The patch applied; neither input is changed."""
    return _merge_maps(original, patch, schema)


def _merge_maps(original: Map, patch: Map, schema: Schema) -> Map:
    directive = patch.get(PATCH)
    if directive == "replace":
        return {key: copy.deepcopy(v) for key, v in patch.items() if key != PATCH}
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise PatchError(f"unknown patch type found: {directive}")
    result = dict(original)
    if RETAIN in patch:
        result = {key: value for key, value in result.items() if key in patch[RETAIN]}
    for key, value in patch.items():
        if key.startswith(DELETE):
            name = key.removeprefix(DELETE)
            result[name] = [each for each in result.get(name) or [] if each not in value]
        elif key.startswith(ORDER) and key.removeprefix(ORDER) not in patch:
            name = key.removeprefix(ORDER)
            inner = schemas.field(schema, name) or schemas.ANYTHING
            result[name] = _ordered(result.get(name) or [], value, inner.get(KEYS))
        elif not key.startswith("$"):
            _merge_field(result, key, value, patch, schema)
    return result


def _merge_field(result: Map, key: str, value: Any, patch: Map, schema: Schema) -> None:
    inner = schemas.field(schema, key) or schemas.ANYTHING
    if value is None:
        result.pop(key, None)
    elif isinstance(value, dict):
        old = result.get(key)
        if value.get(PATCH) == "delete":
            result.pop(key, None)
            return
        replaces = "replace" in _strategies(inner)
        base = old if isinstance(old, dict) and not replaces else {}
        result[key] = _merge_maps(base, value, inner)
    elif isinstance(value, list) and "merge" in _strategies(inner):
        order = patch.get(ORDER + key)
        result[key] = _merge_lists(result.get(key) or [], value, order, inner)
    else:
        result[key] = copy.deepcopy(value)


def _strategies(schema: Schema) -> list[str]:
    return str(schema.get("x-kubernetes-patch-strategy", "")).split(",")


def _merge_lists(old: list[Any], patch: list[Any], order: Any, schema: Schema) -> list[Any]:
    key, inner = schema.get(KEYS), schemas.items(schema)
    if key is None:
        merged = list(old) + [each for each in patch if each not in old]
        return _ordered(merged, order, None) if order is not None else merged
    for item in patch:
        if not isinstance(item, dict):
            raise PatchError(f"map: {printed(item)} does not contain declared merge key: {key}")
    if any(item.get(PATCH) == "replace" for item in patch):
        return [copy.deepcopy(item) for item in patch if item.get(PATCH) != "replace"]
    merged = list(old)
    for item in patch:
        if key not in item:
            raise PatchError(f"map: {printed(item)} does not contain declared merge key: {key}")
        at = [i for i, each in enumerate(merged) if _key_of(each, key) == item[key]]
        if item.get(PATCH) == "delete":
            merged = [each for i, each in enumerate(merged) if i not in at]
        elif at:
            merged[at[0]] = _merge_maps(merged[at[0]], item, inner)
        else:
            merged.append(_merge_maps({}, item, inner))
    if order is None:
        order = [{key: item[key]} for item in patch if item.get(PATCH) != "delete"]
        if len(patch) < 2:
            return merged
    return _ordered(merged, order, key)


def _key_of(item: Any, key: str | None) -> Any:
    if key is None:
        return item
    return item.get(key) if isinstance(item, dict) else None


def _ordered(merged: list[Any], order: list[Any], key: str | None) -> list[Any]:
    """Items that the order names stand in it; others stay before those that they stood before."""
    ranks = [_key_of(each, key) for each in order]
    named = [each for each in merged if _key_of(each, key) in ranks]
    named.sort(key=lambda each: ranks.index(_key_of(each, key)))
    result: list[Any] = []
    places = {id(each): at for at, each in enumerate(merged)}
    others = [each for each in merged if _key_of(each, key) not in ranks]
    for each in named:
        while others and places[id(others[0])] < places[id(each)]:
            result.append(others.pop(0))
        result.append(each)
    return result + others
