# SPDX-License-Identifier: Apache-2.0
"""Requests that are read in two ways by two readers (cases 27 to 30 and 42).

Whatever a client sends, the server behind sees the requests that the proxy has accepted, and no
other; whoever shares its connections gets the responses to its own.
"""

from __future__ import annotations

import time

from attacks.outcome import AttackFailed, expect, wait_until

from .client import Client, Ended, Response, all_responses
from .forms import Form, load
from .scale import SECONDS
from .watch import Watch
from .world import World

GOOD = b"GET /first HTTP/1.1\r\nHost: users-api\r\n\r\n"


def forms_first() -> None:
    """Each form as the first bytes of a connection, from both sides."""
    _run(is_first=True)


def forms_behind_a_request() -> None:
    """Each form behind a good request on the same connection, from both sides."""
    _run(is_first=False)


def forms_that_are_no_http() -> None:
    """What does not look like HTTP passes unread, on a connection that nobody else gets."""
    with World() as world, Watch(world), world.client() as neighbour:
        for form in load():
            if not form.is_opaque_first:
                continue
            for target in world.sides().values():
                before = len(world.backend.recordings)
                with Client(target) as client:
                    client.send(form.bytes)
                    for number in range(3):
                        expect(neighbour.get(f"/{number}").status == 200, "the neighbour failed")
                    wait_until(
                        f"{form.name} arrives as it is, alone",
                        lambda: _has(world, before, form.bytes),  # noqa: B023
                    )


def _has(world: World, before: int, data: bytes) -> bool:
    return data in [bytes(one.data) for one in world.backend.recordings[before:]]


def _run(is_first: bool) -> None:
    forms = load()
    with World() as world, Watch(world):
        failures: list[str] = []
        with world.client() as neighbour:
            until = time.monotonic() + SECONDS
            while True:
                for form in forms:
                    if not (is_first and form.is_opaque_first):
                        failures += _both(world, form, is_first, neighbour)
                failures += world.backend.doubts()
                if failures or time.monotonic() >= until:
                    break
                # Those that have ended were looked at.
                recordings = world.backend.recordings
                recordings[:] = [one for one in recordings if not one.has_ended]
        expect(not failures, f"{len(failures)} of {2 * len(forms)}:\n" + "\n".join(failures))


def _both(world: World, form: Form, is_first: bool, neighbour: Client) -> list[str]:
    """From both sides; what went wrong."""
    failures = []
    for side, target in world.sides().items():
        try:
            _one(world, form, target, is_first, neighbour)
        except (AttackFailed, OSError, Ended) as error:
            failures.append(f"{side}: {form.name} ({form.clause}): {error!r}")
    return failures


def _one(
    world: World, form: Form, target: tuple[str, int], is_first: bool, neighbour: Client
) -> None:
    before = world.backend.count()
    with Client(target, 1) as client:
        if not is_first:
            expect(client.ask(GOOD).body == b"GET /first 0", "the good request failed")
        client.send(form.bytes)
        responses, ending = _responses(client, form)
    accepted = sum(not response.is_proxys for response in responses) + (0 if is_first else 1)
    first = responses[0].status if responses else 0
    expect(first == form.expect, f"answered {first}, then {ending}; {_words(responses)}")
    wanted = form.requests + (0 if is_first else 1)
    expect(accepted == wanted, f"{accepted} requests were accepted, not {wanted}")
    if form.expect >= 300:
        expect(ending == "end", f"the connection ended by a {ending}")
    name = f"/neighbour/{before}"
    body = neighbour.get(name).body
    expect(body == f"GET {name} 0".encode(), f"a neighbour got {body!r}")
    wait_until(
        f"the server sees {before + wanted + 1} requests, not {world.backend.count()}",
        lambda: world.backend.count() == before + wanted + 1,
        0.5,
    )


def _responses(client: Client, form: Form) -> tuple[list[Response], str]:
    """All there are: the client says that it is done as soon as it has what it expects."""
    method = form.bytes.split(b" ", 1)[0].strip().decode("latin-1")
    found: list[Response] = []
    try:
        while len(found) < max(form.requests, 0 if form.expect == 0 else 1):
            found.append(client.final(method))
    except Ended as how:
        return found, str(how)
    if form.requests > 0 or form.expect == 0:
        client.finish()
    more, ending = all_responses(client, [method])
    return found + more, ending


def _words(responses: list[Response]) -> str:
    return "; ".join(str(response.get("l5d-proxy-error")) for response in responses)
