# SPDX-License-Identifier: Apache-2.0
"""What a manifest says to a mesh, read by PyYAML and without any of meshctl's code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

UNREADABLE = (yaml.YAMLError, ValueError)

INJECT = "linkerd.io/inject"
RETRY_BUDGET = "linkerd.io/proxy-retry-budget"
# Where inject notes which other annotations are its own.
INJECTED_LIST = "linkerd.io/injected-annotations"

IN_SPEC = ("spec", "template")
IN_JOB = ("spec", "jobTemplate", "spec", "template")
# By API group: a kind alone says little, since Knative has a Service and Volcano a Job.
TEMPLATES: dict[str | None, dict[str, tuple[str, ...]]] = {
    "": {"Pod": (), "ReplicationController": IN_SPEC},
    "apps": dict.fromkeys(("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"), IN_SPEC),
    "extensions": dict.fromkeys(("Deployment", "ReplicaSet", "DaemonSet"), IN_SPEC),
    "batch": {"Job": IN_SPEC, "CronJob": IN_JOB},
}
SIDECAR_NAMES = {"linkerd-proxy", "linkerd-init", "istio-proxy", "istio-init", "kuma-sidecar"}
SIDECAR_IMAGES = re.compile(
    r"(cr\.l5d\.io/linkerd/proxy(-init)?|gcr\.io/linkerd-io/proxy|docker\.io/istio/proxyv2"
    r"|gcr\.io/istio-release/(proxyv2|proxy_init)):"
)
UNSEEN_NAMESPACES = {"kube-system", "cert-manager"}


class Table(dict[Any, Any]):
    """A mapping that knows its line (0 in JSON) and whether it is written in braces."""

    line = 0
    is_flow = True


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Keeps numbers and dates as they are spelled, so that 0644 and 420 differ."""


def construct_table(loader: Any, node: yaml.MappingNode) -> Iterator[Table]:
    result = Table()
    result.line = node.start_mark.line + 1
    result.is_flow = bool(node.flow_style)
    yield result
    result.update(loader.construct_mapping(node))


Loader.add_constructor("tag:yaml.org,2002:map", construct_table)
for spelled in ("int", "float", "timestamp", "value"):
    Loader.add_constructor(f"tag:yaml.org,2002:{spelled}", lambda _, node: node.value)


def documents(source: bytes) -> list[Any]:
    """All documents; as JSON if it is JSON, which PyYAML does not read with tabs in it."""
    if source.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        try:
            return [json.loads(source, object_hook=Table, parse_float=str, parse_int=str)]
        except ValueError:
            pass  # YAML in braces, or several documents.
    return list(yaml.load_all(source, Loader))


def objects(node: Any) -> Iterator[Table]:
    """The objects of a document, lists unpacked."""
    if not isinstance(node, Table):
        return
    items = node.get("items")
    if node.get("kind") == "List" and api_group(node) == "" and isinstance(items, list):
        for item in items:
            yield from objects(item)
    else:
        yield node


def api_group(thing: Table) -> str | None:
    """Empty for the core group, nothing when apiVersion is no such thing."""
    version = re.fullmatch(r"(?:([^/]+)/)?v\d[a-z0-9]*", str(thing.get("apiVersion", "")))
    return (version[1] or "") if version else None


def value(node: Any, *path: str) -> Any:
    for key in path:
        node = node.get(key) if isinstance(node, Table) else None
    return node


def table(node: Any, *path: str) -> Table:
    found = value(node, *path)
    return found if isinstance(found, Table) else Table()


