# SPDX-License-Identifier: Apache-2.0
"""Objects that a CRD defines: their schemas checked, and they pruned, completed and checked. Pure.

Rules in CEL (`x-kubernetes-validations`) are kept and served, but not evaluated.
"""

from __future__ import annotations

import copy
import datetime
import re
from collections.abc import Iterator
from typing import Any

from . import names, schemas
from .failures import Fault, duplicate, refused, required, unsupported, wrong
from .schemas import Schema

PRESERVE = "x-kubernetes-preserve-unknown-fields"
EMBEDDED = "x-kubernetes-embedded-resource"
INT_OR_STRING = "x-kubernetes-int-or-string"
_TYPES = ("array", "boolean", "integer", "number", "object", "string")
Object = dict[str, Any]


def crd_faults(new: Object, old: Object | None) -> list[Fault]:
    """What is wrong with a CRD."""
    spec = new.get("spec") or {}
    name, group = new["metadata"].get("name", ""), spec.get("group", "")
    wanted = f"{(spec.get('names') or {}).get('plural', '')}.{group}"
    found: list[Fault] = []
    if name != wanted:
        found.append(wrong("metadata.name", name, "must be spec.names.plural+\".\"+spec.group"))
    if not group:
        found.append(required("spec.group"))
    else:
        found += [wrong("spec.group", group, why) for why in names.subdomain(group)]
        if "." not in group:
            found.append(wrong("spec.group", group, "should be a domain with at least one dot"))
    scopes = ("Cluster", "Namespaced")
    if spec.get("scope") not in scopes:
        if spec.get("scope") is None:
            found.append(required("spec.scope"))
        else:
            found.append(unsupported("spec.scope", spec["scope"], scopes))
    versions = spec.get("versions") or []
    stored = sum(bool(each.get("storage")) for each in versions)
    if stored != 1:
        found.append(wrong("spec.versions", [_go_version(each) for each in versions] or None, (
            "must have exactly one version marked as storage version"
        )))
    found_schemas = [(each.get("schema") or {}).get("openAPIV3Schema") for each in versions]
    # Kubernetes keeps one schema for all versions where they have the same.
    first = found_schemas[0] if found_schemas else None
    is_shared = all(each == first for each in found_schemas)
    for index, schema in enumerate(found_schemas):
        path = f"spec.versions[{index}].schema.openAPIV3Schema"
        if schema is None:
            found.append(required(path))
        elif not is_shared:
            found += schema_faults(schema, path)
    if is_shared and first is not None:
        found += schema_faults(first, "spec.validation.openAPIV3Schema")
    kinds = spec.get("names") or {}
    for part in ("plural", "singular", "kind", "listKind"):
        if not kinds.get(part):
            found.append(required(f"spec.names.{part}"))
    if stored == 0 and old is None:
        found.append(wrong("status.storedVersions", None, "must have at least one stored version"))
    if old is not None:
        before = old["spec"]
        for part in ("group", "scope"):
            if before.get(part) != spec.get(part):
                found.append(wrong(f"spec.{part}", spec.get(part), "field is immutable"))
        for part in ("plural", "kind"):
            if before["names"].get(part) != kinds.get(part):
                found.append(wrong(f"spec.names.{part}", kinds.get(part), "field is immutable"))
    return found


def _go_version(version: Object) -> Object:
    """A version as the Go structure that messages show."""
    return {
        "Name": version.get("name", ""), "Served": bool(version.get("served")),
        "Storage": bool(version.get("storage")), "Deprecated": bool(version.get("deprecated")),
        "DeprecationWarning": None, "Schema": None, "Subresources": None,
        "AdditionalPrinterColumns": None, "SelectableFields": None,
    }


def schema_faults(schema: Schema, path: str) -> list[Fault]:
    """What is wrong with a schema, such as that it is not structural."""
    found: list[Fault] = []
    if schema.get("type") != "object":
        if schema.get("type"):
            found.append(wrong(f"{path}.type", schema["type"], "must be object at the root"))
        else:
            found.append(required(f"{path}.type", "must not be empty at the root"))
    return found + list(_schema_faults(schema, path, is_root=True))


def _schema_faults(schema: Schema, path: str, is_root: bool = False) -> Iterator[Fault]:
    if not isinstance(schema, dict):
        return
    kind = schema.get("type")
    if kind is None and not is_root and not schema.get(INT_OR_STRING) and not schema.get(
        PRESERVE
    ) and "$ref" not in schema:
        yield required(f"{path}.type", "must not be empty for specified object fields")
    if kind is not None and kind not in _TYPES:
        yield unsupported(f"{path}.type", kind, _TYPES)
    if "$ref" in schema:
        yield refused(f"{path}.$ref", "$ref is not supported")
    if schema.get("uniqueItems"):
        yield refused(f"{path}.uniqueItems", "uniqueItems cannot be set to true since the runtime"
                      " complexity becomes quadratic")
    if schema.get("additionalProperties") is False:
        yield refused(f"{path}.additionalProperties", "additionalProperties cannot be set to"
                      " false")
    if schema.get("additionalProperties") is not None and schema.get("properties"):
        yield refused(f"{path}.additionalProperties", "additionalProperties and properties are"
                      " mutual exclusive")
    if kind == "array" and not isinstance(schema.get("items"), dict):
        if isinstance(schema.get("items"), list):
            yield refused(f"{path}.items", "items must be a schema object and not an array")
        else:
            yield required(f"{path}.items", "must be specified")
    if schema.get("x-kubernetes-list-type") == "map" and not schema.get(
        "x-kubernetes-list-map-keys"
    ):
        yield required(f"{path}.x-kubernetes-list-map-keys", "must not be empty if"
                       " x-kubernetes-list-type is map")
    for name, inner in (schema.get("properties") or {}).items():
        yield from _schema_faults(inner, f"{path}.properties[{name}]")
    if isinstance(schema.get("items"), dict):
        yield from _schema_faults(schema["items"], f"{path}.items")
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _schema_faults(schema["additionalProperties"], f"{path}.additionalProperties")


