# SPDX-License-Identifier: Apache-2.0
"""Who is measured, in the order of the tables."""

from __future__ import annotations

from pathlib import Path

from . import envoy, haproxy, nginx
from .floors import Floors
from .ours import Ours
from .side import Command, Implementation, Side

OURS = "ours"
OURS_EPOLL = "ours-epoll"
NAMES = ("direct", "relay", "tls-relay", "ours", "ours-epoll", "nginx", "haproxy", "envoy")
PEERS = ("nginx", "haproxy", "envoy")


def implementation(name: str, root: Path, proxy: Path, programs: Path) -> Implementation:
    """By its name on the command line. Envoy is looked for only where it is wanted."""
    floors = Floors(programs / "relay")

    def run_envoy(side: Side) -> Command:
        return envoy.Envoy(envoy.executable(root)).proxy(side)

    return {
        "direct": Implementation("direct", "no proxy", None, True),
        "relay": Implementation("relay", "byte relay in C", floors.plain, True),
        "tls-relay": Implementation("tls-relay", "byte relay in C, mTLS", floors.encrypted, True),
        "ours": Implementation("ours", "meshctl-proxy", Ours(proxy).proxy),
        "ours-epoll": Implementation(
            "ours-epoll", "meshctl-proxy without io_uring", Ours(proxy, ["--io", "epoll"]).proxy
        ),
        "nginx": Implementation("nginx", "nginx", nginx.proxy),
        "haproxy": Implementation("haproxy", "HAProxy", haproxy.proxy),
        "envoy": Implementation("envoy", "Envoy", run_envoy),
    }[name]
