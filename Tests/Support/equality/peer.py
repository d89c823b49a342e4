# SPDX-License-Identifier: Apache-2.0
"""What every server of the run has: a pod, a place for its data, and cases."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from podbench.errors import BenchError
from podbench.identity import Authority

from .compare import Seen
from .mesh import MeshPod
from .network import SEARCH_PATH, USER_ID, Network

MEGABYTE = 1 << 20


@dataclass
class Case:
    """One thing that has to be the same on both ways."""

    name: str
    # Does it from one client's network; what it returns is compared.
    run: Callable[[Network], Seen]
    # What has to be seen besides, on both ways: sameness alone would take two empty answers.
    expected: Mapping[str, bytes]
    # More bytes than a capture shall hold: only the heads of packets are looked at.
    is_large: bool = False


class Peer:
    """A server of a Debian package, with the client that belongs to it."""

    name = ""
    package = ""
    ports: list[int] = []
    # Ports on which the server speaks first.
    first: list[int] = []

    def __init__(self, pod: MeshPod, scratch: Path, random: bytes) -> None:
        self.pod = pod
        self.data = pod.folder / "data"
        self.host = pod.host
        self.scratch = scratch
        # A few megabytes that no compression and no text filter leaves alone.
        self.random = random
        self._certificates: Path | None = None

    def prepare(self) -> None:
        """Writes what the server wants to find."""

    def command(self) -> list[str]:
        """The server's command line, in the foreground."""
        raise NotImplementedError

    def cases(self) -> Iterator[Case]:
        """What is tried."""
        raise NotImplementedError

    def start(self, authority: Authority) -> None:
        """Starts the server in its pod and waits for its ports."""
        self.issue(authority)
        self.prepare()
        log = self.pod.folder / f"{self.name}.log"
        process: subprocess.Popen[bytes] = self.pod.network.start(self.command(), log)
        for port in self.ports:
            self.pod.network.wait_for_listener(port, process, log)

    def issue(self, authority: Authority) -> None:
        """A certificate of its own for the server, which the mesh has nothing to do with."""
        self._certificates = self.pod.folder / "certificates"
        self._certificates.mkdir()
        authority.issue(self.host, self._certificates, USER_ID)

    def certificate(self, file: str) -> str:
        """The path of tls.crt, tls.key or ca.crt."""
        return f"{self.pod.folder}/certificates/{file}"

    def set_up(self, words: list[str], given: bytes = b"") -> None:
        """Runs a program that makes the server's data."""
        self.pod.network.run(words, given)

    def given(self, name: str, content: bytes) -> str:
        """A file that a client reads."""
        file = self.scratch / f"{self.name}-{name}"
        file.write_bytes(content)
        return str(file)

    def program(self, name: str, *folders: str) -> str:
        """The path of a program of the package."""
        found = shutil.which(name, path=":".join([*folders, SEARCH_PATH]))
        if found is None:
            raise BenchError(f"there is no {name} of {self.package}; run: Scripts/setup test")
        return found
