# SPDX-License-Identifier: Apache-2.0
"""Label and field selectors: as text in a query, and as objects. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .failures import Failure, bad_request

Labels = Mapping[str, str]
Test = Callable[[Labels], bool]

_SET = re.compile(r"^(\S+)\s+(in|notin)\s*\(([^()]*)\)$")
_EQUAL = re.compile(r"^([^=!\s]+)\s*(==|=|!=)\s*([^=!\s]*)$")
_KEY = re.compile(r"^([A-Za-z0-9./_-]+)$")
_NAME = re.compile(r"^([A-Za-z0-9.-]+/)?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$")
_VALUE = re.compile(r"^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$")


def parse_labels(text: str) -> Test:
    """`app=web,tier in (a, b),!canary`."""
    tests = [_requirement(part.strip(), text) for part in _split(text) if part.strip()]
    return lambda labels: all(test(labels) for test in tests)


def _split(text: str) -> list[str]:
    """At commas that are not in parentheses."""
    return re.split(r",(?![^(]*\))", text)


def _requirement(part: str, whole: str) -> Test:
    if match := _SET.match(part):
        key, operator, values = match[1], match[2], {v.strip() for v in match[3].split(",")}
        _check(key, values)
        if operator == "in":
            return lambda labels: labels.get(key) in values
        return lambda labels: labels.get(key) not in values
    if match := _EQUAL.match(part):
        key, operator, value = match[1], match[2], match[3]
        _check(key, {value})
        if operator == "!=":
            return lambda labels: labels.get(key) != value
        return lambda labels: labels.get(key) == value
    is_absent = part.startswith("!")
    if match := _KEY.match(part.removeprefix("!").strip()):
        key = match[1]
        _check(key, set())
        return lambda labels: (key not in labels) == is_absent
    raise bad_request(f'unable to parse requirement: found \'{part}\', in "{whole}"')


def _check(key: str, values: set[str]) -> None:
    if not _NAME.match(key):
        raise bad_request(f'unable to parse requirement: <nil>: Invalid value: "{key}"')
    for value in values:
        if not _VALUE.match(value) or len(value) > 63:
            raise bad_request(f'unable to parse requirement: values[0][{key}]: Invalid value:'
                              f' "{value}"')


def of_object(selector: Mapping[str, Any] | None) -> Test:
    """`matchLabels` and `matchExpressions`; an empty selector matches all, none matches nothing."""
    if selector is None:
        return lambda _labels: False
    wanted = selector.get("matchLabels") or {}
    expressions = selector.get("matchExpressions") or []

    def test(labels: Labels) -> bool:
        return all(labels.get(key) == value for key, value in wanted.items()) and all(
            _holds(expression, labels) for expression in expressions
        )

    return test


def _holds(expression: Mapping[str, Any], labels: Labels) -> bool:
    key, values = expression["key"], expression.get("values") or []
    match expression["operator"]:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    return False


def of_map(selector: Mapping[str, str] | None) -> Test:
    """A service's: an empty one matches nothing."""
    if not selector:
        return lambda _labels: False
    return lambda labels: all(labels.get(key) == value for key, value in selector.items())


# The fields that a list can be asked for, beside name and namespace.
FIELDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "pods"): (
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
        "spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName",
    ),
    ("", "events"): (
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name",
        "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion",
        "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
    ),
    ("", "namespaces"): ("status.phase",),
    ("", "nodes"): ("spec.unschedulable",),
    ("", "secrets"): ("type",),
    ("", "services"): ("spec.clusterIP", "spec.type"),
    ("apps", "replicasets"): ("status.replicas",),
}


def parse_fields(text: str, key: tuple[str, str], api_version: str, kind: str) -> Callable[
    [Mapping[str, Any]], bool
]:
    """`metadata.name=x,status.phase!=Running`."""
    tests: list[tuple[str, str, bool]] = []
    known = ("metadata.name", "metadata.namespace", *FIELDS.get(key, ()))
    for part in text.split(","):
        if not part.strip():
            continue
        match = re.match(r"^([^=!]+)(==|=|!=)(.*)$", part.strip())
        if match is None:
            raise bad_request(
                f"invalid selector: '{text}'; can't understand '{part}'"
            )
        if match[1] not in known:
            raise field_unknown(match[1], api_version, kind)
        tests.append((match[1], match[3], match[2] != "!="))

    def test(thing: Mapping[str, Any]) -> bool:
        return all((value_at(thing, path) == value) == wanted for path, value, wanted in tests)

    return test


def field_unknown(name: str, api_version: str, kind: str) -> Failure:
    """A field that lists of this kind cannot be asked for."""
    del api_version, kind
    return bad_request(f"field label not supported: {name}")


def value_at(thing: Mapping[str, Any], path: str) -> str:
    """The text of a field, empty where there is none."""
    value: Any = thing
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
