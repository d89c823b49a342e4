# SPDX-License-Identifier: Apache-2.0
"""Which endpoints a service has, from its pods. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any

from .rollout import is_ready

Object = dict[str, Any]
# LIMIT: endpoints of one slice; Kubernetes' own. Services here do not come near it, and further
# ones are left out.
ENDPOINTS = 100


def addresses(pod: Mapping[str, Any], family: str) -> list[str]:
    """A pod's addresses of one version of IP."""
    some = (pod.get("status") or {}).get("podIPs") or []
    return [each["ip"] for each in some if f"IPv{ip_address(each['ip']).version}" == family]


def target_port(port: Mapping[str, Any], pod: Mapping[str, Any]) -> int | None:
    """The number of the port that a service's port means in a pod."""
    wanted = port.get("targetPort") or port["port"]
    if isinstance(wanted, int):
        return wanted
    inits = pod["spec"].get("initContainers") or []
    sidecars = [each for each in inits if each.get("restartPolicy") == "Always"]
    for container in [*(pod["spec"].get("containers") or []), *sidecars]:
        for declared in container.get("ports") or []:
            if declared.get("name") == wanted and declared.get("protocol", "TCP") == port.get(
                "protocol", "TCP"
            ):
                return int(declared["containerPort"])
    return None


def ports(service: Mapping[str, Any], pod: Mapping[str, Any]) -> tuple[tuple[Any, ...], ...]:
    """Name, number, protocol and application protocol of each port that a pod serves."""
    found = []
    for port in service["spec"].get("ports") or []:
        number = target_port(port, pod)
        if number is not None:
            found.append((
                port.get("name", ""), number, port.get("protocol", "TCP"), port.get("appProtocol")
            ))
    return tuple(found)


def slices(
    service: Mapping[str, Any], pods: Sequence[Mapping[str, Any]], family: str
) -> list[tuple[list[Object], list[Object]]]:
    """Ports and endpoints of each slice: one for all pods with the same numbers."""
    groups: dict[tuple[tuple[Any, ...], ...], list[Object]] = {}
    for pod in pods:
        found = addresses(pod, family)
        phase = (pod.get("status") or {}).get("phase")
        if found and phase not in ("Succeeded", "Failed"):
            groups.setdefault(ports(service, pod), []).append(_endpoint(service, pod, found))
    made = []
    for numbers, endpoints in sorted(groups.items(), key=lambda item: str(item[0])):
        listed = []
        for name, number, protocol, application in numbers:
            port: Object = {"name": name, "port": number, "protocol": protocol}
            if application:
                port["appProtocol"] = application
            listed.append(port)
        made.append((listed, endpoints[:ENDPOINTS]))
    return made


def _endpoint(
    service: Mapping[str, Any], pod: Mapping[str, Any], found: list[str]
) -> Object:
    serving = is_ready(pod)
    leaving = bool(pod["metadata"].get("deletionTimestamp"))
    always = bool(service["spec"].get("publishNotReadyAddresses"))
    endpoint: Object = {
        "addresses": found[:1],
        "conditions": {
            "ready": always or (serving and not leaving), "serving": serving,
            "terminating": leaving,
        },
        "nodeName": pod["spec"].get("nodeName"),
        "targetRef": {
            "kind": "Pod", "name": pod["metadata"]["name"],
            "namespace": pod["metadata"]["namespace"], "uid": pod["metadata"]["uid"],
        },
    }
    hostname, domain = pod["spec"].get("hostname"), pod["spec"].get("subdomain")
    if hostname and domain == service["metadata"]["name"]:
        endpoint["hostname"] = hostname
    return {key: value for key, value in endpoint.items() if value is not None}
