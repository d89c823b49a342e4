# SPDX-License-Identifier: Apache-2.0
"""The standalone file of a pod's proxy, which says what a control plane would."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from . import addresses
from .identity import identity_name
from .pod import Pod


@dataclass
class Service:
    """A name with virtual addresses, which nothing but the proxies' tables knows."""

    name: str
    addresses: dict[int, str]
    ports: dict[int, int]
    pods: list[Pod] = field(default_factory=list)


def text(name: str, services: Iterable[Service], loops: dict[str, str]) -> str:
    """The file of a proxy with this identity.

    `loops` are more services, each an address and its one endpoint, which no proxy is behind.
    """
    lines = [
        "identity:", f"  name: {name}", "  certificate: tls.crt", "  key: tls.key",
        "  trustRoots: ca.crt", "services:",
    ]
    for service in services:
        for port, target in service.ports.items():
            for version, address in service.addresses.items():
                lines += entry(service, version, address, port, target)
    for number, (address, endpoint) in enumerate(loops.items()):
        lines += [f"  loop-{number}.default.svc.cluster.local:", f"    address: \"{address}\""]
        lines += ["    endpoints:", f"    - address: \"{endpoint}\""]
    return "\n".join(lines) + "\n"


def entry(service: Service, version: int, address: str, port: int, target: int) -> list[str]:
    """The table has one address a service: a second port or version of IP is a second entry."""
    host = service.name if len(service.ports) == 1 else f"p{port}.{service.name}"
    host = host if version == 4 else f"v6.{host}"
    endpoints: list[str] = []
    for pod in service.pods:
        for ip in addresses.pick(pod.facts.ips, version):
            endpoints.append(f"    - address: \"{addresses.with_port(ip, target)}\"")
            if pod.is_meshed:
                facts = pod.facts
                peer = identity_name(facts.service_account, facts.namespace)
                endpoints.append(f"      identity: {peer}")
    if not endpoints:
        return []
    where = addresses.with_port(address, port)
    return [f"  {host}:", f"    address: \"{where}\"", "    endpoints:", *endpoints]
