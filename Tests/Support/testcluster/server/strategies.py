# SPDX-License-Identifier: Apache-2.0
"""What happens to objects of certain kinds on their way in, and nothing to others."""

from __future__ import annotations

import ipaddress
import json
import random
from typing import TYPE_CHECKING, Any

from ..model import failures, rbac, validating
from ..model.failures import Object, bad_request
from ..model.paths import RequestInfo
from .catalog import Served
from .options import Options
from .store import Store

if TYPE_CHECKING:
    from .api import Api

NAMESPACES, PODS = ("", "namespaces"), ("", "pods")
SERVICES, SECRETS = ("", "services"), ("", "secrets")
SERVICE_ACCOUNTS = ("", "serviceaccounts")
RBAC = "rbac.authorization.k8s.io"
# Kinds that PUT creates where there is none.
CREATED_BY_PUT = {
    ("coordination.k8s.io", "leases"), ("", "endpoints"), ("", "events"), ("", "limitranges"),
    (RBAC, "roles"), (RBAC, "clusterroles"), (RBAC, "rolebindings"),
    (RBAC, "clusterrolebindings"),
}
# Kinds whose updates name the version that they are made from.
VERSION_NEEDED = {
    ("apiextensions.k8s.io", "customresourcedefinitions"),
    ("apiregistration.k8s.io", "apiservices"), ("coordination.k8s.io", "leases"),
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"),
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"),
}
# What holds a CRD until its objects are gone.
CRD_FINALIZER = "customresourcecleanup.apiextensions.k8s.io"
# Namespaces that cannot be deleted.
IMMORTAL = ("default", "kube-system", "kube-public")
# The account whose token a pod has, and where it finds that.
TOKEN_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"
TOKEN_SECONDS = 3607
SERVICE_NETWORKS = {"IPv4": "10.96.0.0/16", "IPv6": "fd00:10:96::/112"}
NODE_PORTS = range(30000, 32768)


class Addresses:
    """The virtual addresses of services, taken and free."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._taken: set[str] = set()
        self._ports: set[int] = set()
        store.listen(lambda change: self._release(change.key, change.old, change.new))

    def _release(self, key: tuple[str, str], old: Object | None, new: Object | None) -> None:
        if key == SERVICES and old is not None:
            kept = set(((new or {}).get("spec") or {}).get("clusterIPs") or [])
            self._taken -= set(old["spec"].get("clusterIPs") or []) - kept
            if new is None:
                self._ports -= {each.get("nodePort", 0) for each in old["spec"].get("ports") or []}

    def take(self, family: str, wanted: str = "") -> str | None:
        """An address; None if the wanted one is another's or out of range."""
        network = ipaddress.ip_network(SERVICE_NETWORKS[family])
        if wanted:
            if ipaddress.ip_address(wanted) not in network or wanted in self._taken:
                return None
            self._taken.add(wanted)
            return wanted
        # The first 256 are left for those who name theirs.
        while True:
            number = random.randrange(256, network.num_addresses - 1)
            address = str(network[number])
            if address not in self._taken:
                self._taken.add(address)
                return address

    def take_port(self, wanted: int = 0) -> int | None:
        """A port of the node; None if the wanted one is another's or out of range."""
        if wanted:
            if wanted not in NODE_PORTS or wanted in self._ports:
                return None
            self._ports.add(wanted)
            return wanted
        port = next(each for each in NODE_PORTS if each not in self._ports)
        self._ports.add(port)
        return port

    def give_back(self, addresses: list[str]) -> None:
        """They are free again."""
        self._taken -= set(addresses)


def zero(served: Served) -> Object:
    """What an object is before anything is said of it: Go's structs that are no pointers."""
    properties = served.schema.get("properties") or {}
    thing: Object = {
        "apiVersion": served.resource.api_version, "kind": served.resource.kind, "metadata": {},
    }
    if served.own_schema is not None:
        return thing
    if "spec" in properties:
        thing["spec"] = {}
    empty_template = {"metadata": {}, "spec": {"containers": None}}
    match served.resource.key:
        case ("apps", "deployments"):
            thing["spec"] = {"selector": None, "strategy": {}, "template": empty_template}
        case ("apps", "replicasets" | "statefulsets" | "daemonsets") | ("batch", "jobs"):
            thing["spec"] = {"selector": None, "template": empty_template}
            if served.plural in ("statefulsets", "daemonsets"):
                thing["spec"]["updateStrategy"] = {}
        case ("", "pods"):
            thing["spec"] = {"containers": None}
        case ("", "events"):
            thing |= {"involvedObject": {}, "source": {}, "eventTime": None,
                      "reportingComponent": "", "reportingInstance": ""}
        case ("networking.k8s.io", "networkpolicies"):
            thing["spec"] = {"podSelector": {}}
        case ("batch", "cronjobs"):
            job = {"metadata": {}, "spec": {"template": empty_template}}
            thing["spec"] = {"schedule": "", "jobTemplate": job}
        case ("apiextensions.k8s.io", "customresourcedefinitions"):
            thing["spec"] = {"group": "", "scope": "", "names": {"plural": "", "kind": ""},
                             "versions": None}
        case ("discovery.k8s.io", "endpointslices"):
            thing |= {"addressType": "", "endpoints": None, "ports": None}
        case (_, "roles" | "clusterroles"):
            thing["rules"] = None
    return thing


