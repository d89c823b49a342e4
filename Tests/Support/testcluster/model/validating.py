# SPDX-License-Identifier: Apache-2.0
"""What Kubernetes refuses in its own kinds, as far as anybody here could come upon it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any

from . import names, pod_rules, rights_rules
from .failures import Fault, duplicate, refused, required, too_long, unsupported, wrong
from .pod_rules import IMMUTABLE, NOT_NEGATIVE, PORT_RANGE

Object = Mapping[str, Any]
_CONFIG_KEY = re.compile(r"[-._a-zA-Z0-9]+")
# LIMIT: bytes in a config map or secret; Kubernetes' own.
DATA_BYTES = 1024 * 1024
def faults(key: tuple[str, str], new: Object, old: Object | None) -> list[Fault]:
    """What is wrong with an object, or with its change from an old one."""
    rule = _RULES.get(key)
    return rule(new, old) if rule else []


def _service(new: Object, old: Object | None) -> list[Fault]:
    spec = new.get("spec") or {}
    found: list[Fault] = []
    kinds = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
    kind = spec.get("type")
    is_headless = spec.get("clusterIP") == "None"
    ports = spec.get("ports") or []
    if not ports and not is_headless and kind != "ExternalName":
        found.append(required("spec.ports"))
    if kind == "ExternalName" and not spec.get("externalName"):
        found.append(required("spec.externalName"))
    seen: list[object] = []
    for index, port in enumerate(ports):
        path = f"spec.ports[{index}]"
        if len(ports) > 1 and not port.get("name"):
            found.append(required(f"{path}.name"))
        if name := port.get("name"):
            found += [wrong(f"{path}.name", name, why) for why in names.label(name)]
            if name in [each.get("name") for each in ports[:index]]:
                found.append(duplicate(f"{path}.name", name))
        number = port.get("port") or 0
        if not 1 <= number <= 65535:
            found.append(wrong(f"{path}.port", number, PORT_RANGE))
        if port.get("protocol") not in ("TCP", "UDP", "SCTP"):
            found.append(unsupported(
                f"{path}.protocol", port.get("protocol"), ("SCTP", "TCP", "UDP")
            ))
        target = port.get("targetPort")
        if isinstance(target, int) and not 1 <= target <= 65535:
            found.append(wrong(f"{path}.targetPort", target, PORT_RANGE))
        one = (port.get("protocol"), port.get("port"))
        if one in seen:
            found.append(duplicate(path, {
                "Name": "", "Protocol": one[0], "AppProtocol": None, "Port": one[1],
                "TargetPort": 0, "NodePort": 0,
            }))
        seen.append(one)
    found += names.labels(spec.get("selector") or {}, "spec.selector")
    if kind not in kinds:
        found.append(unsupported("spec.type", kind, kinds))
    affinities = ("ClientIP", "None")
    if spec.get("sessionAffinity") not in affinities:
        found.append(
            unsupported("spec.sessionAffinity", spec.get("sessionAffinity"), affinities)
        )
    address = spec.get("clusterIP")
    if address and address != "None":
        if not is_address(address):
            found.append(wrong("spec.clusterIPs[0]", address, _ADDRESS_RULE))
    if old is not None and kind != "ExternalName":
        before = old["spec"].get("clusterIP")
        if before and before != address and old["spec"].get("type") != "ExternalName":
            found.append(wrong("spec.clusterIPs[0]", [address] if address else None, (
                "may not change once set"
            )))
    return found


def _data(new: Object, old: Object | None) -> list[Fault]:
    found: list[Fault] = []
    size = 0
    for part in ("data", "binaryData"):
        for key, value in (new.get(part) or {}).items():
            if not _CONFIG_KEY.fullmatch(key):
                found.append(wrong(f"{part}[{key}]", key, (
                    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
                    " (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation"
                    " is '[-._a-zA-Z0-9]+')"
                )))
            size += len(value)
    if size > DATA_BYTES:
        found.append(too_long("[]", DATA_BYTES))
    if old is not None and old.get("immutable"):
        why = "field is immutable when `immutable` is set"
        if not new.get("immutable"):
            found.append(refused("immutable", why))
        for part in ("data", "binaryData"):
            if new.get(part) != old.get(part):
                found.append(refused(part, why))
    return found


def _secret(new: Object, old: Object | None) -> list[Fault]:
    found = _data(new, old)
    if old is not None and new.get("type") != old.get("type"):
        found.append(wrong("type", new.get("type"), IMMUTABLE))
    data = new.get("data") or {}
    if new.get("type") == "kubernetes.io/tls":
        for key in ("tls.crt", "tls.key"):
            if key not in data:
                found.append(required(f"data[{key}]"))
    return found


_ADDRESS_RULE = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"


def is_address(text: str) -> bool:
    """Whether a text is an address of IP."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def base64_fault(text: str) -> int | None:
    """Where a text stops being base64, as Go's decoder counts; None if it is all of it."""
    # A quantum is four letters, the last two of which may be padding; line ends do not count.
    letters = [(at, each) for at, each in enumerate(text) if each not in "\r\n"]
    for start in range(0, len(letters), 4):
        quantum = letters[start : start + 4]
        for place, (at, each) in enumerate(quantum):
            if each == "=" and place >= 2:
                rest = quantum[place + 1 :]
                if place == 2 and not rest:
                    return len(text)
                if place == 2 and rest[0][1] != "=":
                    return rest[0][0] - 1
                after = letters[start + 4 :]
                return after[0][0] if after else None
            if not (each.isascii() and each.isalnum()) and each not in "+/":
                return at
        if len(quantum) < 4:
            return quantum[0][0]
    return None


