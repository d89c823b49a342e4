# SPDX-License-Identifier: Apache-2.0
"""How often memory is asked for, and the kernel called, for each buffer that is relayed."""

from __future__ import annotations

import mmap
import os
import re
import shutil
import signal
import struct
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from podbench.errors import BenchError, call
from podbench.waiting import wait_until

from .proxies import Connection, Mesh
from .table import Table

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
ROWS, ROW = 64, struct.Struct("QQQ")
# What happens by time, such as mail from the first thread, is no part of relaying: a call for a
# hundred buffers is less than the least that a buffer could cost.
SPORADIC = 0.01
ROUND_TRIPS = 500
# A round trip is a buffer there and one back.
BUFFERS = 2 * ROUND_TRIPS
BUFFER_BYTES = 1024
STREAM_MIB = 256
# LIMIT: seconds for strace to take hold of a process and to let go.
TRACE_SECONDS = 20.0


class Counter:
    """A file into which a preloaded library counts the calls of a process for memory."""

    def __init__(self, library: Path, file: Path) -> None:
        file.write_bytes(bytes(ROWS * ROW.size))
        self.environment = {"LD_PRELOAD": str(library), "MALLOC_COUNT_FILE": str(file)}
        with file.open("rb") as opened:
            self._map = mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ)

    def calls(self, without: int | None = None) -> tuple[int, int]:
        """Calls so far of Swift and of C, by all threads but one."""
        rows = [row for row in ROW.iter_unpack(self._map) if row[0] not in (0, without)]
        return sum(row[1] for row in rows), sum(row[2] for row in rows)


def build_library(folder: Path) -> Path:
    """The library that counts."""
    library = folder / "malloc_count.so"
    source = HERE / "malloc_count.c"
    call("clang", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, source)
    return library


def machine(table: Table, library: Path, folder: Path) -> None:
    """RelayMachine alone, compiled as in a release."""
    probe = folder / "relay-probe"
    call(
        "swiftc", "-O", "-swift-version", "6", "-o", probe,
        HERE / "relay_probe/main.swift", ROOT / "Sources/ProxyCore/Relay/RelayMachine.swift",
    )

    def swift_calls(*words: str) -> int:
        counter = Counter(library, folder / "relay-probe.count")
        subprocess.run([probe, *words], env={**os.environ, **counter.environment}, check=True)
        return counter.calls()[0]

    start = swift_calls("0")
    each = (swift_calls(str(BUFFERS)) - start) / BUFFERS
    table.judge("allocations a buffer, RelayMachine", [each], 0, "calls")
    # Without this a counter that counts nothing would pass for a machine that takes nothing.
    control = (swift_calls(str(BUFFERS), "allocating") - start) / BUFFERS
    if control < 1:
        raise BenchError(f"a probe that allocates for each buffer is counted as {control} a buffer")


def relay(connection: Connection, round_trips: int) -> None:
    """Buffers to and fro, one at a time."""
    data = bytes(BUFFER_BYTES)
    for _ in range(round_trips):
        connection.say(data, data)


def proxies(table: Table, executable: Path, library: Path, folder: Path) -> None:
    """The threads of whole proxies that relay; the first thread does other work meanwhile."""
    for is_meshed in (False, True):
        place = folder / f"allocations-{is_meshed}"
        place.mkdir()
        counters = {
            who: Counter(library, place / f"{who}.count")
            for who in (["api", "web"] if is_meshed else ["api"])
        }
        environments = [counter.environment for counter in counters.values()]
        with Mesh(executable, place, is_meshed, environments) as mesh:
            connection = mesh.connect(1)[0]
            relay(connection, 100)
            before = {
                who: counters[who].calls(proxy.pid) for who, proxy in mesh.proxies.items()
            }
            relay(connection, ROUND_TRIPS)
            for who, proxy in mesh.proxies.items():
                after = counters[who].calls(proxy.pid)
                swift, c = (
                    (late - early) / BUFFERS
                    for late, early in zip(after, before[who], strict=True)
                )
                kind = f"{side(who)}, mutual TLS" if is_meshed else "plain"
                table.judge(f"allocations a buffer, {kind}, Swift", [swift], SPORADIC, "calls")
                table.tell("  by OpenSSL and libc", [c], "calls")
            connection.close()


