# SPDX-License-Identifier: Apache-2.0
"""Clocks that jump, and identity files that change: what depends on time, and on files."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

from .canary import sing
from .certificates import Authority, Wanted
from .mesh import API, WEB, Mesh
from .outcome import AttackFailed, Skipped, expect, wait_until
from .proxy import Identity, Proxy, Settings
from .watch import Watch


def faketime() -> Path:
    """Debian's libfaketime, for programs with threads."""
    for found in Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"):
        return found
    raise Skipped("there is no libfaketime")


class Clock:
    """The wall clock of a proxy, to be set."""

    def __init__(self, folder: Path, is_monotonic_real: bool = True) -> None:
        library = faketime()
        linked = subprocess.run(
            ["ldd", str(Proxy.executable)], capture_output=True, text=True, check=False
        )
        if "libc.so" not in linked.stdout:
            raise Skipped("nothing can be put before a static executable's libc")
        self._file = folder / "clock"
        self.set("+0")
        self._variables = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
        }
        if is_monotonic_real:
            self._variables["FAKETIME_DONT_FAKE_MONOTONIC"] = "1"

    @property
    def settings(self) -> Settings:
        """For a proxy with this clock."""
        # The library sets a variable at the start, which moves the environment, by which Swift
        # finds the arguments; `env` lets that happen before.
        return Settings(variables=self._variables, wrapper=["env"])

    def set(self, offset: str) -> None:
        """+1h, -1y: off the true time by so much."""
        new = self._file.with_suffix(".new")
        new.write_text(offset + "\n")
        new.rename(self._file)


def wall_clock_jumps(folder: Path) -> None:
    """By an hour and a year, both ways: nothing is lost, and no deadline is early or late."""
    clock = Clock(folder)
    with Mesh(web=clock.settings, api=clock.settings) as mesh, Watch(mesh):
        for offset in ("+1h", "-1h", "+1y", "-1y", "+0"):
            clock.set(offset)
            time.sleep(0.15)
            with mesh.connect() as client:
                sing(client)


def wall_clock_past_the_certificates(folder: Path) -> None:
    """New connections are refused while the clock says that certificates are not valid."""
    clock = Clock(folder)
    with Mesh(web=clock.settings, api=clock.settings) as mesh:
        with Watch(mesh, new=False):
            for offset in ("+90y", "-20y"):
                clock.set(offset)
                before = mesh.web.refusals("outbound", "tls_out_of_date")
                with mesh.connect() as client:
                    try:
                        sing(client)
                        raise AttackFailed(f"served at {offset}")
                    except (OSError, AttackFailed) as error:
                        expect("served" not in str(error), str(error))
                counted = mesh.web.refusals("outbound", "tls_out_of_date")
                expect(counted == before + 1, f"{counted - before} counted at {offset}")
            clock.set("+0")
            with mesh.connect() as client:
                sing(client)


def every_clock_jumps(folder: Path) -> None:
    """No kernel does that; some virtual machines did. It must not end a proxy."""
    clock = Clock(folder, is_monotonic_real=False)
    with Mesh(web=clock.settings, api=clock.settings) as mesh:
        with mesh.connect() as client:
            sing(client)
            for offset in ("+1h", "-1h", "-2y", "+1y", "+0"):
                clock.set(offset)
                for _ in range(10):
                    sing(client)
                with mesh.connect() as new:
                    sing(new)
        for proxy in mesh.proxies:
            expect(proxy.is_running(), f"{proxy.name} has ended")


def young_and_old_machines() -> None:
    """The monotonic clock at its start, and after thirty years (a time namespace)."""
    if os.geteuid() != 0 or not Path("/proc/self/ns/time").exists():
        raise Skipped("it takes root and time namespaces")
    uptime = int(float(Path("/proc/uptime").read_text().split()[0]))
    for offset in (-uptime + 2, 30 * 365 * 86_400):
        wrapper = ["unshare", "--time", "--fork", "--kill-child", "--monotonic", str(offset)]
        settings = Settings(wrapper=wrapper, detect_seconds=0.3)
        with Mesh(api=settings) as mesh, Watch(mesh):
            start = time.monotonic()
            with mesh.to_inbound() as client:
                client.sendall(b"\x16\x03\x01")
                try:
                    client.recv(1)
                except OSError:
                    pass
            took = time.monotonic() - start
            expect(0.2 < took < 1.5, f"a deadline of 0.3 s took {took:.2f} s")


