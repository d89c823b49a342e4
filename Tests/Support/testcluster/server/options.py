# SPDX-License-Identifier: Apache-2.0
"""How a write is meant: who, under which name, and whether for real."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..model.failures import Failure, bad_request
from ..model.rbac import User


@dataclass
class Options:
    """What goes along with a write."""

    user: User
    manager: str
    is_dry: bool = False
    strictness: str = "Warn"
    forces: bool = False
    # What the client is told beside the answer.
    warnings: list[str] = field(default_factory=list)


def of_query(query: Mapping[str, str], user: User, agent: str, is_apply: bool) -> Options:
    """From a request's query."""
    dry = query.get("dryRun")
    if dry not in (None, "", "All"):
        raise Failure(
            422, "Invalid", f'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value:'
            f' "{dry}": supported values: "All"',
            {"group": "meta.k8s.io", "kind": "CreateOptions", "causes": [{
                "reason": "FieldValueNotSupported", "field": "dryRun",
                "message": f'Unsupported value: "{dry}": supported values: "All"',
            }]},
        )
    manager = query.get("fieldManager", "")
    if is_apply and not manager:
        raise Failure(
            422, "Invalid", 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value:'
            " is required for apply patch",
            {"group": "meta.k8s.io", "kind": "PatchOptions", "causes": [{
                "reason": "FieldValueRequired", "field": "fieldManager",
                "message": "Required value: is required for apply patch",
            }]},
        )
    if len(manager) > 128:
        raise bad_request("fieldManager may not be longer than 128 characters")
    strictness = query.get("fieldValidation", "") or "Warn"
    if strictness not in ("Ignore", "Warn", "Strict"):
        raise Failure(
            422, "Invalid", 'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported'
            f' value: "{strictness}": supported values: "Ignore", "Strict", "Warn"',
            {"group": "meta.k8s.io", "kind": "CreateOptions", "causes": [{
                "reason": "FieldValueNotSupported", "field": "fieldValidation", "message":
                f'Unsupported value: "{strictness}": supported values: "Ignore", "Strict", "Warn"',
            }]},
        )
    return Options(
        user, manager or agent.partition("/")[0] or "unknown", dry == "All", strictness,
        query.get("force", "").lower() in ("1", "true"),
    )
