# SPDX-License-Identifier: Apache-2.0
"""From a container of a pod's spec to what runc runs. Pure: values in, values out.

A field that is neither carried out nor known to be without effect here is an error, so that a spec
that passes has run as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import BenchError
from .seccomp import runtime_default

# What containerd gives a container whose spec names no capabilities.
DEFAULT_CAPABILITIES = """
    AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID
    SETPCAP SETUID SYS_CHROOT
""".split()

CONTAINER_FIELDS = {
    "name", "image", "command", "args", "env", "workingDir", "ports", "volumeMounts", "resources",
    "securityContext", "lifecycle", "startupProbe", "readinessProbe", "restartPolicy",
    # Without effect here: nothing is pulled, restarted or reported.
    "imagePullPolicy", "livenessProbe", "terminationMessagePath", "terminationMessagePolicy",
}
SECURITY_FIELDS = {
    "allowPrivilegeEscalation", "capabilities", "privileged", "readOnlyRootFilesystem",
    "runAsGroup", "runAsNonRoot", "runAsUser", "seccompProfile",
}
POD_FIELDS = {
    "containers", "initContainers", "volumes", "serviceAccountName", "serviceAccount", "nodeName",
    "terminationGracePeriodSeconds", "restartPolicy", "automountServiceAccountToken",
}

# As the container runtime interface has them.
MASKED = [
    "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
    "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
]
READ_ONLY = [
    "/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
]


@dataclass
class PodFacts:
    """What a pod's environment may ask about."""

    name: str
    namespace: str
    uid: str
    ips: list[str]
    node_name: str
    node_ip: str
    service_account: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]

    @property
    def ip(self) -> str:
        """The address that stands for the pod."""
        return self.ips[0]

    def value(self, path: str) -> str:
        """What `fieldRef` with this path gives."""
        fixed = {
            "metadata.name": self.name,
            "metadata.namespace": self.namespace,
            "metadata.uid": self.uid,
            "spec.nodeName": self.node_name,
            "spec.serviceAccountName": self.service_account,
            "status.hostIP": self.node_ip,
            "status.hostIPs": self.node_ip,
            "status.podIP": self.ip,
            "status.podIPs": ",".join(self.ips),
        }
        if path in fixed:
            return fixed[path]
        if match := re.fullmatch(r"metadata\.(labels|annotations)\['(.+)'\]", path):
            source = self.labels if match[1] == "labels" else self.annotations
            return source.get(match[2], "")
        raise BenchError(f"fieldRef: nothing is known of {path}")


@dataclass
class ImageConfig:
    """What an image says of the process in it."""

    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    user: int = 0
    group: int = 0
    stop_signal: str = "TERM"


@dataclass
class Place:
    """Where a container runs: its root, its pod's namespaces and volumes, its cgroup."""

    root: Path
    pod_process: int
    volumes: Mapping[str, Path]
    cgroup: str
    files: Mapping[str, Path]
    binds: list[str]
    has_ipv6: bool = True


def check_fields(what: str, thing: Mapping[str, Any], known: set[str]) -> None:
    """Refuses what the bench would pass over."""
    unknown = sorted(set(thing) - known)
    if unknown:
        raise BenchError(f"{what}: the bench does not carry out {', '.join(unknown)}")


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Replaces $(NAME) as the kubelet does: unknown names stay, $$ is a dollar sign."""

    def replaced(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        return variables.get(match[1], match[0])

    return re.sub(r"\$\$|\$\(([^)]*)\)", replaced, text)


def environment(container: Mapping[str, Any], facts: PodFacts) -> dict[str, str]:
    """The variables of a container's spec."""
    variables: dict[str, str] = {}
    for item in container.get("env") or []:
        source = item.get("valueFrom")
        if source is None:
            variables[item["name"]] = expand(item.get("value") or "", variables)
        elif set(source) == {"fieldRef"}:
            variables[item["name"]] = facts.value(source["fieldRef"]["fieldPath"])
        else:
            raise BenchError(f"env {item['name']}: the bench knows no {', '.join(source)}")
    return variables


def capabilities(security: Mapping[str, Any]) -> list[str]:
    """The capabilities that a container may have, in the kernel's words."""
    wanted = security.get("capabilities") or {}
    dropped, added = set(wanted.get("drop") or []), list(wanted.get("add") or [])
    kept = [] if "ALL" in dropped else [c for c in DEFAULT_CAPABILITIES if c not in dropped]
    return [f"CAP_{name}" for name in sorted(set(kept) | set(added))]


def user(name: str, security: Mapping[str, Any], image: ImageConfig) -> dict[str, int]:
    """Who a container runs as."""
    uid = int(security.get("runAsUser", image.user))
    if security.get("runAsNonRoot") and uid == 0:
        raise BenchError(f"container {name} has runAsNonRoot, and would run as root")
    # Without a group of its own a user that the image does not know is in root's.
    default = image.group if uid == image.user else 0
    return {"uid": uid, "gid": int(security.get("runAsGroup", default)), "umask": 0o022}


