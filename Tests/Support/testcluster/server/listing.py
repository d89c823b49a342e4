# SPDX-License-Identifier: Apache-2.0
"""Lists, page by page, and watches."""

from __future__ import annotations

import base64
import json
import random
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

from ..model import failures, selectors
from ..model.failures import Failure, Object
from .api import Api
from .catalog import Served
from .store import ADDED, DELETED, MODIFIED, Change, Outdated

# Seconds between bookmarks, and how long before its end a watch is told where it stands.
BOOKMARK_SECONDS, FAREWELL_SECONDS = 60.0, 2.0
# LIMIT: seconds that a watch lasts when the client names no time; Kubernetes' own.
WATCH_SECONDS = (1800, 3600)
INITIAL_END = "k8s.io/initial-events-end"
Test = Callable[[Object], bool]


def selection(served: Served, query: Mapping[str, str]) -> Test:
    """Whether an object is asked for."""
    labels = selectors.parse_labels(query.get("labelSelector", ""))
    fields = selectors.parse_fields(query.get("fieldSelector", ""), served.resource.key)
    return lambda thing: labels(thing["metadata"].get("labels") or {}) and fields(thing)


def _version(query: Mapping[str, str]) -> int | None:
    text = query.get("resourceVersion", "")
    if not text:
        return None
    if not text.isdigit():
        fault = failures.wrong(
            "resourceVersion", text, f'strconv.ParseUint: parsing "{text}": invalid syntax'
        )
        raise failures.bad_request(f"invalid resource version: {fault.text}")
    return int(text)


def _check_match(query: Mapping[str, str], is_watch: bool) -> None:
    """Combinations that Kubernetes refuses."""
    match, version = query.get("resourceVersionMatch"), query.get("resourceVersion", "")
    initial = query.get("sendInitialEvents")
    found = []
    if is_watch:
        if initial is None and match:
            found.append(failures.refused(
                "resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless"
                " sendInitialEvents is provided"
            ))
        elif initial is not None and match != "NotOlderThan":
            if not match:
                found.append(failures.refused(
                    "resourceVersionMatch", "sendInitialEvents requires setting"
                    " resourceVersionMatch to NotOlderThan"
                ))
            else:
                found.append(failures.unsupported(
                    "resourceVersionMatch", match, ("NotOlderThan",)
                ))
        return _raise(found)
    if initial is not None:
        found.append(failures.refused(
            "sendInitialEvents", "sendInitialEvents is forbidden for list"
        ))
    if match:
        if query.get("continue"):
            found.append(failures.refused(
                "resourceVersionMatch", "resourceVersionMatch is forbidden with continue"
            ))
        if not version:
            found.append(failures.refused(
                "resourceVersionMatch", "resourceVersionMatch is forbidden unless"
                " resourceVersion is provided"
            ))
        if match not in ("Exact", "NotOlderThan"):
            found.append(failures.unsupported(
                "resourceVersionMatch", match, ("Exact", "NotOlderThan", "")
            ))
        elif match == "Exact" and version == "0":
            found.append(failures.refused(
                "resourceVersionMatch", "resourceVersionMatch \"exact\" is forbidden for"
                " resourceVersion \"0\""
            ))
    _raise(found)


def _raise(found: list[failures.Fault]) -> None:
    if found:
        raise failures.invalid("meta.k8s.io", "ListOptions", "", found)


def page(
    api: Api, served: Served, namespace: str, query: Mapping[str, str]
) -> tuple[list[Object], Object]:
    """The objects of a page, and the metadata of the list."""
    _check_match(query, False)
    test, store, key = selection(served, query), api.store, served.resource.key
    limit_text = query.get("limit", "") or "0"
    if not limit_text.lstrip("-").isdigit():
        raise failures.bad_request(
            f'strconv.ParseInt: parsing "{limit_text}": invalid syntax'
        )
    limit = int(limit_text)
    version, after = _version(query), ""
    match = query.get("resourceVersionMatch")
    if token := query.get("continue"):
        if version:
            raise failures.bad_request(
                "specifying resource version is not allowed when using continue"
            )
        version, after = _read_token(token)
        match = "Exact" if version else None
    elif version and version > store.revision:
        raise failures.too_large_version(version, store.revision)
    revision = store.revision
    if version and match == "Exact":
        if version > store.revision:
            raise failures.too_large_version(version, store.revision)
        try:
            things = store.at(key, version)
        except Outdated:
            if not token:
                raise failures.expired(
                    "The resourceVersion for the provided list is too old."
                ) from None
            raise _expired_token(after) from None
        things = [each for each in things if _is_in(each, namespace)]
        revision = version
    else:
        things = list(store.all(key, namespace))
    if after:
        things = [each for each in things if _place(each) > after]
    metadata: Object = {"resourceVersion": str(revision)}
    found: list[Object] = []
    for at, thing in enumerate(things):
        if not test(thing):
            continue
        if limit > 0 and len(found) == limit:
            metadata["continue"] = _token(revision, _place(found[-1]))
            if not (query.get("labelSelector") or query.get("fieldSelector")):
                metadata["remainingItemCount"] = len(things) - at
            break
        found.append(api.shown(served, thing))
    return found, metadata


def _is_in(thing: Object, namespace: str) -> bool:
    return not namespace or thing["metadata"].get("namespace") == namespace


