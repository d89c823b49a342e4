# SPDX-License-Identifier: Apache-2.0
"""A certificate authority, in the place of the mesh's identity service."""

from __future__ import annotations

import os
from pathlib import Path

from .errors import call

NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def identity_name(service_account: str, namespace: str) -> str:
    """The mesh's name of a service account."""
    return f"{service_account}.{namespace}.serviceaccount.identity.linkerd.cluster.local"


class Authority:
    """Signs one certificate a pod, for the name of the pod's service account."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        self.certificate = folder / "ca.crt"
        self._key = folder / "ca.key"
        call(
            "openssl", "req", "-x509", *NEW_KEY, "-days", 1,
            "-subj", "/CN=root.linkerd.cluster.local",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign",
            "-keyout", self._key, "-out", self.certificate,
        )

    def issue(self, name: str, folder: Path, owner: int) -> None:
        """Puts tls.crt, tls.key and ca.crt into a folder, for one user to read."""
        key = folder / "tls.key"
        call(
            "openssl", "req", "-x509", *NEW_KEY, "-days", 1, "-subj", "/",
            "-CA", self.certificate, "-CAkey", self._key,
            "-addext", f"subjectAltName=critical,DNS:{name}",
            "-addext", "basicConstraints=critical,CA:FALSE",
            "-addext", "keyUsage=critical,digitalSignature",
            "-addext", "extendedKeyUsage=serverAuth,clientAuth",
            "-keyout", key, "-out", folder / "tls.crt",
        )
        (folder / "ca.crt").write_bytes(self.certificate.read_bytes())
        os.chown(key, owner, owner)
        key.chmod(0o400)
