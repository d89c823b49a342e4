# SPDX-License-Identifier: Apache-2.0
"""Clocks that jump, and clocks of very young and very old machines."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from .canary import sing
from .mesh import Mesh
from .outcome import AttackFailed, Skipped, expect
from .proxy import Proxy, Settings
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


def young_machine() -> None:
    """The monotonic clock at two seconds."""
    deadlines_hold(2 - int(float(Path("/proc/uptime").read_text().split()[0])))


def old_machine() -> None:
    """The monotonic clock after thirty years."""
    deadlines_hold(30 * 365 * 86_400)


def deadlines_hold(offset: int) -> None:
    """A proxy in a time namespace, so many seconds off our own."""
    if os.geteuid() != 0 or not Path("/proc/self/ns/time").exists():
        raise Skipped("it takes root and time namespaces")
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
