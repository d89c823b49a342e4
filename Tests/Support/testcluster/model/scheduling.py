# SPDX-License-Identifier: Apache-2.0
"""Which node a pod goes to. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from . import quantity

Object = Mapping[str, Any]


def choose(pod: Object, nodes: Sequence[Object], placed: Sequence[Object]) -> tuple[
    str | None, str
]:
    """The node's name; or none, and why."""
    reasons: dict[str, int] = {}
    best: tuple[int, str] | None = None
    for node in nodes:
        why = misfit(pod, node, placed)
        if why:
            reasons[why] = reasons.get(why, 0) + 1
            continue
        name = node["metadata"]["name"]
        count = sum(each["spec"].get("nodeName") == name for each in placed)
        if best is None or (count, name) < best:
            best = (count, name)
    if best is not None:
        return best[1], ""
    listed = ", ".join(f"{count} {why}" for why, count in sorted(reasons.items()))
    return None, f"0/{len(nodes)} nodes are available" + (f": {listed}." if listed else ".")


def misfit(pod: Object, node: Object, placed: Sequence[Object]) -> str:
    """Why a pod cannot go to a node; empty if it can."""
    spec, labels = pod["spec"], node["metadata"].get("labels") or {}
    if node["spec"].get("unschedulable"):
        return "node(s) were unschedulable"
    wanted = spec.get("nodeSelector") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        return "node(s) didn't match Pod's node affinity/selector"
    for taint in node["spec"].get("taints") or []:
        if taint["effect"] != "PreferNoSchedule" and not _is_tolerated(taint, spec):
            return f"node(s) had untolerated taint {{{taint['key']}: {taint.get('value', '')}}}"
    room = (node.get("status") or {}).get("allocatable") or {}
    own = node["metadata"]["name"]
    here = [each for each in placed if each["spec"].get("nodeName") == own]
    if "pods" in room and len(here) + 1 > quantity.parse(str(room["pods"])):
        return "Too many pods"
    for name in ("cpu", "memory"):
        if name in room:
            used = sum((request(each, name) for each in [*here, pod]), Fraction(0))
            if used > quantity.parse(str(room[name])):
                return f"Insufficient {name}"
    return ""


def _is_tolerated(taint: Object, spec: Object) -> bool:
    for each in spec.get("tolerations") or []:
        if each.get("effect") not in (None, "", taint["effect"]):
            continue
        if each.get("operator") == "Exists" and each.get("key") in (None, "", taint["key"]):
            return True
        if each.get("key") == taint["key"] and each.get("value", "") == taint.get("value", ""):
            return True
    return False


def request(pod: Object, name: str) -> Fraction:
    """How much a pod asks for: its containers at once, or an init container before them."""

    def asked(container: Object) -> Fraction:
        wanted = ((container.get("resources") or {}).get("requests") or {}).get(name, "0")
        return quantity.parse(str(wanted))

    inits = pod["spec"].get("initContainers") or []
    sidecars = [each for each in inits if each.get("restartPolicy") == "Always"]
    together = sum(map(asked, [*pod["spec"]["containers"], *sidecars]), Fraction(0))
    alone = [asked(each) for each in inits if each not in sidecars]
    return max([together, *alone])
