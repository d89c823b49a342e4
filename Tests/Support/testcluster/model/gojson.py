# SPDX-License-Identifier: Apache-2.0
"""JSON, with the complaints and the looks that Go has for it. Pure."""

from __future__ import annotations

import json
from typing import Any


def loads(text: str) -> Any:
    """The value; ValueError in Go's words if it is none."""
    try:
        return json.loads(text)
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