def check_namespace(api: Api, served: Served, namespace: str, name: str) -> None:
    """Nothing comes into a namespace that is not there, or on its way out."""
    if not served.resource.is_namespaced or not served.resource.is_stored:
        return
    found = api.store.get(NAMESPACES, "", namespace)
    if found is None:
        raise failures.not_found("", "namespaces", namespace)
    if found["metadata"].get("deletionTimestamp"):
        why = (
            f"unable to create new content in namespace {namespace} because it is being"
            " terminated"
        )
        refusal = failures.forbidden(served.group, served.plural, name, why)
        refusal.status["details"]["causes"] = [{
            "reason": "NamespaceTerminating", "field": "metadata.namespace",
            "message": f"namespace {namespace} is being terminated",
        }]
        raise refusal


def admit_create(api: Api, served: Served, thing: Object) -> None:
    """What Kubernetes' own admission does before the webhooks are asked."""
    if served.resource.key == PODS:
        _admit_pod(api, thing)


def admit_update(
    api: Api, served: Served, new: Object, options: Options, subresource: str
) -> None:
    """The same for a change."""
    if served.group == RBAC and not subresource:
        _check_escalation(api, served, new, options)


def _admit_pod(api: Api, thing: Object) -> None:
    spec, metadata = thing["spec"], thing["metadata"]
    namespace = metadata["namespace"]
    account = spec.setdefault("serviceAccountName", "default")
    spec["serviceAccount"] = account
    found = api.store.get(SERVICE_ACCOUNTS, namespace, account)
    if found is None:
        raise failures.forbidden("", "pods", metadata.get("name", ""), (
            f"error looking up service account {namespace}/{account}: serviceaccount"
            f" \"{account}\" not found"
        ))
    if found.get("imagePullSecrets") and not spec.get("imagePullSecrets"):
        spec["imagePullSecrets"] = found["imagePullSecrets"]
    mounts = spec.get("automountServiceAccountToken", found.get("automountServiceAccountToken"))
    if mounts is not False:
        _mount_token(spec)
    spec.setdefault("priority", 0)
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    tolerations = spec.setdefault("tolerations", [])
    for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"):
        if not any(each.get("key") == key for each in tolerations):
            tolerations.append({
                "key": key, "operator": "Exists", "effect": "NoExecute",
                "tolerationSeconds": 300,
            })


