# SPDX-License-Identifier: Apache-2.0
"""What Kubernetes refuses in its own kinds, as far as anybody here could come upon it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from typing import Any

from . import names, quantity, selectors
from .failures import (
    Fault, duplicate, missing, refused, required, too_long, unsupported, wrong,
)

Object = Mapping[str, Any]
_PORT_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_CONFIG_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_VERBS = "must be a valid verb"
# LIMIT: bytes in a config map or secret; Kubernetes' own.
DATA_BYTES = 1024 * 1024
IMMUTABLE = "field is immutable"
TEMPLATE_RULE = (
    "pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only"
    " additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set"
    " to 1 if it was previously negative)"
)


def faults(key: tuple[str, str], new: Object, old: Object | None) -> list[Fault]:
    """What is wrong with an object, or with its change from an old one."""
    rule = _RULES.get(key)
    return rule(new, old) if rule else []


def pod_spec(spec: Object, path: str, of_template: bool = False) -> list[Fault]:
    """The spec of a pod or template."""
    found: list[Fault] = []
    volumes = [each.get("name") for each in spec.get("volumes") or []]
    for index, volume in enumerate(spec.get("volumes") or []):
        found += _volume(volume, f"{path}.volumes[{index}]", volumes[:index])
    containers = spec.get("containers") or []
    if not containers:
        found.append(required(f"{path}.containers"))
    seen: list[str] = []
    for kind in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(kind) or []):
            where = f"{path}.{kind}[{index}]"
            found += _container(container, where, volumes, kind == "initContainers")
            if container.get("name") in seen:
                found.append(duplicate(f"{where}.name", container["name"]))
            seen.append(container.get("name", ""))
    policies = ("Always", "OnFailure", "Never")
    if spec.get("restartPolicy") not in policies:
        found.append(unsupported(f"{path}.restartPolicy", spec.get("restartPolicy"), policies))
    elif of_template and spec["restartPolicy"] != "Always":
        found.append(unsupported(f"{path}.restartPolicy", spec["restartPolicy"], ("Always",)))
    dns = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
    if spec.get("dnsPolicy") not in dns:
        found.append(unsupported(f"{path}.dnsPolicy", spec.get("dnsPolicy"), dns))
    if int(spec.get("terminationGracePeriodSeconds", 30)) < 0:
        value = spec["terminationGracePeriodSeconds"]
        found.append(wrong(f"{path}.terminationGracePeriodSeconds", value, _NOT_NEGATIVE))
    if name := spec.get("serviceAccountName"):
        found += [
            wrong(f"{path}.serviceAccountName", name, why) for why in names.subdomain(name)
        ]
    return found


_NOT_NEGATIVE = "must be greater than or equal to 0"
_PORT_RANGE = "must be between 1 and 65535, inclusive"


def _volume(volume: Object, path: str, before: Sequence[str | None]) -> list[Fault]:
    found: list[Fault] = []
    name = volume.get("name") or ""
    if not name:
        found.append(required(f"{path}.name"))
    else:
        found += [wrong(f"{path}.name", name, why) for why in names.label(name)]
    if name in before:
        found.append(duplicate(f"{path}.name", name))
    kinds = [key for key, value in volume.items() if key != "name" and value is not None]
    if not kinds:
        found.append(required(path, "must specify a volume type"))
    for kind in kinds[1:]:
        found.append(refused(f"{path}.{kind}", "may not specify more than 1 volume type"))
    return found


def _container(
    container: Object, path: str, volumes: Sequence[str | None], is_init: bool
) -> list[Fault]:
    found: list[Fault] = []
    name = container.get("name") or ""
    if not name:
        found.append(required(f"{path}.name"))
    else:
        found += [wrong(f"{path}.name", name, why) for why in names.label(name)]
    image = container.get("image") or ""
    if not image:
        found.append(required(f"{path}.image"))
    elif image != image.strip():
        found.append(wrong(f"{path}.image", image, "must not have leading or trailing whitespace"))
    policies = ("Always", "IfNotPresent", "Never")
    if container.get("imagePullPolicy") not in policies:
        found.append(
            unsupported(f"{path}.imagePullPolicy", container.get("imagePullPolicy"), policies)
        )
    found += _ports(container.get("ports") or [], f"{path}.ports")
    for index, variable in enumerate(container.get("env") or []):
        where = f"{path}.env[{index}]"
        text = variable.get("name") or ""
        if not text:
            found.append(required(f"{where}.name"))
        if variable.get("value") and variable.get("valueFrom"):
            found.append(wrong(
                f"{where}.valueFrom", "", "may not be specified when `value` is not empty"
            ))
    paths: list[str] = []
    for index, mount in enumerate(container.get("volumeMounts") or []):
        where = f"{path}.volumeMounts[{index}]"
        if not mount.get("name"):
            found.append(required(f"{where}.name"))
        elif mount["name"] not in volumes:
            found.append(missing(f"{where}.name", mount["name"]))
        if not mount.get("mountPath"):
            found.append(required(f"{where}.mountPath"))
        elif mount["mountPath"] in paths:
            found.append(wrong(f"{where}.mountPath", mount["mountPath"], "must be unique"))
        paths.append(mount.get("mountPath", ""))
    for kind in ("livenessProbe", "readinessProbe", "startupProbe"):
        if container.get(kind) is not None:
            found += _probe(container[kind], f"{path}.{kind}")
            if is_init and container.get("restartPolicy") != "Always":
                found.append(refused(f"{path}.{kind}", "may not be set for init containers"
                                     " without restartPolicy=Always"))
    found += _resources(container.get("resources") or {}, f"{path}.resources")
    if not is_init and container.get("restartPolicy"):
        found.append(refused(f"{path}.restartPolicy", "may not be set for non-init containers"))
    return found


def _ports(ports: Sequence[Object], path: str) -> list[Fault]:
    found: list[Fault] = []
    seen: list[str] = []
    for index, port in enumerate(ports):
        where = f"{path}[{index}]"
        if name := port.get("name"):
            if len(name) > 15 or not _PORT_NAME.fullmatch(name):
                why = "must be no more than 15 characters" if len(name) > 15 else (
                    "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
                )
                found.append(wrong(f"{where}.name", name, why))
            elif name in seen:
                found.append(duplicate(f"{where}.name", name))
            seen.append(name)
        number = port.get("containerPort")
        if not number:
            found.append(required(f"{where}.containerPort"))
        elif not 1 <= number <= 65535:
            found.append(wrong(f"{where}.containerPort", number, _PORT_RANGE))
        if port.get("protocol") not in ("TCP", "UDP", "SCTP"):
            found.append(
                unsupported(f"{where}.protocol", port.get("protocol"), ("SCTP", "TCP", "UDP"))
            )
    return found


def _probe(probe: Object, path: str) -> list[Fault]:
    kinds = [kind for kind in ("exec", "httpGet", "tcpSocket", "grpc") if probe.get(kind)]
    if not kinds:
        return [required(path, "must specify a handler type")]
    if len(kinds) > 1:
        return [refused(f"{path}.{kinds[1]}", "may not specify more than 1 handler type")]
    found = []
    for name in ("initialDelaySeconds", "periodSeconds", "timeoutSeconds", "failureThreshold"):
        if int(probe.get(name, 0)) < 0:
            found.append(wrong(f"{path}.{name}", probe[name], _NOT_NEGATIVE))
    return found


def _resources(resources: Object, path: str) -> list[Fault]:
    found = []
    limits = resources.get("limits") or {}
    for name, value in (resources.get("requests") or {}).items():
        if name in limits and quantity.parse(value) > quantity.parse(limits[name]):
            why = f"must be less than or equal to {name} limit of {limits[name]}"
            found.append(wrong(f"{path}.requests", value, why))
    return found


def _pod(new: Object, old: Object | None) -> list[Fault]:
    if old is None:
        return pod_spec(new.get("spec") or {}, "spec")
    found = pod_spec(new.get("spec") or {}, "spec")
    if _fixed_part(new["spec"]) != _fixed_part(old["spec"]):
        found.append(refused("spec", TEMPLATE_RULE))
    return found


def _fixed_part(spec: Object) -> Object:
    free = ("activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds",
            "ephemeralContainers", "nodeName", "schedulingGates")
    result = {key: value for key, value in spec.items() if key not in free}
    for kind in ("containers", "initContainers"):
        if kind in result:
            result[kind] = [
                {k: v for k, v in each.items() if k != "image"} for each in result[kind]
            ]
    return result


def _workload(new: Object, old: Object | None) -> list[Fault]:
    spec = new.get("spec") or {}
    found: list[Fault] = []
    template = spec.get("template") or {}
    if int(spec.get("replicas") or 0) < 0:
        found.append(wrong("spec.replicas", spec["replicas"], _NOT_NEGATIVE))
    labels = (template.get("metadata") or {}).get("labels") or {}
    selector = spec.get("selector")
    if selector is None:
        found.append(required("spec.selector"))
    else:
        found += label_selector(selector, "spec.selector")
        if not selector.get("matchLabels") and not selector.get("matchExpressions"):
            found.append(
                wrong("spec.selector", selector, "empty selector is invalid for deployment")
            )
    if selector is None or not selectors.of_object(selector)(labels):
        found.append(wrong(
            "spec.template.metadata.labels", labels or None,
            "`selector` does not match template `labels`",
        ))
    found += names.labels(labels, "spec.template.labels")
    found += pod_spec(template.get("spec") or {}, "spec.template.spec", of_template=True)
    if old is not None and old["spec"].get("selector") != selector:
        found.append(wrong("spec.selector", selector, IMMUTABLE))
    return found


def _deployment(new: Object, old: Object | None) -> list[Fault]:
    found = _workload(new, old)
    strategy = (new.get("spec") or {}).get("strategy") or {}
    kinds = ("Recreate", "RollingUpdate")
    if strategy.get("type") not in kinds:
        # A Go structure, with the names of its fields.
        whole = {"Type": strategy.get("type"), "RollingUpdate": strategy.get("rollingUpdate")}
        found.append(unsupported("spec.strategy", whole, kinds))
    rolling = strategy.get("rollingUpdate")
    if strategy.get("type") == "Recreate" and rolling:
        why = "may not be specified when strategy `type` is 'Recreate'"
        found.append(refused("spec.strategy.rollingUpdate", why))
    elif rolling:
        found += _rolling(rolling)
    return found


def _rolling(rolling: Object) -> list[Fault]:
    found = []
    for name in ("maxUnavailable", "maxSurge"):
        value = rolling.get(name)
        path = f"spec.strategy.rollingUpdate.{name}"
        if isinstance(value, str) and not re.fullmatch(r"[0-9]+%", value):
            found.append(wrong(path, value, "a valid percent string must be a numeric string"
                               " followed by an ending '%' (e.g. '1%',  or '93%', regex used for"
                               " validation is '[0-9]+%')"))
        elif isinstance(value, int) and value < 0:
            found.append(wrong(path, value, _NOT_NEGATIVE))
    if all(rolling.get(name) in (0, "0%") for name in ("maxUnavailable", "maxSurge")):
        found.append(wrong(
            "spec.strategy.rollingUpdate.maxUnavailable", rolling["maxUnavailable"],
            "may not be 0 when `maxSurge` is 0",
        ))
    return found


def label_selector(selector: Object, path: str) -> list[Fault]:
    """A selector of labels."""
    found = names.labels(selector.get("matchLabels") or {}, f"{path}.matchLabels")
    operators = ("DoesNotExist", "Exists", "In", "NotIn")
    for index, each in enumerate(selector.get("matchExpressions") or []):
        where = f"{path}.matchExpressions[{index}]"
        operator, values = each.get("operator"), each.get("values")
        if operator in ("In", "NotIn") and not values:
            found.append(required(
                f"{where}.values", "must be specified when `operator` is 'In' or 'NotIn'"
            ))
        elif operator in ("Exists", "DoesNotExist") and values:
            found.append(refused(
                f"{where}.values", "may not be specified when `operator` is 'Exists' or"
                " 'DoesNotExist'"
            ))
        elif operator not in operators:
            found.append(wrong(f"{where}.operator", operator, "not a valid selector operator"))
    return found


def _service(new: Object, old: Object | None) -> list[Fault]:
    spec = new.get("spec") or {}
    found: list[Fault] = []
    kinds = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
    kind = spec.get("type")
    is_headless = spec.get("clusterIP") == "None"
    ports = spec.get("ports") or []
    if not ports and not is_headless and kind != "ExternalName":
        found.append(required("spec.ports"))
    if kind == "ExternalName" and not spec.get("externalName"):
        found.append(required("spec.externalName"))
    seen: list[object] = []
    for index, port in enumerate(ports):
        path = f"spec.ports[{index}]"
        if len(ports) > 1 and not port.get("name"):
            found.append(required(f"{path}.name"))
        if name := port.get("name"):
            found += [wrong(f"{path}.name", name, why) for why in names.label(name)]
            if name in [each.get("name") for each in ports[:index]]:
                found.append(duplicate(f"{path}.name", name))
        number = port.get("port") or 0
        if not 1 <= number <= 65535:
            found.append(wrong(f"{path}.port", number, _PORT_RANGE))
        if port.get("protocol") not in ("TCP", "UDP", "SCTP"):
            found.append(unsupported(
                f"{path}.protocol", port.get("protocol"), ("SCTP", "TCP", "UDP")
            ))
        target = port.get("targetPort")
        if isinstance(target, int) and not 1 <= target <= 65535:
            found.append(wrong(f"{path}.targetPort", target, _PORT_RANGE))
        one = (port.get("protocol"), port.get("port"))
        if one in seen:
            found.append(duplicate(path, {
                "Name": "", "Protocol": one[0], "AppProtocol": None, "Port": one[1],
                "TargetPort": 0, "NodePort": 0,
            }))
        seen.append(one)
    found += names.labels(spec.get("selector") or {}, "spec.selector")
    if kind not in kinds:
        found.append(unsupported("spec.type", kind, kinds))
    affinities = ("ClientIP", "None")
    if spec.get("sessionAffinity") not in affinities:
        found.append(
            unsupported("spec.sessionAffinity", spec.get("sessionAffinity"), affinities)
        )
    address = spec.get("clusterIP")
    if address and address != "None":
        if not is_address(address):
            found.append(wrong("spec.clusterIPs[0]", address, _ADDRESS_RULE))
    if old is not None and kind != "ExternalName":
        before = old["spec"].get("clusterIP")
        if before and before != address and old["spec"].get("type") != "ExternalName":
            found.append(wrong("spec.clusterIPs[0]", [address] if address else None, (
                "may not change once set"
            )))
    return found


def _data(new: Object, old: Object | None) -> list[Fault]:
    found: list[Fault] = []
    size = 0
    for part in ("data", "binaryData"):
        for key, value in (new.get(part) or {}).items():
            if not _CONFIG_KEY.fullmatch(key):
                found.append(wrong(f"{part}[{key}]", key, (
                    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
                    " (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation"
                    " is '[-._a-zA-Z0-9]+')"
                )))
            size += len(value)
    if size > DATA_BYTES:
        found.append(too_long("[]", DATA_BYTES))
    if old is not None and old.get("immutable"):
        why = "field is immutable when `immutable` is set"
        if not new.get("immutable"):
            found.append(refused("immutable", why))
        for part in ("data", "binaryData"):
            if new.get(part) != old.get(part):
                found.append(refused(part, why))
    return found


def _secret(new: Object, old: Object | None) -> list[Fault]:
    found = _data(new, old)
    if old is not None and new.get("type") != old.get("type"):
        found.append(wrong("type", new.get("type"), IMMUTABLE))
    data = new.get("data") or {}
    if new.get("type") == "kubernetes.io/tls":
        for key in ("tls.crt", "tls.key"):
            if key not in data:
                found.append(required(f"data[{key}]"))
    return found


_ADDRESS_RULE = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"


def is_address(text: str) -> bool:
    """Whether a text is an address of IP."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def base64_fault(text: str) -> int | None:
    """Where a text stops being base64, as Go's decoder counts; None if it is all of it."""
    # A quantum is four letters, the last two of which may be padding; line ends do not count.
    letters = [(at, each) for at, each in enumerate(text) if each not in "\r\n"]
    for start in range(0, len(letters), 4):
        quantum = letters[start : start + 4]
        for place, (at, each) in enumerate(quantum):
            if each == "=" and place >= 2:
                rest = quantum[place + 1 :]
                if place == 2 and not rest:
                    return len(text)
                if place == 2 and rest[0][1] != "=":
                    return rest[0][0] - 1
                after = letters[start + 4 :]
                return after[0][0] if after else None
            if not (each.isascii() and each.isalnum()) and each not in "+/":
                return at
        if len(quantum) < 4:
            return quantum[0][0]
    return None