def identity_files_change_under_load() -> None:
    """Every way to replace them, good and bad files, and a change of the root: nothing is lost."""
    with Mesh(has_web=False) as mesh:
        live = Live(mesh)
        with Watch(mesh):
            load = Load(mesh)
            for number in range(2):
                live.swap_link(live.issue(f"new-{number}"))
                live.await_reload("edge")
            for damage in ("", (mesh.folder / "web.crt").read_text()):
                live.damage(damage)
            live.swap_link(live.issue("last"))
            live.await_reload("edge")
            # The new root is trusted before anyone shows what it has signed.
            second = Authority(mesh.folder, "second").make()
            roots = mesh.folder / "ca.crt"
            both = roots.read_text() + (mesh.folder / "second.crt").read_text()
            replace(roots, both)
            for name in ("edge", "client"):
                live.await_reload(name)
            live.swap_link(live.issue("by-second", second))
            live.await_reload("edge")
            expect(load.end() > 100, "that was no load")


def replace(file: Path, text: str) -> None:
    """At once."""
    new = file.with_suffix(".new")
    new.write_text(text)
    new.rename(file)


class Live:
    """A proxy whose files are changed as Kubernetes changes a mounted secret."""

    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh
        self._live = mesh.folder / "live"
        self._live.mkdir()
        self._count = 0
        self.swap_link("api")
        for ending in (".crt", ".key"):
            (self._live / f"tls{ending}").symlink_to(f"..data/tls{ending}")
        self._edge = mesh.start(
            "edge", Settings(identity=Identity(API, "live/tls"), policy="all-authenticated")
        )
        endpoint = f"{self._edge.ip}:{mesh.echo.port}"
        mesh.web = mesh.start(
            "client", Settings(identity=Identity(WEB, "web"), endpoints=[(endpoint, API)])
        )
        self._reloads = {"edge": 0, "client": 0}

    def issue(self, file: str, authority: Authority | None = None) -> str:
        """A new certificate of the same name."""
        return (authority or self._mesh.authority).issue(file, Wanted(f"DNS:{API}"))

    def swap_link(self, file: str) -> None:
        """`..data` comes to be another folder, at once."""
        self._count += 1
        place = self._live / f"data-{self._count}"
        place.mkdir()
        for ending in (".crt", ".key"):
            text = (self._mesh.folder / f"{file}{ending}").read_text()
            (place / f"tls{ending}").write_text(text)
        (self._live / "..new").symlink_to(place.name)
        (self._live / "..new").rename(self._live / "..data")

    def damage(self, text: str) -> None:
        """A certificate that is none, or does not belong to the key."""
        refused = self._edge.log().count("identity not reloaded")
        replace(self._live / "..data" / "tls.crt", text)
        wait_until(
            "it says so", lambda: self._edge.log().count("identity not reloaded") > refused
        )

    def await_reload(self, name: str) -> None:
        """One more."""
        proxy = next(proxy for proxy in self._mesh.proxies if proxy.name == name)
        wanted = self._reloads[name] + 1
        wait_until(f"{name} reloads", lambda: proxy.log().count("identity reloaded") >= wanted)
        self._reloads[name] = proxy.log().count("identity reloaded")


class Load:
    """New connections, and songs over them, as many as three threads make."""

    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh
        self._stop = threading.Event()
        self._count = 0
        self._failure = ""
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(3)]
        for thread in self._threads:
            thread.start()

    def _run(self) -> None:
        try:
            while not self._stop.wait(0.005):
                with self._mesh.connect() as client:
                    for _ in range(5):
                        sing(client)
                        self._count += 1
        except (OSError, AttackFailed) as error:
            self._failure = repr(error)

    def end(self) -> int:
        """How many songs; none may have been lost."""
        self._stop.set()
        for thread in self._threads:
            thread.join(10)
        expect(not self._failure, f"a client under load: {self._failure}")
        return self._count
