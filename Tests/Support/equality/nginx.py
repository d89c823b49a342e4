# SPDX-License-Identifier: Apache-2.0
"""nginx and curl: HTTP, and HTTPS that the mesh takes as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .compare import Seen
from .network import Network
from .peer import Case, Peer

CONFIG = """
daemon off;
worker_processes 1;
pid {data}/nginx.pid;
error_log stderr;
events {{ worker_connections 256; }}
http {{
    access_log off;
    default_type application/octet-stream;
    client_body_temp_path {data}/b;
    proxy_temp_path {data}/p;
    fastcgi_temp_path {data}/f;
    uwsgi_temp_path {data}/u;
    scgi_temp_path {data}/s;
    client_max_body_size 64m;
    server {{
        listen 80;
        listen 443 ssl http2;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        ssl_protocols TLSv1.2 TLSv1.3;
        root {data}/www;
        dav_methods PUT;
        location = /refused {{ client_max_body_size 1k; }}
        location = /scheme {{ return 200 "$scheme $ssl_protocol $server_protocol\\n"; }}
    }}
}}
"""
REQUESTS = 100


class Nginx(Peer):
    """A web server."""

    name, package, ports = "nginx", "nginx", [80, 443]

    def prepare(self) -> None:
        """Its configuration and its pages."""
        (self.data / "www").mkdir()
        (self.data / "www").chmod(0o777)
        (self.data / "www/random").write_bytes(self.random)
        for number in range(REQUESTS):
            (self.data / f"www/{number}").write_bytes(self.random[: number * 37])
        (self.data / "nginx.conf").write_text(
            CONFIG.format(
                data=self.data, certificate=self.certificate("tls.crt"),
                key=self.certificate("tls.key"),
            )
        )

    def command(self) -> list[str]:
        """nginx in the foreground."""
        return [self.program("nginx"), "-e", "stderr", "-c", f"{self.data}/nginx.conf"]

    def _curl(self, network: Network, scheme: str, path: str, *flags: str) -> bytes:
        """Headers and body; the date alone is no byte of the answer."""
        words = ["curl", "-sS", "-i", "--cacert", self.certificate("ca.crt"), *flags]
        answer = network.run([*words, f"{scheme}://{self.host}/{path}"]).stdout
        # Connection is about each connection alone (RFC 9110 section 7.6.1).
        answer = re.sub(rb"(?im)^connection: [^\r]*\r\n", b"", answer)
        return re.sub(rb"(?im)^(date|last-modified|etag): [^\r]*", rb"\1: -", answer)

    def _both_ways(self, scheme: str, *flags: str) -> Case:
        upload = self.given("upload", self.random[::-1])

        def run(network: Network) -> Seen:
            uploaded = self.data / "www/uploaded"
            uploaded.unlink(missing_ok=True)
            seen = {
                "scheme": self._curl(network, scheme, "scheme", *flags),
                "put": self._curl(network, scheme, "uploaded", "-T", upload, *flags),
                "get": self._curl(network, scheme, "random", *flags),
                "missing": self._curl(network, scheme, "missing", *flags),
            }
            body = seen["get"].partition(b"\r\n\r\n")[2]
            return {**seen, "uploaded": uploaded.read_bytes(), "body": body}

        name = " ".join([scheme.upper(), *(flag.lstrip("-") for flag in flags)])
        return Case(
            f"{name}: a file up, a file down", run,
            {"uploaded": self.random[::-1], "body": self.random},
        )

    def _many(self) -> Case:
        def run(network: Network) -> Seen:
            every = self._curl(network, "http", f"[0-{REQUESTS - 1}]")
            return {"answers": every, "count": b"%d" % every.count(b"HTTP/1.1 200 OK")}

        return Case(
            f"HTTP: {REQUESTS} requests of one connection", run, {"count": b"%d" % REQUESTS}
        )

    def _early(self) -> Case:
        """The server answers and closes while the client still sends."""
        upload = self.given("early", self.random)

        def run(network: Network) -> Seen:
            answer = self._curl(network, "http", "refused", "-T", upload, "-H", "Expect:")
            return {"answer": answer, "status": answer.partition(b"\r\n")[0]}

        return Case(
            "HTTP: an answer before the end of its request", run,
            {"status": b"HTTP/1.1 413 Request Entity Too Large"},
        )

    def cases(self) -> Iterator[Case]:
        """In the clear, and by each version of TLS and HTTP."""
        yield self._both_ways("http")
        yield self._many()
        yield self._early()
        yield self._both_ways("https", "--http1.1", "--tls-max", "1.2")
        yield self._both_ways("https", "--http2", "--tlsv1.3")
