# SPDX-License-Identifier: Apache-2.0
"""EndpointSlices, and the older Endpoints, of services with a selector."""

from __future__ import annotations

from collections.abc import Iterable

from ..model import selectors, slicing
from ..model.failures import Failure, Object
from ..server.api import Candidate
from ..server.store import Change
from .controller import Controller, Name, controller_of, owner_reference

SERVICES, PODS = ("", "services"), ("", "pods")
SLICES, ENDPOINTS = ("discovery.k8s.io", "endpointslices"), ("", "endpoints")
SERVICE_NAME = "kubernetes.io/service-name"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
MANAGER = "endpointslice-controller.k8s.io"


class Slices(Controller):
    """Writes who serves a service."""

    def concerns(self, change: Change) -> Iterable[Name]:
        """A service, those of a pod, and that of a slice that somebody has touched."""
        if change.key == SERVICES:
            return [change.name]
        if change.key == PODS:
            found: set[Name] = set()
            for pod in (change.old, change.new):
                labels = (pod or {}).get("metadata", {}).get("labels") or {}
                for service in self.store.all(SERVICES, change.name[0]):
                    if pod and selectors.of_map(service["spec"].get("selector"))(labels):
                        found.add((change.name[0], service["metadata"]["name"]))
            return found
        if change.key == SLICES and change.new is None and change.old is not None:
            labels = change.old["metadata"].get("labels") or {}
            return [(change.name[0], labels[SERVICE_NAME])] if SERVICE_NAME in labels else []
        return []

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Brings slices and endpoints to what the pods say."""
        service = self.store.get(SERVICES, namespace, name)
        if service is None or service["metadata"].get("deletionTimestamp"):
            await self._drop_endpoints(namespace, name)
            return None
        selector = service["spec"].get("selector")
        if not selector or service["spec"].get("type") == "ExternalName":
            return None
        test = selectors.of_map(selector)
        pods = [
            each for each in self.store.all(PODS, namespace)
            if test(each["metadata"].get("labels") or {}) and each["spec"].get("nodeName")
        ]
        for family in service["spec"].get("ipFamilies") or ["IPv4"]:
            await self._write_slices(service, pods, family)
        await self._write_endpoints(service, pods)
        return None

    async def _write_slices(self, service: Object, pods: list[Object], family: str) -> None:
        namespace, uid = service["metadata"]["namespace"], service["metadata"]["uid"]
        wanted = slicing.slices(service, pods, family) or [([], [])]
        own = [
            each for each in self.store.all(SLICES, namespace)
            if controller_of(each).get("uid") == uid and each["addressType"] == family
        ]
        served = self.served(SLICES)
        for at, (ports, endpoints) in enumerate(wanted):
            if at >= len(own):
                await self._make(service, family, ports, endpoints)
            elif (own[at].get("ports") or [], own[at].get("endpoints") or []) != (
                ports, endpoints
            ):
                def writer(
                    old: Object, ports: list[Object] = ports, endpoints: list[Object] = endpoints
                ) -> Candidate:
                    return Candidate(old | {"ports": ports, "endpoints": endpoints})

                await self.api.write(
                    served, namespace, own[at]["metadata"]["name"], writer, self.options
                )
        for each in own[len(wanted):]:
            await self.api.delete(served, namespace, each["metadata"]["name"], {}, self.options)

    async def _make(
        self, service: Object, family: str, ports: list[Object], endpoints: list[Object]
    ) -> None:
        metadata = service["metadata"]
        labels = (metadata.get("labels") or {}) | {
            SERVICE_NAME: metadata["name"], MANAGED_BY: MANAGER
        }
        if service["spec"].get("clusterIP") == "None":
            labels["service.kubernetes.io/headless"] = ""
        body = {
            "metadata": {
                "generateName": f"{metadata['name']}-", "labels": labels,
                "ownerReferences": [owner_reference(service, "v1", "Service")],
            },
            "addressType": family, "ports": ports, "endpoints": endpoints,
        }
        await self.api.create(self.served(SLICES), metadata["namespace"], body, self.options)

    async def _write_endpoints(self, service: Object, pods: list[Object]) -> None:
        metadata = service["metadata"]
        namespace, name = metadata["namespace"], metadata["name"]
        family = (service["spec"].get("ipFamilies") or ["IPv4"])[0]
        subsets = []
        for ports, endpoints in slicing.slices(service, pods, family):
            subset: Object = {}
            for word, value in (("addresses", True), ("notReadyAddresses", False)):
                some = [
                    {"ip": each["addresses"][0], "nodeName": each.get("nodeName"),
                     "targetRef": each["targetRef"]}
                    for each in endpoints if each["conditions"]["ready"] is value
                    and not each["conditions"]["terminating"]
                ]
                if some:
                    subset[word] = some
            if subset:
                subsets.append(subset | {"ports": [
                    {key: value for key, value in port.items() if value} for port in ports
                ]})
        served = self.served(ENDPOINTS)
        old = self.store.get(ENDPOINTS, namespace, name)
        if old is None:
            body = {
                "metadata": {"name": name, "labels": (metadata.get("labels") or {}) | {
                    "endpoints.kubernetes.io/managed-by": "endpoint-controller"
                }},
                "subsets": subsets,
            }
            await self.api.create(served, namespace, body, self.options)
        elif (old.get("subsets") or []) != subsets:
            await self.api.write(
                served, namespace, name, lambda old: Candidate(old | {"subsets": subsets}),
                self.options,
            )

    async def _drop_endpoints(self, namespace: str, name: str) -> None:
        if self.store.get(ENDPOINTS, namespace, name) is not None:
            try:
                await self.api.delete(
                    self.served(ENDPOINTS), namespace, name, {}, self.options
                )
            except Failure as failure:
                if failure.code != 404:
                    raise
