# SPDX-License-Identifier: Apache-2.0
"""Lists: pages, selectors, and the forms that kubectl asks for."""

from __future__ import annotations

from ..matching import Absent, Count, Has, Like, Not, Some
from ..objects import CONFIG_MAPS, PODS, config_map, pod
from ..row import Ask, Row, gives, refused

NUMBER = Like(r"[1-9]\d*")
NAMES = ("a", "b", "c", "d", "e")
FIVE = tuple(Ask("POST", CONFIG_MAPS, config_map(name), gives(201)) for name in NAMES)
# Each row has a namespace of its own, in which a controller may put a ConfigMap, so these ask by
# a label.
OURS = "labelSelector=of%3Dus"
FIVE_OURS = tuple(
    Ask("POST", CONFIG_MAPS, config_map(name, labels={"of": "us", "is": name}), gives(201))
    for name in NAMES
)
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
PARTIAL_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
# {"v":"meta.k8s.io/v1","rv":1,"start":"x"}: the form in which Kubernetes writes its tokens.
OLD_TOKEN = "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJ4In0"


def selected(query: str, *names: str) -> Ask:
    """A list that has just these names, in order."""
    wanted = {f"items[{index}].metadata.name": name for index, name in enumerate(names)}
    return Ask("GET", f"{CONFIG_MAPS}?{query}", expects=gives(
        200, {"items": Count(len(names)), **wanted}
    ))  # fmt: skip


