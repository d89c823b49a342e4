# SPDX-License-Identifier: Apache-2.0
"""The configuration file, changed while the proxies work: often, badly, and all the time."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

from .canary import sing
from .mesh import Mesh
from .outcome import AttackFailed, expect, wait_until
from .proxy import Proxy
from .watch import Watch

RELOADS_A_SECOND = 10
# Each reload makes and drops everything that is known of so many services, some 25 KiB: what is
# not dropped shows.
SERVICES = 50
# What a heap that is used by turns may differ by; twenty reloads that are not forgotten are more.
GROWTH_BYTES_MAX = 512 << 10
# A change takes effect within a second; the rest is for a busy machine.
EFFECT_SECONDS_MAX = 2.5


class File:
    """A proxy's file, which others take the place of."""

    def __init__(self, mesh: Mesh, proxy: Proxy) -> None:
        self.path = mesh.folder / f"{proxy.name}.yaml"
        self._good = json.loads(self.path.read_text())
        self._proxy = proxy
        self.swaps = 0

    def good(self, services: int = SERVICES) -> bytes:
        """What it was, and services that differ each time."""
        self.swaps += 1
        spare = {
            f"spare-{n}.swap-{self.swaps}.svc.cluster.local": {
                "endpoints": [{"address": f"10.0.{n % 250}.{self.swaps % 250}:80"}]
            }
            for n in range(services)
        }
        text = {**self._good, "services": {**self._good.get("services", {}), **spare}}
        return json.dumps(text).encode()

    def replace(self, text: bytes) -> None:
        """Puts it there whole."""
        new = self.path.with_suffix(".new")
        new.write_bytes(text)
        new.replace(self.path)

    def reloads(self) -> int:
        """How many the log tells of, those without a line of their own among them."""
        line = r'configuration reloaded.*?(?:unlogged="(\d+)")?$'
        told = re.findall(line, self._proxy.log(), re.M)
        return sum(1 + int(unlogged or 0) for unlogged in told)

    def refusals(self) -> int:
        """How many lines say that it was not taken."""
        return self._proxy.log().count("configuration not reloaded")

    def must_take_effect(self) -> None:
        """A good file is taken within a second."""
        before = self.reloads()
        self.replace(self.good(1))
        wait_until("the file is taken", lambda: self.reloads() > before, EFFECT_SECONDS_MAX)


class Load:
    """Connections through both proxies: old ones that go on, and new ones all the time."""

    def __init__(self, mesh: Mesh, threads: int = 4, old: int = 8) -> None:
        self._mesh = mesh
        self._old = old
        self._stop = threading.Event()
        self.failures: list[str] = []
        self.counts = [0] * threads
        self._threads = [threading.Thread(target=self._run, args=[n]) for n in range(threads)]
        for thread in self._threads:
            thread.start()

    def _run(self, number: int) -> None:
        try:
            old = [self._mesh.connect() for _ in range(self._old)]
            while not self._stop.is_set():
                for client in old:
                    sing(client)
                with self._mesh.connect() as new:
                    sing(new)
                self.counts[number] += 1
            for client in old:
                sing(client)
                client.close()
        except (OSError, AttackFailed) as error:
            self.failures.append(f"after {self.counts[number]} connections: {error!r}")

    def end(self) -> None:
        """Nobody must have noticed anything."""
        self._stop.set()
        for thread in self._threads:
            thread.join(10)
        expect(not self.failures, f"{self.failures}")
        expect(min(self.counts) > 10, f"the load was {self.counts}")