def completed(schema: Schema) -> Schema:
    """The schema with what every object has."""
    text = {"type": "string"}
    own = {
        "apiVersion": text, "kind": text,
        "metadata": {"$ref": schemas.REFERENCE + schemas.OBJECT_META},
    }
    return schema | {"properties": (schema.get("properties") or {}) | own}


def prune(thing: Any, schema: Schema, path: str = "", is_root: bool = True) -> (
    tuple[Any, list[str]]
):
    """The object without what the schema does not know, and the paths of that."""
    unknown: list[str] = []
    return _pruned(thing, schema, path, is_root, unknown), unknown


def _pruned(thing: Any, schema: Schema, path: str, is_root: bool, unknown: list[str]) -> Any:
    if isinstance(thing, list):
        inner = schema.get("items")
        if not isinstance(inner, dict):
            return thing
        return [
            _pruned(each, inner, f"{path}[{at}]", False, unknown) for at, each in enumerate(thing)
        ]
    if not isinstance(thing, dict):
        return thing
    properties = schema.get("properties") or {}
    more = schema.get("additionalProperties")
    is_resource = is_root or schema.get(EMBEDDED)
    found: Object = {}
    for key, value in thing.items():
        where = f"{path}.{key}" if path else key
        if is_resource and key in ("apiVersion", "kind", "metadata"):
            found[key] = value
        elif key in properties:
            found[key] = _pruned(value, properties[key], where, False, unknown)
        elif isinstance(more, dict):
            found[key] = _pruned(value, more, where, False, unknown)
        elif more is True or schema.get(PRESERVE):
            found[key] = value
        else:
            unknown.append(where)
    return found


def fill(thing: Any, schema: Schema) -> Any:
    """The object with the schema's defaults."""
    if isinstance(thing, list) and isinstance(schema.get("items"), dict):
        return [fill(each, schema["items"]) for each in thing]
    if not isinstance(thing, dict):
        return thing
    found = dict(thing)
    for name, inner in (schema.get("properties") or {}).items():
        if "default" in inner and (name not in found or (
            found[name] is None and not inner.get("nullable")
        )):
            found[name] = copy.deepcopy(inner["default"])
        if name in found:
            found[name] = fill(found[name], inner)
    more = schema.get("additionalProperties")
    if isinstance(more, dict):
        for key in found:
            if key not in (schema.get("properties") or {}):
                found[key] = fill(found[key], more)
    return found


def faults(thing: Any, schema: Schema, path: str = "") -> list[Fault]:
    """What is wrong with an object."""
    return list(_faults(thing, schema, path))


def _kind_of(thing: Any) -> str:
    if isinstance(thing, bool):
        return "boolean"
    if isinstance(thing, float) and thing.is_integer():
        return "integer"
    kinds = {dict: "object", list: "array", str: "string", int: "integer", float: "number"}
    return kinds.get(type(thing), "null")


def _faults(thing: Any, schema: Schema, path: str) -> Iterator[Fault]:
    kind = _kind_of(thing)
    wanted = schema.get("type")
    if thing is None and schema.get("nullable"):
        return
    if schema.get(INT_OR_STRING):
        if kind not in ("integer", "string"):
            yield _type_fault(path, kind, f"must be of type integer,string: \"{kind}\"")
            return
    elif wanted is not None and kind != wanted and not (
        kind == "integer" and wanted == "number"
    ):
        yield _type_fault(path or "<nil>", kind, f'must be of type {wanted}: "{kind}"')
        if (kind, wanted) == ("number", "integer"):
            text = f"Checked value must be of type integer (default format) in {path}"
            yield Fault("FieldValueInvalid", "<nil>", f'Invalid value: "": {text}')
        return
    if (known := schema.get("enum")) is not None and thing not in known:
        yield Fault(
            "FieldValueNotSupported", path, unsupported(path, thing, map(_word, known)).message
        )
    if isinstance(thing, dict):
        yield from _object_faults(thing, schema, path)
    elif isinstance(thing, list):
        yield from _list_faults(thing, schema, path)
    elif isinstance(thing, str):
        yield from _text_faults(thing, schema, path)
    elif isinstance(thing, int | float) and not isinstance(thing, bool):
        yield from _number_faults(thing, schema, path)
    yield from _logic_faults(thing, schema, path)


