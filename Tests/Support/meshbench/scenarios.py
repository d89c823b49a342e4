# SPDX-License-Identifier: Apache-2.0
"""The kinds of load."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scenario:
    """One kind of load, told to load.c or stream.c."""

    name: str
    title: str
    connections: int
    # Requests a second of the open loop; 0 is the closed loop.
    rate: int = 0
    # A new connection for each request.
    closes: bool = False
    # "up" or "down" for bytes instead of requests.
    direction: str = ""

    @property
    def is_http(self) -> bool:
        """Requests, not bytes."""
        return not self.direction

    @property
    def unit(self) -> str:
        """What CPU time is divided by."""
        return "us/request" if self.is_http else "s/GiB"


SCENARIOS = (
    Scenario("h1-c1", "HTTP/1, 1 connection", 1),
    Scenario("h1-c32", "HTTP/1, 32 connections", 32),
    Scenario("h1-c256", "HTTP/1, 256 connections", 256),
    Scenario("h1-200", "HTTP/1, 200 requests/s", 32, rate=200),
    Scenario("h1-2000", "HTTP/1, 2000 requests/s", 32, rate=2000),
    Scenario("h1-new", "HTTP/1, a connection for each request", 32, closes=True),
    Scenario("tcp", "opaque TCP, client to server", 4, direction="up"),
    Scenario("tcp-rev", "opaque TCP, server to client", 4, direction="down"),
)


def scenario(name: str) -> Scenario:
    """By its name."""
    return next(one for one in SCENARIOS if one.name == name)
