# SPDX-License-Identifier: Apache-2.0
"""Good and bad certificates, made by the openssl command."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

EC = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
CONFIGURATION = """
[ca]
default_ca = it
[it]
database = {file}.index
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = optional
"""


def identity(account: str) -> str:
    """The mesh's name of a service account."""
    return f"{account}.default.serviceaccount.identity.linkerd.cluster.local"


@dataclass(frozen=True)
class Wanted:
    """What a certificate is to say."""

    names: str | None = None
    usage: str | None = "serverAuth,clientAuth"
    key: tuple[str, ...] = EC
    start: str = "20200101000000Z"
    end: str = "21000101000000Z"
    is_authority: bool = False
    extra: str = ""


@dataclass
class Authority:
    """Issues NAME.crt and NAME.key into its folder."""

    folder: Path
    name: str = "ca"
    chain: list[str] = field(default_factory=list)

    def make(self) -> Authority:
        """Signs itself; valid long before today, for clocks that go back."""
        root = Wanted(is_authority=True, start="20000101000000Z", end="21200101000000Z")
        self._sign(self.name, root, "-selfsign")
        return self

    def issue(self, file: str, wanted: Wanted) -> str:
        """Makes FILE.crt, with the authorities behind it, and FILE.key; returns FILE."""
        self._sign(file, wanted, "-cert", f"{self.name}.crt")
        if self.chain:
            leaf = self.folder / f"{file}.crt"
            behind = [(self.folder / f"{name}.crt").read_text() for name in self.chain]
            leaf.write_text(leaf.read_text() + "".join(behind))
        return file

    def _sign(self, file: str, wanted: Wanted, *signer: str) -> None:
        lines = [f"basicConstraints=critical,CA:{'TRUE' if wanted.is_authority else 'FALSE'}"]
        if wanted.is_authority:
            lines.append("keyUsage=critical,keyCertSign,cRLSign")
        elif wanted.usage:
            lines.append(f"extendedKeyUsage={wanted.usage}")
        if wanted.names:
            lines.append(f"subjectAltName={wanted.names}")
        lines.append(wanted.extra)
        # `openssl ca` is the one command of OpenSSL 3.0 that takes both dates.
        (self.folder / f"{file}.index").write_text("")
        (self.folder / f"{file}.cnf").write_text(CONFIGURATION.format(file=file))
        (self.folder / f"{file}.ext").write_text("\n".join(lines) + "\n")
        self._openssl(
            "req", "-new", "-nodes", "-keyout", f"{file}.key", "-out", f"{file}.csr",
            "-subj", f"/CN={file}", "-newkey", *wanted.key,
        )
        self._openssl(
            "ca", "-batch", "-notext", "-config", f"{file}.cnf", "-in", f"{file}.csr",
            "-out", f"{file}.crt", *signer, "-keyfile", f"{self.name}.key",
            "-startdate", wanted.start, "-enddate", wanted.end, "-extfile", f"{file}.ext",
        )

    def below(self, file: str) -> Authority:
        """Issues another authority."""
        plain = Authority(self.folder, self.name)
        plain.issue(file, Wanted(is_authority=True))
        return Authority(self.folder, file, [file, *self.chain])

    def _openssl(self, *words: str) -> None:
        done = subprocess.run(
            ["openssl", *words], cwd=self.folder, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"openssl {words[0]}: {done.stderr}")
