# SPDX-License-Identifier: Apache-2.0
"""Shows, before the table is believed, that its eyes see what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .matching import Absent, Count, Has, Like, Not, Some, differences
from .row import Row

BODY = {"a": 1, "b": {"c.d/e": "x"}, "l": [{"name": "m", "v": "1"}, {"name": "n", "v": True}]}
NAMES = {"ns": "web.1"}
# What is expected, and whether BODY has it.
CASES: list[tuple[dict[str, Any], bool]] = [
    ({"a": 1}, True),
    ({"a": True}, False),
    ({"a": "1"}, False),
    ({"a": Absent()}, False),
    ({"z": Absent()}, True),
    ({"z": Some()}, False),
    ({"z": Not("x")}, True),
    ({"a": Not(1)}, False),
    ({"b": {}}, False),
    ({"b": {"c.d/e": "x", "f": "y"}}, False),
    ({"b": Has({'["c.d/e"]': "x"})}, True),
    ({'b["c.d/e"]': "x"}, True),
    ({'b["c.d/e"]': "y"}, False),
    ({"l[0].name": "m", "l[name=n].v": True}, True),
    ({"l[2]": Absent(), "l[name=o]": Absent()}, True),
    ({"l[name=n].v": 1}, False),
    ({"l": Count(2)}, True),
    ({"l": Count(1)}, False),
    ({"z": Count(0)}, False),
    ({"l": Has({"name": "n"})}, True),
    ({"l": Has({"name": "o"})}, False),
    ({"l": [{"name": "m", "v": "1"}]}, False),
    ({"l": [{"name": "m", "v": Like("[0-9]")}, Some()]}, True),
    ({"l[0].v": Like("[a-z]")}, False),
    ({"a": Like("1")}, False),
]


def faults(rows: Sequence[Row]) -> list[str]:
    """What is wrong with the comparison, or with the table."""
    wrong = [
        f"the comparison takes {expected} wrongly"
        for expected, is_there in CASES
        if (differences(expected, BODY, NAMES) is None) != is_there
    ]
    if differences({"": Like("at <ns>!")}, "at web.1!", NAMES) is not None:
        wrong.append("a name is not put into a pattern")
    if differences({"": Like("at <ns>!")}, "at webX1!", NAMES) is None:
        wrong.append("a name is taken for a pattern")
    ids = [row.id for row in rows]
    return wrong + [f"two rows are {one}" for one in sorted(set(ids)) if ids.count(one) > 1]
