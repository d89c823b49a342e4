# SPDX-License-Identifier: Apache-2.0
"""YAML, with the complaints that Go's library has. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import yaml

from .gojson import Repeated

_Base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc, valid-type]
    """Remembers keys that are there twice."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.complaints: list[str] = []

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping, the last of equal keys being the one that counts."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                line = key.start_mark.line + 1
                self.complaints.append(f'line {line}: key "{key.value}" already set in map')
            seen.add(key.value)
        found: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return found


def loads(text: str) -> Any:
    """The value; ValueError in Go's words if it is none."""
    loader = _Loader(text)
    try:
        value = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line if error.problem_mark else 0
        raise ValueError(f"yaml: line {line}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise ValueError(f"yaml: {error}") from None
    finally:
        loader.dispose()
    if loader.complaints and isinstance(value, dict):
        found = Repeated(value)
        found.paths, found.complaints = [], loader.complaints
        return found
    return value


def error_of(complaints: list[str]) -> str:
    """All complaints as one error."""
    return "yaml: unmarshal errors:" + "".join(f"\n  {each}" for each in complaints)
