# SPDX-License-Identifier: Apache-2.0
"""What the mesh may change in a head, written down once more and apart from the proxy.

Everything else must come through byte for byte; docs/http.md is where users read it.
"""

from __future__ import annotations

HOP_BY_HOP = {b"connection", b"keep-alive", b"proxy-connection", b"te", b"http2-settings"}
# What Connection may not take away: it decides about framing, routes and rights.
PROTECTED = {
    b"host", b"cookie", b"authorization", b"content-length", b"content-type", b"forwarded",
    b"transfer-encoding", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto",
}


def name(line: bytes) -> bytes:
    """A field's name."""
    return line.partition(b":")[0].lower()


def options(lines: list[bytes]) -> set[bytes]:
    """The tokens of all Connection fields."""
    values = [line.partition(b":")[2] for line in lines if name(line) == b"connection"]
    return {token.strip().lower() for value in values for token in value.split(b",")}


def forwarded(head: bytes, identity: str) -> bytes:
    """A request's head as a server behind the mesh gets it."""
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    named = options(lines)
    is_http10 = first.endswith(b"HTTP/1.0")
    upgrades = [line for line in lines if name(line) == b"upgrade" and b"h2c" not in line]
    is_upgrade = b"upgrade" in named and bool(upgrades) and not is_http10
    dropped = HOP_BY_HOP | named - PROTECTED | {b"upgrade"}
    if is_upgrade:
        dropped.remove(b"upgrade")
    kept = [line for line in lines if name(line) not in dropped]
    kept = [line for line in kept if not name(line).startswith(b"l5d-")]
    kept.append(b"l5d-client-id: " + identity.encode())
    if is_upgrade:
        kept.append(b"connection: upgrade")
    elif is_http10:
        kept.append(b"connection: keep-alive")
    return b"\r\n".join([first, *kept]) + b"\r\n\r\n"


def end_to_end(head: bytes) -> list[bytes]:
    """The lines of a response's head that are not about the connection it came on."""
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    dropped = HOP_BY_HOP | options(lines)
    if b" 101" not in first:
        dropped.add(b"upgrade")
    return [first, *(line for line in lines if name(line) not in dropped)]
