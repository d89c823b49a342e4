# SPDX-License-Identifier: Apache-2.0
"""Admission webhooks for the table: an HTTPS server that answers as its rows say."""

from __future__ import annotations

import base64
import json
import re
import ssl
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .row import Hook

# LIMIT: bytes of a review; an object in etcd has at most 1.5 MB, and a review has it twice.
REVIEW_BYTES_MAX = 4 * 1024 * 1024

# What rows with webhooks name their objects. Controllers put ConfigMaps into each namespace, at
# times of their own; those are answered, but not counted.
OURS = re.compile("[a-z]|probe")


class Hooks:
    """Serves the hooks of all rows; each row has its own by the namespace in the path."""

    def __init__(self, host: str) -> None:
        self._lock = threading.Lock()
        self._hooks: dict[str, Hook] = {}
        self._reviews: dict[str, list[Any]] = {}
        self._calls: dict[str, list[str]] = {}
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority = _load_certificate(context, host)
        self._server = _Server((host, 0), _handler(self))
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.url = f"https://{host}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stops serving."""
        self._server.shutdown()
        self._server.server_close()

    def add(self, namespace: str, hooks: tuple[Hook, ...]) -> None:
        """From here on a row's hooks answer."""
        with self._lock:
            self._hooks.update({f"/{namespace}/{hook.name}": hook for hook in hooks})

    def reviews(self, namespace: str, hook: str) -> list[Any]:
        """The reviews that a hook was sent, in order."""
        with self._lock:
            return list(self._reviews.get(f"/{namespace}/{hook}", ()))

    def calls(self, namespace: str) -> list[str]:
        """The names of a row's hooks, in the order of their calls."""
        with self._lock:
            return list(self._calls.get(namespace, ()))

    def answer(self, path: str, review: Any) -> str | None:
        """The body to send back; None for a hook that nobody knows."""
        with self._lock:
            hook = self._hooks.get(path)
            if hook is None:
                return None
            if OURS.fullmatch(review["request"].get("name", "")):
                self._reviews.setdefault(path, []).append(review)
                self._calls.setdefault(path.split("/")[1], []).append(hook.name)
        time.sleep(hook.delay)
        return hook.answers if hook.answers is not None else json.dumps(_verdict(hook, review))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_peer: Any) -> None:
        """Peers that hang up are what some rows are about; their answers say so."""


def _verdict(hook: Hook, review: Any) -> dict[str, Any]:
    response: dict[str, Any] = {"uid": review["request"]["uid"], "allowed": hook.code == 0}
    if hook.code:
        status = {"code": hook.code, "message": hook.message, "reason": hook.reason}
        response["status"] = {name: value for name, value in status.items() if value}
    if hook.patch:
        patch = json.dumps(hook.patch).encode()
        response |= {"patchType": "JSONPatch", "patch": base64.b64encode(patch).decode()}
    if hook.warnings:
        response["warnings"] = list(hook.warnings)
    return {"apiVersion": review["apiVersion"], "kind": "AdmissionReview", "response": response}


def _handler(hooks: Hooks) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # LIMIT: seconds that a connection may be silent, its handshake included.
        timeout = 60

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            if length > REVIEW_BYTES_MAX:
                self.send_error(413)
                return
            review = json.loads(self.rfile.read(length))
            body = hooks.answer(urlsplit(self.path).path, review)
            if body is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_words: Any) -> None:
            pass

    return Handler


def _load_certificate(context: ssl.SSLContext, host: str) -> str:
    """Signs itself, and returns what a webhook's caBundle is to be."""
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = Path(folder, "key"), Path(folder, "certificate")
        subprocess.run(
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=hooks",
                "-addext", f"subjectAltName=IP:{host}",
                "-keyout", str(key), "-out", str(certificate),
            ],
            check=True, capture_output=True,
        )  # fmt: skip
        context.load_cert_chain(certificate, key)
        return base64.b64encode(certificate.read_bytes()).decode()
