# SPDX-License-Identifier: Apache-2.0
"""Clients in Python, and nginx as a client."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Iterator

import aiohttp
import requests

from .case import Trial, case, expect
from .mesh import HOST
from .messages import LARGE, SMALL
from .servers import FRONT
from .wire import PATIENCE, Client, request, sized

PASSING = {"date", "connection", "keep-alive"}


def fields(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that are not about the moment or the connection."""
    return [(name, value) for name, value in pairs if name.lower() not in PASSING]


@case()
def http_client_of_python(trial: Trial) -> None:
    connection = http.client.HTTPConnection(*trial.route.address("recorder"), timeout=PATIENCE)

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(LARGE), 1000):
            yield LARGE[start : start + 1000]

    for method, body in (
        ("GET", None), ("POST", SMALL), ("PUT", pieces()), ("DELETE", None), ("HEAD", None),
    ):
        connection.request(
            method, "/a?b=c", body, {"Host": HOST, "X-A": "b"}, encode_chunked=body is not None
        )
        answer = connection.getresponse()
        trial.see((answer.status, answer.reason, fields(answer.getheaders()), answer.read()))
    connection.close()


@case()
def requests_of_python(trial: Trial) -> None:
    with requests.Session() as session:
        session.headers["Host"] = HOST
        for path in ("/small.txt", "/large.bin", "/moved", "/nowhere"):
            # Its redirect would name the host, which nobody resolves.
            got = session.get(
                trial.route.url("nginx", path), timeout=PATIENCE, allow_redirects=False
            )
            trial.see((got.status_code, fields(list(got.headers.items())), got.content))
        for data in (SMALL, iter([SMALL, b"x", LARGE])):
            got = session.post(trial.route.url("recorder", "/up"), data=data, timeout=PATIENCE)
            trial.see((got.status_code, fields(list(got.headers.items())), got.content))
        got = session.post(
            trial.route.url("recorder", "/files"), timeout=PATIENCE,
            data=b"--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nx\r\n--b--\r\n",
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )
        trial.see(got.content)


@case(is_ordered=False)
def aiohttp_with_many_connections(trial: Trial) -> None:
    async def one(session: aiohttp.ClientSession, number: int) -> tuple[int, bytes]:
        body = b"%d " % number * (number * 37)
        url = trial.route.url("recorder", f"/many/{number}")
        async with session.post(url, data=body, headers={"Host": HOST}) as answer:
            got = await answer.read()
            expect(got == body, f"answer {number} is that of request {number}")
            return answer.status, got

    async def all_of_them() -> list[tuple[int, bytes]]:
        limit = aiohttp.ClientTimeout(total=PATIENCE)
        async with aiohttp.ClientSession(timeout=limit) as session:
            return await asyncio.gather(*(one(session, number) for number in range(200)))

    for found in asyncio.run(all_of_them()):
        trial.see(found)


@case(is_local=True)
def nginx_as_a_client(trial: Trial) -> None:
    prefix = "meshed" if trial.route.is_meshed else "straight"
    for version in ("", "11"):
        with Client((trial.bench.mesh.server_ips[0], FRONT)) as client:
            for data, method in (
                (b"", "GET"), (b"", "HEAD"), (SMALL, "POST"), (LARGE, "PUT"), (b"", "DELETE"),
            ):
                client.send(request(method, f"/{prefix}{version}/a?b", sized(data), body=data))
                head, _, body = without_date(client, method)
                trial.see((head, body))


def without_date(client: Client, method: str) -> tuple[list[bytes], bytes, bytes]:
    """A response, apart from the field that changes every second."""
    answer = client.response(method)
    lines = [line for line in answer.head.split(b"\r\n") if not line.startswith(b"Date:")]
    return lines, b"", answer.body
