# SPDX-License-Identifier: Apache-2.0
"""The values that Kubernetes fills in where an object says nothing. Pure; changes its argument."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

Object = dict[str, Any]


def fill(key: tuple[str, str], thing: Object) -> None:
    """Fills in what an object of this kind leaves open."""
    found = _FILLERS.get(key)
    if found is not None:
        found(thing)


def _set(thing: Object, **values: Any) -> None:
    for name, value in values.items():
        if thing.get(name) is None:
            thing[name] = value


def _pod(thing: Object) -> None:
    _addresses(thing.get("status") or {})
    spec = thing.setdefault("spec", {})
    pod_spec(spec)
    _set(spec, enableServiceLinks=True)
    for container in [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]:
        # Only of a pod itself: a template stays as it was written.
        resources = container["resources"]
        for name, value in (resources.get("limits") or {}).items():
            resources.setdefault("requests", {}).setdefault(name, value)
    _set(thing, status={})


def _addresses(status: Object) -> None:
    """One address and the list of them say the same."""
    if status.get("podIP") and not status.get("podIPs"):
        status["podIPs"] = [{"ip": status["podIP"]}]
    elif status.get("podIPs") and not status.get("podIP"):
        status["podIP"] = status["podIPs"][0]["ip"]


def pod_spec(spec: Object) -> None:
    """The spec of a pod or of a template."""
    _set(
        spec, restartPolicy="Always", dnsPolicy="ClusterFirst", schedulerName="default-scheduler",
        terminationGracePeriodSeconds=30, securityContext={},
    )
    if spec.get("serviceAccountName") and not spec.get("serviceAccount"):
        spec["serviceAccount"] = spec["serviceAccountName"]
    elif spec.get("serviceAccount") and not spec.get("serviceAccountName"):
        spec["serviceAccountName"] = spec["serviceAccount"]
    for volume in spec.get("volumes") or []:
        _volume(volume)
    for container in [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]:
        _container(container)
    for container in spec.get("ephemeralContainers") or []:
        _container(container)


def _container(container: Object) -> None:
    image = str(container.get("image", ""))
    tag = image.rsplit("/", 1)[-1].partition(":")[2]
    is_latest = "@" not in image and tag in ("", "latest")
    _set(
        container, imagePullPolicy="Always" if is_latest else "IfNotPresent", resources={},
        terminationMessagePath="/dev/termination-log", terminationMessagePolicy="File",
    )
    for port in container.get("ports") or []:
        _set(port, protocol="TCP")
    for variable in container.get("env") or []:
        reference = (variable.get("valueFrom") or {}).get("fieldRef")
        if reference is not None:
            _set(reference, apiVersion="v1")
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        if container.get(name):
            _probe(container[name])
    for hook in (container.get("lifecycle") or {}).values():
        if isinstance(hook, dict) and hook.get("httpGet"):
            _set(hook["httpGet"], path="/", scheme="HTTP")


def _probe(probe: Object) -> None:
    _set(probe, timeoutSeconds=1, periodSeconds=10, successThreshold=1, failureThreshold=3)
    if probe.get("httpGet"):
        _set(probe["httpGet"], path="/", scheme="HTTP")
    if probe.get("grpc"):
        _set(probe["grpc"], service="")


def _volume(volume: Object) -> None:
    for kind in ("configMap", "secret", "projected", "downwardAPI"):
        if volume.get(kind) is not None:
            _set(volume[kind], defaultMode=0o644)
    if (volume.get("hostPath") or None) is not None:
        _set(volume["hostPath"], type="")
    for source in (volume.get("projected") or {}).get("sources") or []:
        if source.get("serviceAccountToken"):
            _set(source["serviceAccountToken"], expirationSeconds=3600)
        for item in (source.get("downwardAPI") or {}).get("items") or []:
            if item.get("fieldRef"):
                _set(item["fieldRef"], apiVersion="v1")
    for item in (volume.get("downwardAPI") or {}).get("items") or []:
        if item.get("fieldRef"):
            _set(item["fieldRef"], apiVersion="v1")
    if len(volume) == 1:
        volume["emptyDir"] = {}


def _template(spec: Object) -> None:
    template = spec.setdefault("template", {})
    template.setdefault("metadata", {})
    pod_spec(template.setdefault("spec", {}))


def _deployment(thing: Object) -> None:
    spec = thing.setdefault("spec", {})
    _set(
        spec, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600, strategy={},
        selector=None,
    )
    strategy = spec["strategy"]
    _set(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _set(strategy, rollingUpdate={})
        _set(strategy["rollingUpdate"], maxUnavailable="25%", maxSurge="25%")
    _template(spec)
    _set(thing, status={})


def _replica_set(thing: Object) -> None:
    spec = thing.setdefault("spec", {})
    _set(spec, replicas=1)
    _template(spec)
    _set(thing, status={"replicas": 0})


def _stateful_set(thing: Object) -> None:
    spec = thing.setdefault("spec", {})
    _set(
        spec, replicas=1, revisionHistoryLimit=10, podManagementPolicy="OrderedReady",
        updateStrategy={},
        persistentVolumeClaimRetentionPolicy={"whenDeleted": "Retain", "whenScaled": "Retain"},
    )
    _set(spec["updateStrategy"], type="RollingUpdate")
    if spec["updateStrategy"]["type"] == "RollingUpdate":
        _set(spec["updateStrategy"], rollingUpdate={})
        _set(spec["updateStrategy"]["rollingUpdate"], partition=0)
    _template(spec)
    _set(thing, status={"replicas": 0, "availableReplicas": 0})


def _daemon_set(thing: Object) -> None:
    spec = thing.setdefault("spec", {})
    _set(spec, revisionHistoryLimit=10, updateStrategy={})
    strategy = spec["updateStrategy"]
    _set(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _set(strategy, rollingUpdate={})
        _set(strategy["rollingUpdate"], maxUnavailable=1, maxSurge=0)
    _template(spec)
    zero = dict.fromkeys(
        ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"),
        0,
    )
    _set(thing, status=zero)


def _job_spec(spec: Object) -> None:
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = 1
    _set(
        spec, parallelism=1, backoffLimit=6, completionMode="NonIndexed", suspend=False,
        manualSelector=False, podReplacementPolicy="TerminatingOrFailed",
    )
    _template(spec)


def _job(thing: Object) -> None:
    _job_spec(thing.setdefault("spec", {}))
    _set(thing, status={})


def _cron_job(thing: Object) -> None:
    spec = thing.setdefault("spec", {})
    _set(
        spec, concurrencyPolicy="Allow", suspend=False, successfulJobsHistoryLimit=3,
        failedJobsHistoryLimit=1,
    )
    inner = spec.setdefault("jobTemplate", {}).setdefault("spec", {})
    _set(spec["jobTemplate"], metadata={})
    _template(inner)
    _set(thing, status={})


def _service(thing: Object) -> None:
    spec = thing.setdefault("spec", {})
    _set(spec, sessionAffinity="None", type="ClusterIP")
    if spec["sessionAffinity"] == "ClientIP":
        _set(spec, sessionAffinityConfig={"clientIP": {"timeoutSeconds": 10800}})
    if spec["type"] != "ExternalName":
        _set(spec, internalTrafficPolicy="Cluster")
        if spec["type"] in ("NodePort", "LoadBalancer"):
            _set(spec, externalTrafficPolicy="Cluster")
        if spec["type"] == "LoadBalancer":
            _set(spec, allocateLoadBalancerNodePorts=True)
    for port in spec.get("ports") or []:
        _set(port, protocol="TCP")
        if port.get("targetPort") in (None, "", 0):
            port["targetPort"] = port.get("port")
    _set(thing, status={"loadBalancer": {}})


def _secret(thing: Object) -> None:
    for key, text in (thing.pop("stringData", None) or {}).items():
        thing.setdefault("data", {})[key] = base64.b64encode(text.encode()).decode()
    _set(thing, type="Opaque")


def _endpoint_slice(thing: Object) -> None:
    for endpoint in thing.get("endpoints") or []:
        _set(endpoint, conditions={})
    for port in thing.get("ports") or []:
        _set(port, name="", protocol="TCP")


def _endpoints(thing: Object) -> None:
    for subset in thing.get("subsets") or []:
        for port in subset.get("ports") or []:
            _set(port, protocol="TCP")


def _namespace(thing: Object) -> None:
    thing["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = (
        thing["metadata"].get("name", "")
    )
    _set(thing, spec={}, status={})


def _node(thing: Object) -> None:
    _set(thing, spec={}, status={})


def _binding(thing: Object) -> None:
    role = thing.get("roleRef") or {}
    if not role.get("apiGroup"):
        role["apiGroup"] = "rbac.authorization.k8s.io"
    for subject in thing.get("subjects") or []:
        if subject.get("kind") in ("User", "Group") and not subject.get("apiGroup"):
            subject["apiGroup"] = "rbac.authorization.k8s.io"


def _role(thing: Object) -> None:
    thing.setdefault("rules", None)


def _webhooks(is_mutating: bool) -> Callable[[Object], None]:
    def fill_in(thing: Object) -> None:
        for hook in thing.get("webhooks") or []:
            _set(
                hook, failurePolicy="Fail", matchPolicy="Equivalent", timeoutSeconds=10,
                namespaceSelector={}, objectSelector={},
            )
            if is_mutating:
                _set(hook, reinvocationPolicy="Never")
            service = (hook.get("clientConfig") or {}).get("service")
            if service is not None:
                _set(service, port=443)
            for rule in hook.get("rules") or []:
                _set(rule, scope="*")

    return fill_in


def _crd(thing: Object) -> None:
    spec = thing.setdefault("spec", {})
    names = spec.setdefault("names", {})
    kind = str(names.get("kind", ""))
    _set(names, singular=kind.lower(), listKind=f"{kind}List" if kind else None)
    _set(spec, conversion={"strategy": "None"})
    _set(thing, status={})


def _event(thing: Object) -> None:
    thing.setdefault("eventTime", None)
    if thing.get("apiVersion") == "v1":
        _set(thing, reportingComponent="", reportingInstance="")


def _pdb(thing: Object) -> None:
    zero = dict.fromkeys(
        ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"), 0
    )
    _set(thing, status=zero)


_FILLERS: dict[tuple[str, str], Callable[[Object], None]] = {
    ("", "pods"): _pod,
    ("", "services"): _service,
    ("", "events"): _event,
    ("", "secrets"): _secret,
    ("", "namespaces"): _namespace,
    ("", "nodes"): _node,
    ("", "endpoints"): _endpoints,
    ("apps", "deployments"): _deployment,
    ("apps", "replicasets"): _replica_set,
    ("apps", "statefulsets"): _stateful_set,
    ("apps", "daemonsets"): _daemon_set,
    ("batch", "jobs"): _job,
    ("batch", "cronjobs"): _cron_job,
    ("discovery.k8s.io", "endpointslices"): _endpoint_slice,
    ("policy", "poddisruptionbudgets"): _pdb,
    ("rbac.authorization.k8s.io", "roles"): _role,
    ("rbac.authorization.k8s.io", "clusterroles"): _role,
    ("rbac.authorization.k8s.io", "rolebindings"): _binding,
    ("rbac.authorization.k8s.io", "clusterrolebindings"): _binding,
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"): _webhooks(True),
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"): _webhooks(False),
    ("apiextensions.k8s.io", "customresourcedefinitions"): _crd,
}