@dataclass
class Expectation:
    """What becomes of one workload, namespace or service."""

    thing: Table
    # The mapping whose metadata takes the annotations: a pod template, or the thing itself.
    owner: Table
    outcome: str
    # The code of a skip.
    reason: str | None = None

    @property
    def kind(self) -> str:
        return str(self.thing.get("kind"))

    @property
    def name(self) -> str:
        metadata = table(self.thing, "metadata")
        return str(metadata.get("name") or metadata.get("generateName") or "")

    def __str__(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        return f"{self.kind} {self.name!r} {self.outcome}{reason}"

    @property
    def is_marked(self) -> bool:
        return self.outcome != "skipped"

    @property
    def is_flow(self) -> bool:
        """Whether the annotations go into braces, and so into the middle of a line."""
        metadata = value(self.owner, "metadata")
        holders = [self.owner, metadata, value(metadata, "annotations")]
        return any(holder.is_flow for holder in holders if isinstance(holder, Table))

    @property
    def has_null(self) -> bool:
        """Whether something that inject fills is null, a word that the new text replaces."""
        metadata, spec = table(self.owner, "metadata"), table(self.owner, "spec")
        return (
            self.owner.get("metadata", 0) is None
            or any(metadata.get(field, 0) is None for field in ("annotations", "labels"))
            or any(spec.get(field, 0) is None for field in ("initContainers", "volumes"))
        )

    @property
    def is_touched(self) -> bool:
        """Whether uninject need not restore it: it has a mesh's words, or empty annotations."""
        for metadata in (table(self.thing, "metadata"), table(self.owner, "metadata")):
            annotations = table(metadata, "annotations")
            if "annotations" in metadata and not annotations:
                return True
            if any(str(key).startswith("linkerd.io/") for key in annotations):
                return True
        return False

    @property
    def marks(self) -> dict[str, str]:
        """The annotations that inject writes when no flag asks for more."""
        own = table(self.owner, "metadata", "annotations").get(INJECT)
        marks = {INJECT: "ingress" if own == "ingress" else "enabled"}
        budget = value(self.thing, "metadata", "annotations", RETRY_BUDGET)
        if self.outcome == "injected" and isinstance(budget, str):
            marks[RETRY_BUDGET] = budget
        return marks


def expectation(thing: Table, is_manual: bool) -> Expectation | None:
    """Nothing for kinds that inject passes through."""
    group, kind = api_group(thing), str(thing.get("kind"))
    path = TEMPLATES.get(group, {}).get(kind)
    if path is not None:
        template = value(thing, *path)
        if not isinstance(template, Table):
            return Expectation(thing, thing, "skipped", "noTemplate")
        reason = pod_skip(template)
        if reason is None and is_manual and not value(template, "spec", "containers"):
            reason = "noContainers"
        return Expectation(thing, template, "skipped" if reason else "injected", reason)
    if (group, kind) == ("", "Namespace"):
        reason = namespace_skip(thing)
        return Expectation(thing, thing, "skipped" if reason else "annotated", reason)
    if (group, kind) == ("", "Service"):
        return Expectation(thing, thing, "skipped", "nothingToAnnotate")
    return None


def expectations(documents: Iterable[Any], is_manual: bool = False) -> list[Expectation]:
    """Those of all objects, in order; a whole sidecar needs a container to stand beside."""
    found = (
        expectation(thing, is_manual) for document in documents for thing in objects(document)
    )
    return [one for one in found if one is not None]


def pod_skip(template: Table) -> str | None:
    """Why a pod gets no proxy; the first reason counts."""
    if "linkerd.io/control-plane-component" in table(template, "metadata", "labels"):
        return "controlPlane"
    if value(template, "metadata", "annotations", INJECT) == "disabled":
        return "disabled"
    spec = table(template, "spec")
    if spec.get("hostNetwork") is True:
        return "hostNetwork"
    for container in (spec.get("initContainers") or []) + (spec.get("containers") or []):
        image = str(value(container, "image"))
        if value(container, "name") in SIDECAR_NAMES or SIDECAR_IMAGES.match(image):
            return "sidecar"
    return None


def namespace_skip(thing: Table) -> str | None:
    metadata = table(thing, "metadata")
    webhooks = table(metadata, "labels").get("config.linkerd.io/admission-webhooks")
    if webhooks == "disabled":
        return "excludedNamespace"
    if table(metadata, "annotations").get(INJECT) == "disabled":
        return "disabled"
    return "excludedNamespace" if metadata.get("name") in UNSEEN_NAMESPACES else None


def meaning_differs(before: list[Any], after: list[Any]) -> str | None:
    """What the output means beyond the input and its marks; changes `after`."""
    old, new = expectations(before), expectations(after)
    if len(old) != len(new):
        return f"the output has {len(new)} objects that concern a mesh, the input {len(old)}"
    pairs = [(was, now) for was, now in zip(old, new) if was.is_marked]
    for was, now in pairs:
        annotations = table(now.owner, "metadata", "annotations")
        for key, mark in was.marks.items():
            if annotations.get(key) != mark:
                return f"{was.kind} {was.name!r}: {key} is {annotations.get(key)!r}, not {mark!r}"
    for was, now in pairs:
        remove_marks(was, now)
    return None if before == after else "the output differs in meaning by more than the marks"


def remove_marks(was: Expectation, now: Expectation) -> None:
    """Takes the marks out, and each mapping that was made for them."""
    metadata, original = table(now.owner, "metadata"), table(was.owner, "metadata")
    annotations = table(metadata, "annotations")
    for key in [*was.marks, INJECTED_LIST]:
        if key not in table(original, "annotations"):
            annotations.pop(key, None)
    restore_if_empty(metadata, original, "annotations")
    restore_if_empty(now.owner, was.owner, "metadata")


def restore_if_empty(holder: Table, original: Table, key: str) -> None:
    if key in holder and not holder[key]:
        del holder[key]
        if key in original:
            holder[key] = original[key]