def resources(container: Mapping[str, Any]) -> dict[str, Any]:
    """Limits for the cgroup; requests count for the scheduler alone."""
    limits = (container.get("resources") or {}).get("limits") or {}
    found: dict[str, Any] = {"devices": [{"allow": False, "access": "rwm"}]}
    if "memory" in limits:
        found["memory"] = {"limit": quantity(str(limits["memory"]))}
    if "cpu" in limits:
        period = 100_000
        quota = int(quantity_cores(str(limits["cpu"])) * period)
        found["cpu"] = {"period": period, "quota": quota}
    return found


def quantity(text: str) -> int:
    """Bytes."""
    match = re.fullmatch(r"(\d+)([KMGT]i|[kMGT]|)", text)
    if match is None:
        raise BenchError(f"{text!r} is no quantity of bytes that the bench knows")
    powers = {"": 0, "k": 1, "K": 1, "M": 2, "G": 3, "T": 4}
    base = 1024 if match[2].endswith("i") else 1000
    return int(match[1]) * int(base ** powers[match[2][:1]])


def quantity_cores(text: str) -> float:
    """Cores."""
    return int(text[:-1]) / 1000 if text.endswith("m") else float(text)


def mounts(container: Mapping[str, Any], place: Place) -> list[dict[str, Any]]:
    """Everything that is mounted over a container's root."""

    def mount(target: str, kind: str, source: str, *options: str) -> dict[str, Any]:
        return {"destination": target, "type": kind, "source": source, "options": list(options)}

    hidden = ("nosuid", "noexec", "nodev")
    found = [
        mount("/proc", "proc", "proc", *hidden),
        mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
        mount(
            "/dev/pts", "devpts", "devpts",
            "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5",
        ),
        mount("/dev/mqueue", "mqueue", "mqueue", *hidden),
        mount("/dev/shm", "tmpfs", "shm", *hidden, "mode=1777", "size=65536k"),
        mount("/sys", "sysfs", "sysfs", *hidden, "ro"),
    ]
    found += [mount(path, "bind", path, "rbind", "ro") for path in place.binds]
    found += [mount(path, "bind", str(file), "bind", "rw") for path, file in place.files.items()]
    for wanted in container.get("volumeMounts") or []:
        check_fields("volumeMounts", wanted, {"name", "mountPath", "readOnly"})
        volume = place.volumes.get(wanted["name"])
        if volume is None:
            raise BenchError(f"container {container['name']}: there is no volume {wanted['name']}")
        access = "ro" if wanted.get("readOnly") else "rw"
        found.append(mount(wanted["mountPath"], "bind", str(volume), "rbind", "rprivate", access))
    return found


def runtime_config(
    container: Mapping[str, Any],
    facts: PodFacts,
    image: ImageConfig,
    place: Place,
) -> dict[str, Any]:
    """The config.json of a container."""
    name = container["name"]
    check_fields(f"container {name}", container, CONTAINER_FIELDS)
    security = container.get("securityContext") or {}
    check_fields(f"container {name}: securityContext", security, SECURITY_FIELDS)
    if security.get("privileged"):
        raise BenchError(f"container {name}: the bench runs no privileged container")
    variables = environment(container, facts)
    words = list(container.get("command") or image.entrypoint)
    own_arguments = container.get("args")
    if own_arguments is None and not container.get("command"):
        own_arguments = image.command
    words = [expand(word, variables) for word in words + list(own_arguments or [])]
    rights = capabilities(security)
    who = user(name, security, image)
    all_variables = {"HOSTNAME": facts.name} | image.environment | variables
    linux: dict[str, Any] = {
        "cgroupsPath": place.cgroup,
        "resources": resources(container),
        "maskedPaths": MASKED,
        "readonlyPaths": READ_ONLY,
        "namespaces": [{"type": "pid"}, {"type": "mount"}]
        + [
            {"type": kind, "path": f"/proc/{place.pod_process}/ns/{file}"}
            for kind, file in (("network", "net"), ("ipc", "ipc"), ("uts", "uts"))
        ],
    }
    profile = (security.get("seccompProfile") or {}).get("type", "Unconfined")
    if profile == "RuntimeDefault":
        linux["seccomp"] = runtime_default(place.has_ipv6)
    elif profile != "Unconfined":
        raise BenchError(f"container {name}: the bench knows no seccomp profile {profile}")
    return {
        "ociVersion": "1.0.2",
        "process": {
            "terminal": False,
            "user": who,
            "args": words,
            "env": [f"{key}={value}" for key, value in all_variables.items()],
            "cwd": container.get("workingDir") or "/",
            # None is inheritable or ambient: what a user other than root runs has a capability
            # only where its file has it too.
            "capabilities": {"bounding": rights, "permitted": rights, "effective": rights},
            "noNewPrivileges": security.get("allowPrivilegeEscalation") is False,
            "oomScoreAdj": 0,
        },
        "root": {
            "path": str(place.root),
            "readonly": bool(security.get("readOnlyRootFilesystem")),
        },
        "mounts": mounts(container, place),
        "linux": linux,
    }
