# SPDX-License-Identifier: Apache-2.0
"""Deleting: finalizers, preconditions, owners, namespaces."""

from __future__ import annotations

from ..matching import Like, Some
from ..objects import CONFIG_MAPS, PODS, config_map, made, pod
from ..row import MERGE_PATCH, Ask, Row, gives, refused

A = f"{CONFIG_MAPS}/a"
NS = "/api/v1/namespaces"
GONE = Ask("GET", A, expects=refused(404, "NotFound", 'configmaps "a" not found', Some()))
HELD = config_map("a", finalizers=["example.com/hold"])
TIME = Like(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

ROWS = (
    Row(
        "delete",
        "a DELETE answers 200 with a Status that names the object, and it is gone",
        (
            Ask("POST", CONFIG_MAPS, config_map("a"), gives(201), keep={"uid": "metadata.uid"}),
            Ask("DELETE", A, expects=gives(200, {
                "kind": "Status", "status": "Success",
                "details": {"name": "a", "kind": "configmaps", "uid": "<uid>"},
            })),
            GONE,
        ),
    ),
    Row(
        "delete-missing",
        "a DELETE of what is not there: 404",
        (
            Ask("DELETE", A, expects=refused(
                404, "NotFound", 'configmaps "a" not found', {"name": "a", "kind": "configmaps"}
            )),
        ),
    ),
    Row(
        "delete-precondition",
        "a DELETE for another uid: 409 Conflict",
        (
            Ask("POST", CONFIG_MAPS, config_map("a"), gives(201), keep={"uid": "metadata.uid"}),
            Ask("DELETE", A, {"preconditions": {"uid": "other"}}, refused(
                409, "Conflict",
                'Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition'
                " (other) does not match the UID in record (<uid>). The object might have been"
                " deleted and then recreated",
                {"name": "a", "kind": "ConfigMap"},
            )),
            Ask("DELETE", A, {"preconditions": {"uid": "<uid>"}}, gives(200)),
        ),
    ),
    Row(
        "delete-with-finalizer",
        "with a finalizer it stays, with a deletionTimestamp, until the finalizer is gone",
        (
            Ask("POST", CONFIG_MAPS, HELD, gives(201)),
            Ask("DELETE", A, expects=gives(200, {
                "kind": "ConfigMap", "metadata.deletionTimestamp": TIME,
                "metadata.deletionGracePeriodSeconds": 0,
            })),
            Ask("GET", A, expects=gives(200, {"metadata.deletionTimestamp": TIME})),
            Ask("PATCH", A, {"metadata": {"finalizers": None}}, gives(200), type=MERGE_PATCH),
            GONE,
        ),
    ),
    Row(
        "finalizers-cannot-be-added",
        "what is being deleted takes no new finalizer",
        (
            Ask("POST", CONFIG_MAPS, HELD, gives(201)),
            Ask("DELETE", A, expects=gives(200)),
            Ask("PATCH", A, {"metadata": {"finalizers": ["example.com/hold", "example.com/b"]}},
                refused(
                    422, "Invalid",
                    'ConfigMap "a" is invalid: metadata.finalizers: Forbidden: no new finalizers'
                    " can be added if the object is being deleted, found new finalizers"
                    ' []string{"example.com/b"}', Some(),
                ), type=MERGE_PATCH),
            Ask("PATCH", A, {"metadata": {"finalizers": None}}, gives(200), type=MERGE_PATCH),
        ),
    ),
    Row(
        "delete-collection",
        "a DELETE of a collection takes what the selector names",
        (
            Ask("POST", CONFIG_MAPS, config_map("a", labels={"x": "1"}), gives(201)),
            Ask("POST", CONFIG_MAPS, config_map("b", labels={"x": "2"}), gives(201)),
            Ask("DELETE", f"{CONFIG_MAPS}?labelSelector=x=1", expects=gives(
                200, {"kind": "ConfigMapList", "items[0].metadata.name": "a"}
            )),
            GONE,
            Ask("GET", f"{CONFIG_MAPS}/b", expects=gives(200)),
        ),
    ),
    Row(
        "delete-foreground",
        "propagationPolicy=Foreground leaves the finalizer foregroundDeletion",
        (
            Ask("POST", CONFIG_MAPS, config_map("a", finalizers=["example.com/hold"]), gives(201)),
            Ask("DELETE", f"{A}?propagationPolicy=Foreground", expects=gives(200, {
                "metadata.deletionTimestamp": TIME,
                "metadata.finalizers": ["example.com/hold", "foregroundDeletion"],
            })),
            Ask("PATCH", A, {"metadata": {"finalizers": None}}, gives(200), type=MERGE_PATCH),
        ),
    ),
    Row(
        "delete-pod-at-once",
        "a pod that was never on a node, or with gracePeriodSeconds=0, is gone at once",
        (
            Ask("POST", PODS, pod("a", {"nodeSelector": {"no": "such"}}), gives(201)),
            Ask("DELETE", f"{PODS}/a?gracePeriodSeconds=0", expects=gives(200)),
            Ask("GET", f"{PODS}/a", expects=refused(
                404, "NotFound", 'pods "a" not found', {"name": "a", "kind": "pods"}
            )),
        ),
        pods=True,
    ),
    Row(
        "delete-pod-with-grace",
        "a pod on a node stays for its grace period, with a deletionTimestamp",
        (
            Ask("POST", PODS, pod("a", {"nodeName": "conformance-no-such-node"}), gives(201)),
            Ask("DELETE", f"{PODS}/a", expects=gives(200, {
                "kind": "Pod", "metadata.deletionTimestamp": TIME,
                "metadata.deletionGracePeriodSeconds": 30,
            })),
            Ask("DELETE", f"{PODS}/a?gracePeriodSeconds=0", expects=gives(200)),
        ),
        pods=True,
    ),
    Row(
        "owner-references",
        "an owner reference needs a kind, a name and a uid",
        (
            Ask("POST", CONFIG_MAPS, config_map("a", ownerReferences=[
                {"apiVersion": "v1", "kind": "", "name": "b", "uid": ""}
            ]), refused(
                422, "Invalid",
                'ConfigMap "a" is invalid: [metadata.ownerReferences.kind: Invalid value: "":'
                ' must not be empty, metadata.ownerReferences.uid: Invalid value: "": must not be'
                " empty]", Some(),
            )),
        ),
    ),
    Row(
        "one-controller",
        "an object has at most one owner that controls it",
        (
            Ask("POST", CONFIG_MAPS, config_map("a", ownerReferences=[
                {"apiVersion": "v1", "kind": "Pod", "name": name, "uid": name, "controller": True}
                for name in ("b", "c")
            ]), refused(
                422, "Invalid",
                Like('ConfigMap "a" is invalid: metadata.ownerReferences: Invalid value: .*Only one'
                     " reference can have Controller set to true.*"), Some(),
            )),
        ),
    ),
    Row(
        "namespace-missing",
        "nothing is created in a namespace that is not there: 404",
        (
            Ask("POST", f"{NS}/conformance-nowhere/configmaps", config_map("a"), refused(
                404, "NotFound", 'namespaces "conformance-nowhere" not found',
                {"name": "conformance-nowhere", "kind": "namespaces"},
            )),
        ),
    ),
    Row(
        "namespace-terminating",
        "nothing is created in a namespace that is being deleted: 403 with a cause",
        (
            Ask("POST", CONFIG_MAPS, HELD, gives(201)),
            Ask("DELETE", f"{NS}/<ns>", expects=gives(200, {"status.phase": "Terminating"})),
            Ask("POST", CONFIG_MAPS, config_map("b"), refused(
                403, "Forbidden",
                'configmaps "b" is forbidden: unable to create new content in namespace <ns>'
                " because it is being terminated",
                {"name": "b", "kind": "configmaps", "causes": [{
                    "reason": "NamespaceTerminating", "field": "metadata.namespace",
                    "message": "namespace <ns> is being terminated",
                }]},
            )),
            Ask("PATCH", A, {"metadata": {"finalizers": None}}, gives(200), type=MERGE_PATCH),
        ),
    ),
    Row(
        "namespace-labels",
        "a namespace has a label with its name, which stays, and is Active",
        (
            Ask("GET", f"{NS}/<ns>", expects=gives(200, {
                'metadata.labels["kubernetes.io/metadata.name"]': "<ns>",
                "status.phase": "Active", "spec.finalizers": ["kubernetes"],
            })),
            Ask("PATCH", f"{NS}/<ns>", {"metadata": {"labels": None}}, gives(200, {
                'metadata.labels["kubernetes.io/metadata.name"]': "<ns>",
            }), type=MERGE_PATCH),
        ),
    ),
    Row(
        "namespace-names",
        "a namespace's name is a DNS label: no dots",
        (
            Ask("POST", NS, made("v1", "Namespace", "a.b"), refused(
                422, "Invalid",
                Like('Namespace "a.b" is invalid: metadata.name: Invalid value: "a.b": .*'), Some(),
            )),
        ),
    ),
    Row(
        "namespace-default-stays",
        "the namespace default is not deleted: 403",
        (
            Ask("DELETE", f"{NS}/default?dryRun=All", expects=refused(
                403, "Forbidden",
                'namespaces "default" is forbidden: this namespace may not be deleted',
                {"name": "default", "kind": "namespaces"},
            )),
        ),
    ),
)
