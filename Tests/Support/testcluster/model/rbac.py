# SPDX-License-Identifier: Apache-2.0
"""Whether rules allow a request. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .paths import RequestInfo

Object = Mapping[str, Any]


@dataclass(frozen=True)
class User:
    """Who asks."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def as_object(self) -> dict[str, Any]:
        """As reviews and admission have it."""
        found: dict[str, Any] = {"username": self.name}
        if self.uid:
            found["uid"] = self.uid
        if self.groups:
            found["groups"] = list(self.groups)
        if self.extra:
            found["extra"] = {key: list(values) for key, values in self.extra.items()}
        return found


ANONYMOUS = User("system:anonymous", ("system:unauthenticated",))
MASTERS = "system:masters"


def service_account(namespace: str, name: str, uid: str = "") -> User:
    """The user that a service account is."""
    return User(
        f"system:serviceaccount:{namespace}:{name}",
        (
            "system:serviceaccounts", f"system:serviceaccounts:{namespace}",
            "system:authenticated",
        ),
        uid,
    )


def rule_allows(rule: Object, request: RequestInfo) -> bool:
    """Whether one rule covers a request."""
    if not _has(rule.get("verbs"), request.verb):
        return False
    if not request.is_resource:
        return any(_path_matches(path, request.path) for path in rule.get("nonResourceURLs") or [])
    if not _has(rule.get("apiGroups"), request.group):
        return False
    resources = rule.get("resources") or []
    wanted = {"*", request.full_resource}
    if request.subresource:
        wanted.add(f"*/{request.subresource}")
    if not wanted & set(resources):
        return False
    names = rule.get("resourceNames") or []
    return not names or request.name in names


def _has(words: Sequence[str] | None, word: str) -> bool:
    return words is not None and (word in words or "*" in words)


def _path_matches(pattern: str, path: str) -> bool:
    if pattern.endswith("*"):
        return path.startswith(pattern[:-1])
    return pattern == path


def subject_is(subject: Object, user: User, namespace: str) -> bool:
    """Whether a binding's subject is this user."""
    match subject.get("kind"):
        case "User":
            return bool(subject.get("name") == user.name)
        case "Group":
            return subject.get("name") in user.groups
        case "ServiceAccount":
            where = subject.get("namespace") or namespace
            return user.name == f"system:serviceaccount:{where}:{subject.get('name')}"
    return False


@dataclass(frozen=True)
class Policy:
    """All roles and bindings there are, by namespace and name."""

    cluster_roles: Mapping[str, Object]
    roles: Mapping[tuple[str, str], Object]
    cluster_bindings: Iterable[Object]
    bindings: Iterable[Object]

    def rules_for(self, user: User, namespace: str) -> list[Object]:
        """All rules that a user has in a namespace, or at the cluster scope with an empty one."""
        found: list[Object] = []
        for binding in self.cluster_bindings:
            if any(subject_is(each, user, "") for each in binding.get("subjects") or []):
                found += self._rules(binding, "")
        for binding in self.bindings:
            where = binding["metadata"]["namespace"]
            if namespace and where == namespace and any(
                subject_is(each, user, where) for each in binding.get("subjects") or []
            ):
                found += self._rules(binding, where)
        return found

    def _rules(self, binding: Object, namespace: str) -> list[Object]:
        reference = binding["roleRef"]
        if reference.get("kind") == "ClusterRole":
            role = self.cluster_roles.get(reference["name"])
        else:
            role = self.roles.get((namespace, reference["name"]))
        return list((role or {}).get("rules") or [])

    def allows(self, user: User, request: RequestInfo) -> bool:
        """Whether a user may do this."""
        return self.reason(user, request) is not None

    def reason(self, user: User, request: RequestInfo) -> str | None:
        """Which binding allows it, empty if none is needed; None if it is not allowed."""
        if MASTERS in user.groups:
            return ""
        for binding in [*self.cluster_bindings, *self.bindings]:
            where = binding["metadata"].get("namespace", "")
            if where and where != request.namespace:
                continue
            subject = next(
                (each for each in binding.get("subjects") or []
                 if subject_is(each, user, where)), None,
            )
            if subject is None:
                continue
            if any(rule_allows(rule, request) for rule in self._rules(binding, where)):
                return _reason(binding, subject)
        return None

    def grants_all(self, user: User, namespace: str, wanted: Sequence[Object]) -> list[Object]:
        """The rules that a user would hand on without having them."""
        if MASTERS in user.groups:
            return []
        own = self.rules_for(user, namespace)
        return [rule for rule in wanted if not covers(own, rule)]


def _reason(binding: Object, subject: Object) -> str:
    metadata, role = binding["metadata"], binding["roleRef"]
    kind, name = "ClusterRoleBinding", metadata["name"]
    if where := metadata.get("namespace"):
        kind, name = "RoleBinding", f"{name}/{where}"
    who = subject["name"]
    if subject["kind"] == "ServiceAccount":
        who += f"/{subject.get('namespace', where)}"
    return (
        f'RBAC: allowed by {kind} "{name}" of {role["kind"]} "{role["name"]}" to'
        f' {subject["kind"]} "{who}"'
    )


def covers(own: Sequence[Object], wanted: Object) -> bool:
    """Whether rules allow all that another one does."""
    for verb in wanted.get("verbs") or []:
        for url in wanted.get("nonResourceURLs") or []:
            if not any(
                _has(rule.get("verbs"), verb)
                and any(_path_matches(each, url) for each in rule.get("nonResourceURLs") or [])
                for rule in own
            ):
                return False
        for group in wanted.get("apiGroups") or []:
            for resource in wanted.get("resources") or []:
                plural, _, subresource = resource.partition("/")
                for name in wanted.get("resourceNames") or [""]:
                    asked = RequestInfo(
                        verb, "", group=group, plural=plural, subresource=subresource, name=name
                    )
                    if not any(rule_allows(rule, asked) for rule in own):
                        return False
    return True


def denial(user: User, request: RequestInfo) -> str:
    """Why a request is refused, in Kubernetes' words."""
    who = f'User "{user.name}" cannot {request.verb}'
    if not request.is_resource:
        return f'{who} path "{request.path}"'
    what = f'{who} resource "{request.full_resource}" in API group "{request.group}"'
    if request.namespace:
        return f'{what} in the namespace "{request.namespace}"'
    return f"{what} at the cluster scope"
