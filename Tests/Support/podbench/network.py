# SPDX-License-Identifier: Apache-2.0
"""The networks of the bench: a bridge, and on it the namespaces of pods."""

from __future__ import annotations

import subprocess

from . import addresses
from .errors import BenchError, call

BRIDGE = "pods0"
GATEWAY = addresses.NODE[4]


def make_bridge() -> None:
    """Makes the bridge that all pods are on, with the node's addresses."""
    call("ip", "-batch", "-", text=addresses.node_lines(BRIDGE))


def make_sandbox(name: str) -> subprocess.Popen[str]:
    """A process that holds the namespaces of one pod, whose host name this is."""
    sandbox = subprocess.Popen(
        ["unshare", "--net", "--ipc", "--uts", "sh", "-c",
         'hostname "$1" && echo made && exec sleep infinity', "sh", name],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    )
    assert sandbox.stdout is not None
    if sandbox.stdout.readline() != "made\n":
        raise BenchError(f"no namespaces could be made for {name}")
    return sandbox


def join_bridge(process: int, number: int, *ips: str) -> None:
    """Puts the network of a pod's sandbox on the bridge; the number is no other pod's."""
    end = f"pod{number}"
    call("ip", "link", "add", end, "type", "veth", "peer", "name", "eth0", "netns", process)
    call("ip", "link", "set", end, "master", BRIDGE, "up")
    inside = addresses.pod_lines(list(ips))
    call("nsenter", f"--net=/proc/{process}/ns/net", "ip", "-batch", "-", text=inside)
