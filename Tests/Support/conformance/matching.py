# SPDX-License-Identifier: Apache-2.0
"""Holds an answer against what a row expects of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Names that a row may write as <name>, with their values.
Names = Mapping[str, Any]
_NAME = re.compile(r"<([a-z][a-z0-9-]*)>")
_SEGMENT = re.compile(r"([^.\[\]]+)|\[(\d+)\]|\[([A-Za-z]+)=([^\]]+)\]|\[\"([^\"]+)\"\]")
_PATH = re.compile(rf"(?:(?:{_SEGMENT.pattern})\.?)*")


class Missing:
    """Where there is nothing."""

    def __repr__(self) -> str:
        return "nothing"


MISSING = Missing()


@dataclass(frozen=True)
class Absent:
    """Nothing may be there."""


@dataclass(frozen=True)
class Some:
    """Anything but nothing, and not empty."""


@dataclass(frozen=True)
class Like:
    """The whole text has this form, a regular expression in which <name> is taken literally."""

    pattern: str


@dataclass(frozen=True)
class Has:
    """A mapping with at least these places, or a list or text with at least this."""

    it: Any


@dataclass(frozen=True)
class Not:
    """Anything but this."""

    it: Any


@dataclass(frozen=True)
class Count:
    """How many members."""

    members: int


def filled(value: Any, names: Names) -> Any:
    """Puts in what is written as <name>; text that is nothing else takes the value's own type."""
    if isinstance(value, str):
        whole = _NAME.fullmatch(value)
        if whole and whole[1] in names:
            return names[whole[1]]
        return _NAME.sub(lambda found: str(names.get(found[1], found[0])), value)
    if isinstance(value, dict):
        return {filled(key, names): filled(member, names) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [filled(member, names) for member in value]
    return value


def found(body: Any, path: str) -> Any:
    """What is at a path: `a.b`, `a[0]`, `a["b.c/d"]`, `a[name=b]`; the whole at the empty path."""
    # A path that cannot be read would otherwise be one where nothing is.
    if not _PATH.fullmatch(path):
        raise ValueError(f"no path: {path}")
    at = body
    for key, index, field, wanted, quoted in _SEGMENT.findall(path):
        if index and isinstance(at, list):
            at = at[int(index)] if int(index) < len(at) else MISSING
        elif field and isinstance(at, list):
            members = (one for one in at if isinstance(one, dict) and one.get(field) == wanted)
            at = next(members, MISSING)
        elif isinstance(at, dict):
            at = at.get(key or quoted, MISSING)
        else:
            return MISSING
    return at


def difference(expected: Any, actual: Any, names: Names) -> str | None:
    """What is wrong with a value, or None."""
    match expected:
        case Absent():
            return None if actual is MISSING else f"is {shown(actual)}, and should not be"
        case Some():
            return f"is {shown(actual)}" if actual in (MISSING, None, "", [], {}) else None
        case Like(pattern):
            return _unlike(pattern, actual, names)
        case Has(it):
            return _lacks(it, actual, names)
        case Not(it):
            same = difference(it, actual, names) is None
            return f"is {shown(actual)}, and should not be" if same else None
        case Count(members):
            fits = isinstance(actual, list) and len(actual) == members
            return None if fits else f"is {shown(actual)}, and should have {members} members"
    return _unequal(expected, actual, names)


def _unlike(pattern: str, actual: Any, names: Names) -> str | None:
    literal = {name: re.escape(str(value)) for name, value in names.items()}
    wanted = str(filled(pattern, literal))
    if isinstance(actual, str) and re.fullmatch(wanted, actual, re.DOTALL):
        return None
    return f"is {shown(actual)}, and should be like {wanted}"


def _lacks(it: Any, actual: Any, names: Names) -> str | None:
    if isinstance(it, dict) and not isinstance(actual, list):
        return differences(it, actual, names)
    wanted = filled(it, names)
    if isinstance(actual, str) and isinstance(wanted, str) and wanted in actual:
        return None
    if isinstance(actual, list):
        member = Has(it) if isinstance(it, dict) else it
        if any(difference(member, one, names) is None for one in actual):
            return None
    return f"is {shown(actual)}, and should have {shown(wanted)}"


def _unequal(expected: Any, actual: Any, names: Names) -> str | None:
    if isinstance(expected, dict) and isinstance(actual, dict):
        wanted = {filled(key, names): value for key, value in expected.items()}
        for key in [*wanted, *(key for key in actual if key not in wanted)]:
            wrong = difference(wanted.get(key, Absent()), actual.get(key, MISSING), names)
            if wrong:
                return f"{key}: {wrong}"
        return None
    if isinstance(expected, (list, tuple)) and isinstance(actual, list):
        if len(expected) != len(actual):
            return f"is {shown(actual)}, and should be {shown(filled(expected, names))}"
        for index, (one, other) in enumerate(zip(expected, actual)):
            if wrong := difference(one, other, names):
                return f"[{index}]: {wrong}"
        return None
    wanted = filled(expected, names)
    # 1 and True are equal in Python, not in JSON.
    if type(wanted) is type(actual) and wanted == actual:
        return None
    return f"is {shown(actual)}, and should be {shown(wanted)}"


def differences(expected: Mapping[str, Any], body: Any, names: Names) -> str | None:
    """The first place of a body that is not as expected."""
    for path, wanted in expected.items():
        place = str(filled(path, names))
        if wrong := difference(wanted, found(body, place), names):
            return f"{place or 'the body'} {wrong}"
    return None


def shown(value: Any) -> str:
    """A value as it stands in JSON, shortened."""
    try:
        text = json.dumps(value)
    except TypeError:
        text = repr(value)
    return text if len(text) <= 600 else text[:600] + "..."
