# SPDX-License-Identifier: Apache-2.0
"""Cases, each tried without the mesh and through it, and held side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .heads import end_to_end, forwarded
from .mesh import Mesh, Route
from .pods import Pods
from .recorder import Recorder, Request
from .wire import Client, Response


class CaseError(Exception):
    """Something is not as it should be."""


@dataclass
class Bench:
    """What cases run on."""

    mesh: Mesh | Pods
    recorder: Recorder


@dataclass
class Trial:
    """One run of a case: its route, the recorder, and what the client has seen."""

    bench: Bench
    route: Route
    seen: list[object] = field(default_factory=list)

    @property
    def recorder(self) -> Recorder:
        """The server that writes down what it gets."""
        return self.bench.recorder

    def connect(self, server: str = "recorder") -> Client:
        """A connection to a server."""
        return Client(self.route.address(server))

    def see(self, what: object) -> None:
        """Notes what must be the same with and without the mesh."""
        if isinstance(what, Response):
            self.seen.append(end_to_end(what.head))
            self.seen.append(what.body)
        else:
            self.seen.append(what)

    def ask(self, data: bytes, method: str = "GET") -> Response:
        """Sends a request on a connection of its own and notes the response."""
        with self.connect() as client:
            client.send(data)
            response = client.response(method)
        self.see(response)
        return response


@dataclass(frozen=True)
class Case:
    """A named case; a comparing one also runs without the mesh."""

    name: str
    run: Callable[[Trial], None]
    compares: bool = True
    # Whether the order in which requests arrive is the client's.
    is_ordered: bool = True
    # Whether client and server need each other's addresses to be the same machine's.
    is_local: bool = False
    # Whether requests pass the mesh inside of a tunnel, where nobody changes them.
    is_tunnel: bool = False


CASES: list[Case] = []


def case(
    compares: bool = True,
    is_ordered: bool = True,
    is_local: bool = False,
    is_tunnel: bool = False,
) -> Callable[[Callable[[Trial], None]], Callable[[Trial], None]]:
    """Makes a function a case; its name says what holds."""

    def add(run: Callable[[Trial], None]) -> Callable[[Trial], None]:
        name = run.__name__.replace("_", " ")
        CASES.append(Case(name, run, compares, is_ordered, is_local, is_tunnel))
        return run

    return add


def expect(is_true: bool, what: object) -> None:
    """Ends the case when something does not hold."""
    if not is_true:
        raise CaseError(f"it does not hold that {what}")


def arrived(requests: list[Request], identity: str | None) -> list[tuple[bytes, int, str, bytes]]:
    """What a server got; for an identity, what it should have got through the mesh."""
    return [
        (
            forwarded(request.head, identity) if identity else request.head,
            request.body_bytes, request.digest, request.body,
        )
        for request in requests
    ]


def run(found: Case, bench: Bench) -> tuple[float, float]:
    """Runs a case both ways; returns the seconds that it took without the mesh and through it."""
    straight, meshed = (Trial(bench, route) for route in bench.mesh.routes)
    begin = time.monotonic()
    if found.compares:
        bench.recorder.forget()
        bench.mesh.enter(straight.route)
        found.run(straight)
        identity = None if found.is_tunnel else bench.mesh.client_identity
        wanted = arrived(bench.recorder.requests, identity)
    bench.recorder.forget()
    bench.mesh.enter(meshed.route)
    start = time.monotonic()
    found.run(meshed)
    end = time.monotonic()
    if found.compares:
        got = arrived(bench.recorder.requests, None)
        if not found.is_ordered:
            wanted.sort()
            got.sort()
        same("a server gets", wanted, got)
        same("a client sees", straight.seen, meshed.seen)
    return start - begin, end - start


def same(what: str, wanted: Sequence[object], got: Sequence[object]) -> None:
    """Holds two lists against each other and shows where they part."""
    for index, (left, right) in enumerate(zip(wanted, got)):
        if left != right:
            parts = f"\n  {short(left)}\nand not\n  {short(right)}"
            raise CaseError(f"{what}, number {index + 1}:{parts}")
    if len(wanted) != len(got):
        raise CaseError(f"{what} {len(wanted)} things, and not {len(got)}")


def short(value: object) -> str:
    """A value, as far as it helps."""
    text = repr(value)
    return text if len(text) < 1500 else text[:1500] + "…"
