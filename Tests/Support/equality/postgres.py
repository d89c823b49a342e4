# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL and psql: in the clear, and by the TLS that it starts after a question of its own."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from .compare import Seen
from .network import USER, Network
from .peer import Case, Peer

# COPY's binary format.
COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
COPY_TAIL = struct.pack("!h", -1)
STATEMENTS = 300


class Postgres(Peer):
    """A database whose client speaks first."""

    name, package, ports = "postgresql", "postgresql", [5432]

    def _server_program(self, name: str) -> str:
        folders = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
        return self.program(name, *folders)

    def prepare(self) -> None:
        """Its cluster, open to everyone of the run."""
        cluster = f"{self.data}/cluster"
        self.set_up(
            [self._server_program("initdb"), "-D", cluster, "-A", "trust", "-U", USER,
             "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        )
        (self.data / "cluster/pg_hba.conf").write_text("host all all 0.0.0.0/0 trust\n")

    def command(self) -> list[str]:
        """postgres in the foreground."""
        settings = {
            "listen_addresses": "0.0.0.0", "unix_socket_directories": "", "fsync": "off",
            "ssl": "on", "ssl_cert_file": self.certificate("tls.crt"),
            "ssl_key_file": self.certificate("tls.key"), "shared_buffers": "16MB",
        }
        words = [self._server_program("postgres"), "-D", f"{self.data}/cluster"]
        return words + [word for pair in settings.items() for word in ("-c", "=".join(pair))]

    def _psql(self, mode: str) -> list[str]:
        target = (
            f"host={self.host} user={USER} dbname=postgres sslmode={mode}"
            f" sslrootcert={self.certificate('ca.crt')} gssencmode=disable"
        )
        return [self.program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", target]

    def _copy(self, mode: str) -> Case:
        rows = [self.random[:: step + 1] for step in range(3)]
        content = COPY_HEAD + b"".join(
            struct.pack("!hi", 1, len(row)) + row for row in rows
        ) + COPY_TAIL
        script = (
            "SET client_min_messages = warning;\n"
            "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid();\n"
            "DROP TABLE IF EXISTS blob;\nCREATE TABLE blob(data bytea);\n"
            f"\\copy blob FROM '{self.given('copy', content)}' WITH (FORMAT binary)\n"
            "SELECT length(data), md5(data) FROM blob;\n"
            "SELECT n, repeat(md5(n::text), 60) FROM generate_series(1, 1000) n;\n"
        ).encode()
        tls = {"disable": b"f|\n"}.get(mode, b"t|TLSv1.3\n")

        def run(network: Network) -> Seen:
            text = network.run(self._psql(mode), script)
            words = [*self._psql(mode), "-c", "COPY blob TO STDOUT WITH (FORMAT binary)"]
            return {
                "text": text.stdout, "complaints": text.stderr, "tls": text.stdout[: len(tls)],
                "download": network.run(words).stdout,
            }

        size = len(content) / 1e6
        return Case(
            f"sslmode={mode}: {size:.1f} MB up, and down", run, {"download": content, "tls": tls}
        )

    def _statements(self, mode: str) -> Case:
        script = "".join(f"SELECT {n}, md5('{n}');\n" for n in range(STATEMENTS))
        script += "SELECT 1/0;\n"

        def run(network: Network) -> Seen:
            done = network.run(self._psql(mode), script.encode(), code=3)
            return {
                "answers": done.stdout, "error": done.stderr,
                "count": b"%d" % done.stdout.count(b"\n"),
            }

        return Case(
            f"sslmode={mode}: {STATEMENTS} statements and an error", run,
            {"count": b"%d" % STATEMENTS},
        )

    def cases(self) -> Iterator[Case]:
        """With and without TLS."""
        yield self._copy("disable")
        yield self._statements("disable")
        yield self._copy("require")
        yield self._statements("verify-full")
