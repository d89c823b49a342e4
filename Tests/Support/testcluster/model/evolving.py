# SPDX-License-Identifier: Apache-2.0
"""How an object becomes its next version: what a write may touch. Pure."""

from __future__ import annotations

import json
from typing import Any

from .failures import Object
from .kinds import Resource

# Of the metadata, what the server alone writes.
_SERVERS = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")
# Kinds without generations.
_WITHOUT_GENERATION = {
    ("", "configmaps"), ("", "secrets"), ("", "serviceaccounts"), ("", "events"),
    ("", "namespaces"), ("", "nodes"), ("", "services"), ("", "endpoints"), ("", "podtemplates"),
    ("", "limitranges"), ("", "resourcequotas"), ("", "persistentvolumeclaims"),
    ("coordination.k8s.io", "leases"), ("rbac.authorization.k8s.io", "roles"),
    ("rbac.authorization.k8s.io", "rolebindings"), ("apps", "controllerrevisions"),
    ("rbac.authorization.k8s.io", "clusterroles"), ("apiregistration.k8s.io", "apiservices"),
    ("rbac.authorization.k8s.io", "clusterrolebindings"),
}


def has_generation(resource: Resource) -> bool:
    """Whether objects of a kind count their changes."""
    return resource.key not in _WITHOUT_GENERATION


def created(resource: Resource, thing: Object, uid: str, now: str) -> Object:
    """A new object, with what the server says of it."""
    metadata = {
        key: value for key, value in thing["metadata"].items()
        if key not in ("selfLink", "resourceVersion", "generation", *_SERVERS)
    }
    metadata |= {"uid": uid, "creationTimestamp": now}
    if has_generation(resource):
        metadata["generation"] = 1
    thing = thing | {"metadata": metadata}
    if resource.has_status and resource.key != ("", "nodes"):
        thing.pop("status", None)
    return thing


def updated(resource: Resource, old: Object, new: Object, subresource: str) -> Object:
    """The next version of an object, with what this write may not touch as it was."""
    metadata = dict(new["metadata"])
    for name in (*_SERVERS, "generation", "selfLink"):
        metadata.pop(name, None)
        if name in old["metadata"]:
            metadata[name] = old["metadata"][name]
    if subresource == "status":
        result = dict(old) | {"metadata": _status_metadata(resource, old, metadata)}
        result.pop("status", None)
        if "status" in new:
            result["status"] = new["status"]
        return result
    result = dict(new) | {"metadata": metadata}
    if resource.has_status and subresource != "binding":
        result.pop("status", None)
        if "status" in old:
            result["status"] = old["status"]
    counts = has_generation(resource) and subresource != "binding"
    if counts and changes_generation(resource, old, result):
        metadata["generation"] = int(old["metadata"].get("generation", 1)) + 1
    return result


def _status_metadata(resource: Resource, old: Object, new: Object) -> Object:
    """Kubernetes' own kinds let a status write change labels; custom ones nothing at all."""
    if not resource.schema:
        kept = dict(old["metadata"])
        if "managedFields" in new:
            kept["managedFields"] = new["managedFields"]
        if "resourceVersion" in new:
            kept["resourceVersion"] = new["resourceVersion"]
        return kept
    return new


def changes_generation(resource: Resource, old: Object, new: Object) -> bool:
    """Whether what is wanted has changed."""
    ignored = {"metadata", "status"} if resource.has_status or resource.schema else {"metadata"}
    left, right = ({k: v for k, v in each.items() if k not in ignored} for each in (old, new))
    if resource.key == ("apps", "deployments"):
        # Its annotations become those of its sets.
        before, after = (each["metadata"].get("annotations") or {} for each in (old, new))
        return left != right or before != after
    return left != right


def is_same(old: Object, new: Object) -> bool:
    """Whether a write changes nothing; when somebody last managed a field does not count."""
    return _comparable(old) == _comparable(new)


def _comparable(thing: Object) -> Object:
    metadata = dict(thing["metadata"])
    metadata.pop("resourceVersion", None)
    if managers := metadata.get("managedFields"):
        metadata["managedFields"] = [
            {key: value for key, value in each.items() if key != "time"} for each in managers
        ]
    return thing | {"metadata": metadata}


def dumped(thing: Any) -> bytes:
    """As it travels."""
    return json.dumps(thing, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
