# SPDX-License-Identifier: Apache-2.0
"""One pod's life on the node, in a thread of its own: what the kubelet does for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from podbench.container import Container
from podbench.errors import BenchError
from podbench.images import Image
from podbench.waiting import ending

from ..model import podstatus
from ..model.failures import Object
from ..model.podstatus import Seen
from ..server.api import now_text
from .probing import Prober
from .sandbox import NodePod

# Seconds between looks, and between looks at what volumes are made of.
TICK_SECONDS, REFRESH_SECONDS = 0.02, 1.0
# Seconds until a container that ended is started again: less than a kubelet's, so that tests that
# want it do not have to wait for it; doubled each time.
RESTART_MIN, RESTART_MAX = 1.0, 60.0


class Finder(Protocol):
    """Finds images; one at a time, as they may have to be made."""

    def find(self, reference: str) -> Image: ...


@dataclass
class Member:
    """A container of the pod through all its restarts."""

    spec: Mapping[str, Any]
    seen: Seen
    container: Container | None = None
    probers: dict[str, Prober] = field(default_factory=dict)
    restart_at: float = 0.0
    delay: float = RESTART_MIN
    attempts: int = 0


class Runner(threading.Thread):
    """Runs a pod until it is told to end, or has ended."""

    def __init__(
        self, pod: NodePod, number: int, policy: str, images: Finder, pool: Executor,
        report: Callable[[Object], None], over: Callable[[Runner], None],
    ) -> None:
        super().__init__(daemon=True, name=f"pod {pod.facts.name}")
        self.pod = pod
        self.number = number
        self.phase = "Pending"
        self._policy = policy
        self._images = images
        self._pool = pool
        self._report = report
        self._over = over
        self._told = threading.Event()
        self._grace: float | None = None
        self._reported: Object | None = None
        self._has_network = False
        self._conditions: list[Object] = []
        self._started_at = now_text()
        spec = pod.spec
        self.inits = [_member(each, True) for each in spec.get("initContainers") or []]
        self.others = [_member(each, False) for each in spec["containers"]]

    def end(self, grace_seconds: float) -> None:
        """Begins the end; a shorter grace counts also later."""
        self._grace = grace_seconds
        self._told.set()

    @property
    def members(self) -> list[Member]:
        """All containers."""
        return self.inits + self.others

    def run(self) -> None:
        """The thread."""
        try:
            self.pod.prepare(self.number)
            self._has_network = True
            self._live()
        except BenchError as error:
            for each in self.others:
                each.seen.waiting, each.seen.message = "CreateContainerError", str(error)
            self._tell()
            while not self._is_over():
                time.sleep(TICK_SECONDS)
        try:
            self._stop()
        finally:
            self._over(self)

    def _is_over(self) -> bool:
        return self._told.is_set() or ending.is_set()

    def _live(self) -> None:
        refresh_at = time.monotonic() + REFRESH_SECONDS
        while not self._is_over():
            self._step()
            self._tell()
            now = time.monotonic()
            if now > refresh_at:
                self.pod.filled.refresh()
                refresh_at = now + REFRESH_SECONDS
            time.sleep(TICK_SECONDS)

    def _step(self) -> None:
        """One look: the init containers in their order, and then all others."""
        if self.phase in ("Succeeded", "Failed"):
            return
        for each in self.inits:
            self._look_after(each, "Always" if each.seen.is_sidecar else self._init_policy)
            if not _is_passed(each):
                return
        for each in self.others:
            self._look_after(each, self._policy)

    @property
    def _init_policy(self) -> str:
        return "OnFailure" if self._policy == "Always" else self._policy

    def _look_after(self, member: Member, policy: str) -> None:
        now = time.monotonic()
        seen = member.seen
        if member.container is None:
            if now >= member.restart_at:
                self._begin(member)
            return
        code = member.container.exit_code
        if code is None:
            self._probe(member, now)
            return
        if seen.exit_code is None:
            seen.exit_code, seen.finished = code, now_text()
            seen.is_ready = seen.has_started = False
        if policy == "Always" or (policy == "OnFailure" and code != 0):
            self._await_restart(member, now)

    def _await_restart(self, member: Member, now: float) -> None:
        seen = member.seen
        seen.last = seen.end
        if now - member.container.started_at > RESTART_MAX if member.container else False:
            member.delay = RESTART_MIN
        member.container, member.restart_at = None, now + member.delay
        seen.waiting = "CrashLoopBackOff"
        seen.message = f"back-off {member.delay:g}s restarting failed container={seen.name}"
        member.delay = min(member.delay * 2, RESTART_MAX)
        seen.restarts += 1

    def _begin(self, member: Member) -> None:
        seen = member.seen
        world = self.pod.world / f"run-{seen.name}-{member.attempts}"
        member.attempts += 1
        why = "ErrImagePull"
        try:
            self._images.find(member.spec["image"])
            why = "CreateContainerError"
            for folder in ("bundles", "logs"):
                (world / folder).mkdir(parents=True)
            container = self.pod.make(member.spec, self._images, world)  # type: ignore[arg-type]
            self._keep(member, container)
            member.container = container
            container.start()
        except BenchError as error:
            self._keep(member, None)
            member.container = None
            seen.waiting, seen.message = why, str(error)
            member.restart_at = time.monotonic() + member.delay
            member.delay = min(member.delay * 2, RESTART_MAX)
            return
        seen.identity = f"runc://{container.id}-{member.attempts}"
        seen.started, seen.finished, seen.exit_code = now_text(), "", None
        seen.waiting = seen.message = ""
        now = time.monotonic()
        member.probers = {
            kind: Prober(member.spec[kind], _attempt(container, member.spec[kind]), self._pool, now)
            for kind in ("startupProbe", "readinessProbe", "livenessProbe")
            if member.spec.get(kind)
        }
        self._probe(member, now)

    def _keep(self, member: Member, container: Container | None) -> None:
        """The pod stops what is in its lists."""
        if member in self.others:
            group = self.pod.containers
        else:
            group = self.pod.sidecars if member.seen.is_sidecar else self.pod.preparing
        group[:] = [each for each in group if each is not member.container]
        if container is not None:
            group.append(container)

    def _probe(self, member: Member, now: float) -> None:
        seen, probers = member.seen, member.probers
        startup = probers.get("startupProbe")
        if startup is not None and not seen.has_started:
            result = startup.look(now)
            if result is False:
                self._kill(member)
            if result is not True:
                return
        seen.has_started = True
        readiness = probers.get("readinessProbe")
        seen.is_ready = True if readiness is None else readiness.look(now) is True
        liveness = probers.get("livenessProbe")
        if liveness is not None and liveness.look(now) is False:
            self._kill(member)

    def _kill(self, member: Member) -> None:
        """Ends one that has failed its probe; the next look finds that it has ended."""
        member.probers = {}
        if member.container is not None:
            grace = float(self.pod.spec.get("terminationGracePeriodSeconds", 30))
            member.container.stop(time.monotonic() + grace)

    def status(self) -> Object:
        """The pod's status now."""
        inits, others = [each.seen for each in self.inits], [each.seen for each in self.others]
        if self.phase not in ("Succeeded", "Failed"):
            self.phase = podstatus.phase(inits, others, self._policy)
        self._conditions = podstatus.conditions(
            inits, others, self._conditions, now_text(), self.phase, self._has_network
        )
        facts = self.pod.facts
        status: Object = {
            "phase": self.phase, "conditions": self._conditions, "hostIP": facts.node_ip,
            "hostIPs": [{"ip": facts.node_ip}], "startTime": self._started_at,
            "containerStatuses": [each.as_object for each in others],
        }
        if self._has_network:
            status |= {"podIP": facts.ip, "podIPs": [{"ip": ip} for ip in facts.ips]}
        if inits:
            status["initContainerStatuses"] = [each.as_object for each in inits]
        return status

    def _tell(self) -> None:
        """Reports what is new."""
        status = self.status()
        if status != self._reported:
            self._report(status)
            self._reported = status

    def _stop(self) -> None:
        if self._grace is not None:
            # Copied, as podbench reads the grace period in the spec.
            self.pod.spec = dict(self.pod.spec) | {"terminationGracePeriodSeconds": self._grace}
        self.pod.stop()
        for each in self.members:
            if each.container is not None and each.seen.exit_code is None:
                each.seen.exit_code, each.seen.finished = each.container.exit_code, now_text()
                each.seen.is_ready = each.seen.has_started = False
        if not ending.is_set():
            if self.phase not in ("Succeeded", "Failed"):
                codes = [each.seen.exit_code for each in self.others]
                self.phase = "Succeeded" if all(code == 0 for code in codes) else "Failed"
            self._tell()
        self.pod.clean_up()

    def log(self, name: str, previous: bool) -> Path:
        """Where a container writes to."""
        attempt = self._member(name).attempts - (2 if previous else 1)
        world = self.pod.world / f"run-{name}-{attempt}"
        return world / "logs" / f"{self.pod.facts.name}.{name}.log"

    def is_running(self, name: str) -> bool:
        """Whether a container may still write."""
        container = self._member(name).container
        return container is not None and container.exit_code is None

    def words_inside(self, name: str, command: list[str]) -> list[str] | None:
        """The command line for a command in a container; None if that does not run."""
        container = self._member(name).container
        if container is None or container.exit_code is not None:
            return None
        return container.words_inside(command)

    def _member(self, name: str) -> Member:
        return next(each for each in self.members if each.seen.name == name)


def _member(spec: Mapping[str, Any], is_init: bool) -> Member:
    is_sidecar = spec.get("restartPolicy") == "Always"
    seen = Seen(spec["name"], spec["image"], is_init, is_sidecar, waiting="ContainerCreating")
    return Member(spec, seen)


def _is_passed(member: Member) -> bool:
    """Whether the next container may start."""
    if member.seen.is_sidecar:
        return member.seen.has_started
    return member.seen.exit_code == 0 and not member.seen.waiting


def _attempt(container: Container, probe: Mapping[str, Any]) -> Callable[[], bool]:
    return lambda: container.exit_code is None and container.probe(probe)
