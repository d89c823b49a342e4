# SPDX-License-Identifier: Apache-2.0
"""The documents that say which kinds are served, in the old form and the aggregated one. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .kinds import SUBRESOURCE_KINDS, SUBRESOURCE_VERBS, Resource

Object = dict[str, Any]
# Groups in the order of their priority, as kubectl takes the first that knows a short name.
_ORDER = (
    "", "apiregistration.k8s.io", "apps", "events.k8s.io", "authentication.k8s.io",
    "authorization.k8s.io", "autoscaling", "batch", "networking.k8s.io", "policy",
    "rbac.authorization.k8s.io", "storage.k8s.io", "admissionregistration.k8s.io",
    "apiextensions.k8s.io", "scheduling.k8s.io", "coordination.k8s.io", "discovery.k8s.io",
)


def groups(resources: Sequence[Resource]) -> dict[str, list[str]]:
    """The versions of each group, in order."""
    found: dict[str, list[str]] = {}
    for resource in resources:
        versions = found.setdefault(resource.group, [])
        if resource.version not in versions:
            versions.append(resource.version)
    return dict(sorted(found.items(), key=lambda item: (_rank(item[0]), item[0])))


def _rank(group: str) -> int:
    return _ORDER.index(group) if group in _ORDER else len(_ORDER)


def core_versions(address: str) -> Object:
    """/api"""
    return {
        "kind": "APIVersions", "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}],
    }


def group_list(resources: Sequence[Resource]) -> Object:
    """/apis"""
    found = [
        group(name, versions) for name, versions in groups(resources).items() if name
    ]
    for each in found:
        del each["kind"], each["apiVersion"]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": found}


def group(name: str, versions: Sequence[str]) -> Object:
    """/apis/NAME"""
    listed = [{"groupVersion": f"{name}/{each}", "version": each} for each in versions]
    return {
        "kind": "APIGroup", "apiVersion": "v1", "name": name, "versions": listed,
        "preferredVersion": listed[0],
    }


def resource_list(resources: Sequence[Resource], name: str, version: str) -> Object:
    """/apis/NAME/VERSION"""
    found = []
    for resource in _of(resources, name, version):
        found.append(_without_empty({
            "name": resource.plural, "singularName": resource.one,
            "namespaced": resource.is_namespaced, "kind": resource.kind,
            "verbs": list(resource.verbs), "shortNames": list(resource.short_names),
            "categories": list(resource.categories),
        }))
        for subresource in resource.subresources:
            part: Object = {
                "name": f"{resource.plural}/{subresource}", "singularName": "",
                "namespaced": resource.is_namespaced,
            }
            if subresource in SUBRESOURCE_KINDS:
                part["group"], part["version"], part["kind"] = SUBRESOURCE_KINDS[subresource]
                if not part["group"]:
                    del part["group"], part["version"]
            else:
                part["kind"] = resource.kind
            found.append(part | {"verbs": list(SUBRESOURCE_VERBS[subresource])})
    of = f"{name}/{version}" if name else version
    return {
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": of, "resources": found,
    }


def _without_empty(thing: Object) -> Object:
    return {key: value for key, value in thing.items() if value != []}


def _of(resources: Sequence[Resource], name: str, version: str) -> Iterator[Resource]:
    for resource in sorted(resources, key=lambda each: each.plural):
        if (resource.group, resource.version) == (name, version):
            yield resource


def aggregated(resources: Sequence[Resource], is_core: bool, form: str) -> Object:
    """/api or /apis in one document; the form is v2 or v2beta1."""
    found = []
    for name, versions in groups(resources).items():
        if (name == "") != is_core:
            continue
        listed = [
            {
                "version": version, "freshness": "Current",
                "resources": [_entry(each) for each in _of(resources, name, version)],
            }
            for version in versions
        ]
        metadata = {"name": name} if name else {}
        found.append({"metadata": metadata | {"creationTimestamp": None}, "versions": listed})
    return {
        "kind": "APIGroupDiscoveryList", "apiVersion": f"apidiscovery.k8s.io/{form}",
        "metadata": {}, "items": found,
    }


def _entry(resource: Resource) -> Object:
    below = []
    for subresource in resource.subresources:
        kind = SUBRESOURCE_KINDS.get(
            subresource, (resource.group, resource.version, resource.kind)
        )
        below.append({
            "subresource": subresource, "responseKind": _gvk(*kind),
            "verbs": list(SUBRESOURCE_VERBS[subresource]),
        })
    return _without_empty({
        "resource": resource.plural,
        "responseKind": _gvk(resource.group, resource.version, resource.kind),
        "scope": "Namespaced" if resource.is_namespaced else "Cluster",
        "singularResource": resource.one, "verbs": list(resource.verbs),
        "shortNames": list(resource.short_names), "categories": list(resource.categories),
        "subresources": below,
    })


def _gvk(group_name: str, version: str, kind: str) -> Object:
    return {"group": group_name, "version": version, "kind": kind}
