# SPDX-License-Identifier: Apache-2.0
"""HTTP: from a request to a verb and back."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import json
import ssl
import sys
import traceback
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import yaml
from aiohttp import web

from ..model import failures, gojson, goyaml, paths, protobuf, rbac, tables
from ..model.evolving import dumped
from ..model.failures import Failure, Object
from ..model.kinds import SUBRESOURCE_KINDS, SUBRESOURCE_VERBS
from ..model.paths import RequestInfo
from ..model.rbac import User
from . import listing, options, subresources
from .api import APPLY, PATCHES, Api
from .authority import Tokens, user_of_certificate
from .catalog import Served
from .documents import Documents
from .options import Options
from .reviews import Reviews

JSON, YAML = "application/json", "application/yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"
# LIMIT: seconds until a body has come, and until a client has taken a part of an answer.
READ_SECONDS, WRITE_SECONDS = 60.0, 60.0
# Forgets the history of changes, as etcd does from time to time: not in Kubernetes.
COMPACT = "/testcluster/compact"
# Paths that tell strangers nothing but that there is a server.
_OPEN = ("/healthz", "/livez", "/readyz", "/version")


class Frontend:
    """Answers requests."""

    def __init__(
        self, api: Api, reviews: Reviews, tokens: Tokens, documents: Documents,
        parts: subresources.Subresources,
    ) -> None:
        self._api = api
        self._reviews = reviews
        self._tokens = tokens
        self._documents = documents
        self._parts = parts

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One request."""
        try:
            return await self._handle(request)
        except Failure as failure:
            return _refusal(failure, request.headers.get("Accept", ""))
        except TimeoutError:
            return _refusal(failures.bad_request("the body did not come in time"))
        except (asyncio.CancelledError, ConnectionError):
            raise
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            return _refusal(failures.internal(f"{type(error).__name__}: {error}"))

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        user = self._authenticate(request)
        query = request.query
        info = paths.parse(request.method, request.path, query)
        user = self._impersonated(request, user)
        judged = paths.judged(info, query)
        if not self._reviews.allows(user, judged) and not info.path.startswith(_OPEN):
            raise failures.forbidden(
                info.group, info.plural, judged.name, rbac.denial(user, judged)
            )
        if not info.is_resource:
            if (info.path, request.method) == (COMPACT, "POST"):
                self._api.store.compact()
                return web.Response(text="ok")
            return self._document(request)
        served = self._api.catalog.find(info.group, info.version, info.plural)
        if served is None:
            if all(info.group != group for group, _ in self._api.catalog.versions()):
                return web.Response(status=404, text="404 page not found\n")
            raise failures.no_resource()
        resource = served.resource
        if info.namespace and not resource.is_namespaced and resource.plural != "namespaces":
            raise failures.no_resource()
        if info.subresource and info.subresource not in resource.subresources:
            if served.own_schema is not None:
                raise failures.not_found(info.group, info.plural, info.name)
            raise failures.no_resource()
        _check_verb(info, served)
        agent = request.headers.get("User-Agent", "")
        kind = request.content_type if "Content-Type" in request.headers else JSON
        is_apply = info.verb == "patch" and kind == APPLY
        wish = options.of_query(query, user, agent, info.verb, is_apply)
        if info.verb == "watch":
            return await self._watch(request, served, info)
        answer, code = await self._do(request, served, info, wish, kind)
        if isinstance(answer, web.StreamResponse):
            return answer
        if isinstance(answer, AsyncGenerator):
            return await _streamed(request, "text/plain", answer)
        return self._answer(request, served, answer, code, wish)

    def _authenticate(self, request: web.BaseRequest) -> User:
        transport = request.transport
        certificate = transport.get_extra_info("peercert") if transport else None
        if certificate and transport:
            binary = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
            return user_of_certificate(certificate, binary)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return rbac.ANONYMOUS
        bearer = self._tokens.read(token.strip())
        if bearer is None:
            raise failures.unauthorized()
        return bearer.user

    def _impersonated(self, request: web.BaseRequest, user: User) -> User:
        """The user that somebody who may do so wants to be."""
        name = request.headers.get("Impersonate-User", "")
        groups = request.headers.getall("Impersonate-Group", [])
        uid = request.headers.get("Impersonate-Uid", "")
        extra = {
            key[len("Impersonate-Extra-"):].lower(): request.headers.getall(key)
            for key in request.headers if key.lower().startswith("impersonate-extra-")
        }
        if not name:
            if groups or uid or extra:
                listed = ", ".join(f'"{group}"' for group in groups)
                raise failures.bad_request(
                    f'requested &user.DefaultInfo{{Name:"", UID:"{uid}", Groups:[]string'
                    f"{{{listed}}}, Extra:map[string][]string(nil)}} without impersonating a user"
                    " name"
                )
            return user
        asked: list[RequestInfo] = []
        if name.startswith("system:serviceaccount:") and name.count(":") == 3:
            _, _, namespace, account = name.split(":")
            asked.append(RequestInfo(
                "impersonate", "", "", "v1", namespace, "serviceaccounts", account
            ))
            made = rbac.service_account(namespace, account, uid)
            every = tuple(groups) or made.groups
        else:
            asked.append(RequestInfo("impersonate", "", "", "v1", "", "users", name))
            every = tuple(groups)
        for group in groups:
            asked.append(RequestInfo("impersonate", "", "", "v1", "", "groups", group))
        for each in asked:
            if not self._reviews.allows(user, each):
                raise failures.forbidden("", each.plural, each.name, rbac.denial(user, each))
        if name != rbac.ANONYMOUS.name and "system:authenticated" not in every:
            every = (*every, "system:authenticated")
        return User(name, every, uid, extra)

    def _document(self, request: web.BaseRequest) -> web.StreamResponse:
        accept = request.headers.get("Accept", "")
        found = self._documents.find(request.path, accept)
        if found is None:
            return web.Response(status=404, text="404 page not found\n")
        if request.method not in ("GET", "HEAD"):
            raise failures.method_not_allowed()
        if request.path.startswith("/openapi") and not _accepts_json(accept):
            return web.Response(status=406)
        document, kind = found
        body = document.encode() if isinstance(document, str) else dumped(document)
        return web.Response(body=body, headers={"Content-Type": kind, "Vary": "Accept"})

    async def _do(
        self, request: web.BaseRequest, served: Served, info: RequestInfo, wish: Options,
        kind: str,
    ) -> tuple[Any, int]:
        api, namespace, name = self._api, info.namespace, info.name
        if served.plural == "namespaces":
            namespace = ""
        if info.subresource == "exec":
            return await self._parts.run_inside(served, info, request), 200
        if info.subresource and info.subresource not in ("status", "ephemeralcontainers"):
            body = _parsed(await _body(request, kind, info.verb), kind, _taken(served, info))
            return await self._parts.do(served, info, body, wish, kind, request.query)
        match info.verb:
            case "get":
                listing.check_version(api, request.query)
                return api.get(served, namespace, name), 200
            case "list":
                things, metadata = listing.page(api, served, namespace, request.query)
                return _list(served, things, metadata), 200
            case "create":
                body = _parsed(await _body(request, kind, info.verb), kind, _taken(served, info))
                if not served.resource.is_stored:
                    thing, _ = served.decode(body, namespace, wish.strictness)
                    answer = self._reviews.answer(served.plural, thing, namespace, wish.user)
                    return api.reviewed(served, answer, thing, wish), 201
                return await api.create(served, namespace, body, wish), 201
            case "update":
                body = _parsed(await _body(request, kind, info.verb), kind, _taken(served, info))
                thing, is_new = await api.replace(
                    served, namespace, name, body, wish, info.subresource
                )
                return thing, 201 if is_new else 200
            case "patch":
                body = _parsed(await _body(request, kind, info.verb), kind, _taken(served, info))
                thing, is_new = await api.patch(
                    served, namespace, name, kind, body, wish, info.subresource
                )
                return thing, 201 if is_new else 200
            case "delete":
                asked = await self._deletion(request, kind, wish)
                return await api.delete(served, namespace, name, asked, wish), 200
        asked = await self._deletion(request, kind, wish)
        return await self._delete_all(served, namespace, request.query, asked, wish), 200

    async def _deletion(
        self, request: web.BaseRequest, kind: str, wish: Options
    ) -> Object:
        raw = await _read(request)
        asked: Object = dict(_parsed(raw, kind, "DeleteOptions") or {}) if raw else {}
        query = request.query
        if seconds := query.get("gracePeriodSeconds"):
            if not seconds.lstrip("-").isdigit():
                raise failures.bad_request(
                    f'strconv.ParseInt: parsing "{seconds}": invalid syntax'
                )
            asked.setdefault("gracePeriodSeconds", int(seconds))
        if policy := query.get("propagationPolicy"):
            asked.setdefault("propagationPolicy", policy)
        if asked.get("dryRun"):
            wish.is_dry = True
        known = ("Foreground", "Background", "Orphan")
        chosen = asked.get("propagationPolicy")
        if chosen is not None and chosen not in known:
            raise failures.invalid("meta.k8s.io", "DeleteOptions", "", [
                failures.unsupported("propagationPolicy", chosen, (*known, "nil"))
            ])
        if chosen is not None and asked.get("orphanDependents") is not None:
            raise failures.invalid("meta.k8s.io", "DeleteOptions", "", [failures.wrong(
                "propagationPolicy", chosen,
                "orphanDependents and deletionPropagation cannot be both set",
            )])
        return asked

    async def _delete_all(
        self, served: Served, namespace: str, query: Mapping[str, str], asked: Object,
        wish: Options,
    ) -> Object:
        plain = {key: value for key, value in query.items() if key != "dryRun"}
        things, metadata = listing.page(self._api, served, namespace, plain)
        for thing in things:
            where, name = thing["metadata"].get("namespace", ""), thing["metadata"]["name"]
            try:
                await self._api.delete(served, where, name, asked, wish)
            except Failure as failure:
                if failure.code != 404:
                    raise
        return _list(served, things, metadata)

    def _answer(
        self, request: web.BaseRequest, served: Served, answer: Object, code: int,
        wish: Options,
    ) -> web.StreamResponse:
        headers = {"Content-Type": JSON, "Cache-Control": "no-cache, private"}
        response = web.Response(status=code, headers=headers)
        texts = list(dict.fromkeys(wish.warnings))
        if served.is_deprecated:
            resource = served.resource
            texts.insert(0, served.warning or (
                f"{resource.api_version} {resource.kind} is deprecated"
            ))
        for text in texts:
            response.headers.add("Warning", f"299 - {json.dumps(text, ensure_ascii=False)}")
        shape = _shape(request.headers.get("Accept", ""))
        if shape == "application/yaml":
            response.headers["Content-Type"] = YAML
            response.body = yaml.safe_dump(answer, sort_keys=False).encode()
            return response
        response.body = dumped(self._shaped(served, answer, shape, request.query))
        return response

    def _shaped(
        self, served: Served, answer: Object, shape: str, query: Mapping[str, str]
    ) -> Object:
        is_list = answer.get("kind") == served.resource.kind_of_list and "items" in answer
        is_ours = is_list or answer.get("kind") == served.resource.kind
        if not is_ours or shape not in ("Table", "PartialObjectMetadata",
                                        "PartialObjectMetadataList"):
            return answer
        things = answer["items"] if is_list else [answer]
        if shape == "Table":
            found = self.table(served, things, query.get("includeObject", "Metadata"))
            metadata = _without_end(answer["metadata"]) if is_list else {
                "resourceVersion": answer["metadata"].get("resourceVersion", "")
            }
            return {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata} | found
        version = "meta.k8s.io/v1"
        items = [
            {"kind": "PartialObjectMetadata", "apiVersion": version, "metadata": each["metadata"]}
            for each in things
        ]
        if not is_list:
            return items[0]
        return {
            "kind": "PartialObjectMetadataList", "apiVersion": version,
            "metadata": answer["metadata"], "items": items,
        }

    def table(self, served: Served, things: list[Object], include: str) -> Object:
        """Objects as rows."""
        now = datetime.datetime.now(datetime.UTC)
        if served.own_schema is not None:
            return tables.of_custom(served.columns, things, now, include)
        return tables.of(served.resource, things, now, include)

    async def _watch(
        self, request: web.BaseRequest, served: Served, info: RequestInfo
    ) -> web.StreamResponse:
        shape = _shape(request.headers.get("Accept", ""))
        namespace = "" if served.plural == "namespaces" else info.namespace
        stream = await listing.events(
            self._api, served, namespace, info.name, request.query
        )
        include = request.query.get("includeObject", "Metadata")

        async def lines() -> AsyncGenerator[bytes, None]:
            is_first = True
            async with contextlib.aclosing(stream):
                async for event in stream:
                    thing = event["object"]
                    if event["type"] != "BOOKMARK" or shape != "Table":
                        thing = self._as_event(served, event, shape, include, is_first)
                        is_first = False
                    yield dumped({"type": event["type"], "object": thing})

        return await _streamed(request, JSON, lines())

    def _as_event(
        self, served: Served, event: Object, shape: str, include: str, is_first: bool
    ) -> Object:
        """What of an event's object the client wants to see."""
        thing: Object = event["object"]
        if event["type"] == "ERROR":
            return thing
        if shape.startswith("PartialObjectMetadata"):
            return {
                "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
                "metadata": thing["metadata"],
            }
        if shape != "Table":
            return thing
        rows = self.table(served, [thing], include)
        if not is_first:
            rows["columnDefinitions"] = None
        version = {"resourceVersion": thing["metadata"]["resourceVersion"]}
        return {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": version} | rows


async def _streamed(
    request: web.BaseRequest, kind: str, parts: AsyncGenerator[bytes, None]
) -> web.StreamResponse:
    """An answer that comes bit by bit, as long as the client takes it."""
    response = web.StreamResponse(headers={"Content-Type": kind})
    response.enable_chunked_encoding()
    try:
        await response.prepare(request)
        async with contextlib.aclosing(parts):
            async for part in parts:
                async with asyncio.timeout(WRITE_SECONDS):
                    await response.write(part)
    except TimeoutError:
        # Whoever does not read any more is not waited for.
        if request.transport is not None:
            request.transport.abort()
    except ConnectionError:
        # It has gone, and nobody else need know.
        pass
    return response


def _check_verb(info: RequestInfo, served: Served) -> None:
    resource = served.resource
    if info.subresource:
        verbs: tuple[str, ...] = SUBRESOURCE_VERBS[info.subresource]
    else:
        verbs = resource.verbs
    if not info.verb or info.verb not in verbs:
        raise failures.method_not_allowed()
    if info.verb == "create" and info.name and not info.subresource:
        raise failures.method_not_allowed()
    if info.verb in ("update", "patch") and not info.name:
        raise failures.method_not_allowed()
    if resource.is_namespaced and not info.namespace and info.verb not in ("list", "watch"):
        if info.verb == "create" and not resource.is_stored:
            return
        raise failures.method_not_allowed() if info.verb in ("create", "deletecollection") else (
            failures.no_resource()
        )


def _without_end(metadata: Object) -> Object:
    """Lists of custom objects say that there is no more; tables do not."""
    return {key: value for key, value in metadata.items() if value != ""}


def _taken(served: Served, info: RequestInfo) -> str:
    """The kind of object that a request brings; empty where it is a patch."""
    if info.verb == "patch":
        return ""
    return SUBRESOURCE_KINDS.get(info.subresource, ("", "", served.resource.kind))[2]


def _list(served: Served, things: list[Object], metadata: Object) -> Object:
    resource = served.resource
    items = things
    if served.own_schema is not None:
        metadata = {"continue": ""} | metadata
    else:
        items = [
            {key: value for key, value in each.items() if key not in ("kind", "apiVersion")}
            for each in things
        ]
    return {
        "kind": resource.kind_of_list, "apiVersion": resource.api_version, "metadata": metadata,
        "items": items,
    }


def _shape(accept: str) -> str:
    """What kind of answer a client likes best of those known here."""
    if not accept:
        return ""
    refused = True
    for item in accept.split(","):
        kind, *parameters = [part.strip() for part in item.split(";")]
        values = dict(each.partition("=")[::2] for each in parameters)
        if kind not in (JSON, "*/*", "application/*", YAML):
            continue
        refused = False
        if wanted := values.get("as"):
            if values.get("g") == "meta.k8s.io" and values.get("v") in ("v1", "v1beta1"):
                return wanted
            continue
        return YAML if kind == YAML else ""
    if refused:
        raise failures.not_acceptable([JSON, YAML, PROTOBUF])
    return ""


def _accepts_json(accept: str) -> bool:
    return not accept or any(
        item.split(";")[0].strip() in (JSON, "*/*", "application/*") for item in accept.split(",")
    )


async def _read(request: web.BaseRequest) -> bytes:
    parts: list[bytes] = []
    size = 0
    async with asyncio.timeout(READ_SECONDS):
        async for part in request.content.iter_any():
            size += len(part)
            if size > failures.BODY_BYTES:
                raise failures.body_too_large()
            parts.append(part)
    return b"".join(parts)


async def _body(request: web.BaseRequest, kind: str, verb: str) -> bytes | None:
    if verb not in ("create", "update", "patch"):
        return None
    known = list(PATCHES) if verb == "patch" else [JSON, YAML, PROTOBUF]
    if kind not in known:
        if verb == "patch":
            raise failures.unsupported_patch()
        raise failures.unsupported_media(known)
    return await _read(request)


def _parsed(raw: bytes | None, kind: str, what: str) -> Any:
    """The value of a body; `what` is the kind of object it has to be, empty for a patch."""
    if raw is None:
        return None
    try:
        if kind == PROTOBUF:
            return protobuf.decode(raw)
        text = raw.decode()
        if kind in (YAML, APPLY):
            value = goyaml.loads(text)
            # An empty document is an object of which nothing is said.
            return {} if value is None and what else value
        return gojson.loads(text)
    except protobuf.Unreadable as error:
        failure = failures.unsupported_media([JSON, YAML])
        failure.status["message"] += f"; of protobuf: {error}"
        raise failure from None
    except UnicodeDecodeError:
        raise failures.bad_request("the body is no UTF-8") from None
    except ValueError as error:
        if kind == APPLY:
            raise failures.bad_request(
                f"error decoding YAML: error converting YAML to JSON: {error}"
            ) from None
        if kind == YAML:
            raise failures.bad_request(
                f"the object provided is unrecognized (must be of type {what}): {error}"
                f" ({raw.hex()})"
            ) from None
        if not what:
            raise failures.bad_request(f"error decoding patch: {error}") from None
        raise failures.bad_request(
            f"the object provided is unrecognized (must be of type {what}): couldn't get"
            f" version/kind; json parse error: {error} ({text or '<empty>'})"
        ) from None


def _refusal(failure: Failure, accept: str = JSON) -> web.Response:
    kind = YAML if accept.split(";")[0].split(",")[0].strip() == YAML else JSON
    headers = {"Content-Type": kind, "Cache-Control": "no-cache, private"}
    seconds = failure.status.get("details", {}).get("retryAfterSeconds")
    if seconds:
        headers["Retry-After"] = str(seconds)
    body = dumped(failure.status)
    if kind == YAML:
        body = yaml.safe_dump(failure.status).encode()
    return web.Response(status=failure.code, headers=headers, body=body)


def tls_context(certificate: str, key: str, authority: str) -> ssl.SSLContext:
    """For a server that asks clients for certificates, but lets them come without."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(authority)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context

