# SPDX-License-Identifier: Apache-2.0
"""JSON merge patches (RFC 7386) and JSON patches (RFC 6902). Pure; the input is not changed."""

from __future__ import annotations

import copy
from typing import Any

# LIMIT: operations of one JSON patch; Kubernetes' own.
OPERATIONS = 10_000


class PatchError(Exception):
    """A patch that does not fit."""


def merge(target: Any, patch: Any) -> Any:
    """A JSON merge patch applied."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key), value)
    return result


def apply(document: Any, operations: Any) -> Any:
    """A JSON patch applied."""
    if not isinstance(operations, list):
        raise PatchError("a JSON patch is a list of operations")
    if len(operations) > OPERATIONS:
        raise PatchError(f"the allowed maximum operations in a JSON patch is {OPERATIONS}")
    # A box, so that the whole document can be replaced like any part.
    box: dict[str, Any] = {"": copy.deepcopy(document)}
    for operation in operations:
        if not isinstance(operation, dict):
            raise PatchError("an operation is an object")
        _operate(box, operation)
    return box[""]


def _operate(box: dict[str, Any], operation: dict[str, Any]) -> None:
    path = _pointer(operation.get("path"))
    kind = operation.get("op")
    if kind in ("add", "replace", "test") and "value" not in operation and kind != "test":
        raise PatchError(f"{kind} operation has no value")
    match kind:
        case "add":
            _add(box, path, copy.deepcopy(operation["value"]))
        case "remove":
            try:
                _remove(box, path, "remove")
            except PatchError:
                raise PatchError(
                    f"error in remove for path: '{operation['path']}': Unable to remove"
                    f" nonexistent key: {path[-1]}: missing value"
                ) from None
        case "replace":
            _look(box, path, "replace")
            _replace(box, path, copy.deepcopy(operation["value"]))
        case "move":
            value = _remove(box, _pointer(operation.get("from")), "move")
            _add(box, path, value)
        case "copy":
            value = _look(box, _pointer(operation.get("from")), "copy")
            _add(box, path, copy.deepcopy(value))
        case "test":
            try:
                found = _look(box, path, "test")
            except PatchError:
                found = None
            if not _same(found, operation.get("value")):
                raise PatchError(f"testing value {operation['path']} failed: test failed")
        case _:
            raise PatchError(f"Unexpected kind: {kind}")


def _same(one: Any, other: Any) -> bool:
    """Equality of JSON, in which true is not 1."""
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    return bool(one == other)


def _pointer(text: Any) -> list[str]:
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise PatchError(f"{text!r} is no path of a JSON patch")
    parts = [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]
    return ["", *parts]


def _parent(box: Any, path: list[str], what: str) -> Any:
    here = box
    for part in path[:-1]:
        here = _child(here, part, what, path)
    return here


def _child(here: Any, part: str, what: str, path: list[str]) -> Any:
    if isinstance(here, dict) and part in here:
        return here[part]
    if isinstance(here, list) and part.isdigit() and int(part) < len(here):
        return here[int(part)]
    raise PatchError(f"{what} operation does not apply: doc is missing path: {'/'.join(path)}")


def _look(box: Any, path: list[str], what: str) -> Any:
    return _child(_parent(box, path, what), path[-1], what, path)


def _add(box: Any, path: list[str], value: Any) -> None:
    here, last = _parent(box, path, "add"), path[-1]
    if isinstance(here, dict):
        here[last] = value
    elif isinstance(here, list) and last == "-":
        here.append(value)
    elif isinstance(here, list) and last.isdigit() and int(last) <= len(here):
        here.insert(int(last), value)
    else:
        raise PatchError(f"add operation does not apply: doc is missing path: {'/'.join(path)}")


def _replace(box: Any, path: list[str], value: Any) -> None:
    here, last = _parent(box, path, "replace"), path[-1]
    here[int(last) if isinstance(here, list) else last] = value


def _remove(box: Any, path: list[str], what: str) -> Any:
    value = _look(box, path, what)
    here, last = _parent(box, path, what), path[-1]
    del here[int(last) if isinstance(here, list) else last]
    return value
