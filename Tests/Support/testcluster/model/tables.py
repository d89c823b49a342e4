# SPDX-License-Identifier: Apache-2.0
"""What `kubectl get` shows: objects as rows. Pure; the time is an argument."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .kinds import Resource

Object = Mapping[str, Any]
Now = datetime.datetime


def column(name: str, kind: str = "string", priority: int = 0, text: str = "") -> dict[str, Any]:
    """The definition of a column."""
    form = "name" if name == "Name" else ""
    return {
        "name": name, "type": kind, "format": form, "description": text, "priority": priority,
    }


def age(thing: Object, now: Now) -> str:
    """How old an object is, as in 5m3s."""
    return since(thing["metadata"].get("creationTimestamp"), now)


def since(text: str | None, now: Now) -> str:
    """How long ago something was."""
    if not text:
        return "<unknown>"
    then = datetime.datetime.fromisoformat(text)
    return duration(max(0, int((now - then).total_seconds())))


def duration(seconds: int) -> str:
    """As Kubernetes shortens it for people."""
    if seconds < 120:
        return f"{seconds}s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 10:
        rest = seconds % 60
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        rest = minutes % 60
        return f"{hours}h{rest}m" if rest else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        rest = hours % 24
        return f"{days}d{rest}h" if rest else f"{days}d"
    if days < 365 * 2:
        return f"{days}d"
    return f"{days // 365}y"


def of(resource: Resource, things: Sequence[Object], now: Now, include: str) -> dict[str, Any]:
    """The rows of a table, and its columns."""
    columns, row = _TABLES.get(resource.key, _PLAIN)
    rows = [
        {"cells": row(thing, now), "object": _included(thing, include)} for thing in things
    ]
    # CRDs' list of rows is none where it is empty.
    is_none = not rows and resource.group == "apiextensions.k8s.io"
    return {"columnDefinitions": columns, "rows": None if is_none else rows}


def of_custom(
    definitions: Sequence[Object], things: Sequence[Object], now: Now, include: str
) -> dict[str, Any]:
    """A table with the columns that a CRD names."""
    columns = [column("Name")]
    extra = list(definitions) or [
        {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}
    ]
    for each in extra:
        columns.append(
            column(
                each["name"], each.get("type", "string"), int(each.get("priority", 0)),
                each.get("description", ""),
            ) | {"format": each.get("format", "")}
        )
    rows = []
    for thing in things:
        cells: list[Any] = [thing["metadata"]["name"]]
        for each in extra:
            value = json_path(thing, each["jsonPath"])
            cells.append(since(value, now) if each.get("type") == "date" else value)
        rows.append({"cells": cells, "object": _included(thing, include)})
    return {"columnDefinitions": columns, "rows": rows or None}


def json_path(thing: Any, path: str) -> Any:
    """What a simple path leads to: fields, indices, and a choice by one field's equality."""
    for match in re.finditer(r"\.([A-Za-z0-9_-]+)|\[(\d+)\]|\[\?\(@\.(\w+)\s*==\s*['\"]([^'\"]+)"
                             r"['\"]\)\]|\['([^']+)'\]", path):
        name, index, key, value, quoted = match.groups()
        if name or quoted:
            thing = thing.get(name or quoted) if isinstance(thing, dict) else None
        elif index:
            at = int(index)
            thing = thing[at] if isinstance(thing, list) and at < len(thing) else None
        else:
            some = thing if isinstance(thing, list) else []
            thing = next((each for each in some if each.get(key) == value), None)
    return thing


def _included(thing: Object, include: str) -> Object | None:
    if include == "None":
        return None
    if include == "Object":
        return thing
    return {
        "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
        "metadata": thing["metadata"],
    }


Row = Callable[[Object, Now], list[Any]]
_NAME, _AGE = column("Name"), column("Age")


def _plain(thing: Object, now: Now) -> list[Any]:
    del now
    return [thing["metadata"]["name"], thing["metadata"].get("creationTimestamp")]


