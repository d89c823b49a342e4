# SPDX-License-Identifier: Apache-2.0
"""Label and field selectors: as text in a query, and as objects. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .failures import Failure, bad_request
from .names import QUALIFIED_RULE, VALUE_RULE

Labels = Mapping[str, str]
Test = Callable[[Labels], bool]

_NAME = re.compile(r"^([A-Za-z0-9.-]+/)?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$")
_VALUE = re.compile(r"^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$")


_TOKENS = re.compile(r"\s*(==|!=|[=!(),<>]|[^\s=!(),<>]+)")
_OPERATORS = ("in", "notin", "=", "==", "!=", "gt", "lt")


def parse_labels(text: str) -> Test:
    """`app=web,tier in (a, b),!canary`; the refusals are those of Kubernetes' own parser."""
    tokens = _TOKENS.findall(text)
    tests: list[Test] = []
    while tokens:
        if tokens[0] in ("=", "==", "!=", "(", ")", ",", "<", ">"):
            raise bad_request(
                f"found '{tokens[0]}', expected: !, identifier, or 'end of string'"
            )
        tests.append(_requirement(tokens))
        if not tokens:
            break
        if tokens[0] != ",":
            raise bad_request(f"found '{tokens[0]}', expected: ',' or 'end of string'")
        tokens.pop(0)
        if not tokens or tokens[0] in ("=", "==", "!=", "(", ")", ","):
            found = tokens[0] if tokens else ""
            raise bad_request(f"found '{found}', expected: identifier after ','")
    return lambda labels: all(test(labels) for test in tests)


def _unparsed(why: str) -> Failure:
    return bad_request(f"unable to parse requirement: {why}")


def _requirement(tokens: list[str]) -> Test:
    """Takes the tokens of one requirement away."""
    is_absent = tokens[0] == "!"
    if is_absent:
        tokens.pop(0)
    if not tokens or not re.match(r"[^=!(),<>]", tokens[0]):
        raise _unparsed(f"found '{tokens[0] if tokens else ''}', expected: identifier")
    key = tokens.pop(0)
    _check(key, set())
    if not tokens or tokens[0] == ",":
        return lambda labels: (key not in labels) == is_absent
    operator = tokens.pop(0)
    if operator in ("in", "notin"):
        values = _values(tokens)
        _check(key, values)
        if operator == "in":
            return lambda labels: labels.get(key) in values
        return lambda labels: labels.get(key) not in values
    if operator not in ("=", "==", "!="):
        raise _unparsed(f"found '{operator}', expected: {', '.join(_OPERATORS)}")
    value = tokens.pop(0) if tokens and re.match(r"[^=!(),<>]", tokens[0]) else ""
    _check(key, {value})
    if operator == "!=":
        return lambda labels: labels.get(key) != value
    return lambda labels: labels.get(key) == value


def _values(tokens: list[str]) -> set[str]:
    if not tokens or tokens[0] != "(":
        raise _unparsed(f"found '{tokens[0] if tokens else ''}' expected: '('")
    tokens.pop(0)
    values: set[str] = set()
    while tokens and tokens[0] != ")":
        token = tokens.pop(0)
        if token != ",":
            values.add(token)
    if not tokens:
        raise _unparsed("found '', expected: ',', or ')'")
    tokens.pop(0)
    return values


def _check(key: str, values: set[str]) -> None:
    if not _NAME.match(key):
        raise _unparsed(f'<nil>: Invalid value: "{key}": {QUALIFIED_RULE}')
    for value in values:
        if not _VALUE.match(value) or len(value) > 63:
            raise _unparsed(f'values[0][{key}]: Invalid value: "{value}": {VALUE_RULE}')


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


def parse_fields(text: str, key: tuple[str, str]) -> Callable[[Mapping[str, Any]], bool]:
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
            raise _unknown(match[1], key)
        tests.append((match[1], match[3], match[2] != "!="))

    def test(thing: Mapping[str, Any]) -> bool:
        return all((value_at(thing, path) == value) == wanted for path, value, wanted in tests)

    return test


def _unknown(name: str, key: tuple[str, str]) -> Failure:
    """A field that lists of this kind cannot be asked for."""
    if key in FIELDS:
        return bad_request(f"field label not supported: {name}")
    return bad_request(
        f'"{name}" is not a known field selector: only "metadata.name", "metadata.namespace"'
    )


def value_at(thing: Mapping[str, Any], path: str) -> str:
    """The text of a field, empty where there is none."""
    value: Any = thing
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
