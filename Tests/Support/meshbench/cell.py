# SPDX-License-Identifier: Apache-2.0
"""One run of one scenario with one implementation."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from podbench.errors import BenchError
from podbench.waiting import pause

from . import accounting, nginx
from .accounting import Machine
from .control import Control
from .pair import Certificates, Pair, Process
from .scenarios import Scenario
from .side import Address, Command, Implementation

# Seconds of load before the measured stretch.
WARM_UP = 0.3
# LIMIT: seconds until load is under way, and until its program has printed.
LOAD_SECONDS = 20.0
GIB = 1024.0**3

Result = dict[str, object]


@dataclass(frozen=True)
class Place:
    """What all runs share."""

    programs: Path
    certificates: Certificates
    folder: Path
    threads: int


@dataclass(frozen=True)
class Moment:
    """All that is read at one moment."""

    at: float
    done: int
    cpu: dict[str, float]
    machine: Machine

    @staticmethod
    def now(control: Control, groups: dict[str, list[int]]) -> Moment:
        """The counter first and the clocks at once behind it."""
        done, at = control["done"], time.perf_counter()
        cpu = {name: accounting.cpu_seconds(pids) for name, pids in groups.items()}
        return Moment(at, done, cpu, Machine.now())


def run(place: Place, made_by: Implementation, scenario: Scenario, seconds: float) -> Result:
    """Starts everything, makes load for so many seconds, and ends everything."""
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=place.folder))
    control = Control(folder / "control")
    pair = Pair(
        made_by, place.certificates, folder, application(place, scenario, control),
        scenario.is_http, place.threads,
    )
    try:
        with pair:
            client = Process(client_command(place, scenario, control, pair.entrance), folder, "load")
            try:
                return measure(pair, client, control, scenario, seconds)
            finally:
                client.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def application(
    place: Place, scenario: Scenario, control: Control
) -> Callable[[Path, Address], Command]:
    """What serves behind the proxies."""
    if scenario.is_http:
        return nginx.application
    words = [str(place.programs / "stream"), "serve", str(control.path)]
    return lambda _, listen: Command([*words, listen.host, str(listen.port)])


def client_command(
    place: Place, scenario: Scenario, control: Control, to: Address
) -> Command:
    """What makes the load."""
    where = [str(control.path), to.host, str(to.port), str(scenario.connections)]
    if not scenario.is_http:
        return Command([str(place.programs / "stream"), scenario.direction, *where])
    how = [str(scenario.rate), "close" if scenario.closes else "keep"]
    return Command([str(place.programs / "load"), *where, *how])


def measure(
    pair: Pair, client: Process, control: Control, scenario: Scenario, seconds: float
) -> Result:
    """The run between two moments."""
    idle = {name: accounting.resident_kib(one.pids) for name, one in pair.proxies.items()}
    wait_for_load(client, control, pair)
    pause(WARM_UP)
    groups = {name: one.pids for name, one in pair.proxies.items()}
    groups |= {
        "application": pair.application.pids, "load": client.pids, "bench": [os.getpid()],
        "softirq": accounting.softirq_threads(),
    }
    control.set("is_recording")
    early = Moment.now(control, groups)
    pause(seconds)
    late = Moment.now(control, groups)
    loaded = {name: accounting.resident_kib(one.pids) for name, one in pair.proxies.items()}
    control.set("is_over")
    printed = client.wait(LOAD_SECONDS)
    if control["failed"]:
        raise BenchError(f"{control['failed']} failed: {pair.complaints()}")
    result = summary(early, late, scenario)
    if scenario.is_http:
        result["latency"] = json.loads(printed)
    return result | {
        "start_ms": pair.start_milliseconds, "idle_kib": idle, "loaded_kib": loaded,
    }


def wait_for_load(client: Process, control: Control, pair: Pair) -> None:
    """Until every connection carries something."""
    try:
        client.wait_for(lambda: bool(control["is_under_way"]))
    except BenchError as error:
        raise BenchError(f"{error} {pair.complaints()}") from error


def summary(early: Moment, late: Moment, scenario: Scenario) -> Result:
    """Differences, divided."""
    elapsed = late.at - early.at
    done = late.done - early.done
    if not done:
        raise BenchError(f"{scenario.name}: nothing came through in {elapsed:.1f} s")
    cpu = {name: late.cpu[name] - early.cpu[name] for name in late.cpu}
    unit = 1e6 / done if scenario.is_http else GIB / done
    idle = late.machine.idle - early.machine.idle
    busy = (os.cpu_count() or 1) * elapsed - idle
    return {
        "elapsed_s": elapsed,
        "per_second": done / elapsed / (1 if scenario.is_http else GIB),
        # Of both proxies.
        "cost": unit * (cpu.get("outbound", 0) + cpu.get("inbound", 0)),
        "cost_of": {name: unit * value for name, value in cpu.items()},
        # Cores that somebody else was busy on, and that the machine's host took.
        "foreign_cores": max(0.0, (busy - sum(cpu.values())) / elapsed),
        "stolen_cores": (late.machine.stolen - early.machine.stolen) / elapsed,
    }
