# SPDX-License-Identifier: Apache-2.0
"""Connections that lead from a proxy back to itself: they have to end, after two hops at most."""

from __future__ import annotations

import http.client
import re
import subprocess

from . import addresses
from .container import Container
from .errors import BenchError
from .pod import Pod

HOPS_MAX = 2
SECONDS_MAX = 3
ADMIN, LISTENERS = 4191, (4140, 4143)
# curl's code for a page that did not come in time.
TIMED_OUT = 28


def check_loops(pod: Pod) -> None:
    """Tries every way to reach the pod's own listeners, from inside and from outside."""
    application, own = pod.containers[0], pod.facts.ips
    for version in (4, 6):
        # Its own service: through its proxy to itself, and no further.
        check(pod, application, [f"-{version}", "http://webapp"], is_served=True)
    ways = ["127.0.0.1", "::1", "::ffff:127.0.0.1", *own]
    ways += [f"::ffff:{ip}" for ip in addresses.pick(own, 4)]
    ends = [addresses.with_port(way, port) for way in ways for port in LISTENERS]
    services = list(addresses.loops(own))
    for end in ends + services:
        check(pod, application, [f"http://{end}"], is_served=False)
    outside = [addresses.with_port(ip, port) for ip in own for port in LISTENERS]
    for end in outside:
        check(pod, None, [f"http://{end}"], is_served=False)
    count = len(ends) + len(services) + len(outside)
    print(f"  ok  {count} ways for the proxy to meet itself end after {HOPS_MAX} hops at most")


def check(pod: Pod, container: Container | None, words: list[str], is_served: bool) -> None:
    """One connection, from a container or from the node."""
    before = hops(pod)
    command = ["curl", "-sSf", "-m", str(SECONDS_MAX), "-o", "/dev/null", *words]
    if container is None:
        code = subprocess.run(command, capture_output=True, check=False).returncode
    else:
        code = container.exit_code_inside(command)
    made = hops(pod) - before
    if made > HOPS_MAX or code == TIMED_OUT or (code == 0) != is_served:
        raise BenchError(f"self-test: {' '.join(words)}: {made} hops, curl ends with {code}")


def hops(pod: Pod) -> int:
    """How many connections the pod's proxy has taken so far."""
    connection = http.client.HTTPConnection(pod.facts.ip, ADMIN, timeout=5)
    connection.request("GET", "/metrics")
    page = connection.getresponse().read().decode()
    connection.close()
    accepted = re.findall(r'^tcp_open_total\{peer="src",.*\} (\d+)$', page, re.M)
    return sum(int(count) for count in accepted)
