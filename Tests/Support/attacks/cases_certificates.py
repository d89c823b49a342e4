# SPDX-License-Identifier: Apache-2.0
"""Certificates that are not good, of clients and of servers."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from dataclasses import dataclass

from .certificates import Authority, Wanted, identity
from .hello import ending
from .mesh import API, WEB, Mesh
from .outcome import expect, wait_until
from .proxy import INBOUND, SERVICE, Identity, Settings, loopback_address
from .rawtls import ALPN, context, transport_header
from .watch import Watch

EVE = f"DNS:{WEB}"
P384 = ("ec", "-pkeyopt", "ec_paramgen_curve:P-384")


@dataclass(frozen=True)
class Bad:
    """A certificate, who signs it, and as what it is to be counted; "" for: it is good."""

    what: str
    error: str
    wanted: Wanted | None = Wanted(EVE)
    signer: str = "ca"


def signers(mesh: Mesh) -> dict[str, Authority]:
    """Those of the table."""
    ours = mesh.authority
    deep = ours
    for depth in range(20):
        deep = deep.below(f"depth-{depth}")
    return {
        "ca": ours,
        "foreign": Authority(mesh.folder, "foreign-ca").make(),
        # As good a name as ours, another key.
        "namesake": namesake(mesh),
        "issuer": ours.below("issuer"),
        "depth 20": deep,
        # A leaf is no authority.
        "leaf": Authority(mesh.folder, "web", ["web"]),
    }


def namesake(mesh: Mesh) -> Authority:
    """An authority that calls itself as ours does."""
    folder = mesh.folder / "namesake"
    folder.mkdir()
    return Authority(folder).make()


def table(name: str, own_usage: str, other_usage: str) -> list[Bad]:
    """What both sides refuse; the causes alternate, since a cause has a line a second."""
    good = f"DNS:{name}"
    huge = Wanted(good, extra="nsComment=" + "x" * (1 << 20))
    return [
        Bad("P-256", "", Wanted(good)),
        Bad("P-384", "", Wanted(good, key=P384)),
        Bad("RSA 2048", "", Wanted(good, key=("rsa:2048",))),
        Bad("behind an issuer", "", Wanted(good), "issuer"),
        Bad("for its own side alone", "", Wanted(good, usage=own_usage)),
        Bad("of a foreign authority", "tls_untrusted", Wanted(good), "foreign"),
        Bad("of a namesake of ours", "tls_untrusted", Wanted(good), "namesake"),
        Bad("by a leaf", "tls_untrusted", Wanted(good), "leaf"),
        Bad("behind 20 issuers", "tls_untrusted", Wanted(good), "depth 20"),
        Bad("for the other side", "tls_untrusted", Wanted(good, usage=other_usage)),
        Bad("RSA 1024", "tls_untrusted", Wanted(good, key=("rsa:1024",))),
        Bad("expired", "tls_out_of_date", Wanted(good, end="20210101000000Z")),
        Bad("of the future", "tls_out_of_date", Wanted(good, start="20990101000000Z")),
        Bad("of a megabyte", "tls_error", huge),
    ]


def of_clients() -> None:
    """Each good one is served, each bad one is refused and counted for what it is."""
    wildcard = "DNS:*.default.serviceaccount.identity.linkerd.cluster.local"
    more = [
        Bad("for a SPIFFE ID", "", Wanted("URI:spiffe://cluster.local/ns/default/sa/web")),
        Bad("none at all", "no_identity", None),
        Bad("for a URI without a scheme", "no_identity", Wanted(f"URI:{WEB}")),
        Bad("without a name", "no_identity", Wanted(None)),
        Bad("for a wildcard", "no_identity", Wanted(wildcard)),
        # GeneralNames with one dNSName, "web.a", NUL, "b".
        Bad("with a NUL", "no_identity", Wanted("DER:30:09:82:07:77:65:62:2e:61:00:62")),
        Bad("for an address", "no_identity", Wanted("IP:127.0.0.1")),
    ]
    with Mesh() as mesh:
        made = signers(mesh)
        rows = [*table(WEB, "clientAuth", "serverAuth"), *more]
        files = [issue(made, index, row) for index, row in enumerate(rows)]
        with Watch(mesh):
            for row, (folder, file) in zip(rows, files, strict=True):
                before = mesh.api.refusals("inbound", row.error)
                served = is_served(mesh, folder, file)
                expect(served == (row.error == ""), f"a certificate {row.what}: served={served}")
                if row.error:
                    wait_until(
                        f"{row.what} is counted as {row.error}",
                        lambda: mesh.api.refusals("inbound", row.error) == before + 1,  # noqa: B023
                    )


def issue(made: dict[str, Authority], index: int, row: Bad) -> tuple[Authority, str | None]:
    """The row's files; an authority with a folder of its own knows the mesh's roots as well."""
    signer = made[row.signer]
    if row.wanted is None:
        return signer, None
    return signer, signer.issue(f"row-{index}", row.wanted)


def is_served(mesh: Mesh, signer: Authority, file: str | None) -> bool:
    """Whether a client with this certificate reaches the application."""
    with mesh.to_inbound() as plain:
        try:
            made = context(mesh.folder, None)
            if file:
                made.set_ciphers("DEFAULT:@SECLEVEL=0")
                path = signer.folder / file
                made.load_cert_chain(f"{path}.crt", f"{path}.key")
            with made.wrap_socket(plain, server_hostname=API) as client:
                client.sendall(transport_header(mesh.echo.port) + b"hello")
                return client.recv(5) == b"hello"
        except OSError:
            return False


class Impostor:
    """A server at a proxy's inbound port, with one certificate after the other."""

    def __init__(self, mesh: Mesh) -> None:
        self.ip = loopback_address()
        self._listener = socket.create_server((self.ip, INBOUND))
        self._roots = mesh.folder / "ca.crt"
        self.made: ssl.SSLContext | None = None
        # What a client is told in the place of a handshake.
        self.plain = b""
        self.heard = b""
        threading.Thread(target=self._run, daemon=True).start()

    def show(self, signer: Authority, file: str, alpn: str | None = ALPN) -> None:
        """From the next client on."""
        self.made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.made.set_ciphers("DEFAULT:@SECLEVEL=0")
        self.made.load_cert_chain(signer.folder / f"{file}.crt", signer.folder / f"{file}.key")
        self.made.load_verify_locations(self._roots)
        self.made.verify_mode = ssl.CERT_REQUIRED
        if alpn:
            self.made.set_alpn_protocols([alpn])

    def _run(self) -> None:
        while True:
            client, _ = self._listener.accept()
            client.settimeout(3)
            with contextlib.suppress(OSError), client:
                if self.made is None:
                    client.sendall(self.plain)
                    client.recv(65536)
                    continue
                with self.made.wrap_socket(client, server_side=True) as session:
                    while not self.heard.endswith(b"secret"):
                        data = session.recv(65536)
                        if not data:
                            break
                        self.heard += data
                    session.sendall(b"served")
                    session.recv(1)
                    session.unwrap()