_PLAIN: tuple[list[dict[str, Any]], Row] = (
    [_NAME, column("Created At", "date")], _plain,
)


def _pod(thing: Object, now: Now) -> list[Any]:
    spec, status = thing.get("spec") or {}, thing.get("status") or {}
    states = status.get("containerStatuses") or []
    restarts = sum(int(each.get("restartCount", 0)) for each in states)
    ready = sum(bool(each.get("ready")) for each in states)
    total = len(spec.get("containers") or [])
    inits = [each for each in spec.get("initContainers") or []]
    sidecars = {each["name"] for each in inits if each.get("restartPolicy") == "Always"}
    total += len(sidecars)
    ready += sum(
        bool(each.get("ready")) and each["name"] in sidecars
        for each in status.get("initContainerStatuses") or []
    )
    return [
        thing["metadata"]["name"], f"{ready}/{total}", pod_reason(thing), str(restarts),
        age(thing, now), status.get("podIP", "<none>"), spec.get("nodeName", "<none>"),
        "<none>", "<none>",
    ]


def pod_reason(thing: Object) -> str:
    """What a pod is doing, in a word."""
    status = thing.get("status") or {}
    reason = str(status.get("reason") or status.get("phase") or "Unknown")
    inits = status.get("initContainerStatuses") or []
    sidecars = {
        each["name"] for each in thing["spec"].get("initContainers") or []
        if each.get("restartPolicy") == "Always"
    }
    pending = False
    for at, each in enumerate(inits):
        state = each.get("state") or {}
        if state.get("terminated", {}).get("exitCode") == 0:
            continue
        if each["name"] in sidecars and each.get("started"):
            continue
        if "terminated" in state:
            reason = "Init:" + str(state["terminated"].get("reason", "Error"))
        elif state.get("waiting", {}).get("reason", "PodInitializing") != "PodInitializing":
            reason = "Init:" + state["waiting"]["reason"]
        else:
            reason = f"Init:{at}/{len(inits)}"
        pending = True
        break
    if not pending:
        for each in reversed(status.get("containerStatuses") or []):
            state = each.get("state") or {}
            if state.get("waiting", {}).get("reason"):
                reason = state["waiting"]["reason"]
            elif state.get("terminated", {}).get("reason"):
                reason = state["terminated"]["reason"]
    return "Terminating" if thing["metadata"].get("deletionTimestamp") else reason


def _containers(spec: Object) -> list[Any]:
    containers = spec.get("containers") or []
    return [
        ",".join(each["name"] for each in containers),
        ",".join(each.get("image", "") for each in containers),
    ]


def selector_text(selector: Object | None) -> str:
    """A selector for people."""
    labels = (selector or {}).get("matchLabels") or {}
    return ",".join(f"{key}={labels[key]}" for key in sorted(labels)) or "<none>"


def _deployment(thing: Object, now: Now) -> list[Any]:
    spec, status = thing["spec"], thing.get("status") or {}
    return [
        thing["metadata"]["name"],
        f"{status.get('readyReplicas', 0)}/{spec.get('replicas', 0)}",
        status.get("updatedReplicas", 0), status.get("availableReplicas", 0), age(thing, now),
        *_containers(spec["template"]["spec"]), selector_text(spec.get("selector")),
    ]


def _replica_set(thing: Object, now: Now) -> list[Any]:
    spec, status = thing["spec"], thing.get("status") or {}
    return [
        thing["metadata"]["name"], spec.get("replicas", 0), status.get("replicas", 0),
        status.get("readyReplicas", 0), age(thing, now),
        *_containers((spec.get("template") or {}).get("spec") or {}),
        selector_text(spec.get("selector")),
    ]


