# SPDX-License-Identifier: Apache-2.0
"""Namespaces: what each has from the start, and how it ends with all that is in it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..model.failures import Failure, Object
from ..server.api import Api, Candidate
from ..server.store import Change
from .controller import Controller, Name

NAMESPACES = ("", "namespaces")
ACCOUNTS, CONFIG_MAPS = ("", "serviceaccounts"), ("", "configmaps")
ROOT = "kube-root-ca.crt"


class Namespaces(Controller):
    """Ends namespaces."""

    def concerns(self, change: Change) -> Iterable[Name]:
        """A namespace on its way out, and one that something has left."""
        if change.key == NAMESPACES and change.new is not None:
            return [change.name]
        if change.new is None and change.name[0]:
            return [("", change.name[0])]
        return []

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Deletes all that is in it, and then lets it go."""
        found = self.store.get(NAMESPACES, "", name)
        if found is None or not found["metadata"].get("deletionTimestamp"):
            return None
        left = 0
        seen: set[tuple[str, str]] = set()
        for served in list(self.api.catalog.served.values()):
            resource = served.resource
            if not resource.is_namespaced or not resource.is_stored or resource.key in seen:
                continue
            seen.add(resource.key)
            for thing in list(self.store.all(resource.key, name)):
                left += 1
                if thing["metadata"].get("deletionTimestamp"):
                    continue
                try:
                    await self.api.delete(
                        served, name, thing["metadata"]["name"], {}, self.options
                    )
                except Failure as failure:
                    if failure.code != 404:
                        raise
            left = sum(self.store.count(key) and len(list(self.store.all(key, name)))
                       for key in seen)
        if left:
            return 0.2

        def release(old: Object) -> Candidate:
            return Candidate(old | {"spec": {}})

        await self.api.write(
            self.served(NAMESPACES), "", name, release, self.options, "finalize"
        )
        return None


class Beginnings(Controller):
    """Gives each namespace its default account and the cluster's authority."""

    def __init__(self, api: Api, authority: Path) -> None:
        super().__init__(api)
        self._authority = authority.read_text()

    def concerns(self, change: Change) -> Iterable[Name]:
        """A new namespace, and one that has lost either."""
        if change.key == NAMESPACES and change.new is not None:
            return [change.name]
        if change.key == ACCOUNTS and change.new is None and change.name[1] == "default":
            return [("", change.name[0])]
        if change.key == CONFIG_MAPS and change.name[1] == ROOT:
            return [("", change.name[0])]
        return []

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Makes what is missing."""
        found = self.store.get(NAMESPACES, "", name)
        if found is None or found["metadata"].get("deletionTimestamp"):
            return None
        if self.store.get(ACCOUNTS, name, "default") is None:
            await self.api.create(
                self.served(ACCOUNTS), name, {"metadata": {"name": "default"}}, self.options
            )
        data = {"ca.crt": self._authority}
        existing = self.store.get(CONFIG_MAPS, name, ROOT)
        if existing is None:
            metadata = {"name": ROOT, "annotations": {
                "kubernetes.io/description": "Contains a CA bundle that can be used to verify the"
                " kube-apiserver when using internal endpoints such as the internal service IP or"
                " kubernetes.default.svc. No other usage is guaranteed across distributions of"
                " Kubernetes clusters."
            }}
            body = {"metadata": metadata, "data": data}
            await self.api.create(self.served(CONFIG_MAPS), name, body, self.options)
        elif existing.get("data") != data:
            await self.api.write(
                self.served(CONFIG_MAPS), name, ROOT,
                lambda old: Candidate(old | {"data": data}), self.options,
            )
        return None
