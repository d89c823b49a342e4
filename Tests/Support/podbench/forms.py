# SPDX-License-Identifier: Apache-2.0
"""The forms of an injected pod that the self-test runs, each on a bench of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import addresses, selftest
from .bench import Bench, BenchOptions
from .capture import captured
from .errors import BenchError, call
from .loops import check_loops
from .pod import PROXY
from .selftest import HOST, check_requests, check_seen, check_wire, expect, is_whole
from .wire import streams

VALIDATOR = "linkerd-network-validator"
# Linkerd's code for a pod that is not redirected.
NOT_REDIRECTED = 95
# How late an identity is, and how long a preStop hook takes: more than anything else does. What a
# busy machine may add to either.
LATE_SECONDS, WAIT_SECONDS, SLACK_SECONDS = 1.5, 2, 10

Report = Callable[[list[str]], None]


@dataclass(frozen=True)
class Form:
    """What to run, and what has to hold then."""

    title: str
    pods: dict[str, int]
    check: Callable[[Bench], None]
    change: dict[str, Any]
    starts: bool = True

    def options(self, options: BenchOptions) -> BenchOptions:
        """The bench's options for it."""
        return replace(options, pods=self.pods, **self.change)

    def run(self, bench: Bench, report: Report) -> None:
        """Raises when anything is not as it should be."""
        complaint = None
        try:
            bench.start()
        except BenchError as error:
            complaint = error
        report(bench.namespace_ids())
        if self.starts and complaint:
            raise complaint
        if not self.starts:
            expect(complaint is not None, "the pods do not start")
        self.check(bench)


def crossing(file: Path, servers: list[Pod]) -> AbstractContextManager[Path]:
    """Captures a round of requests as they cross the bridge."""
    return captured(file, lambda: is_whole(file, len(servers)))


def classic(bench: Bench) -> None:
    """The proxy is the first of the containers, awaited at the start and last to leave."""
    client, servers = bench.pods[0], bench.pods[1:]
    for pod in bench.pods:
        proxy, application = pod.containers
        expect(
            (proxy.name, [each.name for each in pod.preparing]) == (PROXY, ["linkerd-init"])
            and application.started_at >= proxy.hook_ended_at > proxy.started_at,
            f"in {pod.facts.name} the application was started after the proxy's postStart hook",
        )
    late = servers[0].container(PROXY)
    waited = late.hook_ended_at - late.started_at
    expect(
        LATE_SECONDS <= waited < LATE_SECONDS + SLACK_SECONDS,
        f"the hook of {late.id} waited {waited:.2f} s for an identity that came late",
    )
    with crossing(bench.world / "classic.pcap", servers) as capture:
        check_requests(client, servers)
    check_wire(streams(capture), servers)
    start = time.monotonic()
    client.stop()
    first, second = (each.ended_at - start for each in client.containers)
    expect(
        second < WAIT_SECONDS <= first < WAIT_SECONDS + SLACK_SECONDS,
        f"the application ended after {second:.2f} s, the proxy after {first:.2f} s, of which"
        f" the preStop hook took {WAIT_SECONDS}",
    )
    codes = [each.exit_code for each in client.containers]
    expect(codes == [0, 0], "both ended with 0")


def plugin(bench: Bench) -> None:
    """The node's plugin redirects, and the pod finds that out."""
    client, servers = bench.pods[0], bench.pods[1:]
    for pod in bench.pods:
        log = pod.container(VALIDATOR).log.read_text()
        for ip in pod.facts.ips:
            target = "1.1.1.1:20001" if addresses.version_of(ip) == 4 else "[fd00::1]:20001"
            expect(
                f"redirected connected_to=\"{target}\"" in log,
                f"{pod.facts.name} ({pod.kind}) met itself at {target}",
            )
    check_seen([pod.container(VALIDATOR) for pod in bench.pods], selftest.NO_RIGHTS)
    with crossing(bench.world / "plugin.pcap", servers) as capture:
        check_requests(client, servers, version=4)
    check_wire(streams(capture), servers)


def no_plugin(bench: Bench) -> None:
    """Without a redirect nothing of the pod starts but the container that finds it missing."""
    pod = bench.pods[0]
    validator = pod.container(VALIDATOR)
    expect(validator.exit_code == NOT_REDIRECTED, "the validator ends with 95")
    expect(not pod.sidecars and not pod.containers, "neither the proxy nor the application starts")
    words = "The CNI plugin has not set the redirect for this pod"
    expect(words in validator.log.read_text(), f"the log says: {words}")


def ipv6(bench: Bench) -> None:
    """Pods with both versions of IP, with IPv6 alone, and with IPv6 switched off."""
    client, both, six, four = bench.pods
    for version, servers in ((6, [both, six]), (4, [both, four])):
        with crossing(bench.world / f"ipv{version}.pcap", servers) as capture:
            check_requests(client, servers, version)
        found = streams(capture)
        versions = {addresses.version_of(stream.source[0]) for stream in found}
        expect(versions == {version}, f"all that crossed the bridge is IPv{version}")
        check_wire(found, servers)
        page = client.containers[0].run_inside(["curl", "-sS", f"-{version}", f"http://{HOST}"])
        local = {4: "127.0.0.1:80", 6: "::1:80"}[version]
        expect(f"Server address: {local}" in page, f"the application is met at {local}")
    for pod in (six, four):
        check_requests(pod, [client], service="webapp")
    # The node is no part of the mesh: nothing but the redirect tells where it was headed.
    for ip in [*both.facts.ips, *six.facts.ips, *four.facts.ips]:
        page = call("curl", "-sS", "-m", "5", f"http://{addresses.host(ip)}")
        expect("Server name: users-api" in page, f"a client without a mesh is answered at {ip}")
    log = four.container(PROXY).log.read_text()
    missing = log.count("not listening, because this pod has no IPv6")
    expect(missing == 3, "without IPv6 the proxy does without its three listeners")
    check_loops(client)


FLAG = "--native-sidecar=false"
SIDE_BY_SIDE = {"webapp": 1, "users-api": 2}
ALL = {
    "native": Form("a sidecar that the kubelet knows", SIDE_BY_SIDE, selftest.run, {}),
    "classic": Form(
        "the proxy as an ordinary container",
        SIDE_BY_SIDE,
        classic,
        {
            "flags": (FLAG, f"--wait-before-exit-seconds={WAIT_SECONDS}"),
            "late": {"users-api-1": LATE_SECONDS},
        },
    ),
    "plugin": Form(
        "the redirect comes from a CNI plugin",
        SIDE_BY_SIDE,
        plugin,
        {
            "flags": ("--linkerd-cni-enabled",),
            "kind": addresses.DUAL,
            "kinds": {"users-api-2": addresses.OFF},
        },
    ),
    "no-plugin": Form(
        "the redirect does not come",
        {"webapp": 1, "users-api": 0},
        no_plugin,
        {"flags": ("--linkerd-cni-enabled",), "has_plugin": False},
        starts=False,
    ),
    "ipv6": Form(
        "both versions of IP, one alone, one off",
        {"webapp": 1, "users-api": 3},
        ipv6,
        {
            "kind": addresses.DUAL,
            "kinds": {"users-api-2": addresses.IPV6, "users-api-3": addresses.OFF},
            "has_loops": True,
        },
    ),
}
