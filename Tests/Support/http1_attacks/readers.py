# SPDX-License-Identifier: Apache-2.0
"""Readers of requests that differ as servers do.

If all of them find the same requests in what the proxy passes on, no server can be led to see
another one. The strict one is RFC 9112 and stops at anything else; the lenient ones take whatever
some server in the wild takes, and settle doubts in opposite ways.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
LINE = re.compile(rb"(" + TOKEN + rb") ([^\x00-\x20\x7f]+) HTTP/1\.([01])\Z")
VALUE = rb"((?:[\x20-\x7e\x80-\xff\t]*[\x21-\x7e\x80-\xff])?)"
FIELD = re.compile(rb"(" + TOKEN + rb"):[ \t]*" + VALUE + rb"[ \t]*\Z")
CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})(;[\x20-\x7e\t\x80-\xff]*)?\Z")


class NotARequest(Exception):
    """The strict reader would not go on."""


class NeedsMore(Exception):
    """The bytes end in the middle."""


@dataclass(frozen=True)
class Request:
    """One request as a server understands it."""

    method: bytes
    target: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def key(self) -> tuple[bytes, bytes, bytes]:
        """What readers must agree about."""
        return self.method, self.target, self.body

    def all(self, name: bytes) -> list[bytes]:
        """The values of a field; names in lower case."""
        return [value for found, value in self.fields if found == name]


Reader = Callable[[bytes], list[Request]]


def strict(data: bytes) -> list[Request]:
    """By RFC 9112, word by word."""
    found, at = [], 0
    try:
        while at < len(data):
            request, at = _strict_one(data, at)
            found.append(request)
    except NeedsMore:
        pass
    return found


def _strict_line(data: bytes, at: int) -> tuple[bytes, int]:
    end = data.find(b"\n", at)
    if end < 0:
        raise NeedsMore
    if end == at or data[end - 1 : end] != b"\r" or b"\r" in data[at : end - 1]:
        raise NotARequest(f"a line ends oddly: {data[at:end + 1]!r}")
    return data[at : end - 1], end + 1


def _strict_one(data: bytes, at: int) -> tuple[Request, int]:
    line, at = _strict_line(data, at)
    match = LINE.match(line)
    if not match:
        raise NotARequest(f"no request line: {line[:200]!r}")
    fields = []
    while True:
        line, at = _strict_line(data, at)
        if not line:
            break
        field = FIELD.match(line)
        if not field:
            raise NotARequest(f"no field: {line[:200]!r}")
        fields.append((field[1].lower(), field[2]))
    lengths = [value for name, value in fields if name == b"content-length"]
    codings = [value.lower() for name, value in fields if name == b"transfer-encoding"]
    if len(lengths) > 1 or (lengths and codings) or (codings and codings != [b"chunked"]):
        raise NotARequest(f"framing in doubt: {lengths} {codings}")
    hosts = [value for name, value in fields if name == b"host"]
    if len(hosts) > 1 or (not hosts and match[3] == b"1"):
        raise NotARequest(f"hosts {hosts}")
    body = b""
    if codings:
        body, at = _strict_chunks(data, at)
    elif lengths:
        if not re.match(rb"[0-9]{1,18}\Z", lengths[0]):
            raise NotARequest(f"content-length {lengths[0]!r}")
        body, at = _take(data, at, int(lengths[0]))
    return Request(match[1], match[2], tuple(fields), body), at


def _take(data: bytes, at: int, count: int) -> tuple[bytes, int]:
    if at + count > len(data):
        raise NeedsMore
    return data[at : at + count], at + count


def _strict_chunks(data: bytes, at: int) -> tuple[bytes, int]:
    body = b""
    while True:
        line, at = _strict_line(data, at)
        size = CHUNK.match(line)
        if not size:
            raise NotARequest(f"no chunk size: {line[:100]!r}")
        count = int(size[1], 16)
        if count == 0:
            break
        part, at = _take(data, at, count)
        end, at = _take(data, at, 2)
        if end != b"\r\n":
            raise NotARequest(f"a chunk ends with {end!r}")
        body += part
    while True:
        line, at = _strict_line(data, at)
        if not line:
            return body, at
        if not FIELD.match(line):
            raise NotARequest(f"no trailer: {line[:100]!r}")


def lenient(prefers_length: bool, takes_last: bool) -> Reader:
    """Takes nearly anything for a request; doubts are settled as told."""
    return lambda data: lenient_from(data, 0, prefers_length, takes_last)[0]


def lenient_from(
    data: bytes, at: int, prefers_length: bool = False, takes_last: bool = True
) -> tuple[list[Request], int]:
    """The whole requests from a place on, and where the next one begins."""
    found: list[Request] = []
    try:
        while True:
            while data[at : at + 1] in (b"\r", b"\n", b" ", b"\t"):
                at += 1
            if at >= len(data):
                return found, at
            request, at = _lenient_one(data, at, prefers_length, takes_last)
            found.append(request)
    except NeedsMore:
        return found, at


def _lenient_line(data: bytes, at: int) -> tuple[bytes, int]:
    end = data.find(b"\n", at)
    if end < 0:
        raise NeedsMore
    return data[at:end].rstrip(b"\r"), end + 1


def _lenient_one(
    data: bytes, at: int, prefers_length: bool, takes_last: bool
) -> tuple[Request, int]:
    line, at = _lenient_line(data, at)
    words = line.split()
    method = words[0] if words else b""
    target = words[1] if len(words) > 1 else b""
    fields: list[tuple[bytes, bytes]] = []
    while True:
        line, at = _lenient_line(data, at)
        if not line.strip():
            break
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1] = (fields[-1][0], fields[-1][1] + b" " + line.strip())
            continue
        name, _, value = line.partition(b":")
        # As CGI has it, and what came of it: underscores, and blanks on both sides.
        fields.append((name.strip().lower().replace(b"_", b"-"), value.strip(b" \t\r\0\v\f")))
    lengths = [_number(value) for name, value in fields if name == b"content-length"]
    lengths = [value for value in lengths if value is not None]
    is_chunked = any(
        b"chunked" in value.lower() for name, value in fields if name == b"transfer-encoding"
    )
    body = b""
    if is_chunked and not (prefers_length and lengths):
        body, at = _lenient_chunks(data, at)
    elif lengths:
        body, at = _take(data, at, lengths[-1 if takes_last else 0] or 0)
    return Request(method, target, tuple(fields), body), at


def _number(text: bytes, base: int = 10) -> int | None:
    """As `atoi` and its friends: what looks like a number at the start."""
    digits = rb"[0-9a-fA-F_]" if base == 16 else rb"[0-9_]"
    match = re.match(rb"\s*\+?(?:0[xX])?(" + digits + rb"+)", text)
    return int(match[1].replace(b"_", b"") or b"0", base) if match else None


def _lenient_chunks(data: bytes, at: int) -> tuple[bytes, int]:
    body = b""
    while True:
        line, at = _lenient_line(data, at)
        count = _number(line, 16) or 0
        if count == 0:
            break
        part, at = _take(data, at, count)
        body += part
        if data[at : at + 2] == b"\r\n":
            at += 2
        elif data[at : at + 1] == b"\n":
            at += 1
        elif at >= len(data):
            raise NeedsMore
    while True:
        line, at = _lenient_line(data, at)
        if not line.strip():
            return body, at


READERS: dict[str, Reader] = {
    "strict": strict,
    # The one that the recording server answers by.
    "chunks first, last length": lenient(False, True),
    "length first, first length": lenient(True, False),
}
