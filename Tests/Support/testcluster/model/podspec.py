# SPDX-License-Identifier: Apache-2.0
"""From an admitted pod to what podbench runs: what lies elsewhere is looked up. Pure.

What has no effect on this node is named here and left out; what nobody knows goes on to podbench,
which refuses it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

Object = dict[str, Any]
# Kind, namespace and name in; the object, or None.
Find = Callable[[str, str, str], Mapping[str, Any] | None]

# Decided before the pod came here, or about what this node does not have.
_POD_WITHOUT_EFFECT = {
    "affinity", "dnsPolicy", "enableServiceLinks", "hostname", "imagePullSecrets", "nodeSelector",
    "preemptionPolicy", "priority", "priorityClassName", "schedulerName", "subdomain",
    "tolerations", "topologySpreadConstraints", "securityContext",
}
_SECURITY_OF_POD = ("runAsUser", "runAsGroup", "runAsNonRoot", "seccompProfile")
_SECURITY_WITHOUT_EFFECT = {"fsGroup", "fsGroupChangePolicy", "supplementalGroups"}
_PROBES = ("startupProbe", "readinessProbe", "livenessProbe")


class NotFound(Exception):
    """Something that a pod refers to is not there yet."""


def service_variables(host: str, port: int) -> dict[str, str]:
    """How a program in a pod finds the API server."""
    return {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": str(port),
            "KUBERNETES_SERVICE_PORT_HTTPS": str(port)}


def runnable(pod: Mapping[str, Any], find: Find, variables: Mapping[str, str]) -> Object:
    """The spec that podbench runs; NotFound if something is missing."""
    spec = {
        key: value for key, value in pod["spec"].items() if key not in _POD_WITHOUT_EFFECT
    }
    security = {
        key: value for key, value in (pod["spec"].get("securityContext") or {}).items()
        if key not in _SECURITY_WITHOUT_EFFECT
    }
    unknown = set(security) - set(_SECURITY_OF_POD)
    if unknown:
        # Podbench's own complaint about a field that it does not know.
        spec["securityContext." + sorted(unknown)[0]] = None
    namespace = pod["metadata"]["namespace"]
    for kind in ("initContainers", "containers"):
        if kind in spec:
            spec[kind] = [
                _container(each, namespace, security, find, variables) for each in spec[kind]
            ]
    return spec


def _container(
    container: Mapping[str, Any], namespace: str, security: Mapping[str, Any], find: Find,
    variables: Mapping[str, str],
) -> Object:
    found = dict(container)
    env = _environment(found.pop("envFrom", None) or [], found.get("env") or [], namespace, find)
    named = {each["name"] for each in env}
    given = [
        {"name": name, "value": value} for name, value in variables.items() if name not in named
    ]
    found["env"] = given + env
    inherited = {key: value for key, value in security.items() if key in _SECURITY_OF_POD}
    own = inherited | (found.get("securityContext") or {})
    if own:
        found["securityContext"] = own
    for name in _PROBES:
        if found.get(name):
            found[name] = {
                key: value for key, value in found[name].items()
                if key != "terminationGracePeriodSeconds"
            }
    return found


def _environment(
    sources: list[Any], items: list[Any], namespace: str, find: Find
) -> list[Object]:
    found: list[Object] = []
    for source in sources:
        prefix = source.get("prefix", "")
        for word in ("configMapRef", "secretRef"):
            if reference := source.get(word):
                data = _data(word, reference, namespace, find)
                found += [{"name": prefix + k, "value": v} for k, v in data.items()]
    for item in items:
        origin = item.get("valueFrom") or {}
        known = ("configMapKeyRef", "secretKeyRef")
        found_word = next((word for word in known if origin.get(word)), None)
        if found_word is None:
            if "fieldRef" in origin:
                item = {"name": item["name"], "valueFrom": {
                    "fieldRef": {"fieldPath": origin["fieldRef"]["fieldPath"]}
                }}
            found.append(dict(item))
            continue
        reference = origin[found_word]
        data = _data(found_word, reference, namespace, find)
        if reference["key"] in data:
            found.append({"name": item["name"], "value": data[reference["key"]]})
        elif not reference.get("optional"):
            raise NotFound(f"couldn't find key {reference['key']} in {found_word} {namespace}/"
                           f"{reference['name']}")
    return found


def _data(
    word: str, reference: Mapping[str, Any], namespace: str, find: Find
) -> dict[str, str]:
    kind = "secrets" if word.startswith("secret") else "configmaps"
    thing = find(kind, namespace, reference["name"])
    if thing is None:
        if reference.get("optional"):
            return {}
        raise NotFound(f"{kind.removesuffix('s')} \"{reference['name']}\" not found")
    return {key: value.decode(errors="replace") for key, value in contents(kind, thing).items()}


def contents(kind: str, thing: Mapping[str, Any]) -> dict[str, bytes]:
    """What a config map or a secret holds."""
    data = thing.get("data") or {}
    if kind == "secrets":
        return {key: base64.b64decode(value) for key, value in data.items()}
    found = {key: value.encode() for key, value in data.items()}
    binary = thing.get("binaryData") or {}
    return found | {key: base64.b64decode(value) for key, value in binary.items()}


def chosen(
    kind: str, source: Mapping[str, Any], namespace: str, find: Find
) -> dict[str, bytes]:
    """The files of a volume's source: all keys, or those that its items name."""
    name = source.get("name") or source.get("secretName", "")
    thing = find(kind, namespace, name)
    if thing is None:
        if source.get("optional"):
            return {}
        raise NotFound(f"{kind.removesuffix('s')} \"{name}\" not found")
    data = contents(kind, thing)
    items = source.get("items")
    if not items:
        return data
    found = {}
    for item in items:
        if item["key"] in data:
            found[item["path"]] = data[item["key"]]
        elif not source.get("optional"):
            raise NotFound(f"references non-existent {kind.removesuffix('s')} key: {item['key']}")
    return found
