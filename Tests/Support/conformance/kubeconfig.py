# SPDX-License-Identifier: Apache-2.0
"""Reads from a kubeconfig where the API server is and who asks it."""

from __future__ import annotations

import base64
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml


class UnusableKubeconfig(Exception):
    """The file does not say what is needed; the text says what is missing."""


@dataclass(frozen=True)
class Server:
    """An API server and the rights to ask it everything."""

    host: str
    port: int
    # Without the administrator's certificate: for requests by token, or by nobody.
    bare: ssl.SSLContext
    admin: ssl.SSLContext
    token: str | None

    @staticmethod
    def from_file(file: Path) -> Server:
        """Takes the current context. Exec plugins and proxies are not for this runner."""
        config = yaml.safe_load(file.read_text())
        context = _named(config, "context", config.get("current-context"))
        cluster = _named(config, "cluster", context["cluster"])
        user = _named(config, "user", context["user"])
        address = urlsplit(cluster["server"])
        if address.scheme != "https" or address.hostname is None:
            raise UnusableKubeconfig(f"{cluster['server']} is no https URL")
        bare, admin = _trusting(cluster, file), _trusting(cluster, file)
        certificate = _content(user, "client-certificate", file)
        if certificate is not None:
            key = _content(user, "client-key", file)
            _load(admin, certificate, key or certificate)
        token = user.get("token")
        if certificate is None and token is None:
            raise UnusableKubeconfig("the user has neither a client certificate nor a token")
        return Server(address.hostname, address.port or 443, bare, admin, token)


def _named(config: dict[str, Any], kind: str, name: str | None) -> dict[str, Any]:
    for entry in config.get(f"{kind}s") or []:
        if entry["name"] == name:
            return dict(entry[kind])
    raise UnusableKubeconfig(f"there is no {kind} {name!r}")


def _content(entry: dict[str, Any], field: str, file: Path) -> bytes | None:
    if data := entry.get(f"{field}-data"):
        return base64.b64decode(data)
    if path := entry.get(field):
        return Path(file.parent, path).read_bytes()
    return None


def _trusting(cluster: dict[str, Any], file: Path) -> ssl.SSLContext:
    authority = _content(cluster, "certificate-authority", file)
    return ssl.create_default_context(cadata=authority.decode() if authority else None)


def _load(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    # The ssl module reads these from a file alone.
    with tempfile.NamedTemporaryFile() as pem:
        pem.write(certificate + b"\n" + key)
        pem.flush()
        context.load_cert_chain(pem.name)
