# SPDX-License-Identifier: Apache-2.0
"""Reads what tcpdump wrote: which connections there were, and what they carried."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ETHERNET, IPV4, TCP = 1, 0x0800, 6
HANDSHAKE, SERVER_HELLO, SUPPORTED_VERSIONS, TLS13 = 22, 2, 43, 0x0304

End = tuple[str, int]


@dataclass
class Stream:
    """One direction of a connection."""

    source: End
    target: End
    pieces: dict[int, bytes] = field(default_factory=dict)

    @property
    def payload(self) -> bytes:
        """The bytes in their order; the captures are short enough for numbers not to wrap."""
        return b"".join(piece for _, piece in sorted(self.pieces.items()))


def frames(capture: Path) -> Iterator[bytes]:
    """The frames of a pcap file of Ethernet."""
    data = capture.read_bytes()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    if struct.unpack_from(order + "I", data, 20)[0] != ETHERNET:
        raise ValueError(f"{capture} holds no frames of Ethernet")
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack_from(order + "I", data, at + 8)[0]
        yield data[at + 16 : at + 16 + length]
        at += 16 + length


def streams(capture: Path) -> list[Stream]:
    """Each direction of each TCP connection that carried anything."""
    found: dict[tuple[End, End], Stream] = {}
    for frame in frames(capture):
        if len(frame) < 34 or struct.unpack_from("!H", frame, 12)[0] != IPV4 or frame[23] != TCP:
            continue
        packet = frame[14 : 14 + struct.unpack_from("!H", frame, 16)[0]]
        segment = packet[(packet[0] & 15) * 4 :]
        source_port, target_port, number = struct.unpack_from("!HHI", segment)
        payload = segment[(segment[12] >> 4) * 4 :]
        if not payload:
            continue
        source = (".".join(map(str, packet[12:16])), source_port)
        target = (".".join(map(str, packet[16:20])), target_port)
        stream = found.setdefault((source, target), Stream(source, target))
        stream.pieces[number] = payload
    return list(found.values())


def is_tls13_server(payload: bytes) -> bool:
    """Whether this is a server's side of TLS whose hello chose version 1.3."""
    if len(payload) < 44 or payload[0] != HANDSHAKE or payload[5] != SERVER_HELLO:
        return False
    at = 5 + 4 + 2 + 32
    at += 1 + payload[at] + 2 + 1
    end = at + 2 + struct.unpack_from("!H", payload, at)[0]
    at += 2
    while at + 4 <= end:
        kind, length = struct.unpack_from("!HH", payload, at)
        if kind == SUPPORTED_VERSIONS:
            return bool(struct.unpack_from("!H", payload, at + 4)[0] == TLS13)
        at += 4 + length
    return False


def describe(capture: Path) -> list[str]:
    """A line for each connection: who, with whom, how."""
    found = streams(capture)
    answers = {(stream.target, stream.source): stream for stream in found}
    lines = []
    for stream in found:
        answer = answers.get((stream.source, stream.target))
        # A client's port is the higher one: the kernel gives them out.
        if answer is None or stream.source[1] < stream.target[1]:
            continue
        ends = f"{stream.source[0]} -> {stream.target[0]}:{stream.target[1]}"
        size = len(stream.payload) + len(answer.payload)
        if is_tls13_server(answer.payload):
            what = "TLS 1.3"
        else:
            what = "plain: " + stream.payload.split(b"\r\n")[0].decode("latin-1")[:60]
        lines.append(f"{ends}  {size:5} bytes  {what}")
    return sorted(lines)