def _role(new: Object, _old: Object | None) -> list[Fault]:
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


def _binding(new: Object, old: Object | None) -> list[Fault]:
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


def _webhooks(new: Object, _old: Object | None) -> list[Fault]:
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


def _endpoint_slice(new: Object, old: Object | None) -> list[Fault]:
    found: list[Fault] = []
    kinds = ("FQDN", "IPv4", "IPv6")
    kind = new.get("addressType")
    if kind is None:
        found.append(required("addressType"))
    elif kind not in kinds:
        found.append(unsupported("addressType", kind, kinds))
    if old is not None and old.get("addressType") != kind:
        found.append(wrong("addressType", kind, IMMUTABLE))
    for index, endpoint in enumerate(new.get("endpoints") or []):
        path = f"endpoints[{index}].addresses"
        addresses = endpoint.get("addresses") or []
        if not addresses:
            found.append(required(path, "must contain at least 1 address"))
        for at, address in enumerate(addresses):
            if kind in kinds[1:] and not is_address(address):
                found.append(wrong(f"{path}[{at}]", address, _ADDRESS_RULE))
            elif kind in kinds[1:] and f"IPv{ip_address(address).version}" != kind:
                found.append(wrong(f"{path}[{at}]", address, f"must be an {kind} address"))
    return found


