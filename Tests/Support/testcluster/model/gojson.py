# SPDX-License-Identifier: Apache-2.0
"""JSON, with the complaints and the looks that Go has for it. Pure."""

from __future__ import annotations

import json
from typing import Any


class Repeated(dict[str, Any]):
    """An object some of whose fields were there twice; `complaints` says which."""

    complaints: list[str]
    # The paths of those fields, from here.
    paths: list[str]


def complaints(value: Any) -> list[str]:
    """What is said of fields that were there twice."""
    return list(getattr(value, "complaints", ()))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    paths: list[str] = []
    for key, value in pairs:
        paths += [f"{key}{rest}" for rest in _inner(value)]
        if key in found:
            paths.append(key)
        found[key] = value
    if not paths:
        return found
    repeated = Repeated(found)
    repeated.paths = paths
    repeated.complaints = [f'duplicate field "{path}"' for path in paths]
    return repeated


def _inner(value: Any) -> list[str]:
    if isinstance(value, Repeated):
        return [f".{path}" for path in value.paths]
    if isinstance(value, list):
        return [f"[{at}]{rest}" for at, each in enumerate(value) for rest in _inner(each)]
    return []


def loads(text: str) -> Any:
    """The value; ValueError in Go's words if it is none."""
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise ValueError(_complaint(text, error)) from None


def _complaint(text: str, error: json.JSONDecodeError) -> str:
    at = error.pos
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    if at >= len(text):
        return "unexpected end of JSON input"
    places = (
        ("Expecting property name", "looking for beginning of object key string"),
        ("Expecting ':'", "after object key"),
        ("Expecting ','", "after object key:value pair"),
        ("Extra data", "after top-level value"),
    )
    where = next(
        (words for start, words in places if error.msg.startswith(start)),
        "looking for beginning of value",
    )
    return f"invalid character '{text[at]}' {where}"


def printed(value: Any) -> str:
    """As fmt's %v has it."""
    if isinstance(value, dict):
        return "map[" + " ".join(f"{k}:{printed(value[k])}" for k in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(printed, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "<nil>" if value is None else str(value)


def kind_of(value: Any) -> str:
    """What Go's decoder calls a value."""
    names = {dict: "object", list: "array", str: "string", bool: "bool"}
    return names.get(type(value), "number")


def dumps(value: Any) -> str:
    """As Go writes it: without spaces, the names of a map in order."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