def _mount_token(spec: Object) -> None:
    containers = [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]
    name = "kube-api-access-" + "".join(random.choices("bcdfghjklmnpqrstvwxz2456789", k=5))
    mounted = False
    for container in containers:
        mounts = container.setdefault("volumeMounts", [])
        if any(each["mountPath"] == TOKEN_FOLDER for each in mounts):
            continue
        mounts.append({"name": name, "readOnly": True, "mountPath": TOKEN_FOLDER})
        mounted = True
    if mounted:
        field = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
        spec.setdefault("volumes", []).append({"name": name, "projected": {
            "defaultMode": 0o644,
            "sources": [
                {"serviceAccountToken": {"expirationSeconds": TOKEN_SECONDS, "path": "token"}},
                {"configMap": {
                    "name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]
                }},
                {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": field}]}},
            ],
        }})


def before_create(api: Api, served: Served, thing: Object, options: Options) -> None:
    """What the kind itself does with a new object."""
    match served.resource.key:
        case ("", "namespaces"):
            thing["spec"] = {"finalizers": ["kubernetes"]}
            thing["status"] = {"phase": "Active"}
        case ("", "services"):
            _give_addresses(api, thing)
        case ("", "secrets"):
            _read_secret(thing)
        case ("batch", "jobs"):
            _select_own(thing)
        case ("", "pods"):
            quality = _quality(thing["spec"])
            thing["status"] = {"phase": "Pending", "qosClass": quality}
        case ("apiextensions.k8s.io", "customresourcedefinitions"):
            versions = thing["spec"].get("versions") or []
            stored = [each["name"] for each in versions if each.get("storage")]
            thing["status"] = {
                "conditions": None, "storedVersions": stored,
                "acceptedNames": {"plural": "", "kind": ""},
            }
        case (group, _) if group == RBAC:
            if thing.get("rules") == []:
                thing["rules"] = None
            _check_escalation(api, served, thing, options)


def _select_own(thing: Object) -> None:
    """A job tells its pods from others by its uid."""
    spec, metadata = thing["spec"], thing["metadata"]
    if spec.get("manualSelector"):
        return
    prefix, uid, name = "batch.kubernetes.io", metadata["uid"], metadata["name"]
    template = spec["template"].setdefault("metadata", {})
    template["labels"] = (template.get("labels") or {}) | {
        f"{prefix}/controller-uid": uid, "controller-uid": uid,
        f"{prefix}/job-name": name, "job-name": name,
    }
    spec["selector"] = {"matchLabels": {f"{prefix}/controller-uid": uid}}


def before_update(api: Api, served: Served, old: Object, new: Object) -> None:
    """What the kind itself does with a change."""
    match served.resource.key:
        case ("", "services"):
            _keep_addresses(api, old, new)
        case ("", "secrets"):
            _read_secret(new)
        case ("", "namespaces"):
            new["spec"] = new.get("spec") or {}


def terminating(status: Object, now: str) -> Object:
    """The status of a CRD that is on its way out."""
    others = [each for each in status.get("conditions") or [] if each["type"] != "Terminating"]
    return status | {"conditions": [*others, {
        "type": "Terminating", "status": "True", "lastTransitionTime": now,
        "reason": "InstanceDeletionPending",
        "message": "CustomResourceDefinition marked for deletion; CustomResource deletion will"
        " begin soon",
    }]}


def forget(api: Api, served: Served, thing: Object) -> None:
    """Takes back what a dry run was given."""
    if served.resource.key == SERVICES:
        api.addresses.give_back(thing["spec"].get("clusterIPs") or [])


def _read_secret(thing: Object) -> None:
    for text in (thing.get("data") or {}).values():
        at = validating.base64_fault(text)
        if at is not None:
            raise bad_request(
                'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at'
                f" input byte {at}"
            )


def _give_addresses(api: Api, thing: Object) -> None:
    spec = thing["spec"]
    kind = spec.get("type")
    if kind == "ExternalName" or not spec.get("ports") and spec.get("clusterIP") != "None":
        return
    wanted = spec.get("clusterIP") or ""
    if wanted and wanted != "None" and not validating.is_address(wanted):
        # The rules have the words for it.
        return
    policy = spec.setdefault("ipFamilyPolicy", "SingleStack")
    families = spec.get("ipFamilies") or []
    if not families:
        version = "IPv6" if ":" in wanted else "IPv4"
        families = [version]
        if policy != "SingleStack":
            families.append("IPv4" if version == "IPv6" else "IPv6")
        spec["ipFamilies"] = families
    elif policy == "RequireDualStack" and len(families) == 1:
        families.append("IPv6" if families[0] == "IPv4" else "IPv4")
    if wanted == "None":
        spec["clusterIPs"] = ["None"]
        return
    given = spec.get("clusterIPs") or ([wanted] if wanted else [])
    found: list[str] = []
    for at, family in enumerate(families):
        own = given[at] if at < len(given) else ""
        address = api.addresses.take(family, own)
        if address is None:
            api.addresses.give_back(found)
            why = f"failed to allocate IP {own}: "
            if ipaddress.ip_address(own) in ipaddress.ip_network(SERVICE_NETWORKS[family]):
                why += "provided IP is already allocated"
            else:
                why += "the provided network does not match the current range"
            raise failures.invalid("", "Service", thing["metadata"]["name"], [
                failures.wrong("spec.clusterIPs", [own], why)
            ])
        found.append(address)
    spec["clusterIP"], spec["clusterIPs"] = found[0], found
    if kind in ("NodePort", "LoadBalancer"):
        for at, port in enumerate(spec["ports"]):
            wish = int(port.get("nodePort") or 0)
            number = api.addresses.take_port(wish)
            if number is None:
                raise failures.invalid("", "Service", thing["metadata"]["name"], [failures.wrong(
                    f"spec.ports[{at}].nodePort", wish, "provided port is already allocated"
                )])
            port["nodePort"] = number


def _keep_addresses(api: Api, old: Object, new: Object) -> None:
    spec, before = new["spec"], old["spec"]
    if spec.get("type") == "ExternalName":
        for name in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy",
                     "internalTrafficPolicy"):
            spec.pop(name, None)
        return
    if not before.get("clusterIP"):
        _give_addresses(api, new)
        return
    for name in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if not spec.get(name) and before.get(name):
            spec[name] = before[name]


