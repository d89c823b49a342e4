# SPDX-License-Identifier: Apache-2.0
"""Questions that are answered and not kept: who somebody is, and what he may do."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from ..model import failures, rbac
from ..model.failures import Object
from ..model.paths import RequestInfo
from ..model.rbac import User
from . import strategies
from .authority import AUDIENCES, SECONDS_MAX, SECONDS_MIN, BadToken, Tokens
from .catalog import decode_subresource
from .store import Change, Store


class Reviews:
    """Answers reviews from the cluster's tokens, roles and bindings."""

    def __init__(self, store: Store, tokens: Tokens) -> None:
        self._store = store
        self._tokens = tokens
        self._policy: rbac.Policy | None = None
        store.listen(self._hear)

    def allows(self, user: User, request: RequestInfo) -> bool:
        """Whether a user may do this."""
        return self._current().allows(user, request)

    def _current(self) -> rbac.Policy:
        """The policy, read anew only after a change."""
        if self._policy is None:
            self._policy = strategies.policy(self._store)
        return self._policy

    def _hear(self, change: Change) -> None:
        if change.key[0] == strategies.RBAC:
            self._policy = None

    def answer(self, plural: str, body: Object, namespace: str, user: User) -> Object:
        """The review with its status."""
        match plural:
            case "tokenreviews":
                status = self._token(body)
            case "selfsubjectreviews":
                status = {"userInfo": user.as_object}
            case "selfsubjectaccessreviews":
                status = self._access(body, user)
            case "subjectaccessreviews" | "localsubjectaccessreviews":
                if plural.startswith("local"):
                    own = ((body.get("spec") or {}).get("resourceAttributes") or {})
                    if own.get("namespace") != namespace:
                        raise failures.invalid("authorization.k8s.io", "", "", [failures.wrong(
                            "spec.resourceAttributes.namespace", own.get("namespace", ""),
                            "must match metadata.namespace",
                        )])
                status = self._access(body, _subject(body))
            case _:
                status = self._rules(user, (body.get("spec") or {}).get("namespace", ""))
        return body | {"metadata": body.get("metadata") or {}, "status": status}

    def _token(self, body: Object) -> Object:
        spec = body.get("spec") or {}
        if not spec.get("token"):
            raise failures.bad_request("token is required for TokenReview in authentication")
        wanted = tuple(spec.get("audiences") or AUDIENCES)
        try:
            bearer = self._tokens.check(spec["token"], wanted)
        except BadToken as error:
            why = f"[invalid bearer token, {error}]" if str(error) else "invalid bearer token"
            return {"user": {}, "error": why}
        found: Object = {"authenticated": True, "user": bearer.user.as_object}
        if spec.get("audiences"):
            found["audiences"] = list(bearer.audiences)
        else:
            found["audiences"] = list(AUDIENCES)
        return found

    def _access(self, body: Object, user: User) -> Object:
        spec = body.get("spec") or {}
        resource, other = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
        if (resource is None) == (other is None):
            path = "spec.resourceAttributes"
            if resource is None:
                faults = [failures.wrong(
                    path, None, "exactly one of nonResourceAttributes or resourceAttributes must"
                    " be specified"
                )]
            else:
                faults = [failures.wrong(
                    "spec.nonResourceAttributes",
                    {"Path": (other or {}).get("path", ""), "Verb": (other or {}).get("verb", "")},
                    "cannot be specified in combination with"
                    " resourceAttributes"
                )]
            raise failures.invalid("authorization.k8s.io", "", "", faults)
        request = of_attributes(resource, other)
        why = self._current().reason(user, request)
        if why is None:
            return {"allowed": False}
        return {"allowed": True, "reason": why} if why else {"allowed": True}

    def _rules(self, user: User, namespace: str) -> Object:
        if not namespace:
            raise failures.bad_request("no namespace on request")
        rules: Sequence[Mapping[str, Any]] = self._current().rules_for(user, namespace)
        if rbac.MASTERS in user.groups:
            rules = [
                {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
                {"verbs": ["*"], "nonResourceURLs": ["*"]}, *rules,
            ]
        keys = ("verbs", "apiGroups", "resources", "resourceNames")
        return {
            "resourceRules": [
                {key: rule[key] for key in keys if rule.get(key)}
                for rule in rules if rule.get("resources")
            ],
            "nonResourceRules": [
                {key: rule[key] for key in ("verbs", "nonResourceURLs")}
                for rule in rules if rule.get("nonResourceURLs")
            ],
            "incomplete": False,
        }

    def token(self, namespace: str, name: str, body: Any, is_dry: bool) -> Object:
        """A TokenRequest's answer."""
        account = self._store.get(("", "serviceaccounts"), namespace, name)
        if account is None:
            raise failures.not_found("", "serviceaccounts", name)
        request = decode_subresource("token", body or {})
        spec = request.get("spec") or {}
        audiences = list(spec.get("audiences") or AUDIENCES)
        seconds = int(spec.get("expirationSeconds") or 3600)
        found = []
        if seconds < SECONDS_MIN:
            found.append(failures.wrong(
                "spec.expirationSeconds", seconds, "may not specify a duration less than 10"
                " minutes"
            ))
        if seconds > SECONDS_MAX:
            found.append(failures.wrong(
                "spec.expirationSeconds", seconds, "may not specify a duration larger than 2^32"
                " seconds"
            ))
        if found:
            raise failures.invalid("authentication.k8s.io", "TokenRequest", "", found)
        bound = spec.get("boundObjectRef")
        if bound is not None:
            bound = self._bound(namespace, name, bound)
        token, end = ("", 0.0) if is_dry else self._tokens.issue(
            account, audiences, seconds, bound
        )
        until = datetime.datetime.fromtimestamp(end, datetime.UTC)
        made: Object = {"audiences": audiences, "expirationSeconds": seconds}
        made["boundObjectRef"] = spec.get("boundObjectRef")
        return {
            "kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1",
            "metadata": {
                "name": name, "namespace": namespace,
                "creationTimestamp": datetime.datetime.now(datetime.UTC).strftime(
                    "%Y-%m-%dT%H:%M:%SZ"
                ),
            },
            "spec": made,
            "status": {
                "token": token, "expirationTimestamp": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
        }

    def _bound(self, namespace: str, account: str, wanted: Object) -> Object:
        plural = {"Pod": "pods", "Secret": "secrets"}.get(wanted.get("kind", ""))
        if plural is None:
            raise failures.bad_request(
                f"cannot bind token to object of type {_gvk(wanted)}"
            )
        thing = self._store.get(("", plural), namespace, wanted.get("name", ""))
        if thing is None:
            raise failures.not_found("", plural, wanted.get("name", ""))
        uid = thing["metadata"]["uid"]
        if wanted.get("uid") and wanted["uid"] != uid:
            raise failures.conflict(
                "", plural, wanted["name"], f"the UID in the bound object reference"
                f" ({wanted['uid']}) does not match the UID in record. The object might have been"
                " deleted and then recreated"
            )
        if plural == "pods" and thing["spec"].get("serviceAccountName") != account:
            raise failures.bad_request(
                f'cannot bind token for serviceaccount "{account}" to pod running with different'
                " serviceaccount"
            )
        return wanted | {"uid": uid}


def _subject(body: Object) -> User:
    spec = body.get("spec") or {}
    if not spec.get("user") and not spec.get("groups"):
        raise failures.invalid("authorization.k8s.io", "", "", [failures.wrong(
            "spec.user", "", "at least one of user or group must be specified"
        )])
    return User(spec.get("user", ""), tuple(spec.get("groups") or ()))


def _gvk(reference: Object) -> str:
    group, _, version = str(reference.get("apiVersion", "")).rpartition("/")
    return f"{group}/{version}, Kind={reference.get('kind', '')}"


def of_attributes(resource: Object | None, other: Object | None) -> RequestInfo:
    """The request that a review asks about."""
    if resource is None:
        some = other or {}
        return RequestInfo(some.get("verb", ""), some.get("path", ""))
    return RequestInfo(
        resource.get("verb", ""), "", resource.get("group", ""), resource.get("version", ""),
        resource.get("namespace", ""), resource.get("resource", "") or "*",
        resource.get("name", ""), resource.get("subresource", ""),
    )
