# SPDX-License-Identifier: Apache-2.0
"""Runs one row, in a namespace of its own, and takes away what it has made."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import quote

from .connection import Identity, Reply, Stream, ask
from .hooks import Hooks
from .kubeconfig import Server
from .matching import MISSING, Names, difference, differences, filled, found, shown
from .row import (
    Answer, Ask, NotReviewed, Reviewed, ReviewedInOrder, Row, Step, Until, Watch,
)  # fmt: skip

# LIMIT: seconds until the server has taken up what another part of it is told by a watch, as a
# webhook or a definition; it is below one on an idle machine.
UNTIL_SECONDS_MAX = 10.0
UNTIL_PAUSE_SECONDS = 0.1


class RowFailed(Exception):
    """The server did not answer as the row says; the text says where."""


class World:
    """The names of a row, and what it has made outside its namespace."""

    def __init__(self, server: Server, hooks: Hooks | None, row: Row, run: str) -> None:
        self._server = server
        self._hooks = hooks
        self._row = row
        self.namespace = f"{row.id}-{run}"
        self._names: dict[str, Any] = {"ns": self.namespace, "run": run}
        if hooks is not None:
            self._names |= {"hooks": f"{hooks.url}/{self.namespace}", "hook-ca": hooks.authority}
            hooks.add(self.namespace, row.hooks)
        self._made: list[str] = []

    def run(self) -> None:
        """Raises RowFailed at the first step that goes wrong."""
        self._prepare()
        try:
            for number, step in enumerate(self._row.steps, 1):
                try:
                    self._take(step)
                except RowFailed as reason:
                    raise RowFailed(f"step {number}: {reason}") from None
        finally:
            self._clean()

    def _prepare(self) -> None:
        meta = {"name": self.namespace, "labels": {"conformance": self.namespace}}
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": meta}
        self._ask(Ask("POST", "/api/v1/namespaces", namespace, Answer(201)))
        if self._row.pods:
            # A controller makes it, where there is one; without it no pod is admitted.
            account = {
                "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"},
            }  # fmt: skip
            path = f"/api/v1/namespaces/{self.namespace}/serviceaccounts"
            reply = self._request(Ask("POST", path, account))
            if reply.status not in (201, 409):
                raise RowFailed(f"no service account: {reply.status} {shown(reply.body)}")

    def _clean(self) -> None:
        if self._row.pods:
            # Those on a node that is none would wait for its word.
            pods = f"/api/v1/namespaces/{self.namespace}/pods?gracePeriodSeconds=0"
            self._request(Ask("DELETE", pods))
        for path in [*reversed(self._made), f"/api/v1/namespaces/{self.namespace}"]:
            self._request(Ask("DELETE", path))

    def _take(self, step: Step) -> None:
        match step:
            case Ask():
                self._ask(step)
            case Until(wanted):
                self._until(wanted)
            case Watch():
                self._watch(step)
            case _:
                self._look_at_hooks(step)

    def _ask(self, step: Ask) -> None:
        reply = self._request(step)
        where = f"{step.method} {filled(step.path, self._names)}"
        if wrong := _wrong(step.expects, reply, self._names):
            raise RowFailed(f"{where}: {wrong}")
        for name, path in step.keep.items():
            value = found(reply.body, path)
            if value is MISSING:
                raise RowFailed(f"{where}: there is no {path} to keep: {shown(reply.body)}")
            self._names[name] = value

    def _until(self, step: Ask) -> None:
        end = time.monotonic() + UNTIL_SECONDS_MAX
        while True:
            try:
                self._ask(step)
                return
            except RowFailed:
                if time.monotonic() > end:
                    raise
            time.sleep(UNTIL_PAUSE_SECONDS)

    def _request(self, step: Ask) -> Reply:
        path = _escaped(str(filled(step.path, self._names)))
        body = filled(step.body, self._names)
        content = None if body is None else _encoded(body)
        headers = {"Accept": step.accept}
        if content is not None:
            headers["Content-Type"] = step.type
        identity = Identity(
            filled(step.user, self._names),
            tuple(filled(step.groups, self._names)),
            filled(step.token, self._names),
            step.anonymous,
        )
        reply = ask(self._server, step.method, path, content, headers, identity)
        if step.method in ("POST", "PATCH", "PUT") and reply.status == 201:
            self._remember(step.method, path, reply.body)
        return reply

    def _remember(self, method: str, path: str, body: Any) -> None:
        """What lies in the row's namespace goes with it; the rest has to be taken away."""
        place = path.split("?")[0]
        name = found(body, "metadata.name")
        if f"/namespaces/{self.namespace}/" in place or not isinstance(name, str):
            return
        if found(body, "metadata.creationTimestamp") in (MISSING, None) or "dryRun" in path:
            return
        made = f"{place}/{name}" if method == "POST" else place
        if made != f"/api/v1/namespaces/{self.namespace}":
            self._made.append(made)

    def _watch(self, step: Watch) -> None:
        start = time.monotonic()
        path = _escaped(str(filled(step.path, self._names)))
        stream = Stream(self._server, path, {"Accept": step.accept}, Identity())
        try:
            if stream.status != 200:
                raise RowFailed(f"watch: {stream.status} {shown(stream.refusal())}")
            for meanwhile in step.meanwhile:
                self._ask(meanwhile)
            events = stream.events()
            for number, expected in enumerate(step.events, 1):
                event = _next(events)
                if event is None:
                    raise RowFailed(f"event {number}: the watch has ended")
                wrong = difference(expected.type, event["type"], self._names) or differences(
                    expected.object, event["object"], self._names
                )
                if wrong:
                    raise RowFailed(f"event {number}: {wrong}; it is {shown(event)}")
            if step.ends and (event := _next(events)) is not None:
                raise RowFailed(f"the watch goes on: {shown(event)}")
            if (took := time.monotonic() - start) < step.seconds:
                raise RowFailed(f"the watch ended after {took:.1f} s")
        finally:
            stream.close()

    def _look_at_hooks(self, step: Reviewed | ReviewedInOrder | NotReviewed) -> None:
        assert self._hooks is not None
        calls = self._hooks.calls(self.namespace)
        match step:
            case Reviewed(hook, expected):
                reviews = self._hooks.reviews(self.namespace, hook)
                if not reviews:
                    raise RowFailed(f"the hook {hook} was not called")
                if wrong := differences(expected, reviews[-1], self._names):
                    raise RowFailed(f"the review of {hook}: {wrong}")
            case ReviewedInOrder(hooks):
                if tuple(calls[-len(hooks) :]) != hooks:
                    raise RowFailed(f"the hooks were called in the order {calls}")
            case NotReviewed(hook):
                if hook in calls:
                    raise RowFailed(f"the hook {hook} was called")


def _next(events: Any) -> Any:
    try:
        return next(events, None)
    except TimeoutError:
        raise RowFailed("no event came") from None


def _wrong(expected: Answer, reply: Reply, names: Names) -> str | None:
    if reply.status != expected.status:
        return f"status {reply.status}, and should be {expected.status}: {shown(reply.body)}"
    if wrong := differences(expected.body, reply.body, names):
        return f"{wrong}; the body is {shown(reply.body)}"
    for name, wanted in expected.headers.items():
        if wrong := difference(wanted, reply.headers.get(name, MISSING), names):
            return f"the header {name} {wrong}"
    return None


def _escaped(path: str) -> str:
    return quote(path, safe="/?&=%+:,;@!~*'()-._")


def _encoded(body: Any) -> bytes:
    return (body if isinstance(body, str) else json.dumps(body)).encode()
