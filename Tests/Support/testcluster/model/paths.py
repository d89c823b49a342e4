# SPDX-License-Identifier: Apache-2.0
"""What a request is about, from its method, path and query. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

_ONE_NAME = re.compile(r"(?:^|,)metadata\.name==?([^,=!]+)(?:,|$)")
VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


@dataclass(frozen=True)
class RequestInfo:
    """As Kubernetes takes a path apart, for whatever decides about it."""

    verb: str
    path: str
    group: str = ""
    version: str = ""
    namespace: str = ""
    plural: str = ""
    name: str = ""
    subresource: str = ""

    @property
    def is_resource(self) -> bool:
        """Whether it is about objects."""
        return bool(self.plural)

    @property
    def full_resource(self) -> str:
        """`pods/log`."""
        return f"{self.plural}/{self.subresource}" if self.subresource else self.plural


def parse(method: str, path: str, query: Mapping[str, str]) -> RequestInfo:
    """Never fails: what is no path of objects is one of something else."""
    parts = [part for part in path.split("/") if part]
    other = RequestInfo(method.lower(), path)
    if len(parts) >= 3 and parts[0] == "api":
        group, version, rest = "", parts[1], parts[2:]
    elif len(parts) >= 4 and parts[0] == "apis":
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return other
    namespace = ""
    if rest[0] == "namespaces" and len(rest) >= 2:
        namespace = rest[1]
        # `namespaces/x/status` is about the namespace itself.
        if len(rest) > 2 and rest[2] not in ("status", "finalize"):
            rest = rest[2:]
    plural = rest[0]
    name = rest[1] if len(rest) > 1 else ""
    subresource = "/".join(rest[2:])
    verb = VERBS.get(method, "")
    if method in ("GET", "HEAD"):
        verb = "get" if name else "list"
        # A single object is got, whatever is said of watching.
        if not name and query.get("watch", "").lower() in ("1", "true"):
            verb = "watch"
    elif method == "DELETE" and not name:
        verb = "deletecollection"
    return RequestInfo(verb, path, group, version, namespace, plural, name, subresource)


def judged(info: RequestInfo, query: Mapping[str, str]) -> RequestInfo:
    """The request as roles see it: a list of one name is about that object, exec a creation."""
    if info.subresource == "exec":
        return replace(info, verb="create")
    match = _ONE_NAME.search(query.get("fieldSelector", ""))
    if info.name or match is None or info.verb not in ("list", "watch", "deletecollection"):
        return info
    return replace(info, name=match[1])
