# SPDX-License-Identifier: Apache-2.0
"""The schemas of Kubernetes' own kinds, and how a schema is walked. Pure but for one file read.

They come from the package kubernetes-validate as it is installed, which has written into them that
every field may be null. That is taken out again.
"""

from __future__ import annotations

import functools
import importlib.util
import json
from pathlib import Path
from typing import Any

Schema = dict[str, Any]
# What this cluster imitates.
VERSION = "1.36.0"
REFERENCE = "#/components/schemas/"
INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
TIMES = {
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time",
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime",
}
# Any object: what `raw extensions` and fieldsV1 are.
ANYTHING: Schema = {"x-kubernetes-preserve-unknown-fields": True}
OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


@functools.cache
def definitions() -> dict[str, Schema]:
    """All schemas by their names."""
    package = importlib.util.find_spec("kubernetes_validate")
    if package is None or package.origin is None:
        raise FileNotFoundError("kubernetes-validate is not installed; run: Scripts/setup test")
    folder = Path(package.origin).parent / f"kubernetes-json-schema/v{VERSION}-local"
    loaded = json.loads((folder / "_definitions.json").read_text())["$defs"]
    found = {name: _without_null(schema) for name, schema in loaded.items()}
    # The package says oneOf, which a walk would have to know about.
    found[INT_OR_STRING] = {"x-kubernetes-int-or-string": True, "format": "int-or-string"}
    found[QUANTITY] = {"type": "string"}
    return found


def _without_null(thing: Any) -> Any:
    if isinstance(thing, list):
        return [_without_null(each) for each in thing]
    if not isinstance(thing, dict):
        return thing
    found: Schema = {}
    for key, value in thing.items():
        if key == "type" and isinstance(value, list):
            found[key] = next(each for each in value if each != "null")
        elif key == "$ref":
            found[key] = REFERENCE + value.rsplit("/", 1)[1]
        elif key == "enum" and isinstance(value, list):
            # The kind's own name, which the real documents do not list.
            continue
        elif key == "properties":
            # Fields may have the names of keywords, as in a CRD's schema.
            found[key] = {name: _without_null(inner) for name, inner in value.items()}
        else:
            found[key] = _without_null(value)
    return found


def named(name: str) -> Schema:
    """A schema by its name."""
    return resolve({"$ref": REFERENCE + name})


def resolve(schema: Schema) -> Schema:
    """The schema that a reference stands for, with its name as `x-name`."""
    reference = schema.get("$ref")
    if reference is None:
        if len(inner := schema.get("allOf") or []) == 1:
            return resolve(inner[0]) | {k: v for k, v in schema.items() if k != "allOf"}
        return schema
    return _resolved(reference.removeprefix(REFERENCE)) | {
        key: value for key, value in schema.items()
        if key.startswith("x-") or key == "default"
    }


@functools.cache
def _resolved(name: str) -> Schema:
    return definitions()[name] | {"x-name": name}


def field(schema: Schema, name: str) -> Schema | None:
    """The schema of a field or of a map's values; None if there can be no such field."""
    properties = schema.get("properties") or {}
    if name in properties:
        return resolve(properties[name])
    more = schema.get("additionalProperties")
    if isinstance(more, dict):
        return resolve(more)
    if is_open(schema):
        return ANYTHING
    return None


def is_open(schema: Schema) -> bool:
    """Whether there may be fields that the schema does not name."""
    if schema.get("x-kubernetes-preserve-unknown-fields") or schema.get(
        "additionalProperties"
    ) is True:
        return True
    return not schema.get("properties") and schema.get("additionalProperties") is None and (
        schema.get("type") in (None, "object") and "x-kubernetes-int-or-string" not in schema
    )


def is_map(schema: Schema) -> bool:
    """Whether its keys are data, not fields."""
    return isinstance(schema.get("additionalProperties"), dict)


def items(schema: Schema) -> Schema:
    """The schema of a list's items."""
    inner = schema.get("items")
    return resolve(inner) if isinstance(inner, dict) else ANYTHING