def _service(thing: Object, now: Now) -> list[Any]:
    spec = thing["spec"]
    ports = ",".join(
        f"{each['port']}" + (f":{each['nodePort']}" if each.get("nodePort") else "")
        + f"/{each.get('protocol', 'TCP')}"
        for each in spec.get("ports") or []
    )
    is_external = spec["type"] == "ExternalName"
    return [
        thing["metadata"]["name"], spec["type"],
        "<none>" if is_external else spec.get("clusterIP", "<none>"),
        spec.get("externalName") or "<none>", ports or "<none>", age(thing, now),
        selector_text({"matchLabels": spec.get("selector")}),
    ]


def _namespace(thing: Object, now: Now) -> list[Any]:
    return [
        thing["metadata"]["name"], (thing.get("status") or {}).get("phase", "Active"),
        age(thing, now),
    ]


def _node(thing: Object, now: Now) -> list[Any]:
    status = thing.get("status") or {}
    info = status.get("nodeInfo") or {}
    addresses = {each["type"]: each["address"] for each in status.get("addresses") or []}
    ready = any(
        each["type"] == "Ready" and each["status"] == "True"
        for each in status.get("conditions") or []
    )
    return [
        thing["metadata"]["name"], "Ready" if ready else "NotReady", "<none>", age(thing, now),
        info.get("kubeletVersion", ""), addresses.get("InternalIP", "<none>"), "<none>",
        info.get("osImage", "<unknown>"), info.get("kernelVersion", "<unknown>"),
        info.get("containerRuntimeVersion", "<unknown>"),
    ]


def _config_map(thing: Object, now: Now) -> list[Any]:
    count = len(thing.get("data") or {}) + len(thing.get("binaryData") or {})
    return [thing["metadata"]["name"], count, age(thing, now)]


def _secret(thing: Object, now: Now) -> list[Any]:
    data = thing.get("data") or {}
    return [thing["metadata"]["name"], thing.get("type", ""), len(data), age(thing, now)]


def _service_account(thing: Object, now: Now) -> list[Any]:
    return [thing["metadata"]["name"], age(thing, now)]


def _slice(thing: Object, now: Now) -> list[Any]:
    ports = ",".join(str(each.get("port", "*")) for each in thing.get("ports") or [])
    addresses = [a for each in thing.get("endpoints") or [] for a in each["addresses"]]
    more = f" + {len(addresses) - 3} more..." if len(addresses) > 3 else ""
    return [
        thing["metadata"]["name"], thing["addressType"], ports or "<unset>",
        (",".join(addresses[:3]) + more) or "<unset>", age(thing, now),
    ]


def _lease(thing: Object, now: Now) -> list[Any]:
    holder = (thing.get("spec") or {}).get("holderIdentity", "")
    return [thing["metadata"]["name"], holder, age(thing, now)]


def _event(thing: Object, now: Now) -> list[Any]:
    about = thing.get("involvedObject") or thing.get("regarding") or {}
    seen = thing.get("lastTimestamp") or thing.get("eventTime")
    return [
        since(seen, now), thing.get("type", ""), thing.get("reason", ""),
        f"{about.get('kind', '').lower()}/{about.get('name', '')}", about.get("fieldPath", ""),
        (thing.get("source") or {}).get("component", ""),
        str(thing.get("message") or thing.get("note") or "").strip(),
        since(thing.get("firstTimestamp") or seen, now), int(thing.get("count") or 1),
        thing["metadata"]["name"],
    ]


def _crd(thing: Object, now: Now) -> list[Any]:
    del now
    return [thing["metadata"]["name"], thing["metadata"].get("creationTimestamp")]


def _role(thing: Object, now: Now) -> list[Any]:
    del now
    return [thing["metadata"]["name"], thing["metadata"].get("creationTimestamp")]


