# SPDX-License-Identifier: Apache-2.0
"""Watches: what comes first, what comes then, and how they end."""

from __future__ import annotations

from ..matching import Absent, Like, Not, Some
from ..objects import CONFIG_MAPS, config_map
from ..row import MERGE_PATCH, Ask, Event, Row, Watch, gives, refused

A = f"{CONFIG_MAPS}/a"
OURS = "labelSelector=of%3Dus"
WATCH = f"{CONFIG_MAPS}?watch=1&{OURS}"
NUMBER = Like(r"[1-9]\d*")
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


def create(name: str) -> Ask:
    """One of ours."""
    return Ask("POST", CONFIG_MAPS, config_map(name, labels={"of": "us"}), gives(201))


def change(name: str, value: str) -> Ask:
    """Another value."""
    body = {"data": {"a": value}}
    return Ask("PATCH", f"{CONFIG_MAPS}/{name}", body, gives(200), type=MERGE_PATCH)


def named(name: str) -> dict[str, object]:
    """What an event's object is to be."""
    return {"kind": "ConfigMap", "apiVersion": "v1", "metadata.name": name}


DELETE = Ask("DELETE", A, expects=gives(200))
# The version from which a watch starts.
NOW = Ask("GET", f"{CONFIG_MAPS}?{OURS}", keep={"rv": "metadata.resourceVersion"})

