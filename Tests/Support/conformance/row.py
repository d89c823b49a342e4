# SPDX-License-Identifier: Apache-2.0
"""What a row of the table is made of: plain data, so that the list of rows can be printed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .matching import Absent

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"


@dataclass(frozen=True)
class Answer:
    """A status code, what is to be at places of the body, and headers (by lower-case name)."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)


def gives(status: int, body: Mapping[str, Any] | None = None, **headers: Any) -> Answer:
    """An answer as it should be; a header `Content-Type` is written content_type."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, body or {}, named)


def refused(status: int, reason: Any, message: Any, details: Any = Absent()) -> Answer:
    """A Status that says no; `details` has to be there as a whole."""
    return Answer(
        status,
        {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "reason": reason,
            "message": message,
            "code": status,
            "details": details,
        },
    )


@dataclass(frozen=True)
class Ask:
    """One request and its answer.

    The path, the body and what is expected may have <name> in them: the row's own names (README),
    and those that `keep` has taken from an earlier answer.
    """

    method: str
    path: str
    body: Any = None
    expects: Answer = Answer(200)
    type: str = "application/json"
    accept: str = "application/json"
    keep: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    groups: tuple[str, ...] = ()
    token: str | None = None
    anonymous: bool = False


@dataclass(frozen=True)
class Until:
    """A request that is repeated, for ten seconds, until it is answered as expected."""

    ask: Ask


@dataclass(frozen=True)
class Event:
    """One event of a watch and what is to be at places of its object."""

    type: str
    object: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Watch:
    """A watch: what happens meanwhile, once it is open, and the events that come, in order.

    `ends` says that the server ends the stream behind them, and not before `seconds`.
    """

    path: str
    events: tuple[Event, ...]
    meanwhile: tuple[Ask, ...] = ()
    ends: bool = False
    seconds: float = 0
    accept: str = "application/json"


@dataclass(frozen=True)
class Hook:
    """An admission webhook that the runner serves, at <hooks>/<ns>/NAME.

    It allows everything unless `code` is set, which refuses; `answers` is sent in place of a
    review; `delay` is in seconds.
    """

    name: str
    patch: tuple[Mapping[str, Any], ...] = ()
    code: int = 0
    message: str = ""
    reason: str = ""
    warnings: tuple[str, ...] = ()
    delay: float = 0
    answers: str | None = None


@dataclass(frozen=True)
class Reviewed:
    """What stood in the last AdmissionReview that a hook was sent."""

    hook: str
    review: Mapping[str, Any]


@dataclass(frozen=True)
class ReviewedInOrder:
    """The hooks that were called last, in order."""

    hooks: tuple[str, ...]


@dataclass(frozen=True)
class NotReviewed:
    """A hook that has not been called at all."""

    hook: str


Step = Ask | Until | Watch | Reviewed | ReviewedInOrder | NotReviewed


@dataclass(frozen=True)
class Row:
    """One thing that an API server does, independent of every other row.

    Before it there is an empty namespace <ns>; `pods` says that pods may be made in it.
    """

    id: str
    does: str
    steps: tuple[Step, ...]
    hooks: tuple[Hook, ...] = ()
    pods: bool = False

    def digest(self) -> str:
        """Changes when anything but the words about the row does."""
        content = repr((self.steps, self.hooks, self.pods))
        return hashlib.sha256(content.encode()).hexdigest()[:12]
