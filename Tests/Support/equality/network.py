# SPDX-License-Identifier: Apache-2.0
"""Sockets and programs in the network of a pod."""

from __future__ import annotations

import ctypes
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from podbench.errors import BenchError, shown
from podbench.waiting import wait_until

CLONE_NEWNET = 0x40000000
# Who all servers and clients run as: known to the run's own /etc/passwd alone.
USER, USER_ID = "equality", 20001
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# LIMIT: how long one client may take, in seconds; a hang has to end.
CLIENT_SECONDS = 60.0
LISTEN, ESTABLISHED, TIME_WAIT = "0A", "01", "06"

_kernel = ctypes.CDLL(None, use_errno=True)


@dataclass
class Output:
    """What a client wrote, and how it ended."""

    stdout: bytes
    stderr: bytes
    code: int


def _enter(file: str) -> None:
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _kernel.setns(descriptor, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns to {file}")
    finally:
        os.close(descriptor)


@dataclass
class Network:
    """A pod's network, by a process in it."""

    process: int

    @property
    def file(self) -> str:
        """The kernel's name of it."""
        return f"/proc/{self.process}/ns/net"

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Sockets that the body makes are the pod's, and stay so. It counts for this thread."""
        own = f"/proc/self/task/{threading.get_native_id()}/ns/net"
        with open(own, "rb") as back:
            _enter(self.file)
            try:
                yield
            finally:
                _enter(f"/proc/self/fd/{back.fileno()}")

    def command(self, words: list[str], user: int = USER_ID) -> list[str]:
        """A command line that runs another in this network, with no rights."""
        # A user number that is root's would be let through as any other: only the proxy's is not.
        return [
            "nsenter", f"--net={self.file}", "setpriv", f"--reuid={user}", f"--regid={user}",
            "--clear-groups", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all", *words,
        ]

    def start(self, words: list[str], log: Path, user: int = USER_ID) -> subprocess.Popen[bytes]:
        """Starts a server; the end of the run is its end."""
        with log.open("ab") as output:
            return subprocess.Popen(
                self.command(words, user), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                cwd="/", env=environment(log.parent),
            )

    def run(
        self,
        words: list[str],
        given: bytes = b"",
        code: int = 0,
        variables: Mapping[str, str] | None = None,
    ) -> Output:
        """Runs a client to its end, which has to be this exit code."""
        done = subprocess.run(
            self.command(words), input=given, capture_output=True, check=False,
            timeout=CLIENT_SECONDS, env={**environment(Path("/nonexistent")), **(variables or {})},
        )
        if done.returncode != code:
            complaint = done.stderr.decode(errors="replace").strip().splitlines()[-5:]
            raise BenchError(
                f"{shown(words)}: exit {done.returncode}, not {code}: {' '.join(complaint)}"
            )
        return Output(done.stdout, done.stderr, done.returncode)

    def sockets(self) -> Iterator[tuple[int, int, str]]:
        """Own port, far port and state of each TCP socket."""
        for table in ("tcp", "tcp6"):
            lines = Path(f"/proc/{self.process}/net/{table}").read_text().splitlines()
            for words in map(str.split, lines[1:]):
                own, far = (int(end.rpartition(":")[2], 16) for end in words[1:3])
                yield own, far, words[3]

    def wait_for_listener(self, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        """Waits until a server listens; that it has ended instead is an error."""

        def is_up() -> bool:
            if process.poll() is not None:
                tail = " / ".join(log.read_text(errors="replace").splitlines()[-5:])
                raise BenchError(f"{log.stem} ended with {process.returncode}: {tail}")
            return any(own == port and state == LISTEN for own, _, state in self.sockets())

        wait_until(f"{log.stem} to listen on port {port}", is_up, 30)

    def open_connections(self) -> list[str]:
        """Connections that have not ended yet on both sides."""
        return [
            f"{own} to {far} in state {state}"
            for own, far, state in self.sockets()
            if state not in (LISTEN, TIME_WAIT)
        ]


def environment(home: Path) -> dict[str, str]:
    """The variables of servers and clients: nothing of whoever started the run."""
    return {
        "PATH": SEARCH_PATH, "HOME": str(home), "LC_ALL": "C.UTF-8", "USER": USER, "LOGNAME": USER,
    }


def elapsed(since: float) -> float:
    """Seconds since a reading of the monotonic clock."""
    return time.monotonic() - since
