# SPDX-License-Identifier: Apache-2.0
"""One container, run by runc."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import BenchError, call
from .images import Image
from .spec import PodFacts, Place, check_fields, runtime_config
from .waiting import WAIT_SECONDS, ending, pause, wait_until

PROBE_FIELDS = {
    "httpGet", "tcpSocket", "exec", "initialDelaySeconds", "periodSeconds", "timeoutSeconds",
    "failureThreshold", "successThreshold",
}
# The grace period when the bench itself is told to end.
HURRIED_SECONDS = 3.0
# What the kernel says of a process's rights.
RIGHTS = ("Uid", "Gid", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp")


def status(pid: int) -> dict[str, str]:
    """A process as the kernel describes it; empty once it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


class Container:
    """A container of a pod: its bundle, its process, its probes and its end."""

    def __init__(
        self, spec: Mapping[str, Any], facts: PodFacts, image: Image, place: Place, world: Path
    ) -> None:
        self.spec = spec
        self.name: str = spec["name"]
        self.id = f"{facts.name}.{self.name}"
        self.log = world / "logs" / f"{self.id}.log"
        self._facts = facts
        self._stop_signal = image.config.stop_signal
        self._runc = ["runc", "--root", str(world / "runc")]
        self._bundle = world / "bundles" / self.id
        self._process: subprocess.Popen[bytes] | None = None
        # When it was started, its postStart hook had ended, and it had; monotonic.
        self.started_at = self.hook_ended_at = self.ended_at = 0.0
        # What a container that has ended was seen to be: its program, and RIGHTS.
        self.seen: list[dict[str, str]] = []
        for folder in (self._bundle / "root", self._bundle / "upper", self._bundle / "work"):
            folder.mkdir(parents=True)
        self.config = runtime_config(spec, facts, image.config, place)
        self.config["root"]["path"] = str(self._bundle / "root")
        layers = f"lowerdir={image.root},upperdir={self._bundle}/upper,workdir={self._bundle}/work"
        call("mount", "-t", "overlay", "-o", layers, "overlay", self._bundle / "root")
        (self._bundle / "config.json").write_text(json.dumps(self.config, indent=2))

    @property
    def is_sidecar(self) -> bool:
        """Whether it is an init container that goes on beside the others."""
        return self.spec.get("restartPolicy") == "Always"

    @property
    def pid(self) -> int:
        """The container's first process, as the bench sees it."""
        return int((self._bundle / "pid").read_text())

    def start(self) -> None:
        """Starts it, and runs its postStart hook to the end."""
        command = [*self._runc, "run", "--bundle", str(self._bundle)]
        command += ["--pid-file", str(self._bundle / "pid"), self.id]
        self.started_at = time.monotonic()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        # runc makes the file under another name first, so that it is never empty.
        wait_until(
            f"{self.id} to start",
            lambda: (self._bundle / "pid").exists() or self.exit_code is not None,
            step=0.001,
        )
        hook = (self.spec.get("lifecycle") or {}).get("postStart")
        if hook is not None:
            check_fields(f"{self.id}: postStart", hook, {"exec"})
            wait_until(f"{self.id} to run", lambda: self._is_running() or self._ended())
            self.run_inside(hook["exec"]["command"])
            self.hook_ended_at = time.monotonic()

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return None if self._process is None else self._process.poll()

    def wait(self, seconds: float = WAIT_SECONDS) -> None:
        """Waits for the end of a container that is to end by itself, with success."""
        wait_until(f"{self.id} to end", self._has_ended_or_is_seen, seconds, step=0.0005)
        if self.exit_code != 0:
            raise BenchError(f"{self.id} failed{self._last_words()}")

    def _has_ended_or_is_seen(self) -> bool:
        """Whether it has ended; looks at it until then."""
        if self.exit_code is not None:
            return True
        found = status(self.pid)
        if found and found["Name"] != "runc:[2:INIT]":
            self.seen.append({key: found[key] for key in ("Name", *RIGHTS)})
        return False

    def run_inside(self, command: list[str]) -> str:
        """Runs a command as `kubectl exec` would."""
        return call(*self.words_inside(command))

    def words_inside(self, command: list[str]) -> list[str]:
        """The command line that runs a command in it."""
        return [*self._runc, "exec", self.id, *command]

    def exit_code_inside(self, command: list[str]) -> int:
        """How a command ends that may fail."""
        done = subprocess.run(self.words_inside(command), capture_output=True, check=False)
        return done.returncode

    def wait_for_start(self) -> None:
        """Waits as long as the startup probe says."""
        probe = self.spec.get("startupProbe")
        if probe is not None:
            self._await(probe, "startup")

    def wait_until_ready(self) -> None:
        """Waits for the readiness probe; without one, for the ports that the spec declares."""
        probe = self.spec.get("readinessProbe")
        if probe is not None:
            self._await(probe, "readiness")
            return
        # A cluster would not wait. The bench does, so that no test begins with a retry.
        for port in self.spec.get("ports") or []:
            if port.get("protocol", "TCP") == "TCP":
                number = int(port["containerPort"])
                wait_until(
                    f"{self.id} to listen on {number}",
                    lambda: self._ended() or number in listening_ports(self.pid),
                )

    def stop(self, deadline: float) -> None:
        """Ends it, by force when the grace period is over."""
        self._begin_stop(max(0.0, deadline - time.monotonic()))
        self._end_stop(max(0.0, deadline - time.monotonic()))
        self.ended_at = time.monotonic()

    def _begin_stop(self, grace_seconds: float) -> None:
        """Runs the preStop hook and sends the signal."""
        if self._process is None or self.exit_code is not None:
            return
        hook = (self.spec.get("lifecycle") or {}).get("preStop")
        if hook is not None:
            check_fields(f"{self.id}: preStop", hook, {"exec", "sleep"})
            if "sleep" in hook:
                ending.wait(min(float(hook["sleep"]["seconds"]), grace_seconds))
            else:
                self.run_inside(hook["exec"]["command"])
        self._signal(self._stop_signal)

    def _end_stop(self, grace_seconds: float) -> None:
        """Waits for the end, and kills it when the grace period is over."""
        if self._process is None:
            return
        if ending.is_set():
            grace_seconds = min(grace_seconds, HURRIED_SECONDS)
        try:
            self._process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            self._signal("KILL")
            self._process.wait(5)

    def _signal(self, name: str) -> None:
        if self.exit_code is None:
            subprocess.run(
                [*self._runc, "kill", self.id, name], capture_output=True, check=False
            )

    def _is_running(self) -> bool:
        done = subprocess.run([*self._runc, "state", self.id], capture_output=True, check=False)
        return done.returncode == 0 and json.loads(done.stdout)["status"] == "running"

    def _ended(self) -> bool:
        """Never true: a container that is to go on and has ended is an error."""
        if self.exit_code is not None:
            raise BenchError(f"{self.id} ended with {self.exit_code}{self._last_words()}")
        return False

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-8:]
        return "".join(f"\n    {line}" for line in lines)

    def _await(self, probe: Mapping[str, Any], what: str) -> None:
        """Probes as the kubelet does, until it succeeds or may not fail again."""
        check_fields(f"{self.id}: {what} probe", probe, PROBE_FIELDS)
        pause(float(probe.get("initialDelaySeconds", 0)))
        for _ in range(int(probe.get("failureThreshold", 3))):
            if self._ended() or self.probe(probe):
                return
            pause(float(probe.get("periodSeconds", 10)))
        raise BenchError(f"{self.id}: the {what} probe failed{self._last_words()}")

    def probe(self, probe: Mapping[str, Any]) -> bool:
        """Whether one attempt of a probe succeeds."""
        seconds = float(probe.get("timeoutSeconds", 1))
        try:
            if "exec" in probe:
                self.run_inside(probe["exec"]["command"])
                return True
            target = probe.get("httpGet") or probe["tcpSocket"]
            address = (target.get("host") or self._facts.ip, self._port(target["port"]))
            if "tcpSocket" in probe:
                socket.create_connection(address, seconds).close()
                return True
            if target.get("scheme", "HTTP") != "HTTP":
                raise BenchError(f"{self.id}: the bench probes by HTTP only")
            connection = http.client.HTTPConnection(*address, timeout=seconds)
            connection.request("GET", target.get("path", "/"), headers={"User-Agent": "kube-probe"})
            status = connection.getresponse().status
            connection.close()
            return 200 <= status < 400
        except (OSError, http.client.HTTPException):
            return False

    def _port(self, port: int | str) -> int:
        if isinstance(port, int):
            return port
        for declared in self.spec.get("ports") or []:
            if declared.get("name") == port:
                return int(declared["containerPort"])
        raise BenchError(f"{self.id}: there is no port {port}")


def listening_ports(pid: int) -> set[int]:
    """The TCP ports that are listened on in a process's network."""
    ports: set[int] = set()
    for table in ("tcp", "tcp6"):
        path = Path(f"/proc/{pid}/net/{table}")
        if path.exists():
            for line in path.read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A":
                    ports.add(int(fields[1].rsplit(":", 1)[1], 16))
    return ports
