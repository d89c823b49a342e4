# SPDX-License-Identifier: Apache-2.0
"""Early data, and sessions to be resumed: the proxy knows neither (RFC 8446 section 8)."""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

from .hello import ending
from .mesh import API, Mesh
from .outcome import AttackFailed, expect, wait_until
from .proxy import INBOUND
from .rawtls import ALPN, DATA, HANDSHAKE, transport_header
from .watch import Watch

# What a server skips of early data that it does not take, by OpenSSL's default.
SKIPPED_BYTES_MAX = 16_384
PRE_SHARED_KEY = 41
EARLY, LATE = b"early, and to be heard by nobody", b"late"


def early_data() -> None:
    """A client with a session of a server that takes early data sends some to the proxy.

    That server has the proxy's own certificate, so that the same client may mean either. The proxy
    must not let a byte of it through; the client shakes hands anew, and is then served. The same
    first flight again, twice, comes to nothing at all.
    """
    with Mesh() as mesh, Watch(mesh):
        application = Application()
        header = transport_header(application.port)
        (mesh.folder / "early").write_bytes(header + EARLY)
        with resuming_server(mesh.folder) as server:
            words = take_session(mesh.folder, server)
            accepted = client(mesh.folder, server, *words)
            said = accepted.communicate(timeout=5)[0]
            expect(b"Early data was accepted" in said, "another server does not take it either")
        tap = Tap((mesh.api.ip, INBOUND))
        victim = client(mesh.folder, tap.address, *words)
        assert victim.stdin
        victim.stdin.write(header + LATE)
        victim.stdin.flush()
        wait_until("the client is served", lambda: LATE in b"".join(application.heard))
        said = victim.communicate(timeout=5)[0]
        expect(b"Early data was rejected" in said, "the client is not told that it was rejected")
        expect(b"New, TLSv1.3" in said, "the session was resumed")
        for _ in range(2):
            with mesh.to_inbound() as replay:
                replay.sendall(tap.first_flight)
                expect(not resumes(server_hello(replay)), "a replayed session was resumed")
        wait_until(
            "the replays are refused", lambda: mesh.api.refusals("inbound", "tls_error") == 2
        )
        expect(application.heard == [LATE], f"the application heard {application.heard!r}")


def too_much_early_data() -> None:
    """More than a server has to skip ends the connection; nothing of it is heard."""
    with Mesh() as mesh, Watch(mesh):
        application = Application()
        header = transport_header(application.port)
        (mesh.folder / "early").write_bytes(header + EARLY + bytes(2 * SKIPPED_BYTES_MAX))
        with resuming_server(mesh.folder) as server:
            words = take_session(mesh.folder, server)
        tap = Tap((mesh.api.ip, INBOUND), 2 * SKIPPED_BYTES_MAX)
        said = client(mesh.folder, tap.address, *words).communicate(timeout=5)[0]
        expect(b"alert unexpected message" in said, "the client is not told why it ends")
        for _ in range(2):
            with mesh.to_inbound() as replay:
                expect(ending(replay, tap.first_flight) == "reset", "too much was borne")
        wait_until("all are refused", lambda: mesh.api.refusals("inbound", "tls_error") == 3)
        expect(not application.heard, f"the application heard {application.heard!r}")


class Application:
    """Notes what each of its clients says, up to the end."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.heard: list[bytes] = []
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            client, _ = self._listener.accept()
            self.heard.append(b"")
            with client, contextlib.suppress(OSError):
                while data := client.recv(65536):
                    self.heard[-1] += data


@contextlib.contextmanager
def resuming_server(folder: Path) -> Iterator[str]:
    """OpenSSL's server, which takes early data; its address."""
    words = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-tls1_3", "-alpn", ALPN]
    words += ["-cert", "api.crt", "-key", "api.key", "-CAfile", "ca.crt", "-Verify", "1"]
    words += ["-early_data", "-max_early_data", str(1 << 20)]
    with subprocess.Popen(
        words, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as server:
        assert server.stdout
        try:
            for line in server.stdout:
                if found := re.match(rb"ACCEPT (127\.0\.0\.1:\d+)", line):
                    # It must not wait for somebody to read what else it says.
                    threading.Thread(target=server.stdout.read, daemon=True).start()
                    yield found[1].decode()
                    return
            raise AttackFailed("openssl s_server does not listen")
        finally:
            server.kill()


def take_session(folder: Path, server: str) -> list[str]:
    """Has the server give a session; returns how a client presents it, with the file `early`."""
    with client(folder, server, "-sess_out", "session") as first:
        file = folder / "session"
        wait_until("a session is given", lambda: file.exists() and file.stat().st_size > 0)
        first.communicate(timeout=5)
    return ["-sess_in", "session", "-early_data", "early"]


def client(folder: Path, server: str, *words: str) -> subprocess.Popen[bytes]:
    """OpenSSL's client, with a good certificate; it ends when its input does."""
    always = ["openssl", "s_client", "-connect", server, "-tls1_3", "-alpn", ALPN]
    always += ["-servername", API, "-cert", "web.crt", "-key", "web.key", "-CAfile", "ca.crt"]
    return subprocess.Popen(
        [*always, *words],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


class Tap:
    """Between a client and the proxy; keeps the first flight, early data and all.

    The flight goes on once it has so many bytes of early data, in one piece: the proxy's answer
    cannot come before.
    """

    def __init__(self, target: tuple[str, int], early_bytes: int = 1) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._target = target
        self._early_bytes = early_bytes
        self.first_flight = b""
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        client, _ = self._listener.accept()
        with client, socket.create_connection(self._target, timeout=5) as server:
            while early_bytes_of(self.first_flight) < self._early_bytes:
                self.first_flight += client.recv(65536)
            server.sendall(self.first_flight)
            threading.Thread(target=pass_on, args=(server, client), daemon=True).start()
            pass_on(client, server)


def pass_on(source: socket.socket, sink: socket.socket) -> None:
    """Up to the end, or the break."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The whole records of a stream, each with its kind."""
    while len(data) >= 5 and len(data) >= 5 + (count := int.from_bytes(data[3:5], "big")):
        yield data[0], data[5 : 5 + count]
        data = data[5 + count :]


def early_bytes_of(flight: bytes) -> int:
    """How many bytes of a first flight are sealed: early data is all that can be."""
    return sum(len(body) for kind, body in records(flight) if kind == DATA)


def server_hello(plain: socket.socket) -> bytes:
    """The answer to a ClientHello, without its four bytes of kind and length."""
    data = b""
    while True:
        for kind, body in records(data):
            expect(kind == HANDSHAKE and body[0] == 2, f"no ServerHello: {kind}, {body[:8].hex()}")
            return body[4:]
        part = plain.recv(65536)
        expect(bool(part), "no ServerHello, but an end")
        data += part


def resumes(hello: bytes) -> bool:
    """Whether a ServerHello takes a session up (RFC 8446 section 4.2.11)."""
    # Version, random bytes, the session's echo, cipher suite, compression.
    at = 2 + 32 + 1 + hello[34] + 2 + 1
    rest = hello[at + 2 : at + 2 + int.from_bytes(hello[at : at + 2], "big")]
    kinds = []
    while rest:
        kind, count = struct.unpack(">HH", rest[:4])
        kinds.append(kind)
        rest = rest[4 + count :]
    # All have the version and the key share.
    expect({43, 51} <= set(kinds), f"a ServerHello with extensions {kinds}")
    return PRE_SHARED_KEY in kinds
