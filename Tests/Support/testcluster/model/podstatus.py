# SPDX-License-Identifier: Apache-2.0
"""A pod's status from what its containers do, as the kubelet reports it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]


@dataclass
class Seen:
    """What is known of one container."""

    name: str
    image: str
    is_init: bool = False
    is_sidecar: bool = False
    identity: str = ""
    # Times as objects have them; empty if there is none.
    started: str = ""
    finished: str = ""
    exit_code: int | None = None
    restarts: int = 0
    has_started: bool = False
    is_ready: bool = False
    waiting: str = ""
    message: str = ""
    last: Object | None = None

    @property
    def state(self) -> Object:
        """One of waiting, running and terminated."""
        if self.waiting:
            found: Object = {"reason": self.waiting}
            if self.message:
                found["message"] = self.message
            return {"waiting": found}
        if self.exit_code is not None:
            return {"terminated": self.end}
        return {"running": {"startedAt": self.started}}

    @property
    def end(self) -> Object:
        """How it ended."""
        return {
            "exitCode": self.exit_code, "reason": "Completed" if self.exit_code == 0 else "Error",
            "startedAt": self.started, "finishedAt": self.finished,
            "containerID": self.identity,
        }

    @property
    def as_object(self) -> Object:
        """As a status has it."""
        is_running = "running" in self.state
        found: Object = {
            "name": self.name, "state": self.state, "lastState": self.last and {
                "terminated": self.last
            } or {},
            "ready": self.is_ready or (
                self.is_init and not self.is_sidecar and self.exit_code == 0 and not self.waiting
            ),
            "restartCount": self.restarts, "image": self.image, "imageID": self.image,
            "started": is_running and self.has_started,
        }
        if self.identity:
            found["containerID"] = self.identity
        return found


def phase(inits: Sequence[Seen], others: Sequence[Seen], policy: str) -> str:
    """Pending, Running, Succeeded or Failed."""
    for each in inits:
        if each.is_sidecar:
            if not each.has_started:
                return "Pending"
        elif each.exit_code is None or each.waiting:
            return "Pending"
        elif each.exit_code != 0:
            return "Failed" if policy == "Never" else "Pending"
    if any(each.waiting == "ContainerCreating" for each in others):
        return "Pending"
    ended = [each for each in others if each.exit_code is not None and not each.waiting]
    if policy == "Always" or len(ended) < len(others):
        return "Running"
    codes = {each.exit_code for each in ended}
    if codes == {0}:
        return "Succeeded"
    return "Failed" if policy == "Never" else "Running"


def conditions(
    inits: Sequence[Seen], others: Sequence[Seen], before: Sequence[Mapping[str, Any]],
    now: str, current: str, has_network: bool,
) -> list[Object]:
    """Whether the pod is ready, and what it waits for."""
    unready = [each.name for each in others if not each.is_ready]
    unready += [each.name for each in inits if each.is_sidecar and not each.is_ready]
    undone = [
        each.name for each in inits
        if not (each.has_started if each.is_sidecar else each.exit_code == 0)
    ]
    is_done = current in ("Succeeded", "Failed")
    why = f"containers with unready status: [{' '.join(unready)}]"
    if current == "Succeeded":
        reason, why = "PodCompleted", ""
    else:
        reason = "ContainersNotReady"
    ready = not unready and not is_done
    incomplete = f"containers with incomplete status: [{' '.join(undone)}]"
    found = [
        _made("PodReadyToStartContainers", has_network and not is_done, "", ""),
        _made("Initialized", not undone, "ContainersNotInitialized", incomplete),
        _made("Ready", ready, reason, why),
        _made("ContainersReady", ready, reason, why),
        _made("PodScheduled", True, "", ""),
    ]
    old = {each["type"]: each for each in before}
    for each in found:
        earlier = old.get(each["type"])
        is_same = earlier is not None and earlier["status"] == each["status"]
        each["lastProbeTime"] = None
        each["lastTransitionTime"] = (earlier or {}).get("lastTransitionTime") if is_same else now
    return found


def _made(kind: str, value: bool, reason: str, message: str) -> Object:
    found: Object = {"type": kind, "status": "True" if value else "False"}
    if not value and reason:
        found["reason"] = reason
        if message:
            found["message"] = message
    return found
