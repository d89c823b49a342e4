# SPDX-License-Identifier: Apache-2.0
"""What the server refuses with: Status objects, word for word as Kubernetes has them. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]
# LIMIT: the body of a request, in bytes; Kubernetes' own.
BODY_BYTES = 3 * 1024 * 1024


class Failure(Exception):
    """A refusal; `status` is the body of the answer."""

    def __init__(
        self, code: int, reason: str, message: str, details: Object | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status: Object = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
        }
        if reason:
            self.status["reason"] = reason
        if details is not None:
            self.status["details"] = details
        self.status["code"] = code


def qualified(group: str, plural: str) -> str:
    """`deployments.apps`, `pods`."""
    return f"{plural}.{group}" if group else plural


def details(group: str, kind: str, name: str = "") -> Object:
    """What a status says about its object; empty parts are left out."""
    found = {"name": name, "group": group, "kind": kind}
    return {key: value for key, value in found.items() if value}


def not_found(group: str, plural: str, name: str) -> Failure:
    """There is no object of this name."""
    text = f'{qualified(group, plural)} "{name}" not found'
    return Failure(404, "NotFound", text, details(group, plural, name))


def no_resource() -> Failure:
    """There is no such kind of object."""
    return Failure(404, "NotFound", "the server could not find the requested resource", {})


def already_exists(group: str, plural: str, name: str) -> Failure:
    """The name is taken."""
    text = f'{qualified(group, plural)} "{name}" already exists'
    return Failure(409, "AlreadyExists", text, details(group, plural, name))


def conflict(group: str, plural: str, name: str, why: str = "") -> Failure:
    """The object is not what the client believes it to be."""
    why = why or (
        "the object has been modified; please apply your changes to the latest version and"
        " try again"
    )
    text = f'Operation cannot be fulfilled on {qualified(group, plural)} "{name}": {why}'
    return Failure(409, "Conflict", text, details(group, plural, name))


def bad_request(message: str) -> Failure:
    """The request is not understood."""
    return Failure(400, "BadRequest", message)


def forbidden(group: str, plural: str, name: str, why: str) -> Failure:
    """Somebody may not do this, or this may not be done."""
    subject = f' "{name}"' if name else ""
    what = f"{qualified(group, plural)}{subject} is forbidden" if plural else "forbidden"
    return Failure(403, "Forbidden", f"{what}: {why}", details(group, plural, name))


def unauthorized() -> Failure:
    """It is not known who asks."""
    return Failure(401, "Unauthorized", "Unauthorized")


def method_not_supported(group: str, plural: str, verb: str) -> Failure:
    """This kind of object knows no such verb."""
    text = f"{verb} is not supported on resources of kind \"{qualified(group, plural)}\""
    return Failure(405, "MethodNotAllowed", text, details(group, plural))


def method_not_allowed() -> Failure:
    """This path knows no such method."""
    text = "the server does not allow this method on the requested resource"
    return Failure(405, "MethodNotAllowed", text, {})


def expired(message: str) -> Failure:
    """A resource version or continue token is older than what is remembered."""
    return Failure(410, "Expired", message)


def too_large_version(asked: int, current: int) -> Failure:
    """A resource version of the future."""
    text = f"Too large resource version: {asked}, current: {current}"
    why = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    return Failure(504, "Timeout", f"Timeout: {text}", {"causes": [why], "retryAfterSeconds": 1})


def body_too_large() -> Failure:
    """The request is longer than BODY_BYTES."""
    text = f"Request entity too large: limit is {BODY_BYTES}"
    return Failure(413, "RequestEntityTooLarge", text)


def unsupported_media(accepted: Sequence[str]) -> Failure:
    """The body is in no format that is known here."""
    text = (
        "the body of the request was in an unknown format - accepted media types include: "
        + ", ".join(accepted)
    )
    return Failure(415, "UnsupportedMediaType", text)


def unsupported_patch() -> Failure:
    """A patch of no kind that is known here."""
    return Failure(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})


def not_acceptable(accepted: Sequence[str]) -> Failure:
    """The client understands no format that is known here."""
    text = "406: Not Acceptable\n\nAvailable representations: " + ", ".join(accepted)
    return Failure(406, "NotAcceptable", text, {})


def internal(message: str) -> Failure:
    """Something that is not the client's fault."""
    cause = {"message": message}
    text = f"Internal error occurred: {message}"
    return Failure(500, "InternalError", text, {"causes": [cause]})


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with an object, at a field."""

    reason: str
    field: str
    message: str

    @property
    def cause(self) -> Object:
        """As a status has it."""
        return {"reason": self.reason, "message": self.message, "field": self.field}

    @property
    def text(self) -> str:
        """As the message of a status has it."""
        return f"{self.field}: {self.message}"


def shown(value: object) -> str:
    """A value as Kubernetes' messages have it."""
    if value is None:
        return "null"
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def required(field: str, more: str = "") -> Fault:
    """A field that has to be there."""
    return Fault("FieldValueRequired", field, "Required value" + (f": {more}" if more else ""))


def wrong(field: str, value: object, why: str) -> Fault:
    """A value that is not as it has to be."""
    return Fault("FieldValueInvalid", field, f"Invalid value: {shown(value)}: {why}")


def unsupported(field: str, value: object, known: Iterable[str]) -> Fault:
    """A value that is none of a list."""
    words = ", ".join(f'"{word}"' for word in known)
    text = f"Unsupported value: {shown(value)}: supported values: {words}"
    return Fault("FieldValueNotSupported", field, text)


def duplicate(field: str, value: object) -> Fault:
    """A value that is there twice."""
    return Fault("FieldValueDuplicate", field, f"Duplicate value: {shown(value)}")


def refused(field: str, why: str) -> Fault:
    """A field that may not be there."""
    return Fault("FieldValueForbidden", field, f"Forbidden: {why}")


def too_long(field: str, limit: int, unit: str = "bytes") -> Fault:
    """A text that is too long."""
    text = f"Too long: may not be more than {limit} {unit}"
    return Fault("FieldValueTooLong", field, text)


def missing(field: str, value: object) -> Fault:
    """A value that refers to something that is not there."""
    return Fault("FieldValueNotFound", field, f"Not found: {shown(value)}")


def invalid(group: str, kind: str, name: str, faults: Sequence[Fault]) -> Failure:
    """An object that breaks rules."""
    texts = list(dict.fromkeys(fault.text for fault in faults))
    why = texts[0] if len(texts) == 1 else "[" + ", ".join(texts) + "]"
    about = details(group, kind, name) | {"causes": [fault.cause for fault in faults]}
    text = f'{qualified(group, kind)} "{name}" is invalid: {why}'
    return Failure(422, "Invalid", text, about)