def _binding(thing: Object, now: Now) -> list[Any]:
    role = thing["roleRef"]
    subjects = thing.get("subjects") or []

    def named(kind: str) -> str:
        return ", ".join(
            "/".join(filter(None, (each.get("namespace"), each["name"])))
            for each in subjects if each["kind"] == kind
        )

    return [
        thing["metadata"]["name"], f"{role['kind']}/{role['name']}", age(thing, now),
        named("User"), named("Group"), named("ServiceAccount"),
    ]


def _webhooks(thing: Object, now: Now) -> list[Any]:
    return [thing["metadata"]["name"], len(thing.get("webhooks") or []), age(thing, now)]


_WIDE = (column("Containers", priority=1), column("Images", priority=1),
         column("Selector", priority=1))
_SUBJECTS = (
    column("Users", priority=1), column("Groups", priority=1),
    column("ServiceAccounts", priority=1),
)
_HOOKS = "admissionregistration.k8s.io"
_RBAC = "rbac.authorization.k8s.io"
_TABLES: dict[tuple[str, str], tuple[list[dict[str, Any]], Row]] = {
    ("", "pods"): (
        [_NAME, column("Ready"), column("Status"), column("Restarts"), _AGE,
         column("IP", priority=1), column("Node", priority=1),
         column("Nominated Node", priority=1), column("Readiness Gates", priority=1)],
        _pod,
    ),
    ("apps", "deployments"): (
        [_NAME, column("Ready"), column("Up-to-date"), column("Available"), _AGE, *_WIDE],
        _deployment,
    ),
    ("apps", "replicasets"): (
        [_NAME, column("Desired", "integer"), column("Current", "integer"),
         column("Ready", "integer"), _AGE, *_WIDE],
        _replica_set,
    ),
    ("", "services"): (
        [_NAME, column("Type"), column("Cluster-IP"), column("External-IP"), column("Port(s)"),
         _AGE, column("Selector", priority=1)],
        _service,
    ),
    ("", "namespaces"): ([_NAME, column("Status"), _AGE], _namespace),
    ("", "nodes"): (
        [_NAME, column("Status"), column("Roles"), _AGE, column("Version"),
         column("Internal-IP", priority=1), column("External-IP", priority=1),
         column("OS-Image", priority=1), column("Kernel-Version", priority=1),
         column("Container-Runtime", priority=1)],
        _node,
    ),
    ("", "configmaps"): ([_NAME, column("Data"), _AGE], _config_map),
    ("", "secrets"): ([_NAME, column("Type"), column("Data"), _AGE], _secret),
    ("", "serviceaccounts"): ([_NAME, _AGE], _service_account),
    ("", "events"): (
        [column("Last Seen"), column("Type"), column("Reason"), column("Object"),
         column("Subobject", priority=1), column("Source", priority=1), column("Message"),
         column("First Seen", priority=1), column("Count", priority=1),
         column("Name", priority=1)],
        _event,
    ),
    ("discovery.k8s.io", "endpointslices"): (
        [_NAME, column("AddressType"), column("Ports"), column("Endpoints"), _AGE], _slice,
    ),
    ("coordination.k8s.io", "leases"): ([_NAME, column("Holder"), _AGE], _lease),
    ("apiextensions.k8s.io", "customresourcedefinitions"): (
        [_NAME, column("Created At", "date")], _crd,
    ),
    (_RBAC, "roles"): ([_NAME, column("Created At", "date")], _role),
    (_RBAC, "clusterroles"): ([_NAME, column("Created At", "date")], _role),
    (_RBAC, "rolebindings"): ([_NAME, column("Role"), _AGE, *_SUBJECTS], _binding),
    (_RBAC, "clusterrolebindings"): ([_NAME, column("Role"), _AGE, *_SUBJECTS], _binding),
    (_HOOKS, "mutatingwebhookconfigurations"): (
        [_NAME, column("Webhooks", "integer"), _AGE], _webhooks,
    ),
    (_HOOKS, "validatingwebhookconfigurations"): (
        [_NAME, column("Webhooks", "integer"), _AGE], _webhooks,
    ),
}
