# SPDX-License-Identifier: Apache-2.0
"""The nftables rules that lead from services to endpoints, one chosen for each connection. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

Object = Mapping[str, Any]
TABLE = "testcluster"


@dataclass(frozen=True)
class Target:
    """One port of a service, and who serves it."""

    address: str
    port: int
    protocol: str
    node_port: int
    is_sticky: bool
    endpoints: tuple[tuple[str, int], ...]


def targets(service: Object, slices: Iterable[Object]) -> Iterator[Target]:
    """Each port at each of a service's addresses."""
    spec = service["spec"]
    some = list(slices)
    for address in spec.get("clusterIPs") or []:
        if address == "None":
            continue
        family = f"IPv{ip_address(address).version}"
        for port in spec.get("ports") or []:
            protocol = port.get("protocol", "TCP")
            yield Target(
                address, int(port["port"]), protocol.lower(), int(port.get("nodePort") or 0),
                spec.get("sessionAffinity") == "ClientIP",
                tuple(_endpoints(some, family, port.get("name", ""), protocol)),
            )


def _endpoints(
    slices: Iterable[Object], family: str, name: str, protocol: str
) -> Iterator[tuple[str, int]]:
    """Those that are ready."""
    for one in slices:
        if one["addressType"] != family:
            continue
        numbers = [
            int(each["port"]) for each in one.get("ports") or []
            if each.get("name", "") == name and each.get("protocol", "TCP") == protocol
        ]
        for endpoint in one.get("endpoints") or []:
            if (endpoint.get("conditions") or {}).get("ready") is not False:
                for number in numbers:
                    yield endpoint["addresses"][0], number


def rules(found: Iterable[Target]) -> str:
    """What `nft -f` has to do, all at once."""
    every = list(found)
    return "".join(
        _table(version, [each for each in every if ip_address(each.address).version == version])
        for version in (4, 6)
    )


def _table(version: int, found: list[Target]) -> str:
    family = "ip" if version == 4 else "ip6"
    lines, refusals = [], []
    pods: set[str] = set()
    for each in found:
        where = f"{family} daddr {each.address} {each.protocol} dport {each.port}"
        if not each.endpoints:
            why = "with tcp reset" if each.protocol == "tcp" else ""
            refusals.append(f"{where} reject {why}".rstrip())
            continue
        pods |= {address for address, _ in each.endpoints}
        lines.append(f"{where} {_choice(family, each)}")
        if each.node_port:
            node = f"fib daddr type local {each.protocol} dport {each.node_port}"
            lines.append(f"{node} {_choice(family, each)}")
    # A pod that reaches itself through a service must see another's address as the source.
    pairs = ", ".join(f"{pod} . {pod}" for pod in sorted(pods))
    hairpin = f"{family} saddr . {family} daddr {{ {pairs} }} masquerade" if pairs else ""
    return f"""
table {family} {TABLE}
delete table {family} {TABLE}
table {family} {TABLE} {{
    chain services {{
        {_joined(lines)}
    }}
    chain refused {{
        {_joined(refusals)}
    }}
    chain prerouting {{ type nat hook prerouting priority dstnat; jump services; }}
    chain output {{ type nat hook output priority -100; jump services; }}
    chain postrouting {{ type nat hook postrouting priority srcnat; {hairpin}; }}
    chain forward {{ type filter hook forward priority filter; jump refused; }}
    chain local {{ type filter hook output priority filter; jump refused; }}
}}
"""


def _joined(lines: list[str]) -> str:
    return "\n        ".join(lines)


def _choice(family: str, target: Target) -> str:
    count = len(target.endpoints)
    wrap = "[{}]" if family == "ip6" else "{}"
    if count == 1:
        address, port = target.endpoints[0]
        return f"dnat to {wrap.format(address)}:{port}"
    by = f"jhash {family} saddr" if target.is_sticky else "numgen random"
    chosen = ", ".join(
        f"{at} : {address} . {port}" for at, (address, port) in enumerate(target.endpoints)
    )
    return f"dnat {family} addr . port to {by} mod {count} map {{ {chosen} }}"
