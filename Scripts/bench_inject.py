#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures meshctl on a manifest of 34,000 lines, and prints PASS or MISS beside each budget.

Wall time and peak memory are those that the kernel reports for each run. A miss does not fail:
timings depend on the machine, and a person judges them. A run that fails does.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

INJECT_RUNS = 7
HELP_RUNS = 20
INJECT_SECONDS_MAX = 0.3
INJECT_MEGABYTES_MAX = 100.0
HELP_MILLISECONDS_MAX = 30.0

# One application, of which inject adds to one place.
APPLICATION = """\
# {name}: owned by team-{team}. Generated for a benchmark; every number here is made up.
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}-settings
  namespace: team-{team}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: benchmark
data:
  # Read once, when the process starts.
  application.properties: |
    server.port={port}
    server.shutdown=graceful and then some words to make the line as long as real ones
    database.url=jdbc:postgresql://{name}-db.team-{team}.svc.cluster.local:5432/{name}
    # A comment of the file, not of the manifest.
    cache.size={port}
  logging.yaml: |
    level: info
    appenders: [console, "file:/var/log/{name}.log"]
    pattern: "%d{{HH:mm:ss.SSS}} [%thread] %-5level %logger{{36}} - %msg%n"
  ca.crt: |
    -----BEGIN CERTIFICATE-----
{certificate}
    -----END CERTIFICATE-----
  dashboard.json: |
    {{"title": "{name}", "panels": [
{panels}
    ]}}
---
apiVersion: v1
kind: Service
metadata:
  name: {name}
  namespace: team-{team}
  labels: {{app.kubernetes.io/name: {name}, app.kubernetes.io/part-of: benchmark}}
spec:
  selector:
    app.kubernetes.io/name: {name}   # the pods of the Deployment below
  ports:
  - name: http
    port: 80
    targetPort: {port}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: team-{team}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: benchmark
spec:
  replicas: {replicas}
  # Old ReplicaSets cost little, and help to go back.
  revisionHistoryLimit: 5
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
        app.kubernetes.io/part-of: benchmark
    spec:
      serviceAccountName: {name}
      securityContext: {{runAsNonRoot: true, seccompProfile: {{type: RuntimeDefault}}}}
      containers:
      - name: {name}
        # Pinned by digest, so that a tag that moves changes nothing.
        image: "registry.example.com/team-{team}/{name}:1.{replicas}.0@sha256:{digest}"
        args: ["--config", "/etc/{name}/application.properties", '--workers={replicas}']
        env:
        - name: POD_NAME
          valueFrom: {{fieldRef: {{fieldPath: metadata.name}}}}
        - name: JAVA_TOOL_OPTIONS
          value: "-XX:MaxRAMPercentage=75 -XX:+ExitOnOutOfMemoryError"
        ports:
        - name: http
          containerPort: {port}
        readinessProbe:
          httpGet: {{path: /ready, port: http}}
          periodSeconds: 5
        resources:
          requests: {{cpu: 100m, memory: 128Mi}}
          limits: {{memory: 256Mi}}
        volumeMounts:
        - name: settings
          mountPath: /etc/{name}
          readOnly: true
      volumes:
      - name: settings
        configMap: {{name: {name}-settings, defaultMode: 0440}}
---
"""
CERTIFICATE_LINES = 20
PANEL = (
    '    {{"id": {id}, "type": "timeseries", "title": "{name}, requests by code", "targets": '
    '[{{"expr": "sum by (code) (rate(http_requests_total{{app=\\"{name}\\"}}[{id}m]))"}}]}},'
)
PANELS = 16
APPLICATIONS = 270


@dataclass
class Run:
    """One run of a command."""

    seconds: float
    megabytes: float


def applications() -> Iterator[str]:
    """The manifest, piece by piece: a large Python would hide a small meshctl's memory."""
    for number in range(APPLICATIONS):
        name = f"application-{number:04}"
        digest = f"{number * 2654435761 % 2**32:08x}" * 8
        yield APPLICATION.format(
            name=name,
            team=number % 23,
            port=8000 + number,
            replicas=1 + number % 7,
            digest=digest,
            certificate="\n".join([f"    {digest}"] * CERTIFICATE_LINES),
            panels="\n".join(PANEL.format(id=id, name=name) for id in range(PANELS)),
        )


def run(*command: str | Path, stdout: str = os.devnull) -> Run:
    """Runs a command to its end; exits with what it said when it fails."""
    with tempfile.TemporaryFile() as report:
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
            (os.POSIX_SPAWN_DUP2, report.fileno(), 2),
        ]
        start = time.perf_counter()
        process = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
        _, status, usage = os.wait4(process, 0)
        seconds = time.perf_counter() - start
        code = os.waitstatus_to_exitcode(status)
        if code != 0:
            report.seek(0)
            text = report.read(2000).decode(errors="replace")
            sys.exit(f"{' '.join(map(str, command))}: exit {code}\n{text}")
    return Run(seconds, usage.ru_maxrss / 1024)


def spread(values: list[float], unit: str, digits: int) -> str:
    numbers = (min(values), statistics.median(values), max(values))
    return "min / median / max  " + " / ".join(f"{one:.{digits}f}" for one in numbers) + f" {unit}"


def judge(what: str, measured: str, value: float, budget: float, unit: str) -> None:
    verdict = "PASS" if value < budget else "MISS"
    print(f"{verdict}  {what}: {measured}  (budget: < {budget:g} {unit})")


def machine() -> str:
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True, check=True)
    version = swift.stdout.splitlines()[0]
    return f"{os.cpu_count()} cores, {platform.system()} {platform.release()}, {version}"


def main() -> None:
    meshctl = Path(sys.argv[1]).resolve()
    print(machine())
    # The kernel counts what a process was before it became the command: this script.
    floor = run("true").megabytes
    with tempfile.TemporaryDirectory(prefix="meshctl-bench-") as folder:
        manifest, output = Path(folder) / "manifest.yaml", Path(folder) / "output.yaml"
        with manifest.open("w", encoding="utf-8") as file:
            file.writelines(applications())
        lines = sum(piece.count("\n") for piece in applications())
        print(f"manifest: {lines:,} lines, {manifest.stat().st_size / 1e6:.2f} MB\n")
        run(meshctl, "inject", manifest, stdout=str(output))
        if output.stat().st_size <= manifest.stat().st_size:
            sys.exit("meshctl inject exits 0, but its output is not larger than its input")
        injects = [run(meshctl, "inject", manifest) for _ in range(INJECT_RUNS)]
    helps = [run(meshctl, "--help") for _ in range(HELP_RUNS)]

    seconds = [one.seconds for one in injects]
    what = f"inject, median of {INJECT_RUNS}"
    judge(what, spread(seconds, "s", 3), statistics.median(seconds), INJECT_SECONDS_MAX, "s")

    peak = max(one.megabytes for one in injects)
    measured = f"{peak:.1f} MB" if peak > floor else f"at most {peak:.1f} MB"
    judge("inject, peak memory", measured, peak, INJECT_MEGABYTES_MAX, "MB")

    times = [one.seconds * 1000 for one in helps]
    what = f"--help, median of {HELP_RUNS}"
    judge(what, spread(times, "ms", 1), statistics.median(times), HELP_MILLISECONDS_MAX, "ms")


if __name__ == "__main__":
    main()
