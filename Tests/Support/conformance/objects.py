# SPDX-License-Identifier: Apache-2.0
"""Paths and small objects that the rows are made of."""

from __future__ import annotations

from typing import Any

CORE = "/api/v1/namespaces/<ns>"
CONFIG_MAPS = f"{CORE}/configmaps"
SECRETS = f"{CORE}/secrets"
PODS = f"{CORE}/pods"
SERVICES = f"{CORE}/services"
ACCOUNTS = f"{CORE}/serviceaccounts"
EVENTS = f"{CORE}/events"
ENDPOINTS = f"{CORE}/endpoints"
DEPLOYMENTS = "/apis/apps/v1/namespaces/<ns>/deployments"
REPLICA_SETS = "/apis/apps/v1/namespaces/<ns>/replicasets"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/<ns>/leases"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/<ns>/endpointslices"
BUDGETS = "/apis/policy/v1/namespaces/<ns>/poddisruptionbudgets"
JOBS = "/apis/batch/v1/namespaces/<ns>/jobs"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
ROLES = f"{RBAC}/namespaces/<ns>/roles"
BINDINGS = f"{RBAC}/namespaces/<ns>/rolebindings"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
ADMISSION = "/apis/admissionregistration.k8s.io/v1"
MUTATING = f"{ADMISSION}/mutatingwebhookconfigurations"
VALIDATING = f"{ADMISSION}/validatingwebhookconfigurations"

# A JSON object.
Object = dict[str, Any]


def made(api: str, kind: str, name: str, meta: Object | None = None, **rest: Any) -> Object:
    """Any object; `meta` joins its name."""
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **(meta or {})}, **rest}


def config_map(name: str, data: Object | None = None, **meta: Any) -> Object:
    """A ConfigMap with one entry, unless told otherwise."""
    return made("v1", "ConfigMap", name, meta, data={"a": "1"} if data is None else data)


def pod(name: str, spec: Object | None = None, **meta: Any) -> Object:
    """A pod of one container; `spec` joins its spec."""
    container = {"name": "main", "image": "example.com/main:1"}
    return made("v1", "Pod", name, meta, spec={"containers": [container], **(spec or {})})


def service(name: str, spec: Object | None = None, **meta: Any) -> Object:
    """A Service of one port."""
    ports = [{"port": 80}]
    return made("v1", "Service", name, meta, spec={"ports": ports, **(spec or {})})


def deployment(name: str, spec: Object | None = None, **meta: Any) -> Object:
    """A Deployment without pods."""
    container = {"name": "main", "image": "example.com/main:1"}
    whole = {
        "replicas": 0,
        "selector": {"matchLabels": {"app": name}},
        "template": {
            "metadata": {"labels": {"app": name}},
            "spec": {"containers": [container]},
        },
    }
    return made("apps/v1", "Deployment", name, meta, spec={**whole, **(spec or {})})


def lease(name: str, spec: Object | None = None, **meta: Any) -> Object:
    """A Lease that somebody holds."""
    whole = {"holderIdentity": "a", "leaseDurationSeconds": 15}
    return made("coordination.k8s.io/v1", "Lease", name, meta, spec={**whole, **(spec or {})})


def role(name: str, *rules: Object) -> Object:
    """A Role."""
    return made("rbac.authorization.k8s.io/v1", "Role", name, rules=list(rules))


def binding(name: str, role_name: str, *subjects: Object) -> Object:
    """A RoleBinding to a Role."""
    reference = {
        "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role_name,
    }  # fmt: skip
    api = "rbac.authorization.k8s.io/v1"
    return made(api, "RoleBinding", name, subjects=list(subjects), roleRef=reference)


def user(name: str) -> Object:
    """A subject of a binding."""
    return {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name}
