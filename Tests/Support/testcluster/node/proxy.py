# SPDX-License-Identifier: Apache-2.0
"""Services' virtual addresses, by nftables: what kube-proxy is."""

from __future__ import annotations

from collections.abc import Iterable

from ..controllers.controller import Controller, Name
from ..model import dnat
from ..model.failures import Object
from ..server.api import Api
from ..server.store import Change
from .nftables import Nftables

SERVICES, SLICES = ("", "services"), ("discovery.k8s.io", "endpointslices")


class ServiceProxy(Controller):
    """Writes all rules anew when anything of them changes."""

    def __init__(self, api: Api) -> None:
        self._nftables = Nftables()
        super().__init__(api)

    def concerns(self, change: Change) -> Iterable[Name]:
        """Services and slices, as one."""
        return [("", "")] if change.key in (SERVICES, SLICES) else []

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Has the kernel take them, all at once."""
        slices: dict[tuple[str, str], list[Object]] = {}
        for each in self.store.all(SLICES):
            metadata = each["metadata"]
            service = (metadata.get("labels") or {}).get("kubernetes.io/service-name", "")
            slices.setdefault((metadata["namespace"], service), []).append(each)
        found: list[dnat.Target] = []
        for service in self.store.all(SERVICES):
            metadata = service["metadata"]
            own = slices.get((metadata["namespace"], metadata["name"]), [])
            found += dnat.targets(service, own)
        self._nftables.run(dnat.rules(found))
        return None
