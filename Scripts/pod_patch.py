# SPDX-License-Identifier: Apache-2.0
"""Holds what the webhook would answer (a JSON patch of a pod) against what the command wrote."""

from __future__ import annotations

import copy
import json
from typing import Any

import manifest_oracle as oracle


class Refused(Exception):
    """An operation that RFC 6902 does not allow here."""


def patches(text: bytes) -> list[dict[str, Any]]:
    """The lines of `--json-patch`, numbers as they are spelled."""
    return [
        json.loads(line, object_hook=oracle.Table, parse_float=str, parse_int=str)
        for line in text.splitlines()
    ]


def applied(pod: oracle.Table, operations: list[dict[str, Any]]) -> Any:
    """The pod after some `add` operations (RFC 6902 section 4.1)."""
    root: Any = copy.deepcopy(pod)
    for operation in operations:
        if operation["op"] != "add":
            raise Refused(f"{operation['op']} is no operation of ours")
        steps = [
            step.replace("~1", "/").replace("~0", "~")
            for step in operation["path"].split("/")[1:]
        ]
        node = root
        try:
            for step in steps[:-1]:
                node = node[int(step) if isinstance(node, list) else step]
            if isinstance(node, list):
                last = steps[-1]
                node.insert(len(node) if last == "-" else int(last), operation["value"])
            else:
                node[steps[-1]] = operation["value"]
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise Refused(f"{operation['path']}: {error!r}") from None
    return root


def without_mark(pod: Any) -> Any:
    """A pod of the cluster has no file to be given back, so it carries no mark for that."""
    pod = copy.deepcopy(pod)
    oracle.table(pod, "metadata", "annotations").pop(oracle.INJECTED_LIST, None)
    return pod


def problem(
    before: list[oracle.Expectation], after: list[oracle.Expectation], text: bytes
) -> str | None:
    """Where patch and file differ; None when they say the same of every injected pod."""
    pods = [
        (was, now) for was, now in zip(before, after) if was.outcome == "injected"
    ]
    lines = patches(text)
    if len(lines) != len(pods):
        return f"{len(lines)} patches for {len(pods)} pods"
    for (was, now), line in zip(pods, lines):
        try:
            patched = applied(was.owner, line["patch"])
        except Refused as refused:
            return f"the patch of {was.kind} {was.name!r}: {refused}"
        if without_mark(patched) != without_mark(now.owner):
            return f"the patch of {was.kind} {was.name!r} makes another pod than the command"
    return None