def _quality(spec: Object) -> str:
    """The quality of service that a pod is promised."""
    containers = [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]
    wishes = [each.get("resources") or {} for each in containers]
    if not any(each.get("requests") or each.get("limits") for each in wishes):
        return "BestEffort"
    for each in wishes:
        limits, requests = each.get("limits") or {}, each.get("requests") or {}
        if any(name not in limits or requests.get(name) != limits[name]
               for name in ("cpu", "memory")):
            return "Burstable"
    return "Guaranteed"


def grace(key: tuple[str, str], thing: Object, wanted: int | None) -> int:
    """How many seconds an object has until it ends."""
    if key != PODS:
        return 0
    spec, status = thing["spec"], thing.get("status") or {}
    if not spec.get("nodeName") or status.get("phase") in ("Succeeded", "Failed"):
        return 0
    if wanted is not None:
        return max(0, int(wanted))
    return int(spec.get("terminationGracePeriodSeconds", 30))


def policy(store: Store) -> rbac.Policy:
    """The roles and bindings of the cluster."""
    return rbac.Policy(
        {each["metadata"]["name"]: each for each in store.all((RBAC, "clusterroles"))},
        {
            (each["metadata"]["namespace"], each["metadata"]["name"]): each
            for each in store.all((RBAC, "roles"))
        },
        list(store.all((RBAC, "clusterrolebindings"))),
        list(store.all((RBAC, "rolebindings"))),
    )


def _check_escalation(api: Api, served: Served, thing: Object, options: Options) -> None:
    """Nobody hands on what he does not have himself."""
    current = policy(api.store)
    metadata = thing["metadata"]
    namespace = metadata.get("namespace", "")
    verb, wanted = "escalate", thing.get("rules") or []
    about = RequestInfo(
        verb, "", served.group, served.resource.version, namespace, served.plural,
        metadata["name"],
    )
    if served.plural.endswith("bindings"):
        reference = thing["roleRef"]
        plural = "clusterroles" if reference["kind"] == "ClusterRole" else "roles"
        where = "" if plural == "clusterroles" else namespace
        role = api.store.get((RBAC, plural), where, reference["name"])
        about = RequestInfo(
            "bind", "", served.group, served.resource.version, namespace, plural,
            reference["name"],
        )
        wanted = (role or {}).get("rules") or []
        if current.allows(options.user, about):
            return
        if role is None and rbac.MASTERS not in options.user.groups:
            raise failures.not_found(RBAC, plural, reference["name"])
    elif current.allows(options.user, about):
        return
    excess = current.grants_all(options.user, namespace, wanted)
    if excess:
        lines = "\n".join(_rule_text(rule) for rule in excess)
        groups = " ".join(f'"{group}"' for group in options.user.groups)
        raise failures.forbidden(served.group, served.plural, metadata["name"], (
            f'user "{options.user.name}" (groups=[{groups}]) is attempting to grant RBAC'
            f" permissions not currently held:\n{lines}"
        ))


def _rule_text(rule: Any) -> str:
    parts = []
    for key, word in (("apiGroups", "APIGroups"), ("resources", "Resources"),
                      ("resourceNames", "ResourceNames"), ("nonResourceURLs", "NonResourceURLs"),
                      ("verbs", "Verbs")):
        if rule.get(key):
            parts.append(f"{word}:{json.dumps(rule[key], separators=(' ', ':'))}")
    return "{" + ", ".join(parts) + "}"


def converted(thing: Object, api_version: str) -> Object:
    """An event of one group as one of the other; other kinds have one version alone."""
    if thing.get("kind") != "Event":
        return thing | {"apiVersion": api_version}
    pairs = (
        ("regarding", "involvedObject"), ("note", "message"),
        ("reportingController", "reportingComponent"), ("deprecatedSource", "source"),
        ("deprecatedFirstTimestamp", "firstTimestamp"),
        ("deprecatedLastTimestamp", "lastTimestamp"), ("deprecatedCount", "count"),
    )
    names = dict(pairs) if api_version == "v1" else {old: new for new, old in pairs}
    return {names.get(key, key): value for key, value in thing.items()} | {
        "apiVersion": api_version
    }
