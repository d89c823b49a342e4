# SPDX-License-Identifier: Apache-2.0
"""The part of the bench that stays outside: it makes the namespaces, and removes all that is left.

Inside, the bench is process 1 of a process namespace. When that ends, in whatever way, the kernel
ends every process in it; with the last process go the mounts and the networks. What the kernel does
not remove are cgroups and a folder, which this part does, and then it looks whether all is gone.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from .errors import BenchError

INNER = "PODBENCH_INNER"
CGROUPS = Path("/sys/fs/cgroup")
# LIMIT: how long the inner part may take to end the pods once it is told to, in seconds.
END_SECONDS = 15.0


@dataclass
class Place:
    """Where one run of the bench is."""

    run: str
    folder: Path

    @property
    def world(self) -> Path:
        """Where the inner part mounts what it needs."""
        return self.folder / "world"

    def report(self, namespaces: list[str]) -> None:
        """Tells the outer part which namespaces have to be gone in the end."""
        (self.folder / "namespaces.json").write_text(json.dumps(namespaces))


def inner_place() -> Place | None:
    """The place of a run whose inner part this process is; None in the outer part."""
    text = os.environ.pop(INNER, None)
    if text is None:
        return None
    run, folder, lifeline = text.split(":")

    def stop(_number: int, _frame: FrameType | None) -> None:
        # Once is enough; the end is not to be interrupted.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt

    def watch() -> None:
        os.read(int(lifeline), 1)
        os.kill(os.getpid(), signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=watch, daemon=True, name="lifeline").start()
    return Place(run, Path(folder))


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Turns SIGTERM and SIGHUP into KeyboardInterrupt."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    old = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


def run(command: list[str]) -> int:
    """Runs this command again in namespaces of its own; returns its exit code."""
    name = f"podbench-{secrets.token_hex(4)}"
    with ended_by_signals(), tempfile.TemporaryDirectory(prefix="podbench-") as folder:
        place = Place(name, Path(folder))
        place.world.mkdir()
        try:
            result = run_inner(place, command)
        finally:
            remove_cgroups(name)
        check_gone(place)
        return result


def run_inner(place: Place, command: list[str]) -> int:
    """Starts the inner part, and ends it when this part is told to end."""
    # The inner part ends when the last writing end is closed, even if this one is killed.
    reader, writer = os.pipe()
    environment = dict(os.environ)
    environment[INNER] = f"{place.run}:{place.folder}:{reader}"
    process = subprocess.Popen(
        ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc",
         "--propagation", "private", sys.executable, *command],
        env=environment, pass_fds=(reader,), start_new_session=True,
    )
    os.close(reader)
    try:
        return process.wait()
    finally:
        os.close(writer)
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def remove_cgroups(name: str) -> None:
    """Removes what runc left; a cgroup is busy for a moment after its last process."""
    deadline = time.monotonic() + 5
    while True:
        left = [
            folder
            for tree in (CGROUPS, *CGROUPS.glob("*/"))
            for folder in ([tree / name] if (tree / name).is_dir() else [])
        ]
        for top in left:
            for folder, _, _ in os.walk(top, topdown=False):
                try:
                    os.rmdir(folder)
                except OSError:
                    pass
        if not left:
            return
        if time.monotonic() > deadline:
            raise BenchError(f"cgroups are left: {', '.join(map(str, left))}")
        time.sleep(0.02)


def check_gone(place: Place) -> None:
    """Looks whether any process, namespace or mount of a run is left on this machine."""
    report = place.folder / "namespaces.json"
    ours = set(json.loads(report.read_text())) if report.exists() else set()
    left: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            for link in (process / "ns").iterdir():
                if os.readlink(link) in ours:
                    left.append(f"process {process.name} in {os.readlink(link)}")
            for line in (process / "mountinfo").read_text().splitlines():
                fields = line.split()
                if place.run in line or str(place.folder) in fields[4] or fields[3] in ours:
                    left.append(f"mount {fields[4]} in process {process.name}")
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue  # It has ended meanwhile.
        if re.search(re.escape(str(place.world)).encode(), command):
            left.append(f"process {process.name}: {command.decode(errors='replace')}")
    if left:
        raise BenchError("left behind: " + "; ".join(sorted(set(left))[:10]))