def of_servers() -> None:
    """The same, where our proxy is the client: not a byte goes to an impostor."""
    with Mesh() as mesh:
        made = signers(mesh)
        other = identity("other")
        rows = [
            *table(API, "serverAuth", "clientAuth"),
            Bad("for another", "tls_wrong_identity", Wanted(f"DNS:{other}")),
            Bad("for a SPIFFE ID", "tls_wrong_identity", Wanted(f"URI:spiffe://{API}")),
            Bad("without a name", "tls_wrong_identity", Wanted(None)),
            Bad("for a wildcard", "tls_wrong_identity", Wanted("DNS:*" + API[3:])),
        ]
        files = [issue(made, index, row) for index, row in enumerate(rows)]
        impostor = Impostor(mesh)
        settings = Settings(identity=Identity(WEB, "web"), endpoints=[(f"{impostor.ip}:80", API)])
        victim = mesh.start("victim", settings)

        def ask() -> bytes:
            try:
                with socket.create_connection((victim.ip, SERVICE), timeout=5) as client:
                    client.sendall(b"secret")
                    return client.recv(6)
            except OSError:
                return b""

        with Watch(mesh):
            for row, (signer, file) in zip(rows, files, strict=True):
                impostor.show(signer, str(file))
                before = victim.refusals("outbound", row.error)
                impostor.heard = b""
                served = ask() == b"served"
                expect(served == (row.error == ""), f"a certificate {row.what}: served={served}")
                if row.error:
                    expect(b"secret" not in impostor.heard, f"{row.what} was told the secret")
                    counted = victim.refusals("outbound", row.error) - before
                    expect(counted == 1, f"{row.what} is counted {counted} times")
            impostor.show(made["ca"], "api", alpn=None)
            expect(ask() == b"", "a server without the header's protocol was served")
            assert impostor.made
            impostor.made.maximum_version = ssl.TLSVersion.TLSv1_2
            expect(ask() == b"", "a server of TLS 1.2 was served")
            for plain in (b"HTTP/1.1 200 OK\r\n\r\n", b"\x16\x03\x03\xff\xff" + bytes(70_000)):
                impostor.made, impostor.plain = None, plain
                expect(ask() == b"", "a server without TLS was served")
            counted = victim.refusals("outbound", "tls_error")
            expect(counted == 4, f"{counted} handshakes and not 4 are counted as broken")


