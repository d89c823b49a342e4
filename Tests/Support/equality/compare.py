# SPDX-License-Identifier: Apache-2.0
"""Says which byte of two answers differs."""

from __future__ import annotations

from collections.abc import Mapping

# What was seen on one way, by name.
Seen = Mapping[str, bytes]


def first_difference(one: bytes, other: bytes) -> int | None:
    """The place of the first byte that differs; the end of the shorter counts as one."""
    if one == other:
        return None
    low, high = 0, min(len(one), len(other))
    # Halving compares in C.
    while low < high:
        middle = (low + high) // 2
        if one[low : middle + 1] == other[low : middle + 1]:
            low = middle + 1
        else:
            high = middle
    return low


def differences(one_name: str, one: Seen, other_name: str, other: Seen) -> list[str]:
    """A line for each thing that is not the same on both sides."""
    lines = []
    for key in [*one, *(key for key in other if key not in one)]:
        if key not in one or key not in other:
            lines.append(f"{key}: only {one_name if key in one else other_name}")
            continue
        at = first_difference(one[key], other[key])
        if at is not None:
            lines.append(
                f"{key}: byte {at} differs: {shown(one_name, one[key], at)},"
                f" {shown(other_name, other[key], at)}"
            )
    return lines


def shown(name: str, content: bytes, at: int) -> str:
    """What is at a place."""
    return f"{name} {content[at:at + 16]!r} of {len(content)} bytes"
