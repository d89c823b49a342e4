# SPDX-License-Identifier: Apache-2.0
"""The rule that every case is held to, whatever the attack.

No crash; a canary on connections of its own succeeds always; processor, memory and descriptors
come back to where they were; the log has at most one line a second for each cause.
"""

from __future__ import annotations

import re
import threading
import time

from attacks.outcome import AttackFailed, expect, wait_until

from .client import Client, Ended
from .proxy import Proxy
from .world import World

# Of baseline, and for what a page or two make of it.
TOLERANCE = 1.1
# What the allocator keeps of a burst too small to be given back; a leak of a case grows past it in
# a soak.
SLACK_BYTES = 4 << 20
# Of one second; the proxy looks at its files now and then, and a debug build is slow.
IDLE_SECONDS_MAX = 0.02
# What an attack may make of it meanwhile; cases that hold 10,000 sockets say otherwise.
GROWTH_BYTES_MAX = 48 << 20
# Two lines of a cause may be this much less than a second apart: they are stamped when written.
LINE_SECONDS_MIN = 0.9


class Canary:
    """Asks over one old connection, and now and then over a new one."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._old = world.canary()
        self._stop = threading.Event()
        self._failure: str | None = None
        self.count = 0
        self.slowest = 0.0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _ask(self, client: Client) -> None:
        start = time.monotonic()
        target = f"/canary/{self.count}"
        response = client.get(target)
        wanted = f"GET {target} 0".encode()
        expect(
            response.status == 200 and response.body == wanted,
            f"the canary got {response.status} {response.fields} {response.body[:80]!r}",
        )
        self.slowest = max(self.slowest, time.monotonic() - start)
        self.count += 1

    def _run(self) -> None:
        try:
            while not self._stop.wait(0.02):
                self._ask(self._old)
                if self.count % 5 == 0:
                    with self._world.canary() as new:
                        self._ask(new)
        except (OSError, Ended, AttackFailed) as error:
            self._failure = f"after {self.count} requests: {error!r}"

    def end(self) -> None:
        """Asks a few times more, stops, and says what went wrong."""
        wanted = self.count + 6
        until = time.monotonic() + 5
        while self.count < wanted and not self._failure and time.monotonic() < until:
            time.sleep(0.01)
        self._stop.set()
        self._thread.join(10)
        self._old.socket.close()
        if self._failure:
            raise AttackFailed(f"the canary fell silent {self._failure}")
        if self.count < wanted:
            raise AttackFailed("the canary is stuck")


class Watch:
    """Holds a world's proxies to the rule, from here to the end of the block."""

    def __init__(
        self, world: World, growth: int = GROWTH_BYTES_MAX, has_canary: bool = True
    ) -> None:
        self._world = world
        self._growth = growth
        self._has_canary = has_canary
        self._before: dict[str, tuple[int, int]] = {}
        self.canary: Canary | None = None

    def __enter__(self) -> Watch:
        if self._has_canary:
            self._warm()
        for proxy in self._world.proxies:
            self._before[proxy.name] = (proxy.descriptors(), proxy.resident_bytes())
            proxy.forget_most_resident()
        if self._has_canary:
            self.canary = Canary(self._world)
        return self

    def _warm(self) -> None:
        """What is made for the first connections stays; that is no leak."""
        clients = [self._world.canary() for _ in range(8)]
        for client in clients:
            client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        for client in clients:
            client.final()
            client.socket.close()
        self._await_closed()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:
            self._explain()
            return
        try:
            if self.canary:
                self.canary.end()
            self._await_closed()
            for proxy in self._world.proxies:
                expect(proxy.is_running(), f"{proxy.name} has ended:\n{proxy.log()}")
                expect_quiet_log(proxy)
                self._expect_baseline(proxy)
            self._expect_idle()
        except AttackFailed:
            self._explain()
            raise

    def _explain(self) -> None:
        for proxy in self._world.proxies:
            tail = "\n".join(line[:300] for line in proxy.log().splitlines()[-12:])
            print(f"--- the log of {proxy.name}:\n{tail}", flush=True)

    def _await_closed(self) -> None:
        # Between the proxies connections wait for a while; all else has to be gone.
        for proxy in self._world.proxies:
            wait_until(
                f"{proxy.name} closes all",
                lambda: proxy.open_connections() == 0,  # noqa: B023
            )

    def _expect_baseline(self, proxy: Proxy) -> None:
        descriptors, resident = self._before[proxy.name]
        grown = proxy.most_resident_bytes() - resident
        expect(grown <= self._growth, f"{proxy.name} grew by {grown} bytes")
        wait_until(
            f"{proxy.name} has no more than {descriptors} descriptors",
            lambda: proxy.descriptors() <= descriptors * TOLERANCE,
        )
        most = max(resident * TOLERANCE, resident + SLACK_BYTES)
        wait_until(
            f"{proxy.name} uses no more than {most:.0f} bytes, but {proxy.resident_bytes()}",
            lambda: proxy.resident_bytes() <= most,
        )

    def _expect_idle(self) -> None:
        used: dict[str, float] = {}
        for _ in range(5):
            before = {proxy.name: proxy.processor_seconds() for proxy in self._world.proxies}
            time.sleep(0.3)
            used = {
                proxy.name: (proxy.processor_seconds() - before[proxy.name]) / 0.3
                for proxy in self._world.proxies
            }
            if max(used.values()) <= IDLE_SECONDS_MAX:
                return
        raise AttackFailed(f"an idle second takes {used} s of processor time")


LINE = re.compile(r"\[(?P<time>[0-9.]+)s\] [A-Z]+ (?P<message>[a-z ]+?) (?P<fields>[a-z]+=.*)")


def expect_quiet_log(proxy: Proxy) -> None:
    """One line a second and cause; each about a request says who and why."""
    last: dict[tuple[str, str], float] = {}
    for line in proxy.log().splitlines():
        match = LINE.match(line)
        if not match or not match["message"].startswith("request"):
            continue
        fields = dict(re.findall(r'([a-z]+)="((?:[^"\\]|\\.)*)"', match["fields"]))
        for name in ("client", "reason", "direction", "status", "error"):
            expect(name in fields, f"no {name}: {line}")
        cause = (fields["direction"], fields["error"])
        apart = float(match["time"]) - last.get(cause, -10.0)
        expect(apart >= LINE_SECONDS_MIN, f"{apart:.3f} s after the last of {cause}: {line}")
        last[cause] = float(match["time"])
