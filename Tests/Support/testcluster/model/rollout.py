# SPDX-License-Identifier: Apache-2.0
"""How many pods of which template there should be in the middle of a rollout. Pure."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HASH = "pod-template-hash"
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


@dataclass(frozen=True)
class Generation:
    """The pods of one template: how many are wanted, and how many are available."""

    name: str
    wanted: int
    available: int


def share(value: int | str, of: int, rounds_up: bool) -> int:
    """A number, or a percentage of another one."""
    if isinstance(value, int):
        return value
    exact = int(value.rstrip("%")) * of / 100
    return math.ceil(exact) if rounds_up else math.floor(exact)


def bounds(rolling: Mapping[str, Any], replicas: int) -> tuple[int, int]:
    """How many pods there may be too many, and how many too few."""
    surge = share(rolling.get("maxSurge", "25%"), replicas, True)
    missing = share(rolling.get("maxUnavailable", "25%"), replicas, False)
    if surge == 0 and missing == 0:
        missing = 1
    return surge, missing


def next_sizes(
    replicas: int, surge: int, missing: int, new: Generation, old: Sequence[Generation]
) -> dict[str, int]:
    """The next size of each generation, the oldest first in `old`; those that stay are left out."""
    total = new.wanted + sum(each.wanted for each in old)
    if new.wanted > replicas:
        return {new.name: replicas}
    if new.wanted < replicas:
        more = min(replicas + surge - total, replicas - new.wanted)
        if more > 0:
            return {new.name: new.wanted + more}
    return _shrunk(replicas - missing, total, new, old)


def _shrunk(
    least: int, total: int, new: Generation, old: Sequence[Generation]
) -> dict[str, int]:
    found: dict[str, int] = {}
    budget = total - least - max(0, new.wanted - new.available)
    if budget <= 0:
        return found
    # What is not available serves nobody, so it goes first.
    sizes = {each.name: each.wanted for each in old}
    for each in old:
        dead = min(max(0, budget), max(0, each.wanted - each.available))
        if dead:
            sizes[each.name] -= dead
            budget -= dead
    available = new.available + sum(min(each.available, sizes[each.name]) for each in old)
    spare = available - least
    for each in old:
        gone = min(max(0, spare), sizes[each.name])
        sizes[each.name] -= gone
        spare -= gone
    for each in old:
        if sizes[each.name] != each.wanted:
            found[each.name] = sizes[each.name]
    return found


def template_hash(template: Mapping[str, Any], collisions: int = 0) -> str:
    """What tells the pods of one template from those of another."""
    text = json.dumps([template, collisions], sort_keys=True).encode()
    digits = hashlib.sha256(text).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digits[:10])


def same_template(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two templates make the same pods; the hash's label does not count."""
    return _plain(one) == _plain(other)


def _plain(template: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {k: v for k, v in (template.get("metadata") or {}).items() if v}
    labels = {k: v for k, v in (metadata.get("labels") or {}).items() if k != HASH}
    return dict(template) | {"metadata": metadata | {"labels": labels}}


def doomed(pods: Sequence[Mapping[str, Any]], count: int) -> list[Mapping[str, Any]]:
    """Which pods to part with: those that serve least, and of equals the youngest."""

    def rank(pod: Mapping[str, Any]) -> tuple[bool, bool, bool, str]:
        status = pod.get("status") or {}
        is_assigned = bool(pod["spec"].get("nodeName"))
        is_running = status.get("phase") == "Running"
        return is_assigned, is_running, is_ready(pod), _reversed(
            pod["metadata"].get("creationTimestamp", "")
        )

    return sorted(pods, key=rank)[:count]


def _reversed(text: str) -> str:
    """Sorts the other way round."""
    return "".join(chr(0x10FFFF - ord(letter)) for letter in text)


def is_ready(pod: Mapping[str, Any]) -> bool:
    """Whether a pod says it is ready."""
    return any(
        each["type"] == "Ready" and each["status"] == "True"
        for each in (pod.get("status") or {}).get("conditions") or []
    )
