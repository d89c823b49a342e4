# SPDX-License-Identifier: Apache-2.0
"""The files of volumes that the API server's objects fill, and that follow them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from podbench.errors import BenchError
from podbench.spec import PodFacts, check_fields

from ..model import podspec

KINDS = ("configMap", "secret", "downwardAPI", "projected")
# Audiences, seconds in; token and its end out.
IssueToken = Callable[[list[str], int], tuple[str, float]]


@dataclass
class Volume:
    """One volume, and what was last written into it."""

    spec: Mapping[str, Any]
    folder: Path
    written: dict[str, bytes] = field(default_factory=dict)
    # Tokens by their path, and when they have to be new.
    tokens: dict[str, tuple[bytes, float]] = field(default_factory=dict)


class Volumes:
    """The volumes of one pod."""

    def __init__(self, facts: PodFacts, find: podspec.Find, issue: IssueToken) -> None:
        self._facts = facts
        self._find = find
        self._issue = issue
        self._all: list[Volume] = []

    def make(self, spec: Mapping[str, Any], folder: Path) -> None:
        """Fills a volume's folder, and keeps it filled."""
        folder.mkdir(parents=True)
        volume = Volume(spec, folder)
        self._write(volume)
        self._all.append(volume)

    def refresh(self) -> None:
        """Writes what has changed since."""
        for volume in self._all:
            try:
                self._write(volume)
            except podspec.NotFound:
                continue  # What is there stays, as the kubelet has it.

    def _write(self, volume: Volume) -> None:
        mode = self._mode(volume.spec)
        files = self._files(volume)
        for path, data in files.items():
            if volume.written.get(path) != data:
                target = volume.folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                draft = target.with_name(f".{target.name}.new")
                draft.write_bytes(data)
                draft.chmod(mode)
                draft.rename(target)
        for path in set(volume.written) - set(files):
            (volume.folder / path).unlink(missing_ok=True)
        volume.written = files

    @staticmethod
    def _mode(spec: Mapping[str, Any]) -> int:
        for kind in KINDS:
            if kind in spec:
                return int(spec[kind].get("defaultMode", 0o644))
        return 0o644

    def _files(self, volume: Volume) -> dict[str, bytes]:
        spec = volume.spec
        namespace = self._facts.namespace
        if "configMap" in spec:
            return podspec.chosen("configmaps", spec["configMap"], namespace, self._find)
        if "secret" in spec:
            return podspec.chosen("secrets", spec["secret"], namespace, self._find)
        if "downwardAPI" in spec:
            return self._downward(spec["downwardAPI"])
        found: dict[str, bytes] = {}
        for source in spec["projected"].get("sources") or []:
            check_fields(f"volume {spec['name']}", source, {
                "configMap", "secret", "downwardAPI", "serviceAccountToken"
            })
            if "configMap" in source:
                found |= podspec.chosen("configmaps", source["configMap"], namespace, self._find)
            elif "secret" in source:
                found |= podspec.chosen("secrets", source["secret"], namespace, self._find)
            elif "downwardAPI" in source:
                found |= self._downward(source["downwardAPI"])
            else:
                wanted = source["serviceAccountToken"]
                found[wanted["path"]] = self._token(volume, wanted)
        return found

    def _downward(self, source: Mapping[str, Any]) -> dict[str, bytes]:
        found = {}
        for item in source.get("items") or []:
            if "fieldRef" not in item:
                raise BenchError(f"volume: the node knows no {', '.join(sorted(item))}")
            path = item["fieldRef"]["fieldPath"]
            if path in ("metadata.labels", "metadata.annotations"):
                values = getattr(self._facts, path.split(".")[1])
                text = "".join(f'{key}="{values[key]}"\n' for key in sorted(values))
            else:
                text = self._facts.value(path)
            found[item["path"]] = text.encode()
        return found

    def _token(self, volume: Volume, wanted: Mapping[str, Any]) -> bytes:
        path, now = wanted["path"], time.time()
        old = volume.tokens.get(path)
        if old is not None and now < old[1]:
            return old[0]
        seconds = int(wanted.get("expirationSeconds", 3600))
        audiences = [wanted["audience"]] if wanted.get("audience") else []
        token, end = self._issue(audiences, seconds)
        # As the kubelet, which takes a new one after four fifths of its life.
        volume.tokens[path] = (token.encode(), now + (end - now) * 0.8)
        return token.encode()
