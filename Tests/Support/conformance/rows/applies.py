# SPDX-License-Identifier: Apache-2.0
"""Server-side apply: who owns which field, and what happens when two want one."""

from __future__ import annotations

from ..matching import Absent, Count, Has, Like, Not, Some
from ..objects import CONFIG_MAPS, DEPLOYMENTS, config_map, deployment
from ..row import APPLY_PATCH, MERGE_PATCH, Answer, Ask, Row, gives, refused

A = f"{CONFIG_MAPS}/a"
D = f"{DEPLOYMENTS}/d"
ONE = 'metadata.managedFields[manager=one]'
TWO = 'metadata.managedFields[manager=two]'


def apply(path: str, manager: str, body: object, expects: Answer, query: str = "") -> Ask:
    """An apply by a manager."""
    where = f"{path}?fieldManager={manager}{query}"
    return Ask("PATCH", where, body, expects, type=APPLY_PATCH)


ROWS = (
    Row(
        "apply-creates",
        "an apply of what is not there creates it: 201, and notes its manager's fields",
        (
            apply(A, "one", config_map("a", {"a": "1"}), gives(201, {
                "data": {"a": "1"}, "metadata.managedFields": Count(1),
                f"{ONE}.operation": "Apply", f"{ONE}.apiVersion": "v1", f"{ONE}.time": Some(),
                f"{ONE}.fieldsType": "FieldsV1", f"{ONE}.fieldsV1": {"f:data": {"f:a": {}}},
            })),
        ),
    ),
    Row(
        "apply-again",
        "the same apply again: 200, and the resourceVersion stays",
        (
            Ask("PATCH", f"{A}?fieldManager=one", config_map("a"), gives(201), type=APPLY_PATCH,
                keep={"rv": "metadata.resourceVersion"}),
            apply(A, "one", config_map("a"), gives(200, {"metadata.resourceVersion": "<rv>"})),
        ),
    ),
    Row(
        "apply-needs-a-manager",
        "an apply without fieldManager: 422",
        (
            Ask("PATCH", A, config_map("a"), refused(
                422, "Invalid",
                'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required'
                " for apply patch",
                {"group": "meta.k8s.io", "kind": "PatchOptions", "causes": [{
                    "reason": "FieldValueRequired", "field": "fieldManager",
                    "message": "Required value: is required for apply patch",
                }]},
            ), type=APPLY_PATCH),
        ),
    ),
    Row(
        "apply-removes",
        "a field that its only manager no longer applies goes away",
        (
            apply(A, "one", config_map("a", {"a": "1", "b": "1"}), gives(201)),
            apply(A, "one", config_map("a", {"a": "1"}), gives(200, {
                "data": {"a": "1"}, f"{ONE}.fieldsV1": {"f:data": {"f:a": {}}},
            })),
        ),
    ),
    Row(
        "apply-conflict",
        "another value for another's field: 409 Conflict with a cause for the field",
        (
            apply(A, "one", config_map("a", {"a": "1"}), gives(201)),
            apply(A, "two", config_map("a", {"a": "2"}), refused(
                409, "Conflict",
                'Apply failed with 1 conflict: conflict with "one": .data.a',
                {"causes": [{
                    "reason": "FieldManagerConflict", "field": ".data.a",
                    "message": 'conflict with "one"',
                }]},
            )),
            Ask("GET", A, expects=gives(200, {"data": {"a": "1"}})),
        ),
    ),
    Row(
        "apply-conflicts",
        "several conflicts are listed one by one",
        (
            apply(A, "one", config_map("a", {"a": "1", "b": "1"}), gives(201)),
            apply(A, "two", config_map("a", {"a": "2", "b": "2"}), refused(
                409, "Conflict",
                'Apply failed with 2 conflicts: conflicts with "one":\n- .data.a\n- .data.b',
                {"causes": [
                    {"reason": "FieldManagerConflict", "field": ".data.a",
                     "message": 'conflict with "one"'},
                    {"reason": "FieldManagerConflict", "field": ".data.b",
                     "message": 'conflict with "one"'},
                ]},
            )),
        ),
    ),
    Row(
        "apply-conflict-with-update",
        "a conflict with a PUT's manager says its operation and time",
        (
            Ask("POST", f"{CONFIG_MAPS}?fieldManager=one", config_map("a"), gives(201, {
                f"{ONE}.operation": "Update",
            })),
            apply(A, "two", config_map("a", {"a": "2"}), refused(
                409, "Conflict",
                Like('Apply failed with 1 conflict: conflict with "one" using v1: .data.a|'
                     'Apply failed with 1 conflict: conflict with "one" using v1 at .*: .data.a'),
                {"causes": [{
                    "reason": "FieldManagerConflict", "field": ".data.a",
                    "message": Like('conflict with "one" using v1( at .*)?'),
                }]},
            )),
        ),
    ),
    Row(
        "apply-force",
        "force=true takes the field over, and the other manager loses it",
        (
            apply(A, "one", config_map("a", {"a": "1", "b": "1"}), gives(201)),
            apply(A, "two", config_map("a", {"a": "2"}), gives(200, {
                "data": {"a": "2", "b": "1"}, f"{TWO}.fieldsV1": {"f:data": {"f:a": {}}},
                f"{ONE}.fieldsV1": {"f:data": {"f:b": {}}},
            }), "&force=true"),
        ),
    ),
    Row(
        "apply-shared",
        "the same value from two managers is owned by both; it goes with the last",
        (
            apply(A, "one", config_map("a", {"a": "1", "b": "1"}), gives(201)),
            apply(A, "two", config_map("a", {"a": "1"}), gives(200, {
                f"{ONE}.fieldsV1": Has({"f:data": {"f:a": {}, "f:b": {}}}),
                f"{TWO}.fieldsV1": {"f:data": {"f:a": {}}},
            })),
            apply(A, "one", config_map("a", {"b": "1"}), gives(200, {
                "data": {"a": "1", "b": "1"}
            })),
            apply(A, "two", config_map("a", {}), gives(200, {"data": {"b": "1"}})),
        ),
    ),
    Row(
        "apply-then-update",
        "a patch that changes an applied field takes it over, without a conflict",
        (
            apply(A, "one", config_map("a", {"a": "1"}), gives(201)),
            Ask("PATCH", f"{A}?fieldManager=two", {"data": {"a": "2"}}, gives(200, {
                f"{TWO}.operation": "Update", f"{TWO}.fieldsV1": {"f:data": {"f:a": {}}},
                f"{ONE}.fieldsV1": Not(Has({'f:data["f:a"]': {}})),
            }), type=MERGE_PATCH),
        ),
    ),
    Row(
        "apply-lists-by-key",
        "containers belong to managers by their names",
        (
            apply(D, "one", deployment("d"), gives(201)),
            apply(D, "two", {
                "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"},
                "spec": {"template": {"spec": {"containers": [
                    {"name": "side", "image": "example.com/side:1"}
                ]}}},
            }, gives(200, {
                "spec.template.spec.containers": Count(2),
                TWO + '.fieldsV1["f:spec"]["f:template"]["f:spec"]["f:containers"]': {
                    'k:{"name":"side"}': {".": {}, "f:image": {}, "f:name": {}},
                },
            })),
        ),
    ),
    Row(
        "apply-dry-run",
        "an apply with dryRun=All answers as if, and stores nothing",
        (
            apply(A, "one", config_map("a"), gives(201, {"data": {"a": "1"}}), "&dryRun=All"),
            Ask("GET", A, expects=refused(404, "NotFound", 'configmaps "a" not found', Some())),
        ),
    ),
    Row(
        "apply-refuses-managed-fields",
        "an apply may not bring managedFields",
        (
            apply(A, "one", config_map("a", managedFields=[{
                "manager": "one", "operation": "Apply", "apiVersion": "v1",
            }]), refused(
                400, "BadRequest", "metadata.managedFields must be nil",
            )),
        ),
    ),
    Row(
        "apply-checks-the-version",
        "an apply whose body is of another version than the path: 400",
        (
            apply(A, "one", {**config_map("a"), "apiVersion": "v2"}, refused(
                400, "BadRequest", Like(".*v2.*"),
            )),
        ),
    ),
    Row(
        "apply-strict",
        "an apply with a field that the schema does not have is refused",
        (
            apply(A, "one", {**config_map("a"), "dta": {}}, refused(
                500, Absent(), Like(".*field not declared in schema"),
            )),
        ),
    ),
    Row(
        "managers-of-requests",
        "each manager of a plain write is noted as Update, by its name",
        (
            Ask("POST", f"{CONFIG_MAPS}?fieldManager=one", config_map("a"), gives(201, {
                f"{ONE}.operation": "Update",
                f"{ONE}.fieldsV1": {"f:data": {".": {}, "f:a": {}}},
            })),
            Ask("PATCH", f"{A}?fieldManager=two", {"data": {"b": "1"}}, gives(200, {
                f"{TWO}.fieldsV1": {"f:data": {"f:b": {}}},
            }), type=MERGE_PATCH),
        ),
    ),
)
