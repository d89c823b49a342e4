# SPDX-License-Identifier: Apache-2.0
"""What every cluster has from the start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..model.failures import Object
from ..model.rbac import User
from .api import Api
from .options import Options

_RBAC = "rbac.authorization.k8s.io"
_READ = ["get", "list", "watch"]
_WRITE = ["create", "delete", "deletecollection", "patch", "update"]
_WORKLOADS = {
    "": ["configmaps", "endpoints", "events", "persistentvolumeclaims", "pods", "pods/log",
         "pods/status", "replicationcontrollers", "replicationcontrollers/scale",
         "serviceaccounts", "services", "services/status"],
    "apps": ["controllerrevisions", "daemonsets", "deployments", "deployments/scale",
             "replicasets", "replicasets/scale", "statefulsets", "statefulsets/scale"],
    "batch": ["cronjobs", "jobs"],
    "discovery.k8s.io": ["endpointslices"],
    "networking.k8s.io": ["ingresses", "networkpolicies"],
    "policy": ["poddisruptionbudgets"],
}


def _rule(group: str, resources: Sequence[str], verbs: Sequence[str]) -> Object:
    return {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)}


def _rules(verbs: Sequence[str], more: Sequence[Object] = ()) -> list[Object]:
    return [*(_rule(group, words, verbs) for group, words in _WORKLOADS.items()), *more]


def _roles() -> dict[str, list[Object]]:
    secrets = _rule("", ["secrets"], [*_READ, *_WRITE])
    namespaces = _rule("", ["namespaces"], _READ)
    token = _rule("", ["serviceaccounts/token"], ["create"])
    leases = _rule("coordination.k8s.io", ["leases"], [*_READ, *_WRITE])
    roles = _rule(_RBAC, ["roles", "rolebindings"], [*_READ, *_WRITE])
    local = _rule("authorization.k8s.io", ["localsubjectaccessreviews"], ["create"])
    every = [*_READ, *_WRITE]
    return {
        "cluster-admin": [
            _rule("*", ["*"], ["*"]), {"nonResourceURLs": ["*"], "verbs": ["*"]},
        ],
        "admin": _rules(every, [secrets, namespaces, token, leases, roles, local]),
        "edit": _rules(every, [secrets, namespaces, token, leases]),
        "view": _rules(_READ, [namespaces]),
        "system:basic-user": [
            _rule("authorization.k8s.io",
                  ["selfsubjectaccessreviews", "selfsubjectrulesreviews"], ["create"]),
            _rule("authentication.k8s.io", ["selfsubjectreviews"], ["create"]),
        ],
        "system:discovery": [{
            "nonResourceURLs": [
                "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi",
                "/openapi/*", "/readyz", "/version", "/version/",
            ],
            "verbs": ["get"],
        }],
        "system:public-info-viewer": [{
            "nonResourceURLs": ["/healthz", "/livez", "/readyz", "/version", "/version/"],
            "verbs": ["get"],
        }],
        "system:service-account-issuer-discovery": [{
            "nonResourceURLs": [
                "/.well-known/openid-configuration", "/.well-known/openid-configuration/",
                "/openid/v1/jwks", "/openid/v1/jwks/",
            ],
            "verbs": ["get"],
        }],
        "system:auth-delegator": [
            _rule("authentication.k8s.io", ["tokenreviews"], ["create"]),
            _rule("authorization.k8s.io", ["subjectaccessreviews"], ["create"]),
        ],
    }


_BINDINGS = {
    "cluster-admin": ("system:masters",),
    "system:basic-user": ("system:authenticated",),
    "system:discovery": ("system:authenticated",),
    "system:public-info-viewer": ("system:authenticated", "system:unauthenticated"),
    "system:service-account-issuer-discovery": ("system:serviceaccounts",),
}


def _objects() -> Iterator[tuple[tuple[str, str], str, Object]]:
    for name in ("default", "kube-system", "kube-public", "kube-node-lease"):
        yield ("", "namespaces"), "", {"metadata": {"name": name}}
    labels = {"kubernetes.io/bootstrapping": "rbac-defaults"}
    for name, rules in _roles().items():
        metadata = {"name": name, "labels": labels}
        yield (_RBAC, "clusterroles"), "", {"metadata": metadata, "rules": rules}
    for name, groups in _BINDINGS.items():
        subjects = [{"kind": "Group", "name": group, "apiGroup": _RBAC} for group in groups]
        yield (_RBAC, "clusterrolebindings"), "", {
            "metadata": {"name": name, "labels": labels}, "subjects": subjects,
            "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": name},
        }
    for name, value in (("system-cluster-critical", 2_000_000_000),
                        ("system-node-critical", 2_000_001_000)):
        yield ("scheduling.k8s.io", "priorityclasses"), "", {
            "metadata": {"name": name}, "value": value,
        }


def service_objects(address: str, port: int, has_names: bool) -> Iterator[
    tuple[tuple[str, str], str, Object]
]:
    """The services of the API server and of the names; the endpoints are at the node's address."""
    yield ("", "services"), "default", {
        "metadata": {"name": "kubernetes", "labels": {
            "component": "apiserver", "provider": "kubernetes"
        }},
        "spec": {
            "clusterIP": "10.96.0.1",
            "ports": [{"name": "https", "port": 443, "targetPort": port}],
        },
    }
    slices = ("discovery.k8s.io", "endpointslices")
    yield slices, "default", {
        "metadata": {"name": "kubernetes", "labels": {"kubernetes.io/service-name": "kubernetes"}},
        "addressType": "IPv4", "endpoints": [
            {"addresses": [address], "conditions": {"ready": True}}
        ],
        "ports": [{"name": "https", "port": port, "protocol": "TCP"}],
    }
    if has_names:
        pairs = (("dns", "UDP"), ("dns-tcp", "TCP"))
        yield ("", "services"), "kube-system", {
            "metadata": {"name": "kube-dns", "labels": {"k8s-app": "kube-dns"}},
            "spec": {"clusterIP": "10.96.0.10", "ports": [
                {"name": name, "port": 53, "protocol": kind} for name, kind in pairs
            ]},
        }
        yield slices, "kube-system", {
            "metadata": {"name": "kube-dns", "labels": {"kubernetes.io/service-name": "kube-dns"}},
            "addressType": "IPv4", "endpoints": [
                {"addresses": [address], "conditions": {"ready": True}}
            ],
            "ports": [{"name": name, "port": 53, "protocol": kind} for name, kind in pairs],
        }


async def fill(api: Api, address: str, port: int, has_names: bool) -> None:
    """Makes all of it."""
    options = Options(User("system:apiserver", ("system:masters",)), "kube-apiserver")
    every = [*_objects(), *service_objects(address, port, has_names)]
    for key, namespace, body in every:
        served = next(e for e in api.catalog.served.values() if e.resource.key == key)
        await api.create(served, namespace, body, options)