ROWS = (
    Row(
        "list",
        "a list has a kind and a resourceVersion, and is sorted by name; its items have no kind",
        (
            *reversed(FIVE_OURS),
            Ask("GET", f"{CONFIG_MAPS}?{OURS}", expects=gives(200, {
                "kind": "ConfigMapList", "apiVersion": "v1", "metadata.resourceVersion": NUMBER,
                "items": Count(5), "items[0].metadata.name": "a", "items[4].metadata.name": "e",
                "items[0].kind": Absent(), "metadata.continue": Absent(),
            })),
        ),
    ),
    Row(
        "list-empty",
        "an empty list has items, and a namespace that is not there is an empty list",
        (
            Ask("GET", "/api/v1/namespaces/conformance-nowhere/configmaps", expects=gives(
                200, {"kind": "ConfigMapList", "items": []}
            )),
        ),
    ),
    Row(
        "list-pages",
        "limit and continue give pages of one moment; later writes are not in them",
        (
            *FIVE_OURS,
            Ask("GET", f"{CONFIG_MAPS}?limit=2", expects=gives(200, {
                "items": Count(2), "metadata.continue": Some(),
                "metadata.remainingItemCount": Not(0),
            }), keep={"token": "metadata.continue", "rv": "metadata.resourceVersion"}),
            Ask("POST", CONFIG_MAPS, config_map("bb"), gives(201)),
            Ask("GET", f"{CONFIG_MAPS}?limit=500&continue=<token>", expects=gives(200, {
                "items[0].metadata.name": "c", "items[1].metadata.name": "d",
                "items[2].metadata.name": "e", "metadata.resourceVersion": "<rv>",
                "metadata.continue": Absent(),
            })),
        ),
    ),
    Row(
        "list-remaining",
        "remainingItemCount is left out where there is a selector",
        (
            *FIVE_OURS,
            Ask("GET", f"{CONFIG_MAPS}?{OURS}&limit=2", expects=gives(200, {
                "items": Count(2), "metadata.continue": Some(),
                "metadata.remainingItemCount": Absent(),
            })),
        ),
    ),
    Row(
        "list-continue-expired",
        "a continue token of a version that is forgotten: 410 Expired with a token to go on with",
        (
            Ask("GET", f"{CONFIG_MAPS}?limit=2&continue={OLD_TOKEN}", expects=gives(410, {
                "kind": "Status", "status": "Failure", "reason": "Expired", "code": 410,
                "message": Like("The provided continue parameter is too old to display a"
                                " consistent list result. .*"),
                "metadata.continue": Some(),
            })),
        ),
    ),
    Row(
        "list-continue-malformed",
        "a continue token that the server has not made: 400",
        (
            Ask("GET", f"{CONFIG_MAPS}?limit=2&continue=nonsense", expects=refused(
                400, "BadRequest", Like("invalid continue token: continue key is not valid: .*")
            )),
        ),
    ),
    Row(
        "list-at-a-future-version",
        "a list at a version that is not yet: 504 with a cause, and a time to wait",
        (
            Ask("GET", f"{CONFIG_MAPS}?resourceVersion=999999999999", expects=refused(
                504, "Timeout",
                Like("Timeout: Too large resource version: 999999999999, current: \\d+"),
                Has({"retryAfterSeconds": 1, "causes": [{
                    "reason": "ResourceVersionTooLarge", "message": "Too large resource version",
                }]}),
            )),
        ),
    ),
    Row(
        "list-exact-needs-a-version",
        "resourceVersionMatch without a resourceVersion is refused: 422",
        (
            Ask("GET", f"{CONFIG_MAPS}?resourceVersionMatch=Exact", expects=refused(
                422, "Invalid",
                Like('.*resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless'
                     " resourceVersion is provided"), Some(),
            )),
        ),
    ),
    Row(
        "list-version-malformed",
        "a resourceVersion that is no number: 400",
        (
            Ask("GET", f"{CONFIG_MAPS}?resourceVersion=x", expects=refused(
                400, "BadRequest", Like('.*"x".*'), Absent(),
            )),
        ),
    ),
    Row(
        "select-equal",
        "labelSelector: =, ==, != and several at once",
        (
            *FIVE_OURS,
            selected("labelSelector=of=us,is=b", "b"),
            selected("labelSelector=is==c", "c"),
            selected("labelSelector=of=us,is!=a", "b", "c", "d", "e"),
        ),
    ),
    Row(
        "select-sets",
        "labelSelector: in, notin, there and not there",
        (
            *FIVE_OURS,
            selected("labelSelector=is in (a,e)", "a", "e"),
            selected("labelSelector=of,is notin (a,e)", "b", "c", "d"),
            selected("labelSelector=of,!missing", *NAMES),
            selected("labelSelector=missing"),
        ),
    ),
    Row(
        "select-malformed",
        "a labelSelector that cannot be read: 400",
        (
            Ask("GET", f"{CONFIG_MAPS}?labelSelector=is%3D%3D%3Db", expects=refused(
                400, "BadRequest", Like("unable to parse requirement: .*|found '=', expected.*")
            )),
        ),
    ),
    Row(
        "select-fields",
        "fieldSelector by name, and by what the resource offers: a pod's node and phase",
        (
            *FIVE,
            selected("fieldSelector=metadata.name=c", "c"),
            Ask("POST", PODS, pod("a", {"nodeName": "conformance-no-such-node"}), gives(201)),
            Ask("GET", f"{PODS}?fieldSelector=status.phase=Pending,"
                       "spec.nodeName=conformance-no-such-node", expects=gives(
                           200, {"items": Count(1)}
                       )),
            Ask("GET", f"{PODS}?fieldSelector=spec.nodeName=other", expects=gives(
                200, {"items": []}
            )),
        ),
        pods=True,
    ),
    Row(
        "select-fields-unknown",
        "a field that cannot be selected by: 400",
        (
            Ask("GET", f"{CONFIG_MAPS}?fieldSelector=data.a=1", expects=refused(
                400, "BadRequest",
                '"data.a" is not a known field selector: only "metadata.name",'
                ' "metadata.namespace"',
            )),
        ),
    ),
    Row(
        "table",
        "as=Table gives kubectl its columns and rows, with the metadata of each object",
        (
            *FIVE_OURS,
            Ask("GET", f"{CONFIG_MAPS}?{OURS}", expects=gives(200, {
                "kind": "Table", "apiVersion": "meta.k8s.io/v1",
                "columnDefinitions[name=Name].format": "name",
                "columnDefinitions[name=Data].type": "string",
                "columnDefinitions[name=Age].type": "string",
                "rows": Count(5), "rows[0].cells": ["a", 1, Some()],
                "rows[0].object.kind": "PartialObjectMetadata",
                "rows[0].object.metadata.name": "a",
            }), accept=f"{TABLE},application/json"),
        ),
    ),
    Row(
        "table-of-pods",
        "a pod's columns: Name, Ready, Status, Restarts, Age, and more at priority 1",
        (
            Ask("POST", PODS, pod("a", {"nodeName": "conformance-no-such-node"}), gives(201)),
            Ask("GET", PODS, expects=gives(200, {
                "columnDefinitions[0].name": "Name", "columnDefinitions[1].name": "Ready",
                "columnDefinitions[2].name": "Status", "columnDefinitions[3].name": "Restarts",
                "columnDefinitions[4].name": "Age", "columnDefinitions[name=IP].priority": 1,
                "rows[0].cells[0]": "a", "rows[0].cells[1]": "0/1",
                "rows[0].cells[2]": "Pending",
            }), accept=TABLE),
        ),
        pods=True,
    ),
    Row(
        "table-with-objects",
        "includeObject=Object puts whole objects in, None leaves them out",
        (
            *FIVE_OURS,
            Ask("GET", f"{CONFIG_MAPS}?{OURS}&includeObject=Object", expects=gives(
                200, {"rows[0].object.data": {"a": "1"}}
            ), accept=TABLE),
            Ask("GET", f"{CONFIG_MAPS}?{OURS}&includeObject=None", expects=gives(
                200, {"rows[0].object": None}
            ), accept=TABLE),
        ),
    ),
    Row(
        "partial-metadata",
        "as=PartialObjectMetadata gives the metadata alone, of one object and of a list",
        (
            *FIVE_OURS,
            Ask("GET", f"{CONFIG_MAPS}/a", expects=gives(200, {
                "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
                "metadata.name": "a", "data": Absent(),
            }), accept=PARTIAL),
            Ask("GET", f"{CONFIG_MAPS}?{OURS}", expects=gives(200, {
                "kind": "PartialObjectMetadataList", "items": Count(5),
                "items[0].kind": "PartialObjectMetadata", "items[0].data": Absent(),
            }), accept=PARTIAL_LIST),
        ),
    ),
    Row(
        "not-acceptable",
        "an Accept that nothing serves: 406",
        (
            Ask("GET", CONFIG_MAPS, expects=refused(
                406, "NotAcceptable",
                Like("406: Not Acceptable\n\nAvailable representations: application/json, .*"), {}
            ), accept="text/html"),
        ),
    ),
)
