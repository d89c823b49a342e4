# SPDX-License-Identifier: Apache-2.0
"""ClientHellos that are slow, cut up, too long, too many or too old."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable

from .canary import sing
from .flood import flood
from .hello import SlicedClient, ending, made_up, record, split_records
from .mesh import API, Mesh
from .outcome import expect, wait_until
from .proxy import INBOUND, Settings
from .rawtls import context, hello, transport_header
from .storm import Storm
from .watch import Watch

# Handshakes a second that are begun, and that have to be.
RATE, RATE_MIN = 5500, 5000
# The queues of the proxy's listeners hold a flood that is shorter.
QUEUE_SECONDS = 2
SONG_SECONDS_MAX = 0.5
RECOVERY_SECONDS_MAX = 1.0
TLS10, TLS11, TLS12, TLS13 = 0x0301, 0x0302, 0x0303, 0x0304


def cut_up() -> None:
    """Honest hellos in odd pieces: each is served."""
    ways: dict[str, Callable[[bytes], Iterable[bytes]]] = {
        "a byte a segment": lambda flight: (flight[at : at + 1] for at in range(len(flight))),
        "a byte a record": lambda flight: split_records(flight, 1),
        "a byte a record, all at once": lambda flight: [b"".join(split_records(flight, 1))],
        "seven bytes a record": lambda flight: split_records(flight, 7),
        "half, and half later": lambda flight: slowly(flight[:100], flight[100:]),
    }
    with Mesh() as mesh, Watch(mesh):
        for what, cut in ways.items():
            with mesh.to_inbound() as plain:
                client = SlicedClient(plain, mesh.folder, API, cut)
                heard = client.ask(transport_header(mesh.echo.port) + b"hello", 5)
                expect(heard == b"hello", f"{what}: heard {heard!r}")


def slowly(*pieces: bytes) -> Iterable[bytes]:
    """A moment between two pieces."""
    for piece in pieces:
        yield piece
        time.sleep(0.3)


def huge() -> None:
    """64 KiB that begin as a hello does: none is kept."""
    start = record(b"\x01\x00\xff\xff\x03\x03" + bytes(16_000))
    with Mesh() as mesh, Watch(mesh):
        for size in (16 << 10, 64 << 10, 1 << 20):
            clients = [mesh.to_inbound() for _ in range(30)]
            for client in clients:
                bytes_ = (start * (1 + size // len(start)))[:size]
                expect(ending(client, bytes_) == "reset", f"{size} bytes were borne")
                client.close()
        many = b"".join(split_records(record(b"\x01\x00\x90\x00" + bytes(36_864)), 1))
        with mesh.to_inbound() as client:
            expect(ending(client, many) == "reset", "36 KiB in records of a byte were borne")
        expect(mesh.api.refusals("inbound", "no_identity") == 91, "not all are counted")


def stalled() -> None:
    """Clients that stop before, in and behind their hello, and one that goes on a byte a time."""
    with Mesh(api=Settings(detect_seconds=1)) as mesh, Watch(mesh):
        first = hello(context(mesh.folder, "web"), API)
        start = time.monotonic()
        clients = []
        for count in (0, 1, 100, len(first)):
            for _ in range(60):
                client = mesh.to_inbound()
                client.sendall(first[:count])
                clients.append(client)
        with mesh.to_inbound() as slow:
            expect(trickle(slow, first[:-1]), "a client that is too slow was borne")
        for client in clients:
            expect(ending(client) == "reset", "a client that stopped was borne")
            client.close()
        expect(time.monotonic() - start < 4, "the deadline was late")
        reasons = ("tls detection timeout", "no_identity")
        counted = sum(mesh.api.refusals("inbound", why) for why in reasons)
        expect(counted == 241, f"{counted} of 241 are counted")


def stalled_in_the_handshake() -> None:
    """A thousand clients that the proxy has answered, and that say no more: they give way."""
    with Mesh() as mesh, Watch(mesh):
        first = hello(context(mesh.folder, "web"), API)
        clients = []
        for count in (1100, 200):
            begin = [mesh.to_inbound() for _ in range(count)]
            for client in begin:
                client.sendall(first)
            clients += begin
            # To be among those that take long.
            time.sleep(2.3 if count == 1100 else 0)
        wait_until("the oldest give way", lambda: mesh.api.refusals("inbound", "loadshed") >= 200)
        expect(mesh.api.refusals("inbound", "loadshed") < 400, "more than that give way")
        for client in clients:
            client.close()


def trickle(client: socket.socket, bytes_: bytes) -> bool:
    """Whether the other side cuts it short."""
    try:
        for at in range(min(len(bytes_), 25)):
            client.sendall(bytes_[at : at + 1])
            time.sleep(0.1)
    except ConnectionError:
        return True
    return False


def flood_of_handshakes(seconds: float = 1.5) -> None:
    """Whole handshakes, one after the other, as fast as two processes make them."""
    with Mesh() as mesh, Watch(mesh) as watch:
        count = flood(lambda: shake_hands(mesh), seconds, 2)
        slowest = watch.canary.slowest if watch.canary else 0
        print(f"      {count / seconds:.0f} a second; the canary's longest song: {slowest:.3f} s")
        # A machine that builds something beside this makes few.
        expect(count > 20, "that was no flood")
        await_counted(mesh, count)


def shake_hands(mesh: Mesh) -> None:
    """The whole of a handshake, and no more."""
    with mesh.to_inbound() as plain:
        with context(mesh.folder, "web").wrap_socket(plain, server_hostname=API):
            pass


def flood_of_hellos(seconds: float = 1) -> None:
    """Thousands a second begin a handshake, which costs them nothing, and none ends it.

    New clients wait behind them in the kernel's queue; old ones must hardly notice, and when the
    flood is over, new ones neither.
    """
    with Mesh() as mesh, Watch(mesh, new=False) as watch:
        storm = Storm((mesh.api.ip, INBOUND), cheap_hellos(mesh), RATE, seconds)
        # Some beside them are honest; they may have to wait for the end.
        honest = flood(lambda: shake_hands(mesh), seconds / 2, 1)
        offered = storm.end()
        start = time.monotonic()
        with mesh.connect() as client:
            sing(client)
        again = time.monotonic() - start
        slowest = watch.canary.slowest if watch.canary else 0
        print(
            f"      {offered.rate:.0f} a second begun, {offered.turned_away} found no room, and "
            f"{honest} were honest\n      the canary's longest song: {slowest:.3f} s; "
            f"a new client served after {again:.3f} s"
        )
        # What lasts fills the queue; then the kernel turns away what the proxy cannot take, and a
        # new client has the whole of it before him.
        is_short = seconds < QUEUE_SECONDS
        rate = offered.rate if is_short else offered.tried_rate
        expect(rate >= RATE_MIN, f"{rate:.0f} a second are fewer than {RATE_MIN}")
        expect(slowest < SONG_SECONDS_MAX, f"a song took {slowest:.3f} s")
        wait_max = RECOVERY_SECONDS_MAX * (1 if is_short else 2)
        expect(again < wait_max, f"a new client waited for {again:.3f} s")
        await_counted(mesh, offered.begun)


def cheap_hellos(mesh: Mesh) -> list[bytes]:
    """As OpenSSL has it, shorter ones of our own, and one that is to be asked again."""
    return [
        hello(context(mesh.folder, "web"), API),
        hello(context(mesh.folder, None, alpn=None), API),
        made_up(API, versions=(TLS13,), suites=(0x1301,)),
        made_up(API, versions=(TLS13,), suites=(0x1302, 0x1303), shares=b""),
    ]


def await_counted(mesh: Mesh, count: int) -> None:
    """Those that left in the middle, or said nothing inside, are refusals."""
    wait_until(
        "all are counted",
        lambda: sum(
            mesh.api.refusals("inbound", why) for why in ("transport_header", "tls_error")
        )
        >= count * 0.9,
    )


def old_protocols() -> None:
    """TLS before 1.3, suites that encrypt nothing, and compression."""
    tries = {
        "TLS 1.0": made_up(API, version=TLS10),
        "TLS 1.1": made_up(API, version=TLS11),
        "TLS 1.2": made_up(API, version=TLS12),
        "TLS 1.2 by name": made_up(API, versions=(TLS12, TLS11)),
        "TLS 1.4 alone": made_up(API, versions=(0x0305,)),
        "no encryption": made_up(API, versions=(TLS13,), suites=(0x0000, 0x0002, 0x003B)),
        # RFC 9150, and ciphers of older versions.
        "integrity alone": made_up(API, versions=(TLS13,), suites=(0xC0B4, 0xC0B5)),
        "compression": made_up(API, versions=(TLS13,), compressions=b"\1\0"),
        "SSL 3": made_up(API, version=0x0300),
    }
    with Mesh() as mesh, Watch(mesh):
        for what, bytes_ in tries.items():
            with mesh.to_inbound() as client:
                expect(ending(client, bytes_) == "reset", f"{what} was borne")
        counted = mesh.api.refusals("inbound", "tls_error")
        expect(counted == len(tries), f"{counted} of {len(tries)} are counted")
        # These are no TLS at all to us, and so are no client of the mesh's.
        no_suites = made_up(API, versions=(TLS13,), suites=())
        for bytes_ in (b"\x80\x2e\x01\x00\x02" + bytes(43), no_suites):
            with mesh.to_inbound() as client:
                expect(ending(client, bytes_) == "reset", f"{bytes_[:9].hex()} was borne")
        expect(mesh.api.refusals("inbound", "no_identity") == 2, "no TLS is not counted")
