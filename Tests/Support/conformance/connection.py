# SPDX-License-Identifier: Apache-2.0
"""Asks an API server over HTTPS, with nothing between the table and the wire."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .kubeconfig import Server

# LIMIT: seconds that an answer, or the next event of a watch, may take.
ANSWER_SECONDS_MAX = 20.0
# LIMIT: bytes of an answer; the largest is the OpenAPI document, of some 4 MB.
ANSWER_BYTES_MAX = 64 * 1024 * 1024


@dataclass(frozen=True)
class Identity:
    """Who asks: the administrator, as somebody else if `user` is set; a token; or nobody."""

    user: str | None = None
    groups: tuple[str, ...] = ()
    token: str | None = None
    anonymous: bool = False

    def is_administrator(self) -> bool:
        """Whether the kubeconfig's own credentials travel with the request."""
        return self.token is None and not self.anonymous


@dataclass(frozen=True)
class Reply:
    """What came back; `body` is JSON if the server says so, else text."""

    status: int
    headers: http.client.HTTPMessage
    body: Any


def ask(
    server: Server,
    method: str,
    path: str,
    body: bytes | None,
    headers: dict[str, str],
    identity: Identity,
) -> Reply:
    """One request on a connection of its own."""
    connection = _connect(server, identity)
    try:
        response = _send(server, connection, method, path, body, headers, identity)
        content = response.read(ANSWER_BYTES_MAX).decode()
        return Reply(response.status, response.headers, _parsed(content, response.headers))
    finally:
        connection.close()


class Stream:
    """The events of a watch as they come."""

    def __init__(
        self, server: Server, path: str, headers: dict[str, str], identity: Identity
    ) -> None:
        self._connection = _connect(server, identity)
        self._response = _send(server, self._connection, "GET", path, None, headers, identity)
        self.status = self._response.status
        self.headers = self._response.headers

    def refusal(self) -> Any:
        """The whole body, where there is no stream."""
        return _parsed(self._response.read(ANSWER_BYTES_MAX).decode(), self.headers)

    def events(self) -> Iterator[Any]:
        """Ends when the server ends the stream; raises TimeoutError when nothing comes."""
        while line := self._response.readline():
            yield json.loads(line)

    def close(self) -> None:
        """Leaves the watch."""
        self._response.close()
        self._connection.close()


def _connect(server: Server, identity: Identity) -> http.client.HTTPSConnection:
    context = server.admin if identity.is_administrator() else server.bare
    return http.client.HTTPSConnection(
        server.host, server.port, context=context, timeout=ANSWER_SECONDS_MAX
    )


def _send(
    server: Server,
    connection: http.client.HTTPSConnection,
    method: str,
    path: str,
    body: bytes | None,
    headers: dict[str, str],
    identity: Identity,
) -> http.client.HTTPResponse:
    connection.putrequest(method, path, skip_accept_encoding=True)
    token = server.token if identity.is_administrator() else identity.token
    if token is not None:
        connection.putheader("Authorization", f"Bearer {token}")
    if identity.user is not None:
        connection.putheader("Impersonate-User", identity.user)
    for group in identity.groups:
        connection.putheader("Impersonate-Group", group)
    for name, value in headers.items():
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    return connection.getresponse()


def _parsed(content: str, headers: http.client.HTTPMessage) -> Any:
    # OpenAPI comes as text/plain to those who accept JSON.
    if headers.get_content_type() == "application/json" or content.startswith("{"):
        return json.loads(content)
    return content