def _endpoint_slice(new: Object, old: Object | None) -> list[Fault]:
    found: list[Fault] = []
    kinds = ("FQDN", "IPv4", "IPv6")
    kind = new.get("addressType")
    if kind is None:
        found.append(required("addressType"))
    elif kind not in kinds:
        found.append(unsupported("addressType", kind, kinds))
    if old is not None and old.get("addressType") != kind:
        found.append(wrong("addressType", kind, IMMUTABLE))
    for index, endpoint in enumerate(new.get("endpoints") or []):
        path = f"endpoints[{index}].addresses"
        addresses = endpoint.get("addresses") or []
        if not addresses:
            found.append(required(path, "must contain at least 1 address"))
        for at, address in enumerate(addresses):
            if kind in kinds[1:] and not is_address(address):
                found.append(wrong(f"{path}[{at}]", address, _ADDRESS_RULE))
            elif kind in kinds[1:] and f"IPv{ip_address(address).version}" != kind:
                found.append(wrong(f"{path}[{at}]", address, f"must be an {kind} address"))
    return found


def _event(new: Object, _old: Object | None) -> list[Fault]:
    about = (new.get("involvedObject") or new.get("regarding") or {}).get("namespace")
    if about and about != new["metadata"].get("namespace"):
        return [wrong("involvedObject.namespace", about, "does not match event.namespace")]
    return []


def _lease(new: Object, _old: Object | None) -> list[Fault]:
    spec = new.get("spec") or {}
    found = []
    for name in ("leaseDurationSeconds", "leaseTransitions"):
        value = spec.get(name)
        if value is not None and (value < 0 or (value == 0 and name == "leaseDurationSeconds")):
            why = "must be greater than 0" if name == "leaseDurationSeconds" else NOT_NEGATIVE
            found.append(wrong(f"spec.{name}", value, why))
    return found


_RULES: dict[tuple[str, str], Callable[[Object, Object | None], list[Fault]]] = {
    ("", "pods"): pod_rules.pod,
    ("", "services"): _service,
    ("", "configmaps"): _data,
    ("", "secrets"): _secret,
    ("apps", "deployments"): pod_rules.deployment,
    ("apps", "replicasets"): pod_rules.workload,
    ("apps", "statefulsets"): pod_rules.workload,
    ("apps", "daemonsets"): pod_rules.workload,
    ("", "events"): _event,
    ("batch", "jobs"): pod_rules.job,
    ("coordination.k8s.io", "leases"): _lease,
    ("discovery.k8s.io", "endpointslices"): _endpoint_slice,
    ("rbac.authorization.k8s.io", "roles"): rights_rules.role,
    ("rbac.authorization.k8s.io", "clusterroles"): rights_rules.role,
    ("rbac.authorization.k8s.io", "rolebindings"): rights_rules.binding,
    ("rbac.authorization.k8s.io", "clusterrolebindings"): rights_rules.binding,
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"): rights_rules.webhooks,
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"): rights_rules.webhooks,
}
