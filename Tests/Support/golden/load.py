# SPDX-License-Identifier: Apache-2.0
"""Requests and connections whose number, status and duration are known."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

PATIENCE_SECONDS = 20.0


def responses(address: str, port: int, heads: list[bytes], at_once: int = 1) -> list[int]:
    """The statuses of requests on one connection, `at_once` of them sent ahead."""
    statuses: list[int] = []
    with socket.create_connection((address, port), PATIENCE_SECONDS) as connection:
        data = b""
        for start in range(0, len(heads), at_once):
            batch = heads[start : start + at_once]
            connection.sendall(b"".join(batch))
            wanted = len(statuses) + len(batch)
            while len(statuses) < wanted:
                end = data.find(b"\r\n\r\n")
                if end < 0:
                    more = connection.recv(65536)
                    if not more:
                        return statuses
                    data += more
                    continue
                head = data[:end].lower().split(b"\r\n")
                length = next(
                    int(line.split(b":")[1]) for line in head if line.startswith(b"content-length:")
                )
                while len(data) < end + 4 + length:
                    data += connection.recv(65536)
                data = data[end + 4 + length :]
                statuses.append(int(head[0].split()[1]))
    return statuses


def head(path: str, host: str = "anyone") -> bytes:
    """A request."""
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()


def get(address: str, port: int, path: str) -> int:
    """The status of one request; 0 when the connection ends without one."""
    found = responses(address, port, [head(path)])
    return found[0] if found else 0


def spread(address: str, port: int, paths: Iterable[str], threads: int = 10) -> list[int]:
    """The statuses of requests of which some run at the same time."""
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda path: get(address, port, path), paths))


def echoed(address: str, port: int, data: bytes, greeting: int = 0) -> bytes:
    """What an echo gives back; nothing where the connection is refused or reset.

    So many bytes are waited for before anything is sent.
    """
    try:
        with socket.create_connection((address, port), PATIENCE_SECONDS) as connection:
            found = connection.recv(greeting, socket.MSG_WAITALL) if greeting else b""
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while more := connection.recv(65536):
                found += more
            return found
    except TimeoutError:
        raise
    except OSError:
        # A reset, or ENOTCONN from shutdown(2) after one.
        return b""