def streaming(table: Table, executable: Path, library: Path, folder: Path) -> None:
    """A peer that sends as fast as it can: bytes wait for the other, and waiting takes memory."""
    for is_meshed in (False, True):
        place = folder / f"streaming-{is_meshed}"
        place.mkdir()
        counters = [Counter(library, place / str(index)) for index in range(1 + is_meshed)]
        environments = [counter.environment for counter in counters]
        with Mesh(executable, place, is_meshed, environments) as mesh:
            connection = mesh.connect(1)[0]
            stream(connection, 16)
            pids = [proxy.pid for proxy in mesh.proxies.values()]
            before = [counter.calls(pid)[0] for counter, pid in zip(counters, pids, strict=True)]
            stream(connection, STREAM_MIB)
            values = [
                (counter.calls(pid)[0] - early) / (16 * STREAM_MIB)
                for counter, pid, early in zip(counters, pids, before, strict=True)
            ]
            kind = "mutual TLS" if is_meshed else "plain"
            table.tell(f"allocations a 64 KiB of a stream, {kind}, Swift", values, "calls")
            connection.close()


def stream(connection: Connection, mebibytes: int) -> None:
    """So much in one direction, as fast as both ends can."""
    total = mebibytes << 20

    def drain() -> None:
        left = total
        while left > 0:
            left -= len(connection.server.recv(min(left, 1 << 20)))

    reader = threading.Thread(target=drain)
    reader.start()
    data = bytes(1 << 20)
    for _ in range(mebibytes):
        connection.client.sendall(data)
    reader.join()


def side(who: str) -> str:
    """Which way a proxy of the bench is passed."""
    return {"web": "outbound", "api": "inbound"}[who]


def system_calls(table: Table, executable: Path, folder: Path) -> None:
    """What strace sees of a relaying thread."""
    if shutil.which("strace") is None:
        raise BenchError("strace is not installed; Scripts/setup bench does that")
    for is_meshed in (False, True):
        place = folder / f"calls-{is_meshed}"
        place.mkdir()
        with Mesh(executable, place, is_meshed) as mesh:
            connection = mesh.connect(1)[0]
            relay(connection, 100)
            for who, proxy in mesh.proxies.items():
                counts = traced(
                    proxy.pid, place / f"{who}.strace", lambda: relay(connection, ROUND_TRIPS)
                )
                kind = f"{side(who)}, mutual TLS" if is_meshed else "plain"
                each = {name: count / BUFFERS for name, count in counts.items()}
                table.tell(f"system calls a buffer, {kind}", [sum(each.values())], "calls")
                names = sorted(each, key=lambda name: -each[name])
                print("        " + ", ".join(f"{name} {each[name]:.2f}" for name in names[:6]))
            connection.close()


def traced(pid: int, report: Path, work: Callable[[], object]) -> dict[str, int]:
    """How often each system call is made by a process's other threads while the work is done."""
    threads = [int(entry.name) for entry in Path(f"/proc/{pid}/task").iterdir()]
    words = [word for thread in threads if thread != pid for word in ("-p", str(thread))]
    tracer = subprocess.Popen(
        ["strace", "-c", "-U", "calls,name", "-o", report, *words], stderr=subprocess.PIPE
    )
    try:
        wait_until(
            "strace to take hold",
            lambda: all(
                f"TracerPid:\t{tracer.pid}\n" in Path(f"/proc/{pid}/task/{one}/status").read_text()
                for one in threads if one != pid
            ),
            TRACE_SECONDS,
        )
        work()
    finally:
        tracer.send_signal(signal.SIGINT)
        _, complaint = tracer.communicate(timeout=TRACE_SECONDS)
    rows = re.findall(r"^ *(\d+) +(\w+)$", report.read_text(), re.MULTILINE)
    counts = {name: int(count) for count, name in rows if name != "total"}
    if not counts:
        raise BenchError(f"strace saw nothing: {complaint.decode().strip()}")
    return counts
