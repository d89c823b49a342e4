# SPDX-License-Identifier: Apache-2.0
"""What Kubernetes refuses in roles, bindings and configurations of webhooks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .failures import Fault, duplicate, refused, required, unsupported, wrong

Object = Mapping[str, Any]


def role(new: Object, _old: Object | None) -> list[Fault]:
    """A role, of the cluster or of a namespace."""
    found: list[Fault] = []
    for index, rule in enumerate(new.get("rules") or []):
        path = f"rules[{index}]"
        if not rule.get("verbs"):
            found.append(required(f"{path}.verbs", "verbs must contain at least one value"))
        urls = rule.get("nonResourceURLs")
        if urls and "namespace" in new["metadata"]:
            found.append(wrong(f"{path}.nonResourceURLs", urls, "namespaced rules cannot apply to"
                               " non-resource URLs"))
        if urls and (rule.get("apiGroups") or rule.get("resources")):
            found.append(wrong(f"{path}.nonResourceURLs", urls, "rules cannot apply to both"
                               " regular resources and non-resource URLs"))
        elif not urls:
            if not rule.get("apiGroups"):
                found.append(required(
                    f"{path}.apiGroups", "resource rules must supply at least one api group"
                ))
            if not rule.get("resources"):
                found.append(required(
                    f"{path}.resources", "resource rules must supply at least one resource"
                ))
    return found


def binding(new: Object, old: Object | None) -> list[Fault]:
    """A binding of either kind."""
    found: list[Fault] = []
    reference = new.get("roleRef") or {}
    if reference.get("apiGroup") != "rbac.authorization.k8s.io":
        found.append(unsupported(
            "roleRef.apiGroup", reference.get("apiGroup"), ("rbac.authorization.k8s.io",)
        ))
    kinds = ("Role", "ClusterRole") if "namespace" in new["metadata"] else ("ClusterRole",)
    if reference.get("kind") not in kinds:
        found.append(unsupported("roleRef.kind", reference.get("kind"), kinds))
    if not reference.get("name"):
        found.append(required("roleRef.name"))
    if old is not None and old.get("roleRef") != reference:
        whole = {
            "APIGroup": reference.get("apiGroup"), "Kind": reference.get("kind"),
            "Name": reference.get("name"),
        }
        found.append(wrong("roleRef", whole, "cannot change roleRef"))
    for index, subject in enumerate(new.get("subjects") or []):
        path = f"subjects[{index}]"
        if not subject.get("name"):
            found.append(required(f"{path}.name"))
        kind = subject.get("kind")
        if kind not in ("ServiceAccount", "User", "Group"):
            found.append(unsupported(f"{path}.kind", kind, ("ServiceAccount", "User", "Group")))
        elif kind == "ServiceAccount" and not subject.get("namespace") and (
            "namespace" not in new["metadata"]
        ):
            found.append(required(f"{path}.namespace"))
    return found


def webhooks(new: Object, _old: Object | None) -> list[Fault]:
    """A configuration of webhooks of either kind."""
    found: list[Fault] = []
    seen: list[str] = []
    for index, hook in enumerate(new.get("webhooks") or []):
        path = f"webhooks[{index}]"
        name = hook.get("name") or ""
        if name.count(".") < 2:
            found.append(wrong(f"{path}.name", name, "should be a domain with at least three"
                               " segments separated by dots"))
        if name in seen:
            found.append(duplicate(f"{path}.name", name))
        seen.append(name)
        found += _hook(hook, path)
    return found


def _hook(hook: Object, path: str) -> list[Fault]:
    found: list[Fault] = []
    effects = ("None", "NoneOnDryRun")
    if hook.get("sideEffects") not in effects:
        if hook.get("sideEffects") is None:
            found.append(required(f"{path}.sideEffects", "must specify one of None, NoneOnDryRun"))
        else:
            found.append(unsupported(f"{path}.sideEffects", hook["sideEffects"], effects))
    versions = hook.get("admissionReviewVersions") or []
    if not versions:
        found.append(required(f"{path}.admissionReviewVersions", "must specify one of v1,"
                              " v1beta1"))
    elif not {"v1", "v1beta1"} & set(versions):
        found.append(wrong(f"{path}.admissionReviewVersions", versions, "must include at least"
                           " one of v1, v1beta1"))
    if not 1 <= int(hook.get("timeoutSeconds", 10)) <= 30:
        found.append(wrong(f"{path}.timeoutSeconds", hook["timeoutSeconds"], "the timeout value"
                           " must be between 1 and 30 seconds"))
    policies = ("Fail", "Ignore")
    if hook.get("failurePolicy") not in policies:
        found.append(unsupported(f"{path}.failurePolicy", hook.get("failurePolicy"), policies))
    config = hook.get("clientConfig") or {}
    if ("url" in config) == ("service" in config):
        found.append(required(f"{path}.clientConfig", "exactly one of url or service is"
                              " required"))
    elif not str(config.get("url", "https://")).startswith("https://"):
        found.append(wrong(f"{path}.clientConfig.url", config["url"].partition(":")[0], (
            "'https' is the only allowed URL scheme; desired format: https://host[/path]"
        )))
    service = config.get("service")
    if service is not None:
        for part in ("name", "namespace"):
            if not service.get(part):
                found.append(required(f"{path}.clientConfig.service.{part}"))
    operations = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
    for number, rule in enumerate(hook.get("rules") or []):
        where = f"{path}.rules[{number}]"
        for part in ("apiGroups", "apiVersions", "resources", "operations"):
            if not rule.get(part):
                found.append(required(f"{where}.{part}"))
        for at, operation in enumerate(rule.get("operations") or []):
            if operation not in operations:
                found.append(unsupported(f"{where}.operations[{at}]", operation, operations))
    if expressions := hook.get("matchConditions"):
        # TestCluster has no interpreter of CEL, and says so rather than to pass conditions over.
        found.append(refused(f"{path}.matchConditions", f"{len(expressions)} conditions, and this"
                             " cluster evaluates no CEL"))
    return found
