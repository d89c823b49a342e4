# SPDX-License-Identifier: Apache-2.0
"""Which kinds of objects there are, and what may be done with them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

ALL_VERBS = (
    "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
)
STATUS_VERBS = ("get", "patch", "update")
CREATE_ONLY = ("create",)


@dataclass(frozen=True)
class Resource:
    """A kind of object, and where it is served."""

    group: str
    version: str
    kind: str
    plural: str
    is_namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    # What lies below an object: `status`, `scale`, `token`, `log`.
    subresources: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    singular: str = ""
    # The schema of Kubernetes' own kinds; empty for those that a CRD defines.
    schema: str = ""
    list_kind: str = ""
    # Kinds that are one and the same under two groups are stored under one key.
    stored_as: tuple[str, str] | None = field(default=None)

    @property
    def api_version(self) -> str:
        """`apps/v1`, `v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def key(self) -> tuple[str, str]:
        """What objects are stored under, whatever their version."""
        return self.stored_as or (self.group, self.plural)

    @property
    def one(self) -> str:
        """The singular name."""
        return self.singular or self.kind.lower()

    @property
    def kind_of_list(self) -> str:
        """The kind of a list of these."""
        return self.list_kind or f"{self.kind}List"

    @property
    def has_status(self) -> bool:
        """Whether status is written apart from the rest."""
        return "status" in self.subresources

    @property
    def is_stored(self) -> bool:
        """Whether objects are kept; a review is answered and forgotten."""
        return self.verbs != CREATE_ONLY


_API = "io.k8s.api."


def _built_in(
    api: str, kind: str, plural: str, schema_package: str, *subresources: str,
    namespaced: bool = True, short: tuple[str, ...] = (), all_category: bool = False,
    verbs: tuple[str, ...] = ALL_VERBS, prefix: str = _API,
    stored_as: tuple[str, str] | None = None,
) -> Resource:
    group, _, version = api.rpartition("/")
    return Resource(
        group, version, kind, plural, namespaced, short, ("all",) if all_category else (),
        subresources, verbs, schema=f"{prefix}{schema_package}.{kind}", stored_as=stored_as,
    )


_RBAC, _AUTHORIZATION = "rbac.authorization.k8s.io/v1", "authorization.k8s.io/v1"
_AUTHENTICATION, _HOOKS = "authentication.k8s.io/v1", "admissionregistration.k8s.io/v1"
_EXTENSIONS = "io.k8s.apiextensions-apiserver.pkg.apis."
_AGGREGATOR = "io.k8s.kube-aggregator.pkg.apis."

BUILT_IN: tuple[Resource, ...] = (
    _built_in("v1", "ConfigMap", "configmaps", "core.v1", short=("cm",)),
    _built_in("v1", "Endpoints", "endpoints", "core.v1", short=("ep",)),
    _built_in("v1", "Event", "events", "core.v1", short=("ev",), stored_as=("", "events")),
    _built_in("v1", "LimitRange", "limitranges", "core.v1", short=("limits",)),
    _built_in(
        "v1", "Namespace", "namespaces", "core.v1", "finalize", "status", namespaced=False,
        short=("ns",), verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
    ),
    _built_in("v1", "Node", "nodes", "core.v1", "status", namespaced=False, short=("no",)),
    _built_in(
        "v1", "PersistentVolumeClaim", "persistentvolumeclaims", "core.v1", "status",
        short=("pvc",),
    ),
    _built_in(
        "v1", "Pod", "pods", "core.v1", "binding", "ephemeralcontainers", "eviction", "exec",
        "log", "status", short=("po",), all_category=True,
    ),
    _built_in("v1", "PodTemplate", "podtemplates", "core.v1"),
    _built_in(
        "v1", "ReplicationController", "replicationcontrollers", "core.v1", "scale", "status",
        short=("rc",), all_category=True,
    ),
    _built_in("v1", "ResourceQuota", "resourcequotas", "core.v1", "status", short=("quota",)),
    _built_in("v1", "Secret", "secrets", "core.v1"),
    _built_in("v1", "Service", "services", "core.v1", "status", short=("svc",), all_category=True),
    _built_in("v1", "ServiceAccount", "serviceaccounts", "core.v1", "token", short=("sa",)),
    _built_in(
        "apps/v1", "DaemonSet", "daemonsets", "apps.v1", "status", short=("ds",),
        all_category=True,
    ),
    _built_in(
        "apps/v1", "Deployment", "deployments", "apps.v1", "scale", "status", short=("deploy",),
        all_category=True,
    ),
    _built_in(
        "apps/v1", "ReplicaSet", "replicasets", "apps.v1", "scale", "status", short=("rs",),
        all_category=True,
    ),
    _built_in(
        "apps/v1", "StatefulSet", "statefulsets", "apps.v1", "scale", "status", short=("sts",),
        all_category=True,
    ),
    _built_in("apps/v1", "ControllerRevision", "controllerrevisions", "apps.v1"),
    _built_in("batch/v1", "Job", "jobs", "batch.v1", "status", all_category=True),
    _built_in(
        "batch/v1", "CronJob", "cronjobs", "batch.v1", "status", short=("cj",), all_category=True
    ),
    _built_in("coordination.k8s.io/v1", "Lease", "leases", "coordination.v1"),
    _built_in("discovery.k8s.io/v1", "EndpointSlice", "endpointslices", "discovery.v1"),
    _built_in(
        "events.k8s.io/v1", "Event", "events", "events.v1", short=("ev",),
        stored_as=("", "events"),
    ),
    _built_in(
        "networking.k8s.io/v1", "Ingress", "ingresses", "networking.v1", "status", short=("ing",)
    ),
    _built_in(
        "networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", "networking.v1",
        short=("netpol",),
    ),
    _built_in(
        "policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", "policy.v1", "status",
        short=("pdb",),
    ),
    _built_in(
        "scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", "scheduling.v1",
        namespaced=False, short=("pc",),
    ),
    _built_in(_RBAC, "ClusterRole", "clusterroles", "rbac.v1", namespaced=False),
    _built_in(_RBAC, "ClusterRoleBinding", "clusterrolebindings", "rbac.v1", namespaced=False),
    _built_in(_RBAC, "Role", "roles", "rbac.v1"),
    _built_in(_RBAC, "RoleBinding", "rolebindings", "rbac.v1"),
    _built_in(
        _HOOKS, "MutatingWebhookConfiguration", "mutatingwebhookconfigurations",
        "admissionregistration.v1", namespaced=False,
    ),
    _built_in(
        _HOOKS, "ValidatingWebhookConfiguration", "validatingwebhookconfigurations",
        "admissionregistration.v1", namespaced=False,
    ),
    _built_in(
        "apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions",
        "apiextensions.v1", "status", namespaced=False, short=("crd", "crds"),
        prefix=_EXTENSIONS,
    ),
    _built_in(
        "apiregistration.k8s.io/v1", "APIService", "apiservices", "apiregistration.v1", "status",
        namespaced=False, prefix=_AGGREGATOR,
    ),
    _built_in(
        _AUTHENTICATION, "TokenReview", "tokenreviews", "authentication.v1", namespaced=False,
        verbs=CREATE_ONLY,
    ),
    _built_in(
        _AUTHENTICATION, "SelfSubjectReview", "selfsubjectreviews", "authentication.v1",
        namespaced=False, verbs=CREATE_ONLY,
    ),
    _built_in(
        _AUTHORIZATION, "LocalSubjectAccessReview", "localsubjectaccessreviews",
        "authorization.v1", verbs=CREATE_ONLY,
    ),
    _built_in(
        _AUTHORIZATION, "SelfSubjectAccessReview", "selfsubjectaccessreviews",
        "authorization.v1", namespaced=False, verbs=CREATE_ONLY,
    ),
    _built_in(
        _AUTHORIZATION, "SelfSubjectRulesReview", "selfsubjectrulesreviews", "authorization.v1",
        namespaced=False, verbs=CREATE_ONLY,
    ),
    _built_in(
        _AUTHORIZATION, "SubjectAccessReview", "subjectaccessreviews", "authorization.v1",
        namespaced=False, verbs=CREATE_ONLY,
    ),
)

# The kind that a subresource takes and gives, where it is not that of its object.
SUBRESOURCE_KINDS = {
    "scale": ("autoscaling", "v1", "Scale"),
    "token": ("authentication.k8s.io", "v1", "TokenRequest"),
    "eviction": ("policy", "v1", "Eviction"),
    "binding": ("", "v1", "Binding"),
    "exec": ("", "v1", "PodExecOptions"),
}
SUBRESOURCE_VERBS = {
    "status": STATUS_VERBS,
    "scale": STATUS_VERBS,
    "ephemeralcontainers": STATUS_VERBS,
    "finalize": ("update",),
    "token": CREATE_ONLY,
    "eviction": CREATE_ONLY,
    "binding": CREATE_ONLY,
    "log": ("get",),
    "exec": ("create", "get"),
}
SUBRESOURCE_SCHEMAS = {
    "scale": "io.k8s.api.autoscaling.v1.Scale",
    "token": "io.k8s.api.authentication.v1.TokenRequest",
    "eviction": "io.k8s.api.policy.v1.Eviction",
    "binding": "io.k8s.api.core.v1.Binding",
}


def find(group: str, plural: str) -> Resource:
    """A built-in kind by its group and plural name."""
    return _INDEX[group, plural]


_INDEX = {(resource.group, resource.plural): resource for resource in BUILT_IN}
