# SPDX-License-Identifier: Apache-2.0
"""The three kinds of patches that are no apply."""

from __future__ import annotations

from ..matching import Absent, Like, Some
from ..objects import CONFIG_MAPS, DEPLOYMENTS, config_map, deployment
from ..row import JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, Ask, Row, gives, refused

A = f"{CONFIG_MAPS}/a"
D = f"{DEPLOYMENTS}/d"
CREATE = Ask("POST", CONFIG_MAPS, config_map("a", {"a": "1", "b": "1"}), gives(201))
CONTAINERS = "spec.template.spec.containers"

ROWS = (
    Row(
        "patch-merge",
        "a merge patch sets, and null removes",
        (
            CREATE,
            Ask("PATCH", A, {"data": {"a": None, "c": "2"}}, gives(
                200, {"data": {"b": "1", "c": "2"}}
            ), type=MERGE_PATCH),
        ),
    ),
    Row(
        "patch-merge-conflict",
        "a patch that names an older resourceVersion: 409 Conflict",
        (
            Ask("POST", CONFIG_MAPS, config_map("a"), gives(201),
                keep={"rv": "metadata.resourceVersion"}),
            Ask("PATCH", A, {"data": {"a": "2"}}, gives(200), type=MERGE_PATCH),
            Ask("PATCH", A, {"metadata": {"resourceVersion": "<rv>"}, "data": {"a": "3"}}, refused(
                409, "Conflict",
                'Operation cannot be fulfilled on configmaps "a": the object has been modified;'
                " please apply your changes to the latest version and try again",
                {"name": "a", "kind": "configmaps"},
            ), type=MERGE_PATCH),
        ),
    ),
    Row(
        "patch-json",
        "a JSON patch adds, replaces, tests and removes in its order",
        (
            CREATE,
            Ask("PATCH", A, [
                {"op": "test", "path": "/data/a", "value": "1"},
                {"op": "replace", "path": "/data/a", "value": "2"},
                {"op": "add", "path": "/metadata/labels", "value": {"x.y/z": "1"}},
                {"op": "add", "path": "/metadata/labels/x.y~1w", "value": "2"},
                {"op": "remove", "path": "/data/b"},
            ], gives(200, {
                "data": {"a": "2"}, "metadata.labels": {"x.y/z": "1", "x.y/w": "2"},
            }), type=JSON_PATCH),
        ),
    ),
    Row(
        "patch-json-test-fails",
        "a JSON patch whose test fails changes nothing: 422",
        (
            CREATE,
            Ask("PATCH", A, [
                {"op": "replace", "path": "/data/b", "value": "2"},
                {"op": "test", "path": "/data/a", "value": "9"},
            ], refused(
                422, "Invalid", "the server rejected our request due to an error in our request",
                {},
            ), type=JSON_PATCH),
            Ask("GET", A, expects=gives(200, {"data": {"a": "1", "b": "1"}})),
        ),
    ),
    Row(
        "patch-json-no-such-path",
        "a JSON patch that removes what is not there: 422",
        (
            CREATE,
            Ask("PATCH", A, [{"op": "remove", "path": "/data/z"}], refused(
                422, "Invalid", "the server rejected our request due to an error in our request",
                {},
            ), type=JSON_PATCH),
        ),
    ),
    Row(
        "patch-json-malformed",
        "a JSON patch that is no list: 400",
        (
            CREATE,
            Ask("PATCH", A, {"op": "remove"}, refused(
                400, "BadRequest", Like("error decoding patch: .*|json: cannot unmarshal object.*"),
            ), type=JSON_PATCH),
        ),
    ),
    Row(
        "patch-strategic-lists",
        "a strategic patch merges containers by name and environment by name",
        (
            Ask("POST", DEPLOYMENTS, deployment("d"), gives(201)),
            Ask("PATCH", D, {"spec": {"template": {"spec": {"containers": [
                {"name": "main", "env": [{"name": "A", "value": "1"}]},
                {"name": "side", "image": "example.com/side:1"},
            ]}}}}, gives(200, {
                f"{CONTAINERS}[name=main].image": "example.com/main:1",
                f"{CONTAINERS}[name=main].env": [{"name": "A", "value": "1"}],
                f"{CONTAINERS}[name=side].image": "example.com/side:1",
            }), type=STRATEGIC_PATCH),
            Ask("PATCH", D, {"spec": {"template": {"spec": {"containers": [
                {"name": "main", "env": [{"name": "B", "value": "2"}]},
            ]}}}}, gives(200, {
                f"{CONTAINERS}[name=main].env[name=A].value": "1",
                f"{CONTAINERS}[name=main].env[name=B].value": "2",
            }), type=STRATEGIC_PATCH),
        ),
    ),
    Row(
        "patch-strategic-delete",
        "$patch: delete takes one member out of such a list",
        (
            Ask("POST", DEPLOYMENTS, deployment("d"), gives(201)),
            Ask("PATCH", D, {"spec": {"template": {"spec": {"containers": [
                {"name": "side", "image": "example.com/side:1"},
            ]}}}}, gives(200), type=STRATEGIC_PATCH),
            Ask("PATCH", D, {"spec": {"template": {"spec": {"containers": [
                {"name": "main", "$patch": "delete"},
            ]}}}}, gives(200, {
                f"{CONTAINERS}[name=main]": Absent(), f"{CONTAINERS}[0].name": "side",
            }), type=STRATEGIC_PATCH),
        ),
    ),
    Row(
        "patch-merge-lists",
        "a merge patch replaces a list as a whole",
        (
            Ask("POST", DEPLOYMENTS, deployment("d"), gives(201)),
            Ask("PATCH", D, {"spec": {"template": {"spec": {"containers": [
                {"name": "side", "image": "example.com/side:1"},
            ]}}}}, gives(200, {
                f"{CONTAINERS}[name=main]": Absent(), f"{CONTAINERS}[0].name": "side",
            }), type=MERGE_PATCH),
        ),
    ),
    Row(
        "patch-invalid-outcome",
        "a patch is checked like a PUT: 422",
        (
            Ask("POST", DEPLOYMENTS, deployment("d"), gives(201)),
            Ask("PATCH", D, {"spec": {"replicas": -1}}, refused(
                422, "Invalid",
                'Deployment.apps "d" is invalid: spec.replicas: Invalid value: -1: must be greater'
                " than or equal to 0",
                {"name": "d", "group": "apps", "kind": "Deployment", "causes": [{
                    "reason": "FieldValueInvalid", "field": "spec.replicas",
                    "message": "Invalid value: -1: must be greater than or equal to 0",
                }]},
            ), type=MERGE_PATCH),
        ),
    ),
    Row(
        "patch-unknown-type",
        "a patch of a type that nobody knows: 415",
        (
            CREATE,
            Ask("PATCH", A, {}, refused(
                415, "UnsupportedMediaType", "415: Unsupported Media Type", {}
            ), type="application/json"),
        ),
    ),
    Row(
        "patch-missing",
        "a patch of what is not there: 404",
        (
            Ask("PATCH", A, {}, refused(
                404, "NotFound", 'configmaps "a" not found', {"name": "a", "kind": "configmaps"}
            ), type=MERGE_PATCH),
        ),
    ),
    Row(
        "patch-strict",
        "fieldValidation=Strict holds for patches too",
        (
            CREATE,
            Ask("PATCH", f"{A}?fieldValidation=Strict", {"dta": {}}, refused(
                422, "Invalid", Like(
                    ' "" is invalid: patch: Invalid value: .*: strict decoding error: unknown'
                    ' field "dta"'
                ), Some(),
            ), type=MERGE_PATCH),
        ),
    ),
)
