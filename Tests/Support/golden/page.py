# SPDX-License-Identifier: Apache-2.0
"""A page of metrics, read by the Prometheus project's own Python client."""

from __future__ import annotations

import gzip
import urllib.request
from collections.abc import Iterator
from fnmatch import fnmatchcase

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from .families import FAMILIES, WITHOUT_MEANING


def fetch(url: str, compressed: bool = False) -> str:
    """The page as text; compressed on the way if wanted, and then it has to be."""
    headers = {"Accept-Encoding": "gzip"} if compressed else {}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
        data = answer.read()
        if (answer.headers["Content-Encoding"] == "gzip") != compressed:
            raise AssertionError(f"{url}: Content-Encoding is not what was asked for")
    return (gzip.decompress(data) if compressed else data).decode()


class Page:
    """The samples of one proxy."""

    def __init__(self, text: str) -> None:
        self.families = list(text_string_to_metric_families(text))
        self.samples = [sample for family in self.families for sample in family.samples]

    def sum(self, name: str, **labels: str) -> float:
        """All series that have these labels, together."""
        return sum(sample.value for sample in self.matching(name, labels))

    def matching(self, name: str, labels: dict[str, str]) -> Iterator[Sample]:
        """The series that have these labels."""
        for sample in self.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                yield sample

    def names(self) -> set[str]:
        """The families by the names that the contract has for them."""
        return {
            family.name + ("_total" if family.type == "counter" else "")
            for family in self.families
        }

    @staticmethod
    def _reason_against(name: str) -> str | None:
        for pattern, reason in WITHOUT_MEANING.items():
            if fnmatchcase(name, pattern):
                return f"it had no meaning, for {reason}"
        return None

    def offences(self) -> Iterator[str]:
        """What is not as the contract has it."""
        for family in self.families:
            name = family.name + ("_total" if family.type == "counter" else "")
            if name not in FAMILIES:
                reason = self._reason_against(name) or "it is not in the contract"
                yield f"{name} should not be there: {reason}"
                continue
            kind, labels, buckets = FAMILIES[name]
            if family.type != kind:
                yield f"{name} is a {family.type}, not a {kind}"
            if not family.documentation:
                yield f"{name} has no HELP"
            known = {label.rstrip("?") for label in labels.split()}
            wanted = {label for label in labels.split() if not label.endswith("?")}
            ends: dict[str, list[str]] = {}
            for sample in family.samples:
                found = set(sample.labels) - {"le"}
                if not wanted <= found <= known:
                    yield f"{name} has the labels {sorted(found)}, not {labels}"
                if "le" in sample.labels:
                    rest = str(sorted((k, v) for k, v in sample.labels.items() if k != "le"))
                    ends.setdefault(rest, []).append(sample.labels["le"])
            for found_ends in ends.values():
                if " ".join(found_ends) != buckets:
                    yield f"{name} has the buckets {found_ends}, not {buckets}"
