# SPDX-License-Identifier: Apache-2.0
"""OpenAPI of what is served, as far as kubectl reads it. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from . import schemas, structural
from .kinds import Resource
from .schemas import Schema

Object = dict[str, Any]
_PATCHES = (
    "application/json-patch+json", "application/merge-patch+json",
    "application/strategic-merge-patch+json", "application/apply-patch+yaml",
)
_QUERY = ("dryRun", "fieldManager", "fieldValidation", "pretty")


def path_of(group: str, version: str) -> str:
    """`api/v1`, `apis/apps/v1`."""
    return f"apis/{group}/{version}" if group else f"api/{version}"


def index(versions: Sequence[tuple[str, str]], digests: Mapping[str, str]) -> Object:
    """/openapi/v3"""
    found = {}
    for group, version in versions:
        path = path_of(group, version)
        found[path] = {"serverRelativeURL": f"/openapi/v3/{path}?hash={digests[path]}"}
    return {"paths": found}


def digest(document: Object) -> str:
    """What changes with a document."""
    text = json.dumps(document, sort_keys=True).encode()
    return hashlib.sha512(text).hexdigest().upper()


def schema_name(resource: Resource) -> str:
    """Under which name a kind's schema is found."""
    if resource.schema:
        return resource.schema
    backwards = ".".join(reversed(resource.group.split(".")))
    return f"{backwards}.{resource.version}.{resource.kind}"


def version_3(
    resources: Sequence[Resource], custom: Mapping[tuple[str, str, str], Schema]
) -> Object:
    """The document of one group and version; custom kinds by group, version and plural name."""
    components: dict[str, Schema] = {}
    paths: Object = {}
    for resource in resources:
        name = schema_name(resource)
        if resource.schema:
            _collect(name, components)
            _collect(name + "List", components)
        else:
            own = custom[resource.group, resource.version, resource.plural]
            gvk = {"group": resource.group, "version": resource.version, "kind": resource.kind}
            components[name] = structural.completed(own) | {
                "x-kubernetes-group-version-kind": [gvk]
            }
            _collect(schemas.OBJECT_META, components)
        paths |= _paths(resource, name)
    return {
        "openapi": "3.0.0", "info": {"title": "Kubernetes", "version": f"v{schemas.VERSION}"},
        "paths": paths, "components": {"schemas": components},
    }


def _collect(name: str, components: dict[str, Schema]) -> None:
    """A schema and all that it refers to."""
    waiting = [name]
    while waiting:
        here = waiting.pop()
        if here in components or here not in schemas.definitions():
            continue
        components[here] = _wrapped(schemas.definitions()[here], waiting)


def _wrapped(thing: Any, waiting: list[str]) -> Any:
    """References as kube-openapi writes them: alone in an allOf when something stands beside."""
    if isinstance(thing, list):
        return [_wrapped(each, waiting) for each in thing]
    if not isinstance(thing, dict):
        return thing
    if isinstance(reference := thing.get("$ref"), str):
        waiting.append(reference.removeprefix(schemas.REFERENCE))
        if len(thing) == 1:
            return dict(thing)
        rest = {key: value for key, value in thing.items() if key != "$ref"}
        return {"allOf": [{"$ref": reference}], **rest}
    return {key: _wrapped(value, waiting) for key, value in thing.items()}


def _paths(resource: Resource, name: str) -> Object:
    base = "/" + path_of(resource.group, resource.version)
    if resource.is_namespaced:
        base += "/namespaces/{namespace}"
    base += f"/{resource.plural}"
    gvk = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    answer = {"200": {"description": "OK", "content": {
        "application/json": {"schema": {"$ref": schemas.REFERENCE + name}}
    }}}
    query = [
        {"name": each, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
        for each in _QUERY
    ]

    def operation(verb: str, action: str, types: Sequence[str]) -> Object:
        content = {each: {"schema": {"$ref": schemas.REFERENCE + name}} for each in types}
        more = [{"name": "force", "in": "query", "schema": {"type": "boolean"}}]
        return {
            "operationId": f"{verb}{schema_id(resource)}", "x-kubernetes-action": action,
            "x-kubernetes-group-version-kind": gvk, "responses": answer,
            "parameters": query + (more if action == "patch" else []),
            "requestBody": {"content": content, "required": True},
        }

    found: Object = {base: {"post": operation("create", "post", ("*/*",))}}
    if resource.is_stored:
        found[base + "/{name}"] = {
            "put": operation("replace", "put", ("*/*",)),
            "patch": operation("patch", "patch", _PATCHES),
        }
    return found


def schema_id(resource: Resource) -> str:
    """What operations are told apart by."""
    words = resource.group.split(".")[0].title() or "Core"
    return f"{words}{resource.version.title()}Namespaced{resource.kind}"


def version_2(
    resources: Sequence[Resource], custom: Mapping[tuple[str, str, str], Schema]
) -> Object:
    """The older document, of everything."""
    document = version_3(resources, custom)
    found = json.loads(
        json.dumps(document["components"]["schemas"]).replace(
            schemas.REFERENCE, "#/definitions/"
        )
    )
    paths: Object = {}
    for path, operations in document["paths"].items():
        paths[path] = {
            verb: {
                "operationId": each["operationId"],
                "x-kubernetes-action": each["x-kubernetes-action"],
                "x-kubernetes-group-version-kind": each["x-kubernetes-group-version-kind"],
                "consumes": list(each["requestBody"]["content"]),
                "produces": ["application/json"],
                "responses": {"200": {"description": "OK"}},
                "parameters": [
                    {"name": one["name"], "in": "query", "type": "string", "uniqueItems": True}
                    for one in each["parameters"]
                ],
            }
            for verb, each in operations.items()
        }
    return {
        "swagger": "2.0", "info": document["info"], "paths": paths, "definitions": found,
    }
