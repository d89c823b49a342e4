# SPDX-License-Identifier: Apache-2.0
"""What Kubernetes refuses in pods, and in what has a template of pods. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from . import names, quantity, selectors
from .failures import Fault, duplicate, missing, refused, required, unsupported, wrong

Object = Mapping[str, Any]
IMMUTABLE = "field is immutable"
NOT_NEGATIVE = "must be greater than or equal to 0"
PORT_RANGE = "must be between 1 and 65535, inclusive"
TEMPLATE_RULE = (
    "pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only"
    " additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set"
    " to 1 if it was previously negative)"
)
_PORT_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


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
        found.append(wrong(f"{path}.terminationGracePeriodSeconds", value, NOT_NEGATIVE))
    if name := spec.get("serviceAccountName"):
        found += [
            wrong(f"{path}.serviceAccountName", name, why) for why in names.subdomain(name)
        ]
    return found


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
            found.append(wrong(f"{where}.containerPort", number, PORT_RANGE))
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
            found.append(wrong(f"{path}.{name}", probe[name], NOT_NEGATIVE))
    return found


def _resources(resources: Object, path: str) -> list[Fault]:
    found = []
    limits = resources.get("limits") or {}
    for name, value in (resources.get("requests") or {}).items():
        if name in limits and quantity.parse(value) > quantity.parse(limits[name]):
            why = f"must be less than or equal to {name} limit of {limits[name]}"
            found.append(wrong(f"{path}.requests", value, why))
    return found


def pod(new: Object, old: Object | None) -> list[Fault]:
    """A pod, and what of it may change."""
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


def workload(new: Object, old: Object | None) -> list[Fault]:
    """Anything with a template and a selector."""
    spec = new.get("spec") or {}
    found: list[Fault] = []
    template = spec.get("template") or {}
    if int(spec.get("replicas") or 0) < 0:
        found.append(wrong("spec.replicas", spec["replicas"], NOT_NEGATIVE))
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


def job(new: Object, old: Object | None) -> list[Fault]:
    """A job, whose pods end."""
    template = (new.get("spec") or {}).get("template") or {}
    if old is not None and old["spec"].get("template") != template:
        return [wrong("spec.template", template, IMMUTABLE)]
    spec = template.get("spec") or {}
    path = "spec.template.spec"
    found = pod_spec(spec, path)
    if spec.get("restartPolicy") not in ("OnFailure", "Never"):
        found.append(required(f"{path}.restartPolicy", 'valid values: "OnFailure", "Never"'))
    return found


def deployment(new: Object, old: Object | None) -> list[Fault]:
    """A deployment."""
    found = workload(new, old)
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
            found.append(wrong(path, value, NOT_NEGATIVE))
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