def _word(value: Any) -> str:
    return value if isinstance(value, str) else str(value).lower()


def _in_body(path: str, value: Any, why: str) -> Fault:
    return wrong(path, value, f"{path} in body {why}")


def _type_fault(path: str, shown: str, why: str) -> Fault:
    text = f"Invalid value: {_quoted(shown)}: {path} in body {why}"
    return Fault("FieldValueTypeInvalid", path, text)


def _object_faults(thing: Object, schema: Schema, path: str) -> Iterator[Fault]:
    properties = schema.get("properties") or {}
    more = schema.get("additionalProperties")
    for name in schema.get("required") or ():
        if name not in thing:
            yield required(f"{path}.{name}" if path else name)
    for name, value in thing.items():
        where = f"{path}.{name}" if path else name
        if name in properties:
            yield from _faults(value, properties[name], where)
        elif isinstance(more, dict):
            yield from _faults(value, more, where)
    low, high = schema.get("minProperties"), schema.get("maxProperties")
    if low is not None and len(thing) < low:
        yield _in_body(path, len(thing), f"should have at least {low} properties")
    if high is not None and len(thing) > high:
        yield Fault("FieldValueTooMany", path,
                    f"Too many: {len(thing)}: must have at most {high} items")


def _list_faults(thing: list[Any], schema: Schema, path: str) -> Iterator[Fault]:
    low, high = schema.get("minItems"), schema.get("maxItems")
    if low is not None and len(thing) < low:
        yield _in_body(path, len(thing), f"should have at least {low} items")
    if high is not None and len(thing) > high:
        yield Fault("FieldValueTooMany", path,
                    f"Too many: {len(thing)}: must have at most {high} items")
    inner = schema.get("items")
    if isinstance(inner, dict):
        for at, each in enumerate(thing):
            yield from _faults(each, inner, f"{path}[{at}]")
    keys = schema.get("x-kubernetes-list-map-keys")
    seen: list[Any] = []
    if schema.get("x-kubernetes-list-type") in ("map", "set"):
        for at, each in enumerate(thing):
            one = {k: each.get(k) for k in keys} if keys and isinstance(each, dict) else each
            if one in seen:
                yield duplicate(f"{path}[{at}]", one)
            seen.append(one)


def _text_faults(thing: str, schema: Schema, path: str) -> Iterator[Fault]:
    low, high = schema.get("minLength"), schema.get("maxLength")
    if low is not None and len(thing) < low:
        yield _in_body(path, thing, f"should be at least {low} chars long")
    if high is not None and len(thing) > high:
        yield Fault("FieldValueTooLong", path, f"Too long: may not be more than {high} bytes")
    pattern = schema.get("pattern")
    if pattern and not re.search(pattern, thing):
        yield _in_body(path, thing, f"should match '{pattern}'")
    if schema.get("format") == "date-time" and not _is_time(thing):
        yield _type_fault(path, thing, f"must be of type date-time: {_quoted(thing)}")


def _quoted(text: str) -> str:
    return f'"{text}"'


def _is_time(text: str) -> bool:
    try:
        datetime.datetime.fromisoformat(text)
    except ValueError:
        return False
    return "T" in text


def _number_faults(thing: float, schema: Schema, path: str) -> Iterator[Fault]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and (thing < low or (schema.get("exclusiveMinimum") and thing == low)):
        more = "" if schema.get("exclusiveMinimum") else " or equal to"
        yield _in_body(path, thing, f"should be greater than{more} {low}")
    if high is not None and (thing > high or (schema.get("exclusiveMaximum") and thing == high)):
        more = "" if schema.get("exclusiveMaximum") else " or equal to"
        yield _in_body(path, thing, f"should be less than{more} {high}")
    step = schema.get("multipleOf")
    if step and thing % step:
        yield _in_body(path, thing, f"should be a multiple of {step}")


def _logic_faults(thing: Any, schema: Schema, path: str) -> Iterator[Fault]:
    for inner in schema.get("allOf") or ():
        yield from _faults(thing, inner, path)
    if some := schema.get("anyOf"):
        if all(faults(thing, inner, path) for inner in some):
            yield from _faults(thing, some[0], path)
            text = f"{_quoted(path)} must validate at least one schema (anyOf)"
            yield Fault("FieldValueInvalid", path or "<nil>", f'Invalid value: "": {text}')
    if one := schema.get("oneOf"):
        count = sum(not faults(thing, inner, path) for inner in one)
        if count != 1:
            found = "Found none valid" if count == 0 else f"Found {count} valid alternatives"
            text = f"{_quoted(path)} must validate one and only one schema (oneOf). {found}"
            yield Fault("FieldValueInvalid", path or "<nil>", f'Invalid value: "": {text}')
    if (no := schema.get("not")) is not None and not faults(thing, no, path):
        text = f"{_quoted(path)} must not validate the schema (not)"
        yield Fault("FieldValueInvalid", path or "<nil>", f'Invalid value: "": {text}')
