# SPDX-License-Identifier: Apache-2.0
"""Identity files that change, or go bad, while a thousand requests a second pass."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from .certificates import Authority, Wanted
from .load import Load
from .mesh import API, WEB, Mesh
from .outcome import expect, wait_until
from .proxy import Identity, Settings
from .watch import Watch

REFRESHES = "control_identity_cert_refreshes_total"
INFO = "control_identity_cert_info"
EXPIRY = "control_identity_cert_expiration_timestamp_seconds"
# Of the two certificates that are issued before the load begins.
EXPIRIES = (2_500_000_000, 2_600_000_000)

Change = Callable[["Live"], None]


def swapped() -> None:
    """A new certificate and key, twice, as Kubernetes swaps a mounted secret: nothing is lost."""

    def change(live: Live) -> None:
        for number in range(2):
            live.show(f"new-{number}")
            expect(live.expiry() == EXPIRIES[number], "the metrics speak of another certificate")
            expect(live.is_told_by_serial(f"new-{number}"), "the serial number is another's")

    under_load(change)


def half_written() -> None:
    """A certificate that ends in its middle."""
    under_load(lambda live: damaged(live, live.text()[: len(live.text()) // 2]))


def of_another_key() -> None:
    """A certificate that does not belong to the key."""
    under_load(lambda live: damaged(live, live.text("web")))


def unreadable() -> None:
    """A folder in the certificate's place: root may read everything that is a file."""
    under_load(lambda live: damaged(live, None))


def roots_change() -> None:
    """A second root is trusted by all before anyone shows what it has signed."""

    def change(live: Live) -> None:
        second = Authority(live.folder, "second").make()
        live.issue("by-second", second)
        roots = live.folder / "ca.crt"
        replace(roots, roots.read_text() + (live.folder / "second.crt").read_text())
        live.await_reload("edge", "client")
        live.show("by-second")

    under_load(change)


def under_load(change: Change) -> None:
    """Changes the files of the server's proxy, which has to be heard all the while."""
    with Mesh(has_web=False) as mesh:
        live = Live(mesh)
        for number, until in enumerate(EXPIRIES):
            live.issue(f"new-{number}", until=until)
        with Watch(mesh):
            load = Load(mesh.connect)
            change(live)
            print(f"      {load.end():.0f} requests a second")


def damaged(live: Live, text: str | None) -> None:
    """The old certificate stays while the new one is bad; a good one after that is taken."""
    before = live.expiry()
    live.damage(text)
    expect(live.expiry() == before, "the metrics speak of a certificate that was refused")
    live.show("new-0")


def replace(file: Path, text: str) -> None:
    """At once."""
    new = file.with_suffix(".new")
    new.write_text(text)
    new.rename(file)


class Live:
    """A proxy whose files are changed as Kubernetes changes a mounted secret."""

    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh
        self.folder = mesh.folder
        self._live = mesh.folder / "live"
        self._live.mkdir()
        self._count = 0
        self._turn_to(self._place("api"))
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

    def issue(
        self, file: str, authority: Authority | None = None, until: int = EXPIRIES[0]
    ) -> None:
        """A new certificate of the same name, good until then (Unix time)."""
        end = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(until))
        (authority or self._mesh.authority).issue(file, Wanted(f"DNS:{API}", end=end))

    def expiry(self) -> int:
        """When the certificate in force ends, by the proxy's metrics (Unix time)."""
        return self._edge.metric(EXPIRY)

    def is_told_by_serial(self, file: str) -> bool:
        """Whether the proxy's metrics have the serial number of an issued certificate."""
        command = ["openssl", "x509", "-noout", "-serial", "-in", str(self.folder / f"{file}.crt")]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return self._edge.metric(INFO, serial_number=said.strip().removeprefix("serial=")) == 1

    def text(self, file: str = "new-0") -> str:
        """An issued certificate."""
        return (self.folder / f"{file}.crt").read_text()

    def show(self, file: str) -> None:
        """Has the proxy turn to an issued certificate."""
        self._turn_to(self._place(file))
        self.await_reload("edge")

    def _turn_to(self, place: Path) -> None:
        """`..data` comes to be another folder, at once."""
        (self._live / "..new").symlink_to(place.name)
        (self._live / "..new").rename(self._live / "..data")

    def _place(self, file: str) -> Path:
        """A folder with an issued certificate and its key."""
        self._count += 1
        place = self._live / f"data-{self._count}"
        place.mkdir()
        for ending in (".crt", ".key"):
            text = (self._mesh.folder / f"{file}{ending}").read_text()
            (place / f"tls{ending}").write_text(text)
        return place

    def damage(self, text: str | None) -> None:
        """A certificate that is none, or does not belong to the key; None for what is no file."""
        count = self._edge.metric(REFRESHES, result="failure")
        place = self._place("new-1")
        (place / "tls.crt").unlink()
        if text is None:
            (place / "tls.crt").mkdir()
        else:
            (place / "tls.crt").write_text(text)
        self._turn_to(place)
        wait_until(
            "it says so", lambda: "identity not reloaded, the old one stays" in self._edge.log()
        )
        counted = self._edge.metric(REFRESHES, result="failure") - count
        expect(counted == 1, f"it is counted {counted} times")

    def await_reload(self, *names: str) -> None:
        """Each of them has reloaded once more."""
        for name in names:
            proxy = next(proxy for proxy in self._mesh.proxies if proxy.name == name)
            before = self._reloads[name]
            wait_until(
                f"{name} reloads",
                lambda: proxy.log().count("identity reloaded") > before,  # noqa: B023
            )
            self._reloads[name] = proxy.log().count("identity reloaded")
