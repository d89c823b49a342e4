# SPDX-License-Identifier: Apache-2.0
"""The forms of names, labels and annotations. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .failures import Fault, refused, required, too_long, wrong

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SERVICE = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_QUALIFIED = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")

SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or"
    " '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used"
    " for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and"
    " must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex"
    " used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
SERVICE_RULE = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an"
    " alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or"
    " 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
)
QUALIFIED_RULE = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end"
    " with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for"
    " validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_KEY_RULE = (
    QUALIFIED_RULE.replace("name part must", "a valid label key must")
    + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
)
VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or"
    " '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',"
    "  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
# LIMIT: bytes of all annotations of an object; Kubernetes' own.
ANNOTATION_BYTES = 256 * 1024


def subdomain(name: str) -> list[str]:
    """What is wrong with a name that may have dots."""
    return _check(name, _SUBDOMAIN, 253, SUBDOMAIN_RULE)


def label(name: str) -> list[str]:
    """What is wrong with a name without dots."""
    return _check(name, _LABEL, 63, LABEL_RULE)


def service(name: str) -> list[str]:
    """What is wrong with a service's name."""
    return _check(name, _SERVICE, 63, SERVICE_RULE)


def segment(name: str) -> list[str]:
    """What is wrong with a name that only has to fit into a path."""
    if name in (".", ".."):
        return [f"may not be '{name}'"]
    return [f"may not contain '{each}'" for each in ("/", "%") if each in name]


def _check(name: str, form: re.Pattern[str], limit: int, rule: str) -> list[str]:
    found = []
    if len(name) > limit:
        found.append(f"must be no more than {limit} characters")
    if not form.fullmatch(name):
        found.append(rule)
    return found


def qualified(name: str) -> list[str]:
    """What is wrong with a label's key."""
    prefix, slash, last = name.rpartition("/")
    found = []
    if "/" in prefix:
        return [_KEY_RULE]
    if slash and not prefix:
        found.append("prefix part must be non-empty")
    elif slash:
        found += [f"prefix part {each}" for each in subdomain(prefix)]
    if not last:
        found.append("name part must be non-empty")
    elif len(last) > 63:
        found.append("name part must be no more than 63 characters")
    if not _QUALIFIED.fullmatch(last):
        found.append(QUALIFIED_RULE)
    return found


def label_value(value: str) -> list[str]:
    """What is wrong with a label's value."""
    return _check(value, _VALUE, 63, VALUE_RULE)


def labels(values: Mapping[str, str], path: str) -> list[Fault]:
    """What is wrong with labels."""
    found = []
    for key, value in values.items():
        found += [wrong(path, key, why) for why in qualified(key)]
        found += [wrong(path, value, why) for why in label_value(value)]
    return found


# How names of kinds have to be; others may have dots.
_RULES = {
    ("", "services"): label,
    ("", "namespaces"): label,
    ("rbac.authorization.k8s.io", "roles"): segment,
    ("rbac.authorization.k8s.io", "clusterroles"): segment,
    ("rbac.authorization.k8s.io", "rolebindings"): segment,
    ("rbac.authorization.k8s.io", "clusterrolebindings"): segment,
}


_STANDARD_FINALIZERS = ("kubernetes", "orphan", "foregroundDeletion")


def _is_own(key: tuple[str, str]) -> bool:
    """Whether a kind is Kubernetes' own; CRDs and what they define are laxer."""
    group = key[0]
    return "." not in group or (group.endswith(".k8s.io") and group != "apiextensions.k8s.io")


def metadata(thing: Mapping[str, Any], key: tuple[str, str], is_namespaced: bool) -> list[Fault]:
    """What is wrong with an object's metadata."""
    found: list[Fault] = []
    data = thing.get("metadata") or {}
    rule = _RULES.get(key, subdomain)
    if prefix := data.get("generateName"):
        clean = prefix[:-1] + "a" if prefix.endswith("-") else prefix
        found += [wrong("metadata.generateName", prefix, why) for why in rule(clean)]
    name = data.get("name")
    if not name:
        found.append(required("metadata.name", "name or generateName is required"))
    else:
        found += [wrong("metadata.name", name, why) for why in rule(name)]
    if is_namespaced and not data.get("namespace"):
        found.append(required("metadata.namespace"))
    found += labels(data.get("labels") or {}, "metadata.labels")
    annotations = data.get("annotations") or {}
    for each in annotations:
        found += [wrong("metadata.annotations", each, why) for why in qualified(each.lower())]
    if sum(len(k) + len(v) for k, v in annotations.items()) > ANNOTATION_BYTES:
        found.append(too_long("metadata.annotations", ANNOTATION_BYTES))
    controllers = 0
    for owner in data.get("ownerReferences") or []:
        for part in ("apiVersion", "kind", "name", "uid"):
            if not owner.get(part):
                word = "version " if part == "apiVersion" else ""
                found.append(wrong(
                    f"metadata.ownerReferences.{part}", "", f"{word}must not be empty"
                ))
        controllers += bool(owner.get("controller"))
    if controllers > 1:
        found.append(wrong(
            "metadata.ownerReferences", data["ownerReferences"],
            "Only one reference can have Controller set to true.",
        ))
    for index, each in enumerate(data.get("finalizers") or []):
        path = f"metadata.finalizers[{index}]"
        found += [wrong(path, each, why) for why in qualified(each)]
        if "/" not in each and each not in _STANDARD_FINALIZERS and _is_own(key):
            found.append(wrong(
                path, each, "name is neither a standard finalizer name nor is it fully qualified"
            ))
    return found


def metadata_change(new: Mapping[str, Any], old: Mapping[str, Any]) -> list[Fault]:
    """What may not change in metadata."""
    found = []
    held = old["metadata"].get("finalizers") or []
    added = [each for each in new["metadata"].get("finalizers") or [] if each not in held]
    if old["metadata"].get("deletionTimestamp") and added:
        listed = ", ".join(f'"{each}"' for each in added)
        fault = refused(
            "metadata.finalizers", "no new finalizers can be added if the object is being deleted,"
            f" found new finalizers []string{{{listed}}}"
        )
        # Kubernetes says it twice.
        found += [fault, fault]
    for name in ("name", "namespace", "uid", "creationTimestamp"):
        left, right = old["metadata"].get(name), new["metadata"].get(name)
        if left != right:
            found.append(wrong(f"metadata.{name}", right, "field is immutable"))
    return found
