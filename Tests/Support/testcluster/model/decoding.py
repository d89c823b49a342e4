# SPDX-License-Identifier: Apache-2.0
"""From JSON to an object of one of Kubernetes' own kinds, as Go's decoder would make it. Pure.

A wrong type is an error, an unknown field is dropped and reported, and what Go's `omitempty` leaves
out is left out.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

from . import quantity, schemas
from .failures import Failure, bad_request
from .schemas import Schema

# Fields that are no pointers in Go, and so are left out when they are zero.
_ZERO_IS_ABSENT = {
    "readOnly", "hostNetwork", "hostPID", "hostIPC", "stdin", "stdinOnce", "tty", "paused",
    "publishNotReadyAddresses", "unschedulable", "minReadySeconds", "initialDelaySeconds",
    "hostPort", "nodePort", "observedGeneration", "replicas.status", "generation",
    "allowWatchBookmarks", "preserveUnknownFields", "unavailableReplicas", "updatedReplicas",
    "readyReplicas", "availableReplicas", "fullyLabeledReplicas", "priority.columns",
}


# Lists that Go writes also when they are empty.
_NEVER_ABSENT = {"rules"}


class WrongType(Exception):
    """A value of the wrong kind, in Go's words."""


@dataclass
class Decoded:
    """An object, and what of the input is not in it."""

    value: Any
    unknown: list[str] = field(default_factory=list)


def decode(thing: Any, schema: Schema, kind: str, version: str) -> Decoded:
    """Raises a Failure if the input is no such object."""
    result = Decoded(None)
    try:
        result.value = _value(thing, schema, "", kind, result.unknown)
    except WrongType as error:
        raise cannot_be_handled(kind, version, f"json: {error}") from None
    except ValueError as error:
        raise cannot_be_handled(kind, version, str(error)) from None
    return result


def cannot_be_handled(kind: str, version: str, why: str) -> Failure:
    """The refusal of a body that is no object of its kind."""
    return bad_request(f'{kind} in version "{version}" cannot be handled as a {kind}: {why}')


def _value(thing: Any, schema: Schema, path: str, owner: str, unknown: list[str]) -> Any:
    name = schema.get("x-name", "")
    if schema is schemas.ANYTHING or schema.get("x-kubernetes-preserve-unknown-fields"):
        return thing
    if name == schemas.INT_OR_STRING:
        if isinstance(thing, bool) or not isinstance(thing, int | str):
            raise WrongType(_unmarshal(thing, owner, path, "intstr.IntOrString"))
        return thing
    if name == schemas.QUANTITY:
        if isinstance(thing, bool) or not isinstance(thing, int | float | str):
            raise ValueError(quantity.RULE)
        return quantity.canonical(str(thing))
    match schema.get("type"):
        case "object":
            return _object(thing, schema, path, owner, unknown)
        case "array":
            if not isinstance(thing, list):
                raise WrongType(_unmarshal(thing, owner, path, _go_type(schema)))
            inner = schemas.items(schema)
            return [
                _value(each, inner, f"{path}[{index}]", owner, unknown)
                for index, each in enumerate(thing)
            ]
        case "string":
            if not isinstance(thing, str):
                raise WrongType(_unmarshal(thing, owner, path, "string"))
            if name in schemas.TIMES:
                _check_time(thing, name.endswith("MicroTime"))
        case "integer":
            if isinstance(thing, float) and thing.is_integer():
                return int(thing)
            if isinstance(thing, bool) or not isinstance(thing, int):
                raise WrongType(_unmarshal(thing, owner, path, _go_type(schema)))
        case "number":
            if isinstance(thing, bool) or not isinstance(thing, int | float):
                raise WrongType(_unmarshal(thing, owner, path, "float64"))
        case "boolean":
            if not isinstance(thing, bool):
                raise WrongType(_unmarshal(thing, owner, path, "bool"))
    return thing


def _check_time(text: str, is_micro: bool) -> None:
    try:
        datetime.datetime.fromisoformat(text)
    except ValueError:
        form = "2006-01-02T15:04:05" + (".000000" if is_micro else "") + "Z07:00"
        raise ValueError(
            f'parsing time "{text}" as "{form}": cannot parse "{text}" as "2006"'
        ) from None


def _object(thing: Any, schema: Schema, path: str, owner: str, unknown: list[str]) -> Any:
    if not isinstance(thing, dict):
        raise WrongType(_unmarshal(thing, owner, path, _go_type(schema)))
    if schemas.is_map(schema):
        inner = schemas.field(schema, "") or schemas.ANYTHING
        return {
            key: _value(value, inner, path, owner, unknown)
            for key, value in thing.items() if value is not None
        }
    if not schema.get("properties"):
        return thing
    own = schema.get("x-name", owner).rsplit(".", 1)[-1]
    needed = schema.get("required") or ()
    found: dict[str, Any] = {}
    for key, value in thing.items():
        inside = schemas.field(schema, key)
        where = f"{path}.{key}" if path else key
        if inside is None:
            unknown.append(where)
        elif value is not None:
            made = _value(value, inside, where, own, unknown)
            is_kept = key in needed or key in _NEVER_ABSENT
            if is_kept or not _is_absent(key, made, inside, path, own):
                found[key] = made
    return found


def _is_absent(key: str, value: Any, schema: Schema, path: str, owner: str) -> bool:
    """Whether Go would leave the field out."""
    if value == "":
        return True
    if value == [] or (value == {} and schemas.is_map(schema)):
        return True
    if key == "availableReplicas" and value == 0 and "StatefulSet" in owner:
        return False
    if value is False or (value == 0 and not isinstance(value, bool)):
        return key in _ZERO_IS_ABSENT and not (key == "unavailableReplicas" and not path)
    return False


def _unmarshal(value: Any, owner: str, path: str, wanted: str) -> str:
    words = {dict: "object", list: "array", str: "string", bool: "bool"}
    what = words.get(type(value), "number")
    if what == "number" and isinstance(value, float):
        what = f"number {value}"
    clean = "".join(part.split("]", 1)[-1] for part in path.split("["))
    return f"cannot unmarshal {what} into Go struct field {owner}.{clean} of type {wanted}"


def _go_type(schema: Schema) -> str:
    if name := schema.get("x-name"):
        parts = name.split(".")
        return f"{parts[-2]}.{parts[-1]}"
    match schema.get("type"):
        case "integer":
            return str(schema.get("format", "int32"))
        case "array":
            return f"[]{_go_type(schemas.items(schema))}"
        case "boolean":
            return "bool"
        case "object":
            return f"map[string]{_go_type(schemas.field(schema, '') or {})}"
    return str(schema.get("type", "interface {}"))
