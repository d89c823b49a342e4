# SPDX-License-Identifier: Apache-2.0
"""Objects as protobuf, which is how kubectl sends the few kinds that it makes by itself. Pure.

`kubectl create namespace`, `create token`, `auth can-i` and their like come so; manifests come as
JSON. Fields are listed by their numbers in Kubernetes' generated.proto files. What is not listed is
no kind that is read here, and is refused as an unknown format, never half-read.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MAGIC = b"k8s\0"
Object = dict[str, Any]


class Unreadable(Exception):
    """No message of a kind that is read here."""


@dataclass(frozen=True)
class Field:
    """A field's name and kind: text, number, flag, bytes, time, or a message by its name."""

    name: str
    kind: str = "text"
    # Whether there may be several, and whether they are the entries of a map.
    is_list: bool = False
    is_map: bool = False


def _text(name: str) -> Field:
    return Field(name)


def _texts(name: str) -> Field:
    return Field(name, is_list=True)


def _map(name: str, kind: str = "text") -> Field:
    return Field(name, kind, is_map=True)


_META = Field("metadata", "ObjectMeta")
_MESSAGES: dict[str, dict[int, Field]] = {
    "ObjectMeta": {
        1: _text("name"), 2: _text("generateName"), 3: _text("namespace"), 4: _text("selfLink"),
        5: _text("uid"), 6: _text("resourceVersion"), 7: Field("generation", "number"),
        8: Field("creationTimestamp", "time"), 9: Field("deletionTimestamp", "time"),
        10: Field("deletionGracePeriodSeconds", "number"), 11: _map("labels"),
        12: _map("annotations"), 14: _texts("finalizers"),
    },
    "Namespace": {1: _META, 2: Field("spec", "NamespaceSpec"), 3: Field("status", "Empty")},
    "NamespaceSpec": {1: _texts("finalizers")},
    "ConfigMap": {
        1: _META, 2: _map("data"), 3: _map("binaryData", "bytes"), 4: Field("immutable", "flag"),
    },
    "Secret": {
        1: _META, 2: _map("data", "bytes"), 3: _text("type"), 4: _map("stringData"),
        5: Field("immutable", "flag"),
    },
    "ServiceAccount": {1: _META, 4: Field("automountServiceAccountToken", "flag")},
    "Service": {1: _META, 2: Field("spec", "ServiceSpec"), 3: Field("status", "Empty")},
    "ServiceSpec": {
        1: Field("ports", "ServicePort", is_list=True), 2: _map("selector"), 3: _text("clusterIP"),
        4: _text("type"), 5: _texts("externalIPs"), 7: _text("sessionAffinity"),
        8: _text("loadBalancerIP"), 9: _texts("loadBalancerSourceRanges"),
        10: _text("externalName"), 11: _text("externalTrafficPolicy"),
        12: Field("healthCheckNodePort", "number"), 13: Field("publishNotReadyAddresses", "flag"),
        17: _text("ipFamilyPolicy"), 18: _texts("clusterIPs"), 19: _texts("ipFamilies"),
        22: _text("internalTrafficPolicy"),
    },
    "ServicePort": {
        1: _text("name"), 2: _text("protocol"), 3: Field("port", "number"),
        4: Field("targetPort", "IntOrString"), 5: Field("nodePort", "number"),
        6: _text("appProtocol"),
    },
    "IntOrString": {1: Field("type", "number"), 2: Field("int", "number"), 3: _text("text")},
    "TokenRequest": {
        1: _META, 2: Field("spec", "TokenRequestSpec"), 3: Field("status", "Empty"),
    },
    "TokenRequestSpec": {
        1: _texts("audiences"), 3: Field("boundObjectRef", "BoundObjectReference"),
        4: Field("expirationSeconds", "number"),
    },
    "BoundObjectReference": {
        1: _text("kind"), 2: _text("apiVersion"), 3: _text("name"), 4: _text("uid"),
    },
    "SelfSubjectReview": {1: _META, 2: Field("status", "Empty")},
    "SelfSubjectRulesReview": {
        1: _META, 2: Field("spec", "RulesSpec"), 3: Field("status", "Empty"),
    },
    "RulesSpec": {1: _text("namespace")},
    "SelfSubjectAccessReview": {
        1: _META, 2: Field("spec", "AccessSpec"), 3: Field("status", "Empty"),
    },
    "AccessSpec": {
        1: Field("resourceAttributes", "ResourceAttributes"),
        2: Field("nonResourceAttributes", "PathAttributes"),
    },
    "ResourceAttributes": {
        1: _text("namespace"), 2: _text("verb"), 3: _text("group"), 4: _text("version"),
        5: _text("resource"), 6: _text("subresource"), 7: _text("name"),
    },
    "PathAttributes": {1: _text("path"), 2: _text("verb")},
    "Role": {1: _META, 2: Field("rules", "PolicyRule", is_list=True)},
    "ClusterRole": {1: _META, 2: Field("rules", "PolicyRule", is_list=True)},
    "PolicyRule": {
        1: _texts("verbs"), 2: _texts("apiGroups"), 3: _texts("resources"),
        4: _texts("resourceNames"), 5: _texts("nonResourceURLs"),
    },
    "RoleBinding": {
        1: _META, 2: Field("subjects", "Subject", is_list=True), 3: Field("roleRef", "RoleRef"),
    },
    "ClusterRoleBinding": {
        1: _META, 2: Field("subjects", "Subject", is_list=True), 3: Field("roleRef", "RoleRef"),
    },
    "Subject": {
        1: _text("kind"), 2: _text("apiGroup"), 3: _text("name"), 4: _text("namespace"),
    },
    "RoleRef": {1: _text("apiGroup"), 2: _text("kind"), 3: _text("name")},
}
# Kinds that may stand alone.
_KINDS = {
    "Namespace", "ConfigMap", "Secret", "ServiceAccount", "Service", "TokenRequest",
    "SelfSubjectReview", "SelfSubjectRulesReview", "SelfSubjectAccessReview", "Role",
    "ClusterRole", "RoleBinding", "ClusterRoleBinding",
}


