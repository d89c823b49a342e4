# SPDX-License-Identifier: Apache-2.0
"""How a write is meant: who, under which name, and whether for real."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..model import failures
from ..model.failures import Fault
from ..model.rbac import User

_KINDS = {
    "create": "CreateOptions", "update": "UpdateOptions", "patch": "PatchOptions",
    "delete": "DeleteOptions", "deletecollection": "DeleteOptions",
}
# LIMIT: bytes of a manager's name; Kubernetes' own.
MANAGER_BYTES = 128


@dataclass
class Options:
    """What goes along with a write."""

    user: User
    manager: str
    is_dry: bool = False
    strictness: str = "Warn"
    forces: bool = False
    # What of this the client has said.
    said: Mapping[str, str] = field(default_factory=dict)
    # What the client is told beside the answer.
    warnings: list[str] = field(default_factory=list)


def of_query(
    query: Mapping[str, str], user: User, agent: str, verb: str, is_apply: bool
) -> Options:
    """From a request's query; raises a Failure if that makes no sense."""
    kind = _KINDS.get(verb)
    if kind is not None:
        found = _faults(query, verb, is_apply)
        if found:
            raise failures.invalid("meta.k8s.io", kind, "", found)
    manager = query.get("fieldManager", "") or agent.partition("/")[0] or "unknown"
    return Options(
        user, manager, query.get("dryRun") == "All", query.get("fieldValidation", "") or "Warn",
        query.get("force", "").lower() in ("1", "true"),
        {key: query[key] for key in ("fieldManager", "fieldValidation") if query.get(key)},
    )


def _faults(query: Mapping[str, str], verb: str, is_apply: bool) -> list[Fault]:
    found: list[Fault] = []
    manager = query.get("fieldManager", "")
    if verb == "patch":
        if is_apply and not manager:
            found.append(failures.required("fieldManager", "is required for apply patch"))
        elif not is_apply and query.get("force", "").lower() in ("1", "true"):
            found.append(failures.refused("force", "may not be specified for non-apply patch"))
    if len(manager) > MANAGER_BYTES:
        found.append(failures.too_long("fieldManager", MANAGER_BYTES))
    dry = query.get("dryRun")
    if dry not in (None, "", "All"):
        found.append(failures.unsupported("dryRun", [dry], ("All",)))
    strictness = query.get("fieldValidation", "")
    known = ("", "Ignore", "Strict", "Warn")
    if strictness not in known and not verb.startswith("delete"):
        found.append(failures.unsupported("fieldValidation", strictness, known))
    return found
