# SPDX-License-Identifier: Apache-2.0
"""Redis and redis-cli: many small answers, and values of bytes."""

from __future__ import annotations

from collections.abc import Iterator

from .compare import Seen
from .network import Network
from .peer import Case, Peer

COMMANDS = 20_000


class Redis(Peer):
    """A store of values."""

    name, package, ports = "redis", "redis-server", [6379]

    def command(self) -> list[str]:
        """redis-server, which keeps nothing on disk."""
        return [
            self.program("redis-server"), "--port", "6379", "--bind", "0.0.0.0",
            "--protected-mode", "no", "--save", "", "--appendonly", "no", "--dir", str(self.data),
        ]

    def _client(self, *words: str) -> list[str]:
        return [self.program("redis-cli"), "-h", self.host, *words]

    def _value(self) -> Case:
        def run(network: Network) -> Seen:
            network.run(self._client("FLUSHALL"))
            return {
                "set": network.run(self._client("-x", "SET", "blob"), self.random).stdout,
                "get": network.run(self._client("--raw", "GET", "blob")).stdout,
                "error": network.run(self._client("INCR", "blob")).stdout,
            }

        return Case(
            f"a value of {len(self.random) / 1e6:.1f} MB up, and down", run,
            {"set": b"OK\n", "get": self.random + b"\n"},
        )

    def _pipe(self) -> Case:
        commands = b"".join(
            b"*3\r\n$3\r\nSET\r\n$%d\r\nkey:%d\r\n$%d\r\n%s\r\n"
            % (len(b"key:%d" % n), n, n % 300, self.random[n : n + n % 300])
            for n in range(COMMANDS)
        )
        count = b"errors: 0, replies: %d\n" % COMMANDS

        def run(network: Network) -> Seen:
            network.run(self._client("FLUSHALL"))
            written = network.run(self._client("--pipe"), commands).stdout
            keys = "\n".join(f"GET key:{n}" for n in range(0, COMMANDS, 50)).encode()
            return {
                # What it says in between depends on how it was cut.
                "count": written[-len(count) :],
                "some": network.run(self._client("--raw"), keys).stdout,
                "size": network.run(self._client("DBSIZE")).stdout,
            }

        return Case(
            f"{COMMANDS} commands by --pipe", run, {"count": count, "size": b"%d\n" % COMMANDS}
        )

    def cases(self) -> Iterator[Case]:
        """A large value, and many small ones."""
        yield self._value()
        yield self._pipe()
