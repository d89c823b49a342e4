# SPDX-License-Identifier: Apache-2.0
"""Quantities such as 500m and 1.5Gi, and the one way to write each. Pure."""

from __future__ import annotations

import re
from fractions import Fraction

_FORM = re.compile(
    r"^([+-]?)(\d+(?:\.\d*)?|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+|)$"
)
_DECIMAL = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
_BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
RULE = (
    "quantities must match the regular expression"
    " '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)


def parse(text: str) -> Fraction:
    """The amount; ValueError if it is none."""
    match = _FORM.match(text)
    if match is None:
        raise ValueError(RULE)
    number = Fraction(match[2] if not match[2].endswith(".") else match[2] + "0")
    suffix = match[3]
    if suffix in _BINARY:
        number *= 1024 ** _BINARY.index(suffix)
    elif suffix in _DECIMAL:
        number *= Fraction(1000) ** (_DECIMAL.index(suffix) - 3)
    else:
        number *= Fraction(10) ** int(suffix[1:])
    return -number if match[1] == "-" else number


def canonical(text: str) -> str:
    """The same amount as Kubernetes writes it."""
    amount = parse(text)
    match = _FORM.match(text)
    suffix = match[3] if match else ""
    if amount == 0:
        return "0"
    if suffix in _BINARY[1:] and (amount % 1 == 0):
        for power in reversed(range(len(_BINARY))):
            if amount % 1024**power == 0:
                return f"{amount / 1024**power}{_BINARY[power]}"
    if suffix[:1] in ("e", "E") and len(suffix) > 1:
        exponent = 18
        while exponent > -9 and (amount / Fraction(10) ** exponent) % 1 != 0:
            exponent -= 3
        return f"{amount / Fraction(10) ** exponent}" + (f"e{exponent}" if exponent else "")
    for power in reversed(range(-3, 7)):
        if (amount / Fraction(1000) ** power) % 1 == 0:
            return f"{amount / Fraction(1000) ** power}{_DECIMAL[power + 3]}"
    # Finer than a billionth: rounded up, as Kubernetes does.
    nano = -((-amount * 10**9) // 1)
    return f"{nano}n"