def tickets() -> None:
    """No ticket is given, and none is taken: no identity outlives its handshake."""
    with Mesh() as mesh, Watch(mesh):
        made = context(mesh.folder, "web")
        # A session of another server that has the same key, where both would be welcome.
        session = foreign_session(mesh, made)
        with mesh.to_inbound() as plain:
            with made.wrap_socket(plain, server_hostname=API, session=session) as client:
                expect(not client.session_reused, "a foreign session was resumed")
                client.sendall(transport_header(mesh.echo.port) + b"hello")
                expect(client.recv(5) == b"hello", "the client is not served after that")
                own = client.session
                expect(own is None or not own.has_ticket, "a ticket was given")


def foreign_session(mesh: Mesh, made: ssl.SSLContext) -> ssl.SSLSession:
    """A ticket of a server with the proxy's own certificate."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(mesh.folder / "api.crt", mesh.folder / "api.key")

    def serve() -> None:
        client, _ = listener.accept()
        with contextlib.suppress(OSError), server.wrap_socket(client, server_side=True) as session:
            session.sendall(b"x")
            session.recv(1)

    threading.Thread(target=serve, daemon=True).start()
    plain = socket.create_connection(listener.getsockname(), timeout=5)
    with made.wrap_socket(plain, server_hostname=API) as client:
        client.recv(1)
        found = client.session
    listener.close()
    if found is None or not found.has_ticket:
        raise RuntimeError("the foreign server gave no ticket")
    return found


def straight_to_the_inbound_port() -> None:
    """Around the redirect: only mutual TLS of the mesh, and only to where it may lead."""
    with Mesh() as mesh, Watch(mesh):
        forged = transport_header(mesh.echo.port)
        for bytes_ in (b"GET / HTTP/1.1\r\n\r\n", forged + b"hello", b"\x16\x03\x01", b""):
            with mesh.to_inbound() as client:
                # What is refused at its first byte may be gone before the end is said.
                with contextlib.suppress(OSError):
                    client.sendall(bytes_)
                    client.shutdown(socket.SHUT_WR)
                    expect(ending(client) == "reset", f"{bytes_!r} was borne")
        expect(mesh.api.refusals("inbound", "no_identity") == 4, "not all are counted")
        headers = {
            "back to the proxy": (transport_header(INBOUND), "loop"),
            "through a gateway": (transport_header(80, "other.example"), "transport_header"),
            "to port 0": (transport_header(0), "transport_header"),
            "to port 65536": (transport_header(65536), "transport_header"),
            "of a megabyte": (forged[:23] + b"\x00\x10\x00\x00" + bytes(1 << 20),
                              "transport_header"),
            "that is none": (b"GET / HTTP/1.1\r\n\r\n", "transport_header"),
            "to nobody": (transport_header(1), "i/o"),
        }
        made = context(mesh.folder, "web")
        for what, (header, error) in headers.items():
            counted = mesh.api.refusals("inbound", error)
            with mesh.to_inbound() as plain, contextlib.suppress(OSError):
                with made.wrap_socket(plain, server_hostname=API) as client:
                    client.sendall(header + b"hello")
                    expect(client.recv(1) == b"", f"a header {what} was served")
            wait_until(
                f"a header {what} is counted as {error}",
                lambda: mesh.api.refusals("inbound", error) == counted + 1,  # noqa: B023
            )
        with mesh.to_inbound() as plain:
            made = context(mesh.folder, "web", alpn=None)
            with contextlib.suppress(OSError), made.wrap_socket(
                plain, server_hostname=API
            ) as client:
                client.sendall(b"hello")
                expect(client.recv(1) == b"", "a client without a header was served")
