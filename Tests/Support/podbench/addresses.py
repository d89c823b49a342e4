# SPDX-License-Identifier: Apache-2.0
"""The addresses of the bench: of the node, of pods and of services, for both versions of IP. Pure.

A cluster gives all pods the same versions. The bench may mix them, so that one run has pods with
both, with one alone, and with IPv6 switched off on a node that the mesh believes to have it.
"""

from __future__ import annotations

from ipaddress import ip_address

# Which versions a pod has. OFF is IPv4 with IPv6 switched off in the kernel.
DUAL, IPV6, OFF, IPV4 = "dual", "ipv6", "ipv4-off", "ipv4"
KINDS = {DUAL: (4, 6), IPV6: (6,), OFF: (4,), IPV4: (4,)}

NODE = {4: "10.244.0.1", 6: "fd00:10:244::1"}
POD_PREFIX = {4: "10.244.0.", 6: "fd00:10:244::"}
SERVICE_PREFIX = {4: "10.96.0.", 6: "fd00:10:96::"}
BITS = {4: 24, 6: 64}


def of_pod(number: int, kind: str) -> list[str]:
    """A pod's addresses, IPv4 first; both versions end alike, so that captures can be read."""
    return [f"{POD_PREFIX[version]}{10 + number}" for version in KINDS[kind]]


def of_service(number: int) -> dict[int, str]:
    """A service's virtual addresses."""
    return {version: f"{prefix}{10 + number}" for version, prefix in SERVICE_PREFIX.items()}


def version_of(address: str) -> int:
    """4 or 6."""
    return ip_address(address).version


def pick(addresses: list[str], version: int) -> list[str]:
    """Those of one version."""
    return [address for address in addresses if version_of(address) == version]


def with_port(address: str, port: int) -> str:
    """`10.0.0.1:80`, `[fd00::1]:80`."""
    return f"[{address}]:{port}" if version_of(address) == 6 else f"{address}:{port}"


def host(address: str) -> str:
    """The address as a URL has it."""
    return f"[{address}]" if version_of(address) == 6 else address


def node_lines(bridge: str) -> str:
    """What `ip -batch` has to do for the node."""
    found = [
        "link set lo up", f"link add {bridge} type bridge", f"link set {bridge} up",
        # Both ends of a cable are there at once; no address is anybody else's.
        *(f"address add {NODE[v]}/{BITS[v]} dev {bridge}{nodad(v)}" for v in (4, 6)),
    ]
    return "".join(f"{line}\n" for line in found)


def pod_lines(addresses: list[str]) -> str:
    """What `ip -batch` has to do in a pod."""
    found = ["link set lo up", "link set eth0 up"]
    for address in addresses:
        version = version_of(address)
        found.append(f"address add {address}/{BITS[version]} dev eth0{nodad(version)}")
        found.append(f"route add default via {NODE[version]}")
    return "".join(f"{line}\n" for line in found)


def nodad(version: int) -> str:
    """Duplicates need not be looked for, which would take a second."""
    return " nodad" if version == 6 else ""


def loops(own: list[str]) -> dict[str, str]:
    """Virtual addresses, and with each an endpoint that is a listener of the pod's own proxy.

    All the ways to name it: loopback, the pod's own addresses, and IPv4 mapped into IPv6.
    """
    places = ["127.0.0.1", "::1", "::ffff:127.0.0.1", *own]
    places += [f"::ffff:{address}" for address in pick(own, 4)]
    ends = [with_port(place, port) for port in (4140, 4143) for place in places]
    return {f"{SERVICE_PREFIX[4]}{100 + number}:80": end for number, end in enumerate(ends)}
