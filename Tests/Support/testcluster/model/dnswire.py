# SPDX-License-Identifier: Apache-2.0
"""DNS messages: a question read, an answer written. Pure."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import ip_address

from . import zone
from .zone import Answer, Record

NAME_ERROR, NOT_IMPLEMENTED, REFUSED = 3, 4, 5
SECONDS = 5
# LIMIT: bytes of a message over UDP without and with EDNS; a longer one is cut, and TCP has it.
PLAIN_BYTES, EDNS_BYTES = 512, 1232
_TRUNCATED, _OPT = 0x0200, 41


class Malformed(Exception):
    """What came is no question."""


@dataclass
class Question:
    """What is asked."""

    number: int
    flags: int
    name: str
    kind: int
    raw: bytes
    bytes_max: int
    has_edns: bool
    is_simple: bool


def read(message: bytes) -> Question:
    """The question of a message."""
    try:
        number, flags, questions, _, _, more = struct.unpack_from("!6H", message)
        if flags & 0x8000:
            raise Malformed
        labels, at = [], 12
        while length := message[at]:
            if length > 63:
                raise Malformed
            labels.append(message[at + 1 : at + 1 + length].decode("ascii").lower())
            at += 1 + length
        kind, kind_class = struct.unpack_from("!2H", message, at + 1)
        raw = message[12 : at + 5]
        bytes_max, has_edns = PLAIN_BYTES, False
        if more and message[at + 5] == 0:
            found, size = struct.unpack_from("!2H", message, at + 6)
            if found == _OPT:
                has_edns, bytes_max = True, max(PLAIN_BYTES, min(size, EDNS_BYTES))
    except (IndexError, struct.error, UnicodeDecodeError):
        raise Malformed from None
    is_simple = questions == 1 and kind_class in (1, 255) and not flags & 0x7800
    return Question(number, flags, ".".join(labels), kind, raw, bytes_max, has_edns, is_simple)


def write(question: Question, answer: Answer, bytes_max: int) -> bytes:
    """The message that answers; cut if it is too long."""
    code = NAME_ERROR if answer.records is None else 0
    if not question.is_simple:
        code = NOT_IMPLEMENTED
    records = answer.records or [] if question.is_simple else []
    for cut in (False, True):
        some = [] if cut else records
        extra = [] if cut else answer.extra
        body = b"".join(map(_record, some))
        authority = b"" if some or cut else _start_of_authority()
        additional = b"".join(map(_record, extra))
        count = len(extra)
        if question.has_edns:
            additional += b"\0" + struct.pack("!HHIH", _OPT, EDNS_BYTES, 0, 0)
            count += 1
        # A response, authoritative; the wish for recursion is repeated, and not fulfilled.
        flags = 0x8400 | question.flags & 0x0100 | code | (_TRUNCATED if cut else 0)
        head = struct.pack(
            "!6H", question.number, flags, 1, len(some), 1 if authority else 0, count
        )
        message = head + question.raw + body + authority + additional
        if len(message) <= bytes_max:
            break
    return message


def encoded(name: str) -> bytes:
    """A name, without compression."""
    found = b""
    for label in name.split("."):
        if label:
            found += bytes([len(label)]) + label.encode("ascii", "replace")
    return found + b"\0"


def _record(record: Record) -> bytes:
    match record.kind:
        case zone.A | zone.AAAA:
            data = ip_address(record.value).packed
        case zone.SRV:
            data = struct.pack("!3H", 0, 100, record.port) + encoded(record.value)
        case zone.TXT:
            data = bytes([len(record.value)]) + record.value.encode()
        case _:
            data = encoded(record.value)
    head = struct.pack("!HHIH", record.kind, 1, SECONDS, len(data))
    return encoded(record.name) + head + data


def _start_of_authority() -> bytes:
    name = encoded(zone.DOMAIN)
    data = encoded(f"ns.dns.{zone.DOMAIN}") + encoded(f"hostmaster.{zone.DOMAIN}")
    data += struct.pack("!5I", 1, 7200, 1800, 86400, SECONDS)
    return name + struct.pack("!HHIH", zone.SOA, 1, SECONDS, len(data)) + data
