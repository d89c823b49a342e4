# SPDX-License-Identifier: Apache-2.0
"""Admission by webhooks: the mutating ones one after another, then the validating ones at once."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from ..model import failures, merging, selectors
from ..model.failures import Failure, Object
from .catalog import Catalog, Served
from .options import Options
from .store import Store

_GROUP = "admissionregistration.k8s.io"
MUTATING = (_GROUP, "mutatingwebhookconfigurations")
VALIDATING = (_GROUP, "validatingwebhookconfigurations")
# LIMIT: the answer of a webhook, in bytes: an object, and what has changed of it.
ANSWER_BYTES = 2 * failures.BODY_BYTES


@dataclass
class Attributes:
    """The write that is asked about."""

    operation: str
    served: Served
    namespace: str
    name: str
    options: Options
    thing: Object | None
    old: Object | None
    subresource: str = ""


class Unreachable(Exception):
    """A webhook could not be asked; the text says why."""


class Caller(Protocol):
    """Posts to a webhook by HTTPS."""

    async def __call__(
        self, host: str, port: int, path: str, service: str, authority: bytes, body: bytes,
        seconds: float,
    ) -> tuple[int, bytes]: ...


Endpoint = Callable[[str, str, int], Awaitable[tuple[str, int]]]


class Admission:
    """Asks the webhooks that the cluster's configurations name."""

    def __init__(self, store: Store, catalog: Catalog) -> None:
        self._store = store
        self._catalog = catalog
        # Set once the server can reach something.
        self.post: Caller | None = None
        self.find_service: Endpoint | None = None

    async def mutate(self, about: Attributes) -> Object:
        """The object after all mutating webhooks; the same one if none changed it."""
        thing = about.thing
        called: list[tuple[Object, Object | None]] = []
        for hook in self._matching(MUTATING, about):
            about.thing = await self._call(hook, about, True)
            if hook.get("reinvocationPolicy") == "IfNeeded":
                called.append((hook, about.thing))
        # Once more for those that wish it, if others have changed what they saw.
        last = about.thing
        for hook in [hook for hook, seen in called if seen != last]:
            about.thing = await self._call(hook, about, True)
        result = about.thing
        if result is None:
            return {}
        return thing if thing is not None and result == thing else result

    async def validate(self, about: Attributes) -> None:
        """Raises the refusal of a validating webhook."""
        hooks = self._matching(VALIDATING, about)
        results = await asyncio.gather(
            *(self._call(hook, about, False) for hook in hooks),
            return_exceptions=True,
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result

    def _matching(self, kind: tuple[str, str], about: Attributes) -> list[Object]:
        # Nothing stands between an administrator and a broken configuration.
        if about.served.group == _GROUP or about.subresource in ("token", "log"):
            return []
        found = []
        for configuration in self._store.all(kind):
            for hook in configuration.get("webhooks") or []:
                if self._matches(hook, about):
                    found.append(hook)
        return found

    def _matches(self, hook: Object, about: Attributes) -> bool:
        if not any(_rule_matches(rule, about) for rule in hook.get("rules") or []):
            return False
        labels: Any = {}
        key = about.served.resource.key
        if key == ("", "namespaces"):
            labels = ((about.thing or about.old or {})["metadata"]).get("labels") or {}
            if not selectors.of_object(hook.get("namespaceSelector") or {})(labels):
                return False
        elif about.namespace:
            namespace = self._store.get(("", "namespaces"), "", about.namespace)
            labels = ((namespace or {}).get("metadata") or {}).get("labels") or {}
            if not selectors.of_object(hook.get("namespaceSelector") or {})(labels):
                return False
        test = selectors.of_object(hook.get("objectSelector") or {})
        return any(
            test(thing["metadata"].get("labels") or {})
            for thing in (about.thing, about.old) if thing is not None
        )

    async def _call(self, hook: Object, about: Attributes, mutates: bool) -> Object | None:
        name = hook["name"]
        if about.options.is_dry and hook.get("sideEffects") not in ("None", "NoneOnDryRun"):
            raise failures.bad_request(
                f'admission webhook "{name}" does not support dry run'
            )
        review = _review(about)
        try:
            answer = await self._ask(hook, review)
            response = _response(answer, review["request"]["uid"])
        except Unreachable as error:
            if hook.get("failurePolicy") == "Ignore":
                return about.thing
            raise failures.internal(f'failed calling webhook "{name}": {error}') from None
        about.options.warnings += [str(each) for each in response.get("warnings") or []]
        if not response.get("allowed"):
            raise _refusal(name, response.get("status") or {})
        if not mutates or not response.get("patch") or about.thing is None:
            return about.thing
        try:
            operations = json.loads(base64.b64decode(response["patch"]))
            return dict(merging.apply(about.thing, operations))
        except (ValueError, merging.PatchError) as error:
            raise failures.internal(str(error)) from None

    async def _ask(self, hook: Object, review: Object) -> bytes:
        config = hook["clientConfig"]
        seconds = float(hook.get("timeoutSeconds", 10))
        service = config.get("service")
        if service is not None:
            host = f"{service['name']}.{service['namespace']}.svc"
            port, path = int(service.get("port", 443)), service.get("path") or "/"
            url = f"https://{host}:{port}{path}?timeout={seconds:g}s"
            try:
                assert self.find_service is not None
                target, target_port = await self.find_service(
                    service["namespace"], service["name"], port
                )
            except Unreachable as error:
                raise Unreachable(f'failed to call webhook: Post "{url}": {error}') from None
        else:
            rest = config["url"].removeprefix("https://")
            place, slash, tail = rest.partition("/")
            host, _, number = place.rpartition(":")
            if not host or not number.isdigit():
                host, number = place, "443"
            port, path = int(number), slash + tail or "/"
            target, target_port = host.strip("[]"), port
            host = target
            url = f"https://{place}{path}?timeout={seconds:g}s"
        separator = "&" if "?" in path else "?"
        path = f"{path}{separator}timeout={seconds:g}s"
        try:
            authority = base64.b64decode(config.get("caBundle") or "")
            assert self.post is not None
            body = json.dumps(review).encode()
            status, answer = await self.post(
                target, target_port, path, host, authority, body, seconds
            )
        except TimeoutError:
            raise Unreachable(
                f'failed to call webhook: Post "{url}": context deadline exceeded'
            ) from None
        except (OSError, ssl.SSLError, ValueError) as error:
            why = _in_go(error, f"{target}:{target_port}")
            raise Unreachable(f'failed to call webhook: Post "{url}": {why}') from None
        if status != 200:
            raise Unreachable(
                'failed to call webhook: an error on the server ("unknown") has prevented the'
                " request from succeeding"
            )
        return answer


def _in_go(error: Exception, place: str) -> str:
    """Why a connection failed, in the words of Go's library where it is a common case."""
    if isinstance(error, ConnectionRefusedError):
        return f"dial tcp {place}: connect: connection refused"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "tls: failed to verify certificate: x509: " + (
            "certificate signed by unknown authority" if error.verify_code in (18, 19, 20, 21)
            else error.verify_message
        )
    return str(error)


def _rule_matches(rule: Object, about: Attributes) -> bool:
    resource = about.served.resource

    def has(part: str, word: str) -> bool:
        words = rule.get(part) or []
        return word in words or "*" in words

    scope = rule.get("scope", "*")
    if scope == "Cluster" and resource.is_namespaced:
        return False
    if scope == "Namespaced" and not resource.is_namespaced:
        return False
    if not (has("operations", about.operation) and has("apiGroups", resource.group)):
        return False
    if not has("apiVersions", resource.version):
        return False
    full = resource.plural + (f"/{about.subresource}" if about.subresource else "")
    for word in rule.get("resources") or []:
        plural, slash, below = word.partition("/")
        if word in ("*/*", full) or (word == "*" and not about.subresource):
            return True
        if slash and plural in ("*", resource.plural) and below in ("*", about.subresource):
            if about.subresource or below == "*":
                return True
    return False


def _review(about: Attributes) -> Object:
    resource = about.served.resource
    gvk = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    gvr = {"group": resource.group, "version": resource.version, "resource": resource.plural}
    request: Object = {
        "uid": str(uuid.uuid4()), "kind": gvk, "resource": gvr, "requestKind": gvk,
        "requestResource": gvr, "name": about.name, "operation": about.operation,
        "userInfo": about.options.user.as_object, "object": about.thing, "oldObject": about.old,
        "dryRun": about.options.is_dry, "options": _meta_options(about),
    }
    if about.namespace:
        request["namespace"] = about.namespace
    if resource.key == ("", "namespaces"):
        request["namespace"] = about.name
    if about.subresource:
        request["subResource"] = request["requestSubResource"] = about.subresource
    return {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": request}


def _meta_options(about: Attributes) -> Object:
    kinds = {"CREATE": "CreateOptions", "UPDATE": "UpdateOptions", "DELETE": "DeleteOptions"}
    found: Object = {"kind": kinds[about.operation], "apiVersion": "meta.k8s.io/v1"}
    if about.options.is_dry:
        found["dryRun"] = ["All"]
    if about.operation != "DELETE":
        found |= about.options.said
    return found


def _response(answer: bytes, uid: str) -> Object:
    try:
        review = json.loads(answer)
        response = review["response"]
        if not isinstance(response, dict):
            raise TypeError
    except (ValueError, KeyError, TypeError):
        raise Unreachable("received invalid webhook response: it is no AdmissionReview") from None
    version = review.get("apiVersion")
    if version != "admission.k8s.io/v1" or review.get("kind") != "AdmissionReview":
        raise Unreachable(
            "received invalid webhook response: expected webhook response of"
            f" admission.k8s.io/v1, Kind=AdmissionReview, got {version},"
            f" Kind={review.get('kind')}"
        )
    if response.get("uid") != uid:
        raise Unreachable(
            f'received invalid webhook response: expected response.uid="{uid}",'
            f' got "{response.get("uid")}"'
        )
    if response.get("patch") and response.get("patchType") != "JSONPatch":
        raise Unreachable(
            'received invalid webhook response: webhook returned response.patch but not'
            " response.patchType"
        )
    return response


def _refusal(name: str, status: Object) -> Failure:
    text = f'admission webhook "{name}" denied the request'
    if status.get("message"):
        text += f": {status['message']}"
    elif status.get("reason"):
        text += f": {status['reason']}"
    else:
        text += " without explanation"
    code = int(status.get("code") or 400)
    if code < 400:
        code = 400
    reason = status.get("reason") or ""
    return Failure(code, reason, text, status.get("details"))
