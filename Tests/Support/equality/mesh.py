# SPDX-License-Identifier: Apache-2.0
"""The mesh of a run: a pod for each server, and three clients."""

from __future__ import annotations

import subprocess
from pathlib import Path

from podbench.errors import BenchError, call
from podbench.identity import Authority, identity_name
from podbench.network import join_bridge, make_bridge, make_sandbox

from .network import USER, USER_ID, Network

PROXY_USER = 2102
INBOUND, OUTBOUND, ADMIN = 4143, 4140, 4191
DIRECT_ADDRESS = "10.244.0.11"

PROXY_FILE = """
identity:
  name: {identity}
  certificate: tls.crt
  key: tls.key
  trustRoots: ca.crt
"""
SERVICE = """  p{port}.{host}:
    address: {address}:{port}
    endpoints:
    - address: {address}:{port}
      identity: {identity}
"""


class MeshPod:
    """A network on the bridge, and a folder."""

    def __init__(self, name: str, address: str, number: int, folder: Path) -> None:
        self.name = name
        self.address = address
        self.folder = folder
        folder.mkdir()
        self.sandbox = make_sandbox(name)
        join_bridge(self.sandbox.pid, number, address)
        self.network = Network(self.sandbox.pid)
        with self.network.entered():
            # Real ports without root's rights. The file is that of the thread's network.
            Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").write_text("0")
        self._proxy: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        """The name that clients use."""
        return f"{self.name}.peers"

    @property
    def identity(self) -> str:
        """What the pod's proxy proves to be."""
        return identity_name(self.name, "peers")

    def start_proxy(self, build: Path, authority: Authority, services: str) -> None:
        """Starts the proxy, and only then redirects what comes and goes."""
        place = self.folder / "proxy"
        place.mkdir()
        authority.issue(self.identity, place, PROXY_USER)
        text = PROXY_FILE.format(identity=self.identity)
        (place / "proxy.yaml").write_text(text + (f"services:\n{services}" if services else ""))
        log = place / "meshctl-proxy.log"
        words = [str(build / "meshctl-proxy"), "--config", str(place / "proxy.yaml")]
        self._proxy = self.network.start(words, log, PROXY_USER)
        for port in (INBOUND, OUTBOUND, ADMIN):
            self.network.wait_for_listener(port, self._proxy, log)
        # The client without a proxy reaches the very same server, past the server's proxy.
        call(
            "nsenter", f"--net={self.network.file}", build / "meshctl-init",
            "--subnets-to-ignore", f"{DIRECT_ADDRESS}/32",
        )

    def check_proxy(self) -> None:
        """A proxy that has ended is an error, whatever the clients saw."""
        if self._proxy is not None and self._proxy.poll() is not None:
            raise BenchError(f"the proxy of {self.name} ended with {self._proxy.returncode}")


class Mesh:
    """Everything but the servers."""

    def __init__(self, world: Path, build: Path) -> None:
        call("mount", "-t", "tmpfs", "-o", "mode=0755", "equality", world)
        # The servers and proxies are other users; what lies in the world says who may read it.
        world.parent.chmod(0o711)
        self.world = world
        self._build = build
        self.authority = Authority(world / "authority")
        make_bridge()
        self.pods: list[MeshPod] = []
        # Beside a proxy of its own; past all proxies; and through that of the server alone.
        self.client = self._add("client", "10.244.0.10")
        self.direct = self._add("direct", DIRECT_ADDRESS)
        self.outside = self._add("outside", "10.244.0.12")
        # What clients read and write.
        self.scratch = world / "scratch"
        self.scratch.mkdir(mode=0o777)
        self.scratch.chmod(0o777)

    def add_server(self, name: str) -> MeshPod:
        """A pod for a server, whose folder is the server's."""
        pod = self._add(name, f"10.244.0.{20 + len(self.pods)}")
        data = pod.folder / "data"
        data.mkdir()
        call("chown", f"{USER_ID}:{USER_ID}", data)
        return pod

    def _add(self, name: str, address: str) -> MeshPod:
        pod = MeshPod(name, address, len(self.pods), self.world / name)
        self.pods.append(pod)
        return pod

    def name_everything(self) -> None:
        """Puts user and hosts into /etc, in this run's mounts alone."""
        hosts = "".join(f"{pod.address} {pod.host} {pod.name}\n" for pod in self.pods)
        # Exim has its user built in, by name.
        ours = {USER, "Debian-exim"}
        lines = Path("/etc/passwd").read_text().splitlines()
        users = [line for line in lines if line.split(":")[0] not in ours]
        users += [f"{name}:x:{USER_ID}:{USER_ID}::{self.world}:/bin/sh" for name in sorted(ours)]
        groups = Path("/etc/group").read_text().splitlines()
        groups = [line for line in groups if line.split(":")[0] not in ours]
        groups += [f"{name}:x:{USER_ID}:" for name in sorted(ours)]
        for name, text in (
            ("hosts", f"127.0.0.1 localhost\n{hosts}"),
            ("passwd", "\n".join(users) + "\n"),
            ("group", "\n".join(groups) + "\n"),
            # A name that is not in these files is asked of nobody.
            ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"),
        ):
            file = self.world / name
            file.write_text(text)
            call("mount", "--bind", file, f"/etc/{name}")

    def start_proxies(self, ports: dict[str, list[int]]) -> None:
        """Starts a proxy beside each server, and the client's, which knows all of them."""
        services = ""
        for pod in self.pods:
            for port in ports.get(pod.name, []):
                services += SERVICE.format(
                    port=port, host=pod.host, address=pod.address, identity=pod.identity
                )
        for pod in self.pods:
            if pod not in (self.direct, self.outside):
                pod.start_proxy(
                    self._build, self.authority, services if pod is self.client else ""
                )
