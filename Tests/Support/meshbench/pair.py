# SPDX-License-Identifier: Apache-2.0
"""An application and the two proxies on the way to it, all on addresses of the loopback."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from podbench.errors import BenchError
from podbench.identity import Authority, identity_name
from podbench.waiting import pause

from . import accounting
from .side import Address, Command, Implementation, Side

# LIMIT: seconds until a process serves; a busy machine is slow.
START_SECONDS = 20.0
ENTRANCE_PORT, MESH_PORT, APPLICATION_PORT = 7000, 4143, 8080
# Seconds between two looks at a process that starts.
STEP = 0.0005


class Process:
    """A process of the bench, and whatever it starts."""

    def __init__(self, command: Command, folder: Path, name: str) -> None:
        self.name = name
        self._log = folder / f"{name}.log"
        with self._log.open("wb") as log:
            self.started = time.perf_counter()
            self._process = subprocess.Popen(
                command.words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder,
                env={"PATH": os.environ["PATH"], **command.environment},
            )

    @property
    def pids(self) -> list[int]:
        """It and its children."""
        return accounting.family(self._process.pid)

    def wait_for(self, is_there: Callable[[], bool]) -> float:
        """Waits until it serves; the seconds since its start."""
        while not is_there():
            if self._process.poll() is not None:
                raise BenchError(f"{self.name} ended: {self.complaint()}")
            if time.perf_counter() - self.started > START_SECONDS:
                raise BenchError(f"{self.name} does not serve: {self.complaint()}")
            pause(STEP)
        return time.perf_counter() - self.started

    def wait(self, seconds: float) -> str:
        """Waits for its end; what it has printed."""
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise BenchError(f"{self.name} does not end: {self.complaint()}") from None
        if code != 0:
            raise BenchError(f"{self.name} failed: {self.complaint()}")
        return self._log.read_text()

    def complaint(self) -> str:
        """The end of its log."""
        return self._log.read_text(errors="replace")[-800:]

    def stop(self) -> None:
        """Ends it and its children at once: nothing of theirs is worth keeping."""
        for pid in self.pids if self._process.poll() is None else []:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self._process.wait()


class Certificates:
    """One authority for all, and a certificate for each side."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.names = {True: identity_name("webapp", "default"),
                      False: identity_name("users-api", "default")}
        self.folders = {True: folder / "outbound", False: folder / "inbound"}
        authority = Authority(folder / "authority")
        for is_outbound, place in self.folders.items():
            place.mkdir()
            authority.issue(self.names[is_outbound], place, os.geteuid())
            both = (place / "tls.crt").read_text() + (place / "tls.key").read_text()
            (place / "both.pem").write_text(both)


def answers(address: Address) -> bool:
    """Whether a request is answered with 200."""
    try:
        with socket.create_connection((address.host, address.port), 1) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: users-api\r\nConnection: close\r\n\r\n")
            return connection.recv(12) == b"HTTP/1.1 200"
    except OSError:
        return False


def accepts(address: Address) -> bool:
    """Whether a connection is taken."""
    try:
        socket.create_connection((address.host, address.port), 1).close()
        return True
    except OSError:
        return False


class Pair:
    """Both proxies of an implementation in front of an application; serving once entered."""

    def __init__(
        self, made_by: Implementation, certificates: Certificates, folder: Path,
        application: Callable[[Path, Address], Command], is_http: bool, threads: int,
    ) -> None:
        # Of 127.0.0.0/8 every address is ours; a random part keeps two runs apart.
        net = f"127.{secrets.randbelow(254) + 1}.{secrets.randbelow(254) + 1}"
        self.application_address = Address(f"{net}.3", APPLICATION_PORT)
        self._mesh = Address(f"{net}.2", MESH_PORT)
        self.entrance = Address(f"{net}.1", ENTRANCE_PORT)
        if made_by.command is None:
            self.entrance = self.application_address
        self._made_by, self._certificates = made_by, certificates
        self._folder, self._is_http, self._threads = folder, is_http, threads
        self._application = application
        self.proxies: dict[str, Process] = {}
        self._processes: list[Process] = []
        # Milliseconds from the start of each proxy until it took a connection.
        self.start_milliseconds: dict[str, float] = {}

    def __enter__(self) -> Self:
        try:
            place = self._make("application")
            command = self._application(place, self.application_address)
            self.application = self._start(command, place, "application")
            self.application.wait_for(lambda: accepts(self.application_address))
            for is_outbound in (False, True) if self._made_by.command else ():
                self._start_side(is_outbound)
            if self._is_http and not answers(self.entrance):
                raise BenchError(f"{self._made_by.name} does not answer: {self.complaints()}")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends all, the client's side first."""
        for process in reversed(self._processes):
            process.stop()

    def complaints(self) -> str:
        """What the proxies say."""
        return "\n".join(f"{name}: {one.complaint()}" for name, one in self.proxies.items())

    def _make(self, name: str) -> Path:
        place = self._folder / name
        place.mkdir(parents=True)
        return place

    def _start(self, command: Command, folder: Path, name: str) -> Process:
        process = Process(command, folder, name)
        self._processes.append(process)
        return process

    def _start_side(self, is_outbound: bool) -> None:
        names = self._certificates.names
        side = Side(
            is_outbound=is_outbound, is_http=self._is_http, threads=self._threads,
            listen=self.entrance if is_outbound else self._mesh,
            server=self._mesh if is_outbound else self.application_address,
            application=self.application_address,
            certificates=self._certificates.folders[is_outbound],
            own_name=names[is_outbound], peer_name=names[not is_outbound],
            folder=self._make("outbound" if is_outbound else "inbound"),
        )
        assert self._made_by.command is not None
        process = self._start(self._made_by.command(side), side.folder, side.name)
        self.proxies[side.name] = process
        seconds = process.wait_for(lambda: accepts(side.listen))
        self.start_milliseconds[side.name] = 1000 * seconds