def _lease(new: Object, _old: Object | None) -> list[Fault]:
    spec = new.get("spec") or {}
    found = []
    for name in ("leaseDurationSeconds", "leaseTransitions"):
        value = spec.get(name)
        if value is not None and (value < 0 or (value == 0 and name == "leaseDurationSeconds")):
            why = "must be greater than 0" if name == "leaseDurationSeconds" else _NOT_NEGATIVE
            found.append(wrong(f"spec.{name}", value, why))
    return found


def _scalable(new: Object, old: Object | None) -> list[Fault]:
    return _workload(new, old)


_RULES: dict[tuple[str, str], Callable[[Object, Object | None], list[Fault]]] = {
    ("", "pods"): _pod,
    ("", "services"): _service,
    ("", "configmaps"): _data,
    ("", "secrets"): _secret,
    ("apps", "deployments"): _deployment,
    ("apps", "replicasets"): _scalable,
    ("apps", "statefulsets"): _scalable,
    ("apps", "daemonsets"): _scalable,
    ("coordination.k8s.io", "leases"): _lease,
    ("discovery.k8s.io", "endpointslices"): _endpoint_slice,
    ("rbac.authorization.k8s.io", "roles"): _role,
    ("rbac.authorization.k8s.io", "clusterroles"): _role,
    ("rbac.authorization.k8s.io", "rolebindings"): _binding,
    ("rbac.authorization.k8s.io", "clusterrolebindings"): _binding,
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"): _webhooks,
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"): _webhooks,
}
