# SPDX-License-Identifier: Apache-2.0
"""The node's network: a bridge, and pods that reach all the world through the node.

Pods have no neighbours: every packet passes the node's own rules, as those of services ask.
"""

from __future__ import annotations

from pathlib import Path

from podbench import addresses
from podbench.errors import BenchError, call
from podbench.network import BRIDGE, make_bridge

from ..server.strategies import SERVICE_NETWORKS

# LIMIT: pods of the node, which Kubernetes sets to 110; each has its number for its life.
PODS = 110
NODE_ADDRESS = addresses.NODE[4]


def make_node_network() -> None:
    """Makes the bridge, and has the kernel pass packets on."""
    make_bridge()
    for path, value in (
        ("ipv4/ip_forward", "1"), ("ipv6/conf/all/forwarding", "1"),
        # Pods share a link with the node; nobody is to be told of a shorter way.
        ("ipv4/conf/all/send_redirects", "0"), (f"ipv4/conf/{BRIDGE}/send_redirects", "0"),
    ):
        Path("/proc/sys/net", path).write_text(value)
    # The rules of services see a packet of the node's own only if there is a way for it.
    for network in SERVICE_NETWORKS.values():
        call("ip", "route", "add", network, "dev", BRIDGE)


def join_node(process: int, number: int, ips: list[str]) -> None:
    """Connects the network of a pod's sandbox."""
    end = f"pod{number}"
    call("ip", "link", "add", end, "type", "veth", "peer", "name", "eth0", "netns", process)
    call("ip", "link", "set", end, "master", BRIDGE, "up")
    lines = ["link set lo up", "link set eth0 up"]
    for address in ips:
        version = addresses.version_of(address)
        bits = 32 if version == 4 else 128
        lines.append(f"address add {address}/{bits} dev eth0{addresses.nodad(version)}")
        gateway = addresses.NODE[version]
        lines.append(f"route add {gateway} dev eth0")
        lines.append(f"route add default via {gateway} dev eth0")
    text = "".join(f"{line}\n" for line in lines)
    call("nsenter", f"--net=/proc/{process}/ns/net", "ip", "-batch", "-", text=text)


class Numbers:
    """The numbers of pods: one that was given back is the last to be taken again."""

    def __init__(self) -> None:
        self._free = list(range(PODS + 20))

    def take(self) -> int:
        """A number that is no other pod's."""
        if not self._free:
            raise BenchError("the node has no room for another pod")
        return self._free.pop(0)

    def give_back(self, number: int) -> None:
        """It may be taken again."""
        self._free.append(number)
