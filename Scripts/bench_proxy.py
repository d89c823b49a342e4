#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures meshctl-proxy, and prints PASS or MISS beside each budget.

Memory and files are measured of the shipped, static executable, and calls for memory in a dynamic
one of the same sources, since they are counted by a library that is preloaded. With --gate only
what does not depend on the machine's speed is measured, and a miss fails.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Tests/Support"))
sys.dont_write_bytecode = True

from podbench.errors import BenchError  # noqa: E402
from proxybench import allocations, memory, requests  # noqa: E402
from proxybench.proxies import Mesh  # noqa: E402
from proxybench.table import Table  # noqa: E402

# Bytes of the stripped files, in MB. The proxy's is what a pod's node loads for each version.
FILES = {"meshctl-proxy": 16.0, "meshctl": 25.0, "meshctl-init": 8.0}
START_RUNS = 20
START_MILLISECONDS_MAX = 50.0


def files(table: Table, image: Path) -> None:
    """What the image will hold, as far as it has been built."""
    for name, budget in FILES.items():
        if (file := image / name).exists():
            table.judge(f"file {name}", [file.stat().st_size / 1e6], budget, "MB")


def start_up(table: Table, executable: Path, folder: Path) -> None:
    """From the start of the process, with an identity, to the first 200 at /ready."""
    values = []
    for run in range(START_RUNS):
        mesh = Mesh(executable, folder / f"start-{run}", is_meshed=True)
        try:
            values.append(1000 * mesh.proxies["web"].await_ready(step=0.0005))
        finally:
            mesh.__exit__(None, None, None)
    table.judge_median("start to /ready", values, START_MILLISECONDS_MAX, "ms")


def measure(options: argparse.Namespace, table: Table, folder: Path) -> None:
    """All of it, what fails soonest first."""
    shipped = memory.as_from_disk(options.image / "meshctl-proxy", folder)
    runs = 1 if options.gate else 3
    memory.raise_descriptor_limit()
    table.head()
    files(table, options.image)
    library = allocations.build_library(folder)
    allocations.machine(table, library, folder)
    allocations.proxies(table, options.dynamic, library, folder)
    requests.core(table, options.head_bench, library, folder)
    requests.system_calls(table, shipped, folder)
    memory.idle(table, shipped, folder, runs)
    memory.connections(table, shipped, folder, False, 2000, runs)
    memory.connections(table, shipped, folder, True, 1000, runs)
    memory.storm(table, shipped, folder, False)
    memory.storm(table, shipped, folder, True)
    if not options.gate:
        allocations.streaming(table, options.dynamic, library, folder)
        start_up(table, shipped, folder)
        allocations.system_calls(table, shipped, folder)


def main() -> int:
    """Exit code 1 says that a budget of the gate was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("image", type=Path, help="the folder of Scripts/build_release")
    parser.add_argument("dynamic", type=Path, help="meshctl-proxy by swift build -c release")
    parser.add_argument("head_bench", type=Path, help="HeadBench by swift build -c release")
    parser.add_argument("--gate", action="store_true", help="sizes alone; a miss fails")
    options = parser.parse_args()
    for name in ("image", "dynamic", "head_bench"):
        setattr(options, name, getattr(options, name).resolve())
    table = Table()
    try:
        # Beside the image, so that the disk is the same; /tmp may be memory.
        place = options.image.parent
        with tempfile.TemporaryDirectory(prefix="proxybench-", dir=place) as folder:
            measure(options, table, Path(folder))
    except BenchError as error:
        print(f"Scripts/bench_proxy.py: {error}", file=sys.stderr)
        return 2
    if table.missed:
        print("\nmissed:\n    " + "\n    ".join(table.missed))
    return 1 if options.gate and table.missed else 0


if __name__ == "__main__":
    sys.exit(main())
