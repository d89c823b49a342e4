# SPDX-License-Identifier: Apache-2.0
"""What lies below objects: scale, token, eviction, binding, finalize and logs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from ..model import failures, managing, merging, selectors, tables
from ..model.failures import Object
from ..model.paths import RequestInfo
from .api import APPLY, JSON_PATCH, Api, Candidate, now_text
from .catalog import Served, decode_subresource
from .options import Options
from .reviews import Reviews

Execute = Callable[[web.BaseRequest, Object, str], Awaitable[web.StreamResponse]]
Logs = Callable[[Object, str, Mapping[str, str]], AsyncGenerator[bytes, None]]


class Subresources:
    """Answers what is asked of them."""

    def __init__(self, api: Api, reviews: Reviews) -> None:
        self._api = api
        self._reviews = reviews
        # Set by the node, if pods run.
        self.logs: Logs | None = None
        self.execute: Execute | None = None

    async def do(
        self, served: Served, info: RequestInfo, body: Any, wish: Options, kind: str,
        query: Mapping[str, str],
    ) -> tuple[Any, int]:
        """The answer, and its status."""
        match info.subresource:
            case "scale":
                return await self._scale(served, info, body, wish, kind)
            case "token":
                answer = self._reviews.token(info.namespace, info.name, body, wish.is_dry)
                return answer, 201
            case "finalize":
                return await self._finalize(served, info, body, wish), 200
            case "binding":
                return await self._bind(served, info, body, wish), 201
            case "eviction":
                decode_subresource("eviction", body or {})
                self._check_budgets(info)
                asked = (body or {}).get("deleteOptions") or {}
                await self._api.delete(served, info.namespace, info.name, asked, wish)
                return {"kind": "Status", "apiVersion": "v1", "metadata": {},
                        "status": "Success", "code": 201}, 201
            case "log":
                return self._log(served, info, query), 200
        raise failures.no_resource()

    async def _finalize(
        self, served: Served, info: RequestInfo, body: Any, wish: Options
    ) -> Object:
        thing, _ = served.decode(body, "", wish.strictness)

        def writer(old: Object) -> Candidate:
            return Candidate(old | {"spec": thing.get("spec") or {}})

        return await self._api.write(served, "", info.name, writer, wish, "finalize")

    def _check_budgets(self, info: RequestInfo) -> None:
        """Nobody is evicted whom a budget holds."""
        pod = self._api.store.get(("", "pods"), info.namespace, info.name)
        labels = ((pod or {}).get("metadata") or {}).get("labels") or {}
        for budget in self._api.store.all(("policy", "poddisruptionbudgets"), info.namespace):
            allowed = int((budget.get("status") or {}).get("disruptionsAllowed") or 0)
            selects = selectors.of_object((budget.get("spec") or {}).get("selector"))
            if pod is not None and selects(labels) and allowed <= 0:
                name = budget["metadata"]["name"]
                why = {
                    "reason": "DisruptionBudget",
                    "message": f"The disruption budget {name} needs more healthy pods to be"
                    " evicted",
                }
                raise failures.Failure(
                    429, "TooManyRequests",
                    "Cannot evict pod as it would violate the pod's disruption budget.",
                    {"causes": [why]},
                )

    async def _bind(
        self, served: Served, info: RequestInfo, body: Any, wish: Options
    ) -> Object:
        binding = decode_subresource("binding", body)

        def writer(old: Object) -> Candidate:
            if old["spec"].get("nodeName"):
                raise failures.conflict("", "pods/binding", info.name, (
                    f"pod {info.name} is already assigned to node \"{old['spec']['nodeName']}\""
                ))
            return bound(old, binding["target"]["name"])

        await self._api.write(served, info.namespace, info.name, writer, wish, "binding")
        return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
                "code": 201}

    async def _scale(
        self, served: Served, info: RequestInfo, body: Any, wish: Options, kind: str
    ) -> tuple[Object, int]:
        thing = self._api.get(served, info.namespace, info.name)
        now = scale_of(served, thing)
        if info.verb == "get":
            return now, 200
        if info.verb == "patch":
            try:
                if kind == APPLY:
                    raise failures.unsupported_media([JSON_PATCH])
                body = merging.apply(now, body) if kind == JSON_PATCH else merging.merge(now, body)
            except merging.PatchError as error:
                raise failures.bad_request(str(error)) from None
        wanted = decode_subresource("scale", body)
        replicas = int((wanted.get("spec") or {}).get("replicas") or 0)
        if replicas < 0:
            raise failures.invalid("autoscaling", "Scale", info.name, [failures.wrong(
                "spec.replicas", replicas, "must be greater than or equal to 0"
            )])
        version = (wanted.get("metadata") or {}).get("resourceVersion")
        path = (served.scale or {}).get("specReplicasPath", ".spec.replicas").split(".")[1:]

        def writer(old: Object) -> Candidate:
            here = old
            for part in path[:-1]:
                here = here.setdefault(part, {})
            here[path[-1]] = replicas
            if version:
                old["metadata"]["resourceVersion"] = version
            return Candidate(old)

        done = await self._api.write(
            served, info.namespace, info.name, writer, wish, "scale"
        )
        return scale_of(served, done), 200

    async def run_inside(
        self, served: Served, info: RequestInfo, request: web.BaseRequest
    ) -> web.StreamResponse:
        """A command in a container."""
        pod = self._api.get(served, info.namespace, info.name)
        container = _container(pod, request.query.get("container", ""))
        if self.execute is None or not pod["spec"].get("nodeName"):
            raise failures.bad_request(f"pod {info.name} does not have a host assigned")
        if "Sec-WebSocket-Protocol" not in request.headers:
            raise failures.bad_request("Upgrade request required")
        return await self.execute(request, pod, container)

    def _log(
        self, served: Served, info: RequestInfo, query: Mapping[str, str]
    ) -> web.StreamResponse | AsyncGenerator[bytes, None]:
        pod = self._api.get(served, info.namespace, info.name)
        wanted = _container(pod, query.get("container", ""))
        if self.logs is None or not pod["spec"].get("nodeName"):
            return web.Response(status=204)
        return self.logs(pod, wanted, query)


def _container(pod: Object, wanted: str) -> str:
    """The container that is meant; without a word the only one."""
    pod_name = pod["metadata"]["name"]
    names = [each["name"] for each in pod["spec"]["containers"]]
    every = names + [each["name"] for each in pod["spec"].get("initContainers") or []]
    if not wanted:
        if len(names) > 1:
            raise failures.bad_request(
                f"a container name must be specified for pod {pod_name}, choose one of:"
                f" [{' '.join(names)}]"
            )
        wanted = names[0]
    if wanted not in every:
        raise failures.bad_request(f"container {wanted} is not valid for pod {pod_name}")
    return wanted


def bound(pod: Object, node: str) -> Candidate:
    """The pod on a node; nobody is the manager of that."""
    status = dict(pod.get("status") or {})
    others = [
        each for each in status.get("conditions") or [] if each["type"] != "PodScheduled"
    ]
    status["conditions"] = [*others, {
        "type": "PodScheduled", "status": "True", "lastProbeTime": None,
        "lastTransitionTime": now_text(),
    }]
    made = pod | {"spec": pod["spec"] | {"nodeName": node}, "status": status}
    return Candidate(made, managing.read(pod))


def scale_of(served: Served, thing: Object) -> Object:
    """An object's Scale."""
    metadata = thing["metadata"]
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    own = served.scale or {}
    path = own.get("specReplicasPath", ".spec.replicas")
    status_path = own.get("statusReplicasPath", ".status.replicas")
    status: Object = {"replicas": tables.json_path(thing, status_path) or 0}
    selector = (thing.get("spec") or {}).get("selector")
    if isinstance(selector, dict) and selector.get("matchLabels"):
        status["selector"] = tables.selector_text(selector)
    spec: Object = {}
    if replicas := tables.json_path(thing, path):
        spec["replicas"] = replicas
    return {
        "kind": "Scale", "apiVersion": "autoscaling/v1",
        "metadata": {key: metadata[key] for key in kept if key in metadata},
        "spec": spec, "status": status,
    }
