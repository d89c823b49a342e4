# SPDX-License-Identifier: Apache-2.0
"""The part of the bench that stays outside: it makes the namespaces, and removes all that is left.

Inside, the bench is the child of process 1 of a process namespace, which does nothing but wait for
what is orphaned. When that ends, in whatever way, the kernel ends every process in the namespace;
with the last process go the mounts and the networks. What the kernel does not remove are cgroups
and a folder, which this part does, and then it looks whether all is gone.
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
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from .errors import BenchError
from .waiting import INTERRUPTED, ending

INNER = "PODBENCH_INNER"
CGROUPS = Path("/sys/fs/cgroup")
# LIMIT: how long the inner part may take to end the pods once it is told to, in seconds.
END_SECONDS = 15


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
    run_name, folder, lifeline = text.split(":")
    _leave_a_reaper()

    def watch() -> None:
        os.read(int(lifeline), 1)
        ending.set()

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=watch, daemon=True, name="lifeline").start()
    return Place(run_name, Path(folder))


def _leave_a_reaper() -> None:
    """Goes on as a child of process 1, which from then on waits for all that is orphaned.

    What nobody waits for keeps its container from ending: the kernel ends a process namespace only
    when the last of its processes has been waited for, and `runc exec` can leave one.
    """
    child = os.fork()
    if child == 0:
        return
    while True:
        process, state = os.wait()
        if process == child:
            code = os.waitstatus_to_exitcode(state)
            os._exit(code if code >= 0 else 128 - code)


class Lifeline:
    """A pipe that the inner part lives by: it ends when the last writing end is closed.

    That happens on a signal, and also when this process is killed.
    """

    def __init__(self) -> None:
        self.reader, self._writer = os.pipe()
        self.is_cut = False
        self.process_id: int | None = None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._cut)
        signal.signal(signal.SIGALRM, self._kill)

    def _cut(self, _number: int, _frame: FrameType | None) -> None:
        if not self.is_cut:
            self.is_cut = True
            os.close(self._writer)
            signal.alarm(END_SECONDS)

    def _kill(self, _number: int, _frame: FrameType | None) -> None:
        if self.process_id is not None:
            os.kill(self.process_id, signal.SIGKILL)


def run(command: list[str], inherited: Sequence[int] = ()) -> int:
    """Runs this command again in namespaces of its own; returns its exit code.

    Files that are inherited stay what they are: a socket of this network remains one.
    """
    name = f"podbench-{secrets.token_hex(4)}"
    lifeline = Lifeline()
    with tempfile.TemporaryDirectory(prefix="podbench-") as folder:
        place = Place(name, Path(folder))
        place.world.mkdir()
        environment = dict(os.environ)
        environment[INNER] = f"{place.run}:{place.folder}:{lifeline.reader}"
        process = subprocess.Popen(
            ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc",
             "--propagation", "private", sys.executable, *command],
            env=environment, pass_fds=(lifeline.reader, *inherited), start_new_session=True,
        )
        lifeline.process_id = process.pid
        os.close(lifeline.reader)
        result = process.wait()
        lifeline.process_id = None
        remove_cgroups(name)
        check_gone(place)
        return INTERRUPTED if lifeline.is_cut else result


def cgroups_left(name: str) -> list[Path]:
    """Removes what runc left of a run's cgroups, and returns what is still in use."""
    # One tree, or with version 1 of cgroups one for each controller.
    places = [tree / name for tree in (CGROUPS, *CGROUPS.glob("*/"))]
    for top in places:
        for folder, _, _ in os.walk(top, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                pass
    return [place for place in places if place.is_dir()]


def remove_cgroups(name: str) -> None:
    """Removes a run's cgroups; one is busy for a moment after its last process."""
    deadline = time.monotonic() + 5
    while left := cgroups_left(name):
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