def decode(body: bytes) -> Object:
    """The object of a request's body; Unreadable if it is of no kind listed here."""
    if not body.startswith(MAGIC):
        raise Unreadable("it does not begin as Kubernetes' protobuf does")
    api_version = kind = ""
    raw = b""
    for number, value in _fields(body[len(MAGIC):]):
        if number == 1 and isinstance(value, bytes):
            own = {at: _utf8(part) for at, part in _fields(value)}
            api_version, kind = own.get(1, ""), own.get(2, "")
        elif number == 2 and isinstance(value, bytes):
            raw = value
    if kind not in _KINDS:
        raise Unreadable(f"{kind} is read as JSON or YAML only")
    return {"apiVersion": api_version, "kind": kind, **_message(raw, kind)}


def _message(raw: bytes, name: str) -> Object:
    found: Object = {}
    if name == "Empty":
        return found
    known = _MESSAGES[name]
    for number, value in _fields(raw):
        field = known.get(number)
        if field is None:
            raise Unreadable(f"{name} has a field {number} that is not known here")
        if field.is_map:
            entry = dict(_fields(_bytes(value)))
            key = _utf8(entry.get(1, b""))
            found.setdefault(field.name, {})[key] = _value(entry.get(2, b""), field.kind)
            continue
        made = _value(value, field.kind)
        if field.is_list:
            found.setdefault(field.name, []).append(made)
        elif made is not None:
            found[field.name] = made
    return found


def _value(value: int | bytes, kind: str) -> Any:
    match kind:
        case "text":
            return _utf8(value)
        case "number":
            return _signed(value)
        case "flag":
            return value != 0
        case "bytes":
            return base64.b64encode(_bytes(value)).decode()
        case "time":
            # What a client says of times is not heard.
            return None
        case "IntOrString":
            found = _message(_bytes(value), kind)
            return found.get("text", "") if found.get("type") else found.get("int", 0)
    return _message(_bytes(value), kind)


def _bytes(value: int | bytes) -> bytes:
    if not isinstance(value, bytes):
        raise Unreadable("a number stands where a message should")
    return value


def _utf8(value: int | bytes) -> str:
    try:
        return _bytes(value).decode()
    except UnicodeDecodeError:
        raise Unreadable("a text is no UTF-8") from None


def _signed(value: int | bytes) -> int:
    if isinstance(value, bytes):
        raise Unreadable("a message stands where a number should")
    return value - 2**64 if value >= 2**63 else value


def _fields(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(raw):
        tag, at = _varint(raw, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = _varint(raw, at)
            yield number, value
        elif wire == 2:
            size, at = _varint(raw, at)
            if at + size > len(raw):
                raise Unreadable("it ends too early")
            yield number, raw[at : at + size]
            at += size
        else:
            raise Unreadable("it has a kind of field that no object has")


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(raw) and shift < 64:
        value |= (raw[at] & 0x7F) << shift
        shift += 7
        at += 1
        if not raw[at - 1] & 0x80:
            return value, at
    raise Unreadable("it ends too early")
