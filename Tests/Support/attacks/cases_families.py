# SPDX-License-Identifier: Apache-2.0
"""Networks that lack a family of addresses. Pods that have IPv6 alone are podbench's."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import time
from pathlib import Path

from .canary import sing
from .mesh import API, WEB, Mesh
from .outcome import Skipped, expect
from .proxy import SERVICE, Identity, Proxy, Settings
from .watch import Watch

# unshare(2), of sched.h.
CLONE_NEWNET = 0x40000000
SWITCHES = Path("/proc/sys/net/ipv6/conf")
# Of a network that is nobody's here (RFC 4193).
NOWHERE = "[fd5e:7a1e::1]"


def own_network() -> None:
    """From here on the case, and what it starts, has a network namespace of its own."""
    if os.geteuid() != 0:
        raise Skipped("it takes root")
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise Skipped(f"there are no network namespaces: {os.strerror(ctypes.get_errno())}")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def no_ipv6() -> None:
    """IPv6 is switched off: proxies start, serve, and pass over endpoints that have it alone."""
    own_network()
    for switch in ("all", "default", "lo"):
        (SWITCHES / switch / "disable_ipv6").write_text("1")
    expect("::1" not in Path("/proc/net/if_inet6").read_text(), "IPv6 is still there")
    endpoints_of_both()


def no_route_to_ipv6() -> None:
    """IPv6 is there and leads nowhere: the other family is taken at once."""
    own_network()
    endpoints_of_both()


def endpoints_of_both() -> None:
    """A service with an endpoint of each family, of which only IPv4's can be reached."""
    with Mesh() as mesh:
        other = both(mesh)
        with Watch(mesh):
            for _ in range(20):
                start = time.monotonic()
                with socket.create_connection((other.ip, SERVICE), timeout=5) as client:
                    sing(client)
                took = time.monotonic() - start
                expect(took < 0.5, f"it took {took:.2f} s")


def both(mesh: Mesh) -> Proxy:
    """A client's proxy that knows both endpoints."""
    port = mesh.echo.port
    endpoints = [(f"{NOWHERE}:{port}", API), (f"{mesh.api.ip}:{port}", API)]
    return mesh.start("other", Settings(identity=Identity(WEB, "web"), endpoints=endpoints))