def flood_of_reloads(seconds: float = 3.0) -> None:
    """Ten a second, of both proxies, under load: all of them taken, and nothing lost or kept."""
    with Mesh() as mesh, Watch(mesh):
        files = [File(mesh, mesh.web), File(mesh, mesh.api)]
        load = Load(mesh)
        for file in files:
            # A file that has rested is looked at twice a second, and then at each change.
            file.must_take_effect()
        swap(files, seconds / 3)
        before = [proxy.own_bytes() for proxy in mesh.proxies]
        # Twice as many once more.
        swap(files, seconds * 2 / 3)
        after = [proxy.own_bytes() for proxy in mesh.proxies]
        load.end()
        for proxy, old, new in zip(mesh.proxies, before, after):
            grown = new - old
            print(f"      {proxy.name}: {old >> 10} KiB, {grown >> 10:+} KiB after 2/3 of all")
            expect(grown < GROWTH_BYTES_MAX, f"{proxy.name} has grown by {grown} bytes")
        # The log tells of those without a line a second later.
        time.sleep(1.2)
        for file, proxy in zip(files, (mesh.web, mesh.api)):
            count = file.reloads()
            print(f"      {proxy.name}: {count} of {file.swaps} files were taken")
            expect(count >= 0.9 * file.swaps, f"{proxy.name} took {count} of {file.swaps} files")
            expect(file.refusals() == 0, f"{proxy.name} has refused a file")
        print(f"      {sum(load.counts)} new connections meanwhile")
        # What Watch compares with had no spare services.
        for file in files:
            file.replace(file.good(0))


def swap(files: list[File], seconds: float) -> None:
    """Replaces the files so often, for so long."""
    start = time.monotonic()
    for turn in range(int(seconds * RELOADS_A_SECOND)):
        for file in files:
            file.replace(file.good())
        pause = start + (turn + 1) / RELOADS_A_SECOND - time.monotonic()
        time.sleep(max(pause, 0))


def bad_and_gone() -> None:
    """Bad, half there, empty, gone, a folder: the last good one stays, and the next is taken."""
    with Mesh() as mesh, Watch(mesh):
        file = File(mesh, mesh.web)
        good = file.good(1)
        for text in (b"services: [", b"servces: {}\n", b""):
            before = file.refusals()
            file.replace(text)
            wait_until(f"{text!r} is refused", lambda: file.refusals() > before)
            with mesh.connect() as client:
                sing(client)
        # In place, and not to the end.
        file.path.write_bytes(good[: len(good) // 2])
        still_works(mesh, 0.6)
        file.must_take_effect()
        file.path.unlink()
        still_works(mesh, 0.6)
        file.path.mkdir()
        still_works(mesh, 0.6)
        file.path.rmdir()
        file.must_take_effect()


def thousand_changes_a_second(seconds: float = 2.0) -> None:
    """Good, bad, empty, gone, in place and replaced: bounded work, few lines, and then the last."""
    with Mesh() as mesh, Watch(mesh):
        file = File(mesh, mesh.web)
        goods = [file.good(1) for _ in range(50)]
        changes: list[Callable[[int], None]] = [
            lambda n: file.replace(goods[n % 50]),
            lambda _: file.replace(b"servces: {}\n"),
            lambda n: in_place(file.path, goods[n % 50]),
            lambda _: in_place(file.path, b""),
            lambda _: file.path.unlink(missing_ok=True),
            lambda n: file.replace(goods[n % 50][:100]),
        ]
        used = mesh.web.processor_seconds()
        lines = len(mesh.web.log().splitlines())
        start, count = time.monotonic(), 0
        while time.monotonic() < start + seconds:
            changes[count % len(changes)](count)
            count += 1
            time.sleep(max(start + count / 1000 - time.monotonic(), 0))
        took = time.monotonic() - start
        used = mesh.web.processor_seconds() - used
        lines = len(mesh.web.log().splitlines()) - lines
        print(f"      {count} changes in {took:.1f} s: {lines} lines, {used:.2f} s of a processor")
        expect(lines <= 3 * (took + 2), f"{lines} lines in {took:.1f} s")
        expect(used < 0.5 * took, f"{used:.2f} s of a processor in {took:.1f} s")
        file.must_take_effect()
        file.replace(file.good(0))


def in_place(path: Path, text: bytes) -> None:
    """Writes the file where it stands."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.write(descriptor, text)
    os.close(descriptor)


def still_works(mesh: Mesh, seconds: float) -> None:
    """New connections, while the proxy has time to look at its file."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with mesh.connect() as client:
            sing(client)
        time.sleep(0.05)
