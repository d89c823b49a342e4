# SPDX-License-Identifier: Apache-2.0
"""The names of a cluster, as Kubernetes' DNS specification 1.1 has them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

DOMAIN = "cluster.local"
A, CNAME, SOA, PTR, TXT, AAAA, SRV, ANY = 1, 5, 6, 12, 16, 28, 33, 255
Object = Mapping[str, Any]
Slices = Callable[[str, str], Iterable[Object]]


@dataclass(frozen=True)
class Record:
    """One answer: an address, a name, or priority, weight, port and name."""

    name: str
    kind: int
    value: str
    port: int = 0


@dataclass
class Answer:
    """What is known of a name; not even that it exists if `records` is None."""

    records: list[Record] | None
    extra: list[Record] = field(default_factory=list)


def lookup(
    name: str, kind: int, service: Callable[[str, str], Object | None], slices: Slices,
    reverse: Callable[[str], str | None],
) -> Answer:
    """The answer to one question; the name is lower-case and has no dot at its end."""
    if name.endswith((".in-addr.arpa", ".ip6.arpa")):
        found = reverse(name)
        return Answer(None if found is None else [Record(name, PTR, found)])
    if name == f"dns-version.{DOMAIN}":
        return Answer([Record(name, TXT, "1.1.0")] if kind in (TXT, ANY) else [])
    labels = name.removesuffix(f".{DOMAIN}").split(".") if name.endswith(f".{DOMAIN}") else []
    if name in (DOMAIN, f"svc.{DOMAIN}", f"pod.{DOMAIN}"):
        return Answer([])
    if len(labels) == 3 and labels[2] == "pod":
        return _of_kind(name, kind, _dashed(labels[0]))
    if len(labels) < 3 or labels[-1] != "svc":
        return Answer(None)
    found_service = service(labels[-2], labels[-3])
    if found_service is None:
        return Answer(None)
    rest, base = labels[:-3], ".".join([*labels[-3:], DOMAIN])
    some = list(slices(labels[-2], labels[-3]))
    if not rest:
        return _service(name, kind, found_service, some)
    if len(rest) == 2 and rest[0].startswith("_") and rest[1].startswith("_"):
        return _ports(name, kind, rest[0][1:], rest[1][1:], base, found_service, some)
    if len(rest) == 1:
        addresses = [
            address for label, address, _ in _endpoints(found_service, some) if label == rest[0]
        ]
        is_headless = found_service["spec"].get("clusterIP") == "None"
        return _of_kind(name, kind, addresses if is_headless else [])
    return Answer(None)


def _dashed(label: str) -> list[str]:
    for text in (label.replace("-", "."), label.replace("-", ":")):
        try:
            return [str(ip_address(text))]
        except ValueError:
            continue
    return []


def _of_kind(name: str, kind: int, addresses: Iterable[str]) -> Answer:
    every = sorted(set(addresses), key=lambda each: (ip_address(each).version, each))
    if not every:
        return Answer(None)
    return Answer([each for each in _addresses(name, every) if kind in (each.kind, ANY)])


def _addresses(name: str, addresses: Iterable[str]) -> Iterator[Record]:
    for address in addresses:
        yield Record(name, A if ip_address(address).version == 4 else AAAA, address)


def _service(name: str, kind: int, service: Object, slices: list[Object]) -> Answer:
    spec = service["spec"]
    if spec.get("type") == "ExternalName":
        return Answer([Record(name, CNAME, spec["externalName"].rstrip("."))])
    if spec.get("clusterIP") != "None":
        found = _of_kind(name, kind, spec.get("clusterIPs") or [])
        return found if found.records is not None else Answer([])
    return _of_kind(name, kind, [address for _, address, _ in _endpoints(service, slices)])


def _endpoints(
    service: Object, slices: Iterable[Object]
) -> Iterator[tuple[str, str, list[Object]]]:
    """Label, address and ports of each endpoint that is ready, or is to be shown anyway."""
    always = service["spec"].get("publishNotReadyAddresses")
    for one in slices:
        for endpoint in one.get("endpoints") or []:
            if not always and (endpoint.get("conditions") or {}).get("ready") is False:
                continue
            for address in endpoint["addresses"][:1]:
                label = endpoint.get("hostname") or address.replace(".", "-").replace(":", "-")
                yield label, address, list(one.get("ports") or [])


def _ports(
    name: str, kind: int, port: str, protocol: str, base: str, service: Object,
    slices: list[Object],
) -> Answer:
    records: list[Record] = []
    extra: list[Record] = []
    if service["spec"].get("clusterIP") == "None":
        for label, address, ports in _endpoints(service, slices):
            for each in ports:
                if each.get("name") == port and each["protocol"].lower() == protocol:
                    target = f"{label}.{base}"
                    records.append(Record(name, SRV, target, each["port"]))
                    extra += _addresses(target, [address])
    else:
        for each in service["spec"].get("ports") or []:
            if each.get("name") == port and each.get("protocol", "TCP").lower() == protocol:
                records.append(Record(name, SRV, base, each["port"]))
                extra += _addresses(base, service["spec"].get("clusterIPs") or [])
    if not records:
        return Answer(None)
    return Answer(records if kind in (SRV, ANY) else [], extra if kind in (SRV, ANY) else [])


def reverse_name(address: str) -> str:
    """The name that is asked for an address's name."""
    return ip_address(address).reverse_pointer
