# SPDX-License-Identifier: Apache-2.0
"""A server that is a member of the mesh itself, with no proxy of ours before it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from .meshed import ALPN
from .proxy import INBOUND

Result = TypeVar("Result")


class Peer:
    """Answers each request with the same records, all of which leave in one segment."""

    def __init__(self, ip: str, folder: Path) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
        self._context.load_verify_locations(folder / "ca.crt")
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._context.set_alpn_protocols([ALPN])
        self.records: Sequence[bytes] = ()
        # Whether it then ends, with close_notify or without; None for that it stays.
        self.ends_well: bool | None = None
        self._listener = socket.create_server((ip, INBOUND))
        self.accepted = 0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.settimeout(10)
            self.accepted += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = self._context.wrap_bio(incoming, outgoing, server_side=True)
        with client, contextlib.suppress(OSError, ConnectionError):
            self._step(client, incoming, outgoing, session.do_handshake)
            data = b""
            while True:
                data += self._step(client, incoming, outgoing, lambda: session.read(1 << 16))
                # The transport header ends with an empty line too; requests follow it.
                while b"HTTP/1.1\r\n" in data and data.endswith(b"\r\n\r\n"):
                    data = b""
                    for record in self.records:
                        session.write(record)
                    if self.ends_well:
                        # It does not wait for the other side's.
                        with contextlib.suppress(ssl.SSLWantReadError):
                            session.unwrap()
                    client.sendall(outgoing.read())
                    if self.ends_well is not None:
                        return

    @staticmethod
    def _step(
        client: socket.socket,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        action: Callable[[], Result],
    ) -> Result:
        """Does something, with what it needs of the socket."""
        while True:
            try:
                result = action()
                if outgoing.pending:
                    client.sendall(outgoing.read())
                return result
            except ssl.SSLWantReadError:
                if outgoing.pending:
                    client.sendall(outgoing.read())
                data = client.recv(1 << 16)
                if not data:
                    raise ConnectionAbortedError from None
                incoming.write(data)

    def close(self) -> None:
        """Takes no more."""
        self._listener.close()
