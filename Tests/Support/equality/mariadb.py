# SPDX-License-Identifier: Apache-2.0
"""MariaDB and its client: a server that speaks first, and then perhaps TLS."""

from __future__ import annotations

from collections.abc import Iterator

from .compare import Seen
from .network import Network
from .peer import Case, Peer

START = """CREATE USER 'peer'@'%' IDENTIFIED BY 'peer';
GRANT ALL ON *.* TO 'peer'@'%';
CREATE DATABASE IF NOT EXISTS peers;
"""
STATEMENTS = 300
# Ends the one row of the file; like the end of a field it is in no random bytes.
MARK, FIELD_MARK = b"<end of the row>", b"<end of the field>"


class MariaDB(Peer):
    """A database whose greeting comes before the client's first byte."""

    name, package, ports, first = "mariadb", "mariadb-server-core", [3306], [3306]

    def prepare(self) -> None:
        """Its tables, and a user for everyone of the run."""
        self.set_up(
            [self.program("mariadb-install-db"), "--no-defaults", f"--datadir={self.data}/tables",
             "--auth-root-authentication-method=normal", "--skip-test-db",
             "--innodb-log-file-size=8M", "--innodb-buffer-pool-size=16M"]
        )
        (self.data / "start.sql").write_text(START)

    def command(self) -> list[str]:
        """mariadbd, which is always in the foreground."""
        return [
            self.program("mariadbd"), "--no-defaults", f"--datadir={self.data}/tables",
            f"--socket={self.data}/socket", f"--pid-file={self.data}/pid", "--port=3306",
            "--bind-address=0.0.0.0", "--skip-name-resolve", f"--init-file={self.data}/start.sql",
            f"--ssl-cert={self.certificate('tls.crt')}", f"--ssl-key={self.certificate('tls.key')}",
            f"--ssl-ca={self.certificate('ca.crt')}", "--max-allowed-packet=64M",
            "--innodb-log-file-size=8M", "--innodb-buffer-pool-size=16M",
            "--innodb-flush-log-at-trx-commit=0",
        ]

    def _client(self, flags: list[str]) -> list[str]:
        return [
            self.program("mariadb"), "--no-defaults", "-h", self.host, "-u", "peer", "-ppeer",
            "--batch", "--raw", "--skip-column-names", "--local-infile=1",
            "--max-allowed-packet=64M", *flags, "peers",
        ]

    def _blob(self, words: str, flags: list[str], version: bytes) -> Case:
        file = self.given("row", self.random + MARK)
        script = (
            "SHOW STATUS LIKE 'Ssl_version';\n"
            "DROP TABLE IF EXISTS `blob`;\nCREATE TABLE `blob`(data LONGBLOB);\n"
            f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE `blob` CHARACTER SET binary"
            f" FIELDS TERMINATED BY '{FIELD_MARK.decode()}' ESCAPED BY ''"
            f" LINES TERMINATED BY '{MARK.decode()}';\n"
            f"INSERT INTO `blob` VALUES (x'{self.random[: 1 << 20].hex()}');\n"
            "SELECT LENGTH(data), MD5(data) FROM `blob`;\n"
        ).encode()

        def run(network: Network) -> Seen:
            text = network.run(self._client(flags), script)
            rows = network.run(self._client(flags), b"SELECT data FROM `blob`;\n")
            return {
                "text": text.stdout, "complaints": text.stderr,
                "tls": text.stdout.partition(b"\n")[0], "download": rows.stdout,
            }

        down = self.random + b"\n" + self.random[: 1 << 20] + b"\n"
        return Case(
            f"{words}: {len(down) / 1e6:.1f} MB up, and down", run,
            {"tls": b"Ssl_version\t" + version, "download": down},
        )

    def _statements(self, words: str, flags: list[str]) -> Case:
        script = "".join(f"SELECT {n}, MD5('{n}');\n" for n in range(STATEMENTS)) + "SELECT nine;\n"

        def run(network: Network) -> Seen:
            done = network.run(self._client(flags), script.encode(), code=1)
            return {
                "answers": done.stdout, "error": done.stderr,
                "count": b"%d" % done.stdout.count(b"\n"),
            }

        return Case(
            f"{words}: {STATEMENTS} statements and an error", run, {"count": b"%d" % STATEMENTS}
        )

    def cases(self) -> Iterator[Case]:
        """With and without TLS."""
        tls = ["--ssl", f"--ssl-ca={self.certificate('ca.crt')}", "--ssl-verify-server-cert"]
        yield self._blob("without TLS", ["--skip-ssl"], b"")
        yield self._statements("without TLS", ["--skip-ssl"])
        yield self._blob("with TLS", tls, b"TLSv1.3")
        yield self._statements("with TLS", tls)
