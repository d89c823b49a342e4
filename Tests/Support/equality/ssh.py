# SPDX-License-Identifier: Apache-2.0
"""OpenSSH: both sides speak first at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from podbench.errors import call

from .compare import Seen
from .network import USER, USER_ID, Network
from .peer import Case, Peer

CONFIG = """
Port 22
ListenAddress 0.0.0.0
HostKey {data}/host
AuthorizedKeysFile {data}/client.pub
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
PrintMotd no
Subsystem sftp internal-sftp
"""


class SSH(Peer):
    """A server of shells and files, for the one user of the run."""

    name, package, ports, first = "ssh", "openssh-server", [22], [22]

    def prepare(self) -> None:
        """A key for either side, each known to the other."""
        for key in ("host", "client"):
            self.set_up(
                [self.program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-C", key,
                 "-f", f"{self.data}/{key}"]
            )
        host = (self.data / "host.pub").read_text()
        (self.data / "known").write_text(f"{self.host} {host}")
        (self.data / "sshd.conf").write_text(CONFIG.format(data=self.data))
        (self.data / "random").write_bytes(self.random)
        call("chown", f"{USER_ID}:{USER_ID}", self.data / "random")

    def command(self) -> list[str]:
        """sshd in the foreground; it wants to be called by its whole path."""
        return [self.program("sshd"), "-D", "-e", "-f", f"{self.data}/sshd.conf"]

    def _client(self, program: str, *words: str) -> list[str]:
        options = {
            "IdentityFile": f"{self.data}/client", "UserKnownHostsFile": f"{self.data}/known",
            "StrictHostKeyChecking": "yes", "IdentitiesOnly": "yes", "BatchMode": "yes",
        }
        flags = [word for pair in options.items() for word in ("-o", "=".join(pair))]
        return [self.program(program), "-F", "none", *flags, *words]

    def _shell(self) -> Case:
        where = f"{USER}@{self.host}"
        uploaded = self.data / "uploaded"

        def run(network: Network) -> Seen:
            uploaded.unlink(missing_ok=True)
            network.run(self._client("ssh", where, f"cat > {uploaded}"), self.random[::-1])
            down = network.run(self._client("ssh", where, f"cat {self.data}/random"))
            echo = network.run(self._client("ssh", where, "cat"), self.random)
            end = network.run(self._client("ssh", where, "echo out; echo err >&2; exit 7"), code=7)
            return {
                "uploaded": uploaded.read_bytes(), "downloaded": down.stdout, "echo": echo.stdout,
                "stdout": end.stdout, "stderr": end.stderr,
            }

        expected = {"uploaded": self.random[::-1], "downloaded": self.random, "echo": self.random}
        return Case("ssh: cat there, back and both at once, and exit codes", run, expected)

    def _copy(self) -> Case:
        where = f"{USER}@{self.host}"
        given = Path(self.given("copy", self.random[1::2]))
        back = self.scratch / "ssh-back"
        there = self.data / "copied"

        def run(network: Network) -> Seen:
            for file in (there, back):
                file.unlink(missing_ok=True)
            network.run(self._client("scp", str(given), f"{where}:{there}"))
            network.run(self._client("scp", f"{where}:{self.data}/random", str(back)))
            batch = f"ls -1 {self.data}/copied\nget {self.data}/copied {back}-2\n".encode()
            listed = network.run(self._client("sftp", "-b", "-", where), batch).stdout
            return {
                "there": there.read_bytes(), "back": back.read_bytes(),
                "sftp": re.sub(rb"Fetching.*\n", b"", listed),
                "sftp-get": Path(f"{back}-2").read_bytes(),
            }

        expected = {"there": self.random[1::2], "back": self.random, "sftp-get": self.random[1::2]}
        return Case("scp there and back, and sftp", run, expected)

    def cases(self) -> Iterator[Case]:
        """A shell, and files."""
        yield self._shell()
        yield self._copy()
