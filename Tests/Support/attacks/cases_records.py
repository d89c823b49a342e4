# SPDX-License-Identifier: Apache-2.0
"""Records after the handshake that no honest client sends."""

from __future__ import annotations

import time
from collections.abc import Callable

from .mesh import API, Mesh
from .outcome import expect, wait_until
from .rawtls import ALERT, DATA, HANDSHAKE, RawTLS, transport_header
from .watch import Watch

# Some hundred times what is borne; a long flood only takes longer to make.
FLOOD = 5000


def established(mesh: Mesh) -> RawTLS:
    """An attacker with a good certificate, whose connection leads to the application."""
    client = RawTLS(mesh.to_inbound(), mesh.folder, "web", API)
    client.send_raw(client.seal(DATA, transport_header(mesh.echo.port) + b"hello"))
    expect(client.socket.recv(5) == b"hello", "a good client is not served")
    return client


def flooded(make: Callable[[RawTLS, int], bytes], error: str, seconds: float) -> None:
    """Sends the records at once; they must end the connection, and be counted."""
    with Mesh() as mesh, Watch(mesh):
        until = time.monotonic() + seconds
        count = 0
        while count < 3 or time.monotonic() < until:
            count += 1
            client = established(mesh)
            records = b"".join(make(client, index) for index in range(FLOOD))
            client.send_raw(records)
            expect(client.was_reset(), "the flood was borne")
            client.close()
        wait_until("all are counted", lambda: mesh.api.refusals("inbound", error) == count)


def key_updates(seconds: float = 0) -> None:
    """Each makes the proxy derive new keys."""
    flooded(lambda client, _: client.key_update(False), "tls_flood", seconds)


def key_updates_to_be_answered(seconds: float = 0) -> None:
    """Each makes the proxy answer, to a client that does not read."""
    flooded(lambda client, _: client.key_update(True), "tls_flood", seconds)


def key_updates_between_data(seconds: float = 0) -> None:
    """Data in between makes them no better."""
    flooded(
        lambda client, index: client.key_update(False) if index % 2 else client.seal(DATA, b"x"),
        "tls_flood",
        seconds,
    )


def empty_records(seconds: float = 0) -> None:
    """Each is decrypted, and holds nothing."""
    flooded(lambda client, _: client.seal(DATA, b""), "tls_error", seconds)


def padded_empty_records(seconds: float = 0) -> None:
    """Each holds a kilobyte of padding, and nothing else."""
    flooded(lambda client, _: client.seal(DATA, b"", padding=1000), "tls_error", seconds)


def alerts(seconds: float = 0) -> None:
    """user_canceled, which by itself ends nothing (RFC 8446 section 6.1)."""
    flooded(lambda client, _: client.seal(ALERT, b"\x01\x5a"), "tls_error", seconds)


def alerts_between_data(seconds: float = 0) -> None:
    """OpenSSL's own count starts again with each record of data."""
    flooded(
        lambda client, index: client.seal(ALERT, b"\x01\x5a")
        if index % 2
        else client.seal(DATA, b"x"),
        "tls_flood",
        seconds,
    )


def misplaced_messages() -> None:
    """A second ClientHello (that is, renegotiation), a ticket from a client, and nonsense."""
    bodies = {
        "a ClientHello": b"\x01\x00\x00\x04abcd",
        "a ticket": b"\x04\x00\x00\x04abcd",
        "a CertificateRequest": b"\x0d\x00\x00\x03\x00\x00\x00",
        "an unknown message": b"\xee\x00\x00\x00",
        "a KeyUpdate of nonsense": b"\x18\x00\x00\x01\x07",
        "an empty message": b"",
    }
    with Mesh() as mesh, Watch(mesh):
        for what, body in bodies.items():
            client = established(mesh)
            client.send_raw(client.seal(HANDSHAKE, body))
            expect(client.was_reset(), f"{what} was borne")
            client.close()
        client = established(mesh)
        client.send_raw(b"\x17\x03\x03\x00\x20" + bytes(32))
        expect(client.was_reset(), "a record that was not sealed was borne")
        wait_until(
            "all are counted",
            lambda: mesh.api.refusals("inbound", "tls_error") == len(bodies) + 1,
        )


def end_without_close_notify() -> None:
    """A cut stream must not look whole to the application (RFC 8446 section 6.1)."""
    with Mesh() as mesh, Watch(mesh):
        client = established(mesh)
        client.socket.shutdown(1)
        client.close()
        wait_until("the application hears of it", lambda: "break" in mesh.echo.endings)
        wait_until("it is counted", lambda: mesh.api.refusals("inbound", "tls_error") == 1)
        # With close_notify it is an end.
        client = established(mesh)
        client.send_raw(client.seal(ALERT, b"\x01\x00"))
        client.socket.shutdown(1)
        before = len(mesh.echo.endings)
        wait_until("the application hears an end", lambda: "end" in mesh.echo.endings[before:])
        client.close()