ROWS = (
    Row(
        "watch",
        "from a version on: ADDED, MODIFIED, DELETED with whole objects, in order",
        (
            NOW,
            Watch(f"{WATCH}&resourceVersion=<rv>", (
                Event("ADDED", {**named("a"), "data.a": "1"}),
                Event("MODIFIED", {**named("a"), "data.a": "2"}),
                Event("DELETED", {**named("a"), "data.a": "2",
                                  "metadata.resourceVersion": NUMBER}),
            ), (create("a"), change("a", "2"), DELETE)),
        ),
    ),
    Row(
        "watch-from-the-past",
        "a watch from an earlier version gets what has happened since",
        (
            NOW, create("a"), change("a", "2"), DELETE,
            Watch(f"{WATCH}&resourceVersion=<rv>", (
                Event("ADDED", {"data.a": "1"}), Event("MODIFIED", {"data.a": "2"}),
                Event("DELETED"),
            )),
        ),
    ),
    Row(
        "watch-from-any",
        "without a version, or from 0, the first events are ADDED for what is there",
        (
            create("a"), create("b"),
            Watch(WATCH, (
                Event("ADDED", named("a")), Event("ADDED", named("b")), Event("ADDED", named("c")),
            ), (create("c"),)),
            Watch(f"{WATCH}&resourceVersion=0", (
                Event("ADDED", named("a")), Event("ADDED", named("b")), Event("ADDED", named("c")),
            )),
        ),
    ),
    Row(
        "watch-no-change",
        "a write that changes nothing is no event",
        (
            create("a"), NOW,
            Watch(f"{WATCH}&resourceVersion=<rv>", (Event("MODIFIED", {"data.a": "2"}),),
                  (change("a", "1"), change("a", "2"))),
        ),
    ),
    Row(
        "watch-selector",
        "what comes to match a selector is ADDED, what no longer does DELETED",
        (
            Ask("POST", CONFIG_MAPS, config_map("a"), gives(201)), NOW,
            Watch(f"{WATCH}&resourceVersion=<rv>", (
                Event("ADDED", named("a")), Event("DELETED", named("a")),
            ), (
                Ask("PATCH", A, {"metadata": {"labels": {"of": "us"}}}, type=MERGE_PATCH),
                Ask("PATCH", A, {"metadata": {"labels": {"of": "them"}}}, type=MERGE_PATCH),
            )),
        ),
    ),
    Row(
        "watch-one",
        "fieldSelector=metadata.name watches one object, as kubectl wait does",
        (
            create("a"), create("b"), NOW,
            Watch(f"{CONFIG_MAPS}?watch=1&fieldSelector=metadata.name%3Da&resourceVersion=<rv>",
                  (Event("MODIFIED", {**named("a"), "data.a": "2"}),),
                  (change("b", "2"), change("a", "2"))),
        ),
    ),
    Row(
        "watch-finalizer",
        "a deletion that waits for a finalizer is MODIFIED, then DELETED",
        (
            Ask("POST", CONFIG_MAPS, config_map(
                "a", labels={"of": "us"}, finalizers=["example.com/hold"]
            ), gives(201)),
            NOW,
            Watch(f"{WATCH}&resourceVersion=<rv>", (
                Event("MODIFIED", {"metadata.deletionTimestamp": Some()}),
                Event("DELETED", {"metadata.deletionTimestamp": Some()}),
            ), (
                DELETE,
                Ask("PATCH", A, {"metadata": {"finalizers": None}}, type=MERGE_PATCH),
            )),
        ),
    ),
    Row(
        "watch-timeout",
        "timeoutSeconds ends a watch, with the end of the stream and nothing else",
        (
            NOW,
            Watch(f"{WATCH}&resourceVersion=<rv>&timeoutSeconds=1", (), ends=True, seconds=0.9),
        ),
    ),
    Row(
        "watch-initial-events",
        "sendInitialEvents: what is there, then a bookmark that says so, then changes",
        (
            create("a"),
            Watch(
                f"{WATCH}&sendInitialEvents=true&allowWatchBookmarks=true"
                "&resourceVersionMatch=NotOlderThan&timeoutSeconds=3", (
                    Event("ADDED", named("a")),
                    Event("BOOKMARK", {
                        "kind": "ConfigMap", "apiVersion": "v1",
                        "metadata.resourceVersion": NUMBER,
                        'metadata.annotations["k8s.io/initial-events-end"]': "true",
                    }),
                )),
        ),
    ),
    Row(
        "watch-initial-events-options",
        "sendInitialEvents without resourceVersionMatch=NotOlderThan: 422",
        (
            Ask("GET", f"{WATCH}&sendInitialEvents=true&allowWatchBookmarks=true", expects=refused(
                422, "Invalid",
                Like('ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden:'
                     " sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"),
                Some(),
            )),
        ),
    ),
    Row(
        "watch-too-old",
        "from a version that is forgotten: 200, and one ERROR event with 410 Expired",
        (
            Watch(f"{WATCH}&resourceVersion=1", (
                Event("ERROR", {
                    "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 410,
                    "reason": "Expired", "message": Like(r"too old resource version: 1 \(\d+\)"),
                }),
            ), ends=True),
        ),
    ),
    Row(
        "watch-partial",
        "a watch of metadata alone",
        (
            create("a"),
            Watch(WATCH, (Event("ADDED", {
                "kind": "PartialObjectMetadata", "metadata.name": "a", "data": Absent(),
            }),), accept=PARTIAL),
        ),
    ),
    Row(
        "watch-table",
        "a watch of tables has the columns in its first event alone, as kubectl get -w wants",
        (
            create("a"), create("b"),
            Watch(WATCH, (
                Event("ADDED", {"kind": "Table", "columnDefinitions[0].name": "Name",
                                "rows[0].cells[0]": "a"}),
                Event("ADDED", {"kind": "Table", "columnDefinitions": None,
                                "rows[0].cells[0]": "b"}),
            ), accept=TABLE),
        ),
    ),
    Row(
        "watch-versions-grow",
        "the versions of events are those of the objects",
        (
            NOW,
            Watch(f"{WATCH}&resourceVersion=<rv>", (
                Event("ADDED", {"metadata.resourceVersion": "<first>"}),
                Event("MODIFIED", {"metadata.resourceVersion": "<second>"}),
            ), (
                Ask("POST", CONFIG_MAPS, config_map("a", labels={"of": "us"}), gives(201),
                    keep={"first": "metadata.resourceVersion"}),
                Ask("PATCH", A, {"data": {"a": "2"}}, gives(
                    200, {"metadata.resourceVersion": Not("<first>")}
                ), type=MERGE_PATCH, keep={"second": "metadata.resourceVersion"}),
            )),
        ),
    ),
)
