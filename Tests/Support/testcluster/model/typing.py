# SPDX-License-Identifier: Apache-2.0
"""Whether an applied configuration fits its schema, as structured-merge-diff sees it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import schemas
from .failures import Failure, Object
from .gojson import kind_of, printed
from .schemas import Schema


def check(config: Object, schema: Schema) -> None:
    """Raises a Failure that says where it does not fit."""
    found = list(_faults(config, schema, ""))
    if not found:
        return
    metadata = config.get("metadata") or {}
    where = f"{metadata.get('namespace', '')}/{metadata.get('name', '')}"
    group, _, version = str(config["apiVersion"]).rpartition("/")
    text = found[0] if len(found) == 1 else "errors:\n" + "\n".join(f"  {each}" for each in found)
    raise Failure(
        500, "", f"failed to create typed patch object ({where}; {f'{group}/' if group else '/'}"
        f"{version}, Kind={config['kind']}): {text}"
    )


def _faults(value: Any, schema: Schema, path: str) -> Iterator[str]:
    if value is None or schema is schemas.ANYTHING:
        return
    kind = schema.get("type")
    wanted = {"object": dict, "array": list, "string": str, "boolean": bool}.get(str(kind))
    words = {"object": "map", "array": "list", "boolean": "boolean"}
    name = schema.get("x-name", "")
    if name in (schemas.QUANTITY, schemas.INT_OR_STRING):
        return
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if (wanted is not None and not isinstance(value, wanted)) or (
        kind in ("integer", "number") and not is_number
    ):
        if kind in ("integer", "number"):
            yield f"{path}: expected numeric (int or float), got {kind_of(value)}"
            return
        what = words.get(str(kind), str(kind))
        yield f"{path}: expected {what}, got &value.valueUnstructured{{Value:{_go(value)}}}"
        return
    if isinstance(value, dict):
        for key, inside in value.items():
            inner = schemas.field(schema, key)
            if inner is None:
                yield f"{path}.{key}: field not declared in schema"
            else:
                yield from _faults(inside, inner, f"{path}.{key}")
    elif isinstance(value, list):
        inner = schemas.items(schema)
        for at, inside in enumerate(value):
            yield from _faults(inside, inner, f"{path}[{at}]")


def _go(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else printed(value)