def _place(thing: Object) -> str:
    metadata = thing["metadata"]
    return f"{metadata.get('namespace', '')}\0{metadata['name']}"


def _token(revision: int, after: str) -> str:
    text = json.dumps({"v": "meta.k8s.io/v1", "rv": revision, "start": after})
    return base64.urlsafe_b64encode(text.encode()).decode()


def _read_token(text: str) -> tuple[int, str]:
    try:
        value = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return max(0, int(value["rv"])), str(value["start"])
    except (ValueError, KeyError, TypeError):
        raise failures.bad_request(
            "invalid continue token: continue key is not valid: illegal base64 data at input"
            " byte 0"
        ) from None


def _expired_token(after: str) -> Failure:
    """The refusal that has a token with which the list goes on, but is not of one moment."""
    failure = failures.expired(
        "The provided continue parameter is too old to display a consistent list result. You can"
        " start a new list without the continue parameter, or use the continue token in this"
        " response to retrieve the remainder of the results. Continuing with the provided token"
        " results in an inconsistent list - objects that were created, modified, or deleted"
        " between the time the first chunk was returned and now may show up in the list."
    )
    failure.status["metadata"] = {"continue": _token(0, after)}
    return failure


def _event(kind: str, thing: Object) -> Object:
    return {"type": kind, "object": thing}


def check_version(api: Api, query: Mapping[str, str]) -> None:
    """Nothing can be got at a version of the future."""
    version = _version(query)
    if version and version > api.store.revision:
        raise failures.too_large_version(version, api.store.revision)


async def events(
    api: Api, served: Served, namespace: str, name: str, query: Mapping[str, str]
) -> AsyncGenerator[Object, None]:
    """The events of a watch until its time is over, or it is cut off."""
    _check_match(query, True)
    test = selection(served, query)

    def wanted(thing: Object | None) -> bool:
        if thing is None or not _is_in(thing, namespace):
            return False
        return (not name or thing["metadata"]["name"] == name) and test(thing)

    text = query.get("timeoutSeconds", "")
    seconds = float(text) if text.isdigit() and int(text) else random.uniform(*WATCH_SECONDS)
    wants_marks = query.get("allowWatchBookmarks", "").lower() in ("1", "true")
    version = _version(query)
    initial = query.get("sendInitialEvents")
    starts_full = initial == "true" or (initial is None and not version)
    return _stream(api, served, wanted, version, starts_full, (
        initial == "true" and wants_marks
    ), wants_marks, time.monotonic() + seconds)


async def _stream(
    api: Api, served: Served, wanted: Callable[[Object | None], bool], version: int | None,
    starts_full: bool, marks_initial: bool, wants_marks: bool, deadline: float,
) -> AsyncGenerator[Object, None]:
    store, key = api.store, served.resource.key
    try:
        watcher = store.watch(key, None if starts_full else version)
    except Outdated:
        status = failures.expired(f"too old resource version: {version} ({store.oldest()})").status
        yield _event("ERROR", status)
        return
    try:
        if starts_full:
            revision = store.revision
            for thing in list(store.all(key)):
                if wanted(thing):
                    yield _event(ADDED, api.shown(served, thing))
            if marks_initial:
                yield _bookmark(served, revision, True)
        async for event in _changes(
            api, served, watcher, wanted, wants_marks, deadline, version or 0
        ):
            yield event
    finally:
        store.unwatch(watcher)


async def _changes(
    api: Api, served: Served, watcher: Any, wanted: Callable[[Object | None], bool],
    wants_marks: bool, deadline: float, since: int,
) -> AsyncGenerator[Object, None]:
    now = time.monotonic()
    mark_at = _next_mark(now, deadline)
    while not watcher.is_cut and now < deadline:
        until = min(deadline, mark_at) if wants_marks else deadline
        change = await watcher.next(max(0.0, until - now))
        # A version of the future is waited for.
        if change is not None and change.revision > since:
            if (event := _told(api, served, change, wanted)) is not None:
                yield event
        now = time.monotonic()
        if wants_marks and now >= mark_at:
            yield _bookmark(served, api.store.revision, False)
            mark_at = _next_mark(now, deadline)


def _next_mark(now: float, deadline: float) -> float:
    farewell = deadline - FAREWELL_SECONDS
    return min(now + BOOKMARK_SECONDS, farewell) if farewell > now else deadline + 1


def _told(
    api: Api, served: Served, change: Change, wanted: Callable[[Object | None], bool]
) -> Object | None:
    """What a client hears of a change that may come into its selection or leave it."""
    if change.kind == DELETED:
        assert change.old is not None
        return _event(DELETED, api.shown(served, change.old)) if wanted(change.old) else None
    assert change.new is not None
    before, after = wanted(change.old), wanted(change.new)
    if after:
        return _event(MODIFIED if before else ADDED, api.shown(served, change.new))
    if before and change.old is not None:
        version = change.new["metadata"]["resourceVersion"]
        last = change.old | {"metadata": change.old["metadata"] | {"resourceVersion": version}}
        return _event(DELETED, api.shown(served, last))
    return None


def _bookmark(served: Served, revision: int, ends_initial: bool) -> Object:
    resource = served.resource
    metadata: Object = {"resourceVersion": str(revision), "creationTimestamp": None}
    if ends_initial:
        metadata["annotations"] = {INITIAL_END: "true"}
    return _event("BOOKMARK", {
        "kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata,
    })
