# SPDX-License-Identifier: Apache-2.0
"""Kinds of one's own: definitions, their schemas, and what becomes of their objects."""

from __future__ import annotations

from typing import Any

from ..matching import Absent, Has, Like, Some
from ..objects import DEFINITIONS
from ..row import APPLY_PATCH, MERGE_PATCH, STRATEGIC_PATCH, Ask, Row, Step, Until, gives, refused

# A group for each row, since definitions are the cluster's.
GROUP = "g<run>.example.com"
NAME = f"things.{GROUP}"
THINGS = f"/apis/{GROUP}/v1/namespaces/<ns>/things"
T = f"{THINGS}/t"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "required": ["size"],
            "properties": {
                "size": {"type": "integer", "minimum": 1},
                "color": {"type": "string", "enum": ["red", "blue"], "default": "red"},
                "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
            },
        },
        "status": {"type": "object", "properties": {"done": {"type": "integer"}}},
    },
}


def definition(version: dict[str, Any] | None = None, **names: Any) -> dict[str, Any]:
    """Of things in the row's group; `version` joins the only version."""
    first = {
        "name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": SCHEMA},
    }  # fmt: skip
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": NAME},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {"plural": "things", "singular": "thing", "kind": "Thing", **names},
            "versions": [{**first, **(version or {})}],
        },
    }


def thing(spec: Any, **meta: Any) -> dict[str, Any]:
    """One of them."""
    return {
        "apiVersion": f"{GROUP}/v1", "kind": "Thing", "metadata": {"name": "t", **meta},
        "spec": spec,
    }  # fmt: skip


def defined(version: dict[str, Any] | None = None, **names: Any) -> tuple[Step, ...]:
    """Makes the definition and waits until its objects are served."""
    return (
        Ask("POST", DEFINITIONS, definition(version, **names), gives(201)),
        Until(Ask("GET", f"{DEFINITIONS}/{NAME}", expects=gives(200, {
            "status.conditions[type=Established].status": "True",
        }))),
        Until(Ask("GET", THINGS)),
    )  # fmt: skip


