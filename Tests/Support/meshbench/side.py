# SPDX-License-Identifier: Apache-2.0
"""One of the two proxies of a pair: what it is told, whoever made it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

# All use it; it is what OpenSSL and BoringSSL are fastest with.
CIPHER = "TLS_AES_128_GCM_SHA256"


@dataclass(frozen=True)
class Address:
    """Where somebody listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Side:
    """Outbound takes plain bytes and speaks mutual TLS; inbound is the other way round."""

    is_outbound: bool
    # HTTP/1 by request, or bytes as they come.
    is_http: bool
    listen: Address
    server: Address
    # Only ours names the application's port to its peer.
    application: Address
    # tls.crt, tls.key, ca.crt, and both.pem with the first two.
    certificates: Path
    own_name: str
    peer_name: str
    folder: Path
    threads: int

    @property
    def name(self) -> str:
        """For people, and for files."""
        return "outbound" if self.is_outbound else "inbound"

    def write(self, name: str, text: str) -> Path:
        """A file of configuration."""
        path = self.folder / name
        path.write_text(text)
        return path


@dataclass(frozen=True)
class Command:
    """How to start a proxy."""

    words: list[str]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Implementation:
    """Somebody's proxy."""

    name: str
    # What the tables call it.
    title: str
    # None where there is no proxy at all.
    command: Callable[[Side], Command] | None
    # Floors do less than a sidecar has to; they are no competition.
    is_floor: bool = False
