# SPDX-License-Identifier: Apache-2.0
"""A client that is a member of the mesh itself, and does as it likes there."""

from __future__ import annotations

import ssl
from pathlib import Path

from .client import Client

ALPN = "transport.l5d.io/v1"


class Member(Client):
    """A connection to an inbound port by mutual TLS, with a transport header."""

    def __init__(self, target: tuple[str, int], folder: Path, name: str, port: int) -> None:
        super().__init__(target)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(folder / "ca.crt")
        context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
        context.set_alpn_protocols([ALPN])
        self.socket = context.wrap_socket(self.socket, server_hostname=name)
        # What is sent first, with a session of HTTP/1: field 1 is the port, field 3 the protocol.
        low, high = port & 0x7F | 0x80, port >> 7
        message = bytes([0x08, low, high, 0x1A, 0x02, 0x0A, 0x00])
        self.header = f"{ALPN}\r\n\r\n".encode() + len(message).to_bytes(4, "big") + message
