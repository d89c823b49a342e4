# SPDX-License-Identifier: Apache-2.0
"""Watches the bridge while a case runs, and judges what crossed it."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from podbench.capture import NO_PROBES, captured
from podbench.errors import BenchError
from podbench.network import GATEWAY
from podbench.wire import CLIENT_HELLO, SERVER_HELLO, Stream, streams, why_not_sealed

from .large import MARK
from .mesh import INBOUND, Mesh

DISCARD = 9
# LIMIT: what is kept of each packet of a large case: headers and a server's hello.
HEAD_BYTES = 256


@contextmanager
def watched(mesh: Mesh, is_large: bool = False) -> Iterator[list[Stream]]:
    """The streams that cross the bridge during the body; the list is filled at its end."""
    found: list[Stream] = []
    nonce = secrets.token_bytes(16)
    file = mesh.world / "capture.pcap"
    more = ["-s", str(HEAD_BYTES)] if is_large else []
    what = f"({NO_PROBES}) or udp port {DISCARD}"
    try:
        with captured(file, lambda: nonce in tail(file), what, *more):
            yield found
            # What came before this packet is in the capture before it.
            with mesh.client.network.entered():
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                    sender.sendto(nonce, (GATEWAY, DISCARD))
        found += streams(file)
    finally:
        file.unlink(missing_ok=True)


def tail(file: Path) -> bytes:
    """The end of a capture."""
    with file.open("rb") as content:
        content.seek(0, os.SEEK_END)
        content.seek(max(0, content.tell() - 4096))
        return content.read()


def expect_sealed(found: list[Stream], server: str, client: str, is_large: bool) -> int:
    """Between the two pods there was TLS 1.3 and nothing else; returns the connections."""
    count = 0
    for stream in found:
        ends = f"{stream.source} to {stream.target}"
        if {stream.source[0], stream.target[0]} != {client, server}:
            raise BenchError(f"wire: {ends} is a connection of nobody's")
        is_answer = stream.source[1] == INBOUND
        if not is_answer and stream.target[1] != INBOUND:
            raise BenchError(f"wire: {ends} went past the proxies: {stream.payload[:32]!r}")
        if stream.start is None:
            raise BenchError(f"wire: the capture lacks the beginning of {ends}")
        hello = SERVER_HELLO if is_answer else CLIENT_HELLO
        if is_large:
            if any(MARK in piece for piece in stream.pieces.values()):
                raise BenchError(f"wire: what {ends} carried can be read")
        elif len(stream.payload) < stream.length:
            raise BenchError(f"wire: the capture lacks byte {len(stream.payload)} of {ends}")
        # Of a large case the first packet is whole enough.
        payload = stream.ordered()[0][1] if is_large else stream.payload
        if (reason := why_not_sealed(payload, hello)) and not (is_large and "nothing" in reason):
            raise BenchError(f"wire: {ends}: {reason}")
        count += is_answer
    if count == 0:
        raise BenchError("wire: nothing crossed the bridge")
    return count