SUBRESOURCES = {
    "subresources": {
        "status": {},
        "scale": {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.done"},
    }
}

ROWS = (
    Row(
        "crd-established",
        "a definition gets its conditions NamesAccepted and Established, and its kind is served",
        (
            *defined(shortNames=["tg"]),
            Ask("GET", f"{DEFINITIONS}/{NAME}", expects=gives(200, {
                "status.conditions[type=NamesAccepted].status": "True",
                "status.conditions[type=NamesAccepted].reason": "NoConflicts",
                "status.conditions[type=Established].reason": "InitialNamesAccepted",
                "status.storedVersions": ["v1"], "status.acceptedNames.kind": "Thing",
                "status.acceptedNames.listKind": "ThingList", "spec.conversion.strategy": "None",
            })),
            Until(Ask("GET", f"/apis/{GROUP}/v1", expects=gives(200, {
                "resources[name=things].kind": "Thing",
                "resources[name=things].shortNames": ["tg"],
            }))),
        ),
    ),
    Row(
        "crd-name",
        "a definition's name is its plural and its group",
        (
            Ask("POST", DEFINITIONS, {**definition(), "metadata": {"name": "t.example.com"}},
                refused(
                    422, "Invalid",
                    Like('CustomResourceDefinition.apiextensions.k8s.io "t.example.com" is invalid:'
                         ' metadata.name: Invalid value: "t.example.com": must be'
                         ' spec.names.plural\\+"."\\+spec.group'), Some(),
                )),
        ),
    ),
    Row(
        "crd-needs-a-schema",
        "a definition without a structural schema is refused",
        (
            Ask("POST", DEFINITIONS, definition({"schema": None}), refused(
                422, "Invalid",
                Like(".*spec.versions\\[0\\].schema.openAPIV3Schema: Required value"
                     ".*"), Some(),
            )),
        ),
    ),
    Row(
        "crd-object",
        "its objects are created with defaults and a generation of 1, which a change raises",
        (
            *defined(),
            Ask("POST", THINGS, thing({"size": 1}), gives(201, {
                "spec": {"size": 1, "color": "red"}, "metadata.generation": 1,
                "metadata.uid": Some(),
            })),
            Ask("PATCH", T, {"spec": {"size": 2}}, gives(200, {"metadata.generation": 2}),
                type=MERGE_PATCH),
            Ask("PATCH", T, {"metadata": {"labels": {"a": "1"}}}, gives(
                200, {"metadata.generation": 2}
            ), type=MERGE_PATCH),
            Ask("GET", THINGS, expects=gives(200, {
                "kind": "ThingList", "apiVersion": f"{GROUP}/v1", "items[0].kind": "Thing",
            })),
        ),
    ),
    Row(
        "crd-pruning",
        "fields that the schema does not have are pruned, unless it preserves them",
        (
            *defined(),
            Ask("POST", THINGS, thing({"size": 1, "no": 1, "free": {"any": {"thing": 1}}}), gives(
                201, {"spec": {"size": 1, "color": "red", "free": {"any": {"thing": 1}}}},
                warning='299 - "unknown field \\"spec.no\\""',
            )),
        ),
    ),
    Row(
        "crd-strict",
        "with fieldValidation=Strict they are refused",
        (
            *defined(),
            Ask("POST", f"{THINGS}?fieldValidation=Strict", thing({"size": 1, "no": 1}), refused(
                400, "BadRequest",
                Like('Thing in version "v1" cannot be handled as a Thing: strict decoding error:'
                     ' unknown field "spec.no"'),
            )),
        ),
    ),
    Row(
        "crd-invalid",
        "what breaks the schema: 422 with a cause for each place",
        (
            *defined(),
            Ask("POST", THINGS, thing({"size": 0, "color": "green"}), refused(
                422, "Invalid",
                Like(f'Thing.{GROUP} "t" is invalid: \\[.*spec.size: Invalid value: 0: spec.size in'
                     " body should be greater than or equal to 1.*\\]"),
                Has({
                    "name": "t", "group": GROUP, "kind": "Thing",
                    "causes": Has({
                        "reason": "FieldValueNotSupported", "field": "spec.color",
                        "message": 'Unsupported value: "green": supported values: "red", "blue"',
                    }),
                }),
            )),
            Ask("POST", THINGS, thing({}), refused(
                422, "Invalid",
                f'Thing.{GROUP} "t" is invalid: spec.size: Required value',
                {"name": "t", "group": GROUP, "kind": "Thing", "causes": [{
                    "reason": "FieldValueRequired", "field": "spec.size",
                    "message": "Required value",
                }]},
            )),
        ),
    ),
    Row(
        "crd-wrong-type",
        "a text where a number should be: 422",
        (
            *defined(),
            Ask("POST", THINGS, thing({"size": "big"}), refused(
                422, "Invalid",
                f'Thing.{GROUP} "t" is invalid: spec.size: Invalid value: "string": spec.size in'
                ' body must be of type integer: "string"',
                {"name": "t", "group": GROUP, "kind": "Thing", "causes": [{
                    "reason": "FieldValueTypeInvalid", "field": "spec.size",
                    "message": 'Invalid value: "string": spec.size in body must be of type'
                               ' integer: "string"',
                }]},
            )),
        ),
    ),
    Row(
        "crd-status",
        "with the subresource, status is written there alone, and spec is not",
        (
            *defined(SUBRESOURCES),
            Ask("POST", THINGS, {**thing({"size": 1}), "status": {"done": 9}}, gives(
                201, {"status": Absent()}
            )),
            Ask("PATCH", f"{T}/status", {"spec": {"size": 7}, "status": {"done": 3}}, gives(
                200, {"spec.size": 1, "status.done": 3, "metadata.generation": 1}
            ), type=MERGE_PATCH),
            Ask("PATCH", T, {"status": {"done": 4}}, gives(200, {"status.done": 3}),
                type=MERGE_PATCH),
        ),
    ),
    Row(
        "crd-scale",
        "the subresource scale reads and writes the paths of the definition",
        (
            *defined(SUBRESOURCES),
            Ask("POST", THINGS, thing({"size": 1}), gives(201)),
            Ask("GET", f"{T}/scale", expects=gives(200, {
                "kind": "Scale", "apiVersion": "autoscaling/v1", "spec.replicas": 1,
            })),
            Ask("PATCH", f"{T}/scale", {"spec": {"replicas": 4}}, gives(
                200, {"spec.replicas": 4}
            ), type=MERGE_PATCH),
            Ask("GET", T, expects=gives(200, {"spec.size": 4})),
        ),
    ),
    Row(
        "crd-no-strategic-patch",
        "its objects take no strategic patch: 415",
        (
            *defined(),
            Ask("POST", THINGS, thing({"size": 1}), gives(201)),
            Ask("PATCH", T, {"spec": {"size": 2}}, refused(
                415, "UnsupportedMediaType", Like(
                    "the body of the request was in an unknown format - accepted media types"
                    " include: application/json-patch.json, application/merge-patch.json,"
                    " application/apply-patch.yaml.*"
                ), Absent()
            ), type=STRATEGIC_PATCH),
        ),
    ),
    Row(
        "crd-apply",
        "its objects are applied, and conflict, like all others",
        (
            *defined(),
            Ask("PATCH", f"{T}?fieldManager=one", thing({"size": 1}), gives(201, {
                "metadata.managedFields[manager=one].fieldsV1": {"f:spec": {"f:size": {}}},
            }), type=APPLY_PATCH),
            Ask("PATCH", f"{T}?fieldManager=two", thing({"size": 2}), refused(
                409, "Conflict", 'Apply failed with 1 conflict: conflict with "one": .spec.size',
                Some(),
            ), type=APPLY_PATCH),
        ),
    ),
    Row(
        "crd-columns",
        "additionalPrinterColumns are the columns of a table",
        (
            *defined({"additionalPrinterColumns": [
                {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
            ]}),
            Ask("POST", THINGS, thing({"size": 3}), gives(201)),
            Ask("GET", THINGS, expects=gives(200, {
                "columnDefinitions[0].name": "Name", "columnDefinitions[1].name": "Size",
                "rows[0].cells": ["t", 3],
            }), accept="application/json;as=Table;v=v1;g=meta.k8s.io"),
        ),
    ),
    Row(
        "crd-gone",
        "with its definition a kind goes away",
        (
            *defined(),
            Ask("POST", THINGS, thing({"size": 1}), gives(201)),
            Ask("DELETE", f"{DEFINITIONS}/{NAME}", expects=gives(200)),
            Until(Ask("GET", THINGS, expects=gives(404))),
        ),
    ),
)
