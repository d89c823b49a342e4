# SPDX-License-Identifier: Apache-2.0
"""Reads what tcpdump wrote: which connections there were, and what they carried."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from .addresses import with_port

ETHERNET, IPV4, IPV6, TCP = 1, 0x0800, 0x86DD, 6
IPV6_HEAD_BYTES = 40
SYN = 2
CIPHER_CHANGE, HANDSHAKE, SEALED = 20, 22, 23
CLIENT_HELLO, SERVER_HELLO, SUPPORTED_VERSIONS, TLS13 = 1, 2, 43, 0x0304
# LIMIT: TLS' own bound on the length of an encrypted record.
RECORD_BYTES_MAX = (1 << 14) + 256

End = tuple[str, int]


@dataclass
class Stream:
    """One direction of a connection."""

    source: End
    target: End
    # By sequence number, which wraps.
    pieces: dict[int, bytes] = field(default_factory=dict)
    # The sequence number of the first byte, where the capture has the beginning.
    start: int | None = None

    def ordered(self) -> list[tuple[int, bytes]]:
        """The pieces by their distance from the first byte."""
        start = min(self.pieces) if self.start is None else self.start
        return sorted(((at - start) & 0xFFFFFFFF, piece) for at, piece in self.pieces.items())

    @property
    def payload(self) -> bytes:
        """The bytes in their order, up to the first that the capture lacks."""
        whole = bytearray()
        for at, piece in self.ordered():
            if at > len(whole):
                break
            # What was sent twice may be cut differently the second time.
            whole += piece[len(whole) - at :]
        return bytes(whole)

    @property
    def length(self) -> int:
        """How many bytes there were, whether or not the capture has them all."""
        return max(at + len(piece) for at, piece in self.ordered())


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


def tcp_packet(frame: bytes) -> tuple[tuple[str, str], bytes] | None:
    """The two addresses and the segment; None where it is no TCP.

    Of IPv6 only packets without extension headers, which nothing on the bench sends.
    """
    kind = struct.unpack_from("!H", frame, 12)[0]
    if kind == IPV4 and len(frame) >= 34 and frame[23] == TCP:
        packet = frame[14 : 14 + struct.unpack_from("!H", frame, 16)[0]]
        sides, segment = (packet[12:16], packet[16:20]), packet[(packet[0] & 15) * 4 :]
    elif kind == IPV6 and len(frame) >= 54 and frame[20] == TCP:
        length = IPV6_HEAD_BYTES + struct.unpack_from("!H", frame, 18)[0]
        packet = frame[14 : 14 + length]
        sides, segment = (packet[8:24], packet[24:40]), packet[IPV6_HEAD_BYTES:]
    else:
        return None
    return (str(ip_address(sides[0])), str(ip_address(sides[1]))), segment


def streams(capture: Path) -> list[Stream]:
    """Each direction of each TCP connection that carried anything."""
    found: dict[tuple[End, End], Stream] = {}
    for frame in frames(capture):
        packet = tcp_packet(frame)
        if packet is None:
            continue
        ends, segment = packet
        source_port, target_port, number = struct.unpack_from("!HHI", segment)
        payload = segment[(segment[12] >> 4) * 4 :]
        begins = bool(segment[13] & SYN)
        if not payload and not begins:
            continue
        source, target = (ends[0], source_port), (ends[1], target_port)
        stream = found.setdefault((source, target), Stream(source, target))
        if begins:
            stream.start = (number + 1) & 0xFFFFFFFF
        elif len(payload) > len(stream.pieces.get(number, b"")):
            stream.pieces[number] = payload
    return [stream for stream in found.values() if stream.pieces]


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


def why_not_sealed(payload: bytes, hello: int) -> str | None:
    """What in one direction is not TLS 1.3; the hello is the kind that its side begins with.

    All that TLS 1.3 leaves readable is the hellos, a word without a meaning and record headers.
    In TLS 1.2 certificates are readable: handshake records after the hello.
    """
    if hello == SERVER_HELLO and not is_tls13_server(payload):
        return f"no server's hello of TLS 1.3 but {payload[:16]!r}"
    at, is_sealed = 0, False
    while at + 5 <= len(payload):
        kind, version, length = struct.unpack_from("!BHH", payload, at)
        body = payload[at + 5 : at + 5 + length]
        what = f"record {payload[at:at + 8]!r} at byte {at}"
        if version not in (0x0301, 0x0303) or length > RECORD_BYTES_MAX:
            return f"no {what}"
        if kind == SEALED:
            is_sealed = True
        elif is_sealed or not (
            (kind == HANDSHAKE and body[:1] == bytes([hello]))
            or (kind == CIPHER_CHANGE and body == b"\x01")
        ):
            return f"readable {what}"
        at += 5 + length
    return None if is_sealed else "nothing sealed"


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
        ends = f"{stream.source[0]} -> {with_port(*stream.target)}"
        size = len(stream.payload) + len(answer.payload)
        if is_tls13_server(answer.payload):
            what = "TLS 1.3"
        else:
            what = "plain: " + stream.payload.split(b"\r\n")[0].decode("latin-1")[:60]
        lines.append(f"{ends}  {size:5} bytes  {what}")
    return sorted(lines)
