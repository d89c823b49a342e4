# SPDX-License-Identifier: Apache-2.0
"""Requests and responses, byte for byte."""

from __future__ import annotations

from .case import Trial, case, expect
from .recorder import reply
from .wire import request, sized

SMALL = bytes(range(256)) * 4
LARGE = SMALL * 300
MEGABYTES = 64
CHUNKS = (
    b"5\r\nhello\r\n0a;name=value;quoted=\"a;b\"\r\n0123456789\r\n1;x\r\n!\r\n"
    b"0;last\r\nX-Checksum: abc\r\nx-other:  spaced \r\n\r\n"
)
CHUNKED = "Transfer-Encoding: chunked"


@case()
def methods_with_and_without_a_body(trial: Trial) -> None:
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "QUERY", "x-own"):
        trial.ask(request(method, "/none"), method)
        trial.ask(request(method, "/empty", "Content-Length: 0"), method)
        for body in (b"x", SMALL, LARGE):
            trial.ask(request(method, "/sized", sized(body), body=body), method)
        trial.ask(request(method, "/chunked", CHUNKED, body=CHUNKS), method)


@case()
def targets_as_they_are_written(trial: Trial) -> None:
    for target in (
        "/", "/a/../b//c/./d?x=1&&y=%2F%20&z=a+b", "/%zz/\x7b}|^\"`<>",
        "/grüße/日本?ключ=значение",
        "http://users-api.test/absolute?q", "http://USERS-API.test", "/?" + "q" * 8000,
        "/" + "p" * 32000,
    ):
        trial.ask(request("GET", target))
    trial.ask(request("OPTIONS", "*"))


@case()
def fields_in_their_order_and_their_letters(trial: Trial) -> None:
    trial.ask(
        request(
            "GET", "/fields", "x-LOWER: 1", "X-Empty:", "X-Blanks:   \t two  words \t ",
            "Cookie: a=1; b=\"2\"", "Cookie: c=3", "X-Latin: caf\xe9", "Accept: */*",
            "Authorization: Basic eA==", "X-Forwarded-For: 10.0.0.1", "!#$%&'*+-.^_`|~: odd",
            "X-Named: 1", "Connection: x-NAMED , keep-alive", "Keep-Alive: timeout=5",
            "Proxy-Connection: keep-alive", "TE: trailers", "Connection: x-second",
            "X-Second: 2", "X-Last: l", "l5d-client-id: spoofed", "L5D-Dst-Override: x",
        )
    )
    trial.ask(request("GET", "/close", "Connection: close"))
    trial.ask(request("GET", "/protected", "Connection: cookie, host", "Cookie: a=1"))
    trial.ask(request("GET", "/h2c", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c",
                      "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"))


@case()
def heads_up_to_the_limits(trial: Trial) -> None:
    trial.ask(request("GET", "/many", *(f"X-{number}: {number}" for number in range(250))))
    trial.ask(request("GET", "/large", "X-Large: " + "v" * (63 << 10)))
    trial.recorder.answers["/large-answer"] = reply(
        b"HTTP/1.1 200 OK\r\nX-Large: " + b"v" * (63 << 10) + b"\r\nContent-Length: 2\r\n\r\nok"
    )
    trial.ask(request("GET", "/large-answer"))


@case()
def http_1_0_with_and_without_keep_alive(trial: Trial) -> None:
    with trial.connect() as client:
        for _ in range(3):
            client.send(request("GET", "/kept", "Connection: keep-alive", version="HTTP/1.0"))
            trial.see(client.response())
    trial.recorder.answers["/once"] = reply(
        b"HTTP/1.0 200 OK\r\nX-A: b\r\n\r\nuntil the end", False
    )
    with trial.connect() as client:
        client.send(request("GET", "/once", version="HTTP/1.0"))
        response = client.response()
        trial.see(response)
        trial.see(client.rest())
    with trial.connect() as client:
        client.send(b"GET /nohost HTTP/1.0\r\nX-A: b\r\n\r\n")
        trial.see(client.response())
    with trial.connect() as client:
        client.send(request("POST", "/posted", sized(SMALL), body=SMALL, version="HTTP/1.0"))
        trial.see(client.response())


ANSWERS = {
    "/chunks": (b"200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Checksum\r\n", CHUNKS),
    "/204": (b"204 No Content\r\nX-A: b\r\n", b""),
    "/304": (b"304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 100\r\n", b""),
    "/299": (b"299 \r\nContent-Length: 0\r\n", b""),
    "/no-reason": (b"200\r\nContent-Length: 2\r\n", b"ok"),
    "/odd-reason": (b"404 Nicht da, M\xc3\xbcll: \t!\r\nContent-Length: 2\r\n", b"no"),
    "/fields": (b"200 OK\r\nset-COOKIE: a=1\r\nSet-Cookie: b=2\r\nX-E:\r\nX-S:  s \r\n"
                b"Connection: x-Own\r\nX-Own: dropped\r\nKeep-Alive: timeout=3\r\n"
                b"Content-Length: 1\r\n", b"x"),
    "/redirect": (b"302 Found\r\nLocation: http://other.test/?a=b\r\nContent-Length: 0\r\n", b""),
    "/gzip": (b"200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n", b"\x1f\x8b\x08"),
}


@case()
def responses_as_they_are_written(trial: Trial) -> None:
    for path, (head, body) in ANSWERS.items():
        trial.recorder.answers[path] = reply(b"HTTP/1.1 " + head + b"\r\n" + body)
        trial.ask(request("GET", path))
    for fields in (b"Content-Length: 12345\r\n", b"Transfer-Encoding: chunked\r\n", b""):
        trial.recorder.answers["/headed"] = reply(b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n")
        with trial.connect() as client:
            for _ in range(2):
                client.send(request("HEAD", "/headed"))
                trial.see(client.response("HEAD"))


@case()
def responses_that_end_with_the_connection(trial: Trial) -> None:
    for head in (b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.0 200 OK\r\nX: y\r\n\r\n"):
        for body in (b"", SMALL, LARGE * 8):
            trial.recorder.answers["/closing"] = reply(head + body, False)
            with trial.connect() as client:
                client.send(request("GET", "/closing"))
                trial.see(client.response())
                trial.see(client.rest())


@case()
def sixty_four_megabytes_each_way(trial: Trial) -> None:
    block = LARGE[: 256 << 10]
    with trial.connect() as client:
        client.send(request("POST", "/upload", f"Content-Length: {MEGABYTES << 20}"))
        for _ in range((MEGABYTES << 20) // len(block)):
            client.send(block)
        trial.see(client.response())
        client.send(request("PUT", "/upload", CHUNKED))
        for _ in range((MEGABYTES << 20) // len(block)):
            client.send(b"%x\r\n" % len(block) + block + b"\r\n")
        client.send(b"0\r\n\r\n")
        trial.see(client.response())
        for fields in (b"Content-Length: %d" % (MEGABYTES << 20), b"Transfer-Encoding: chunked"):
            whole = block * ((MEGABYTES << 20) // len(block))
            if b"chunked" in fields:
                whole = b"%x\r\n" % len(whole) + whole + b"\r\n0\r\n\r\n"
            trial.recorder.answers["/download"] = reply(
                b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n\r\n" + whole
            )
            client.send(request("GET", "/download"))
            trial.see(client.response())


@case()
def interim_responses_before_the_final_one(trial: Trial) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
    trial.recorder.answers["/hints"] = reply(
        hints + b"HTTP/1.1 102 Processing\r\n\r\n" + hints
        + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    )
    with trial.connect() as client:
        for _ in range(2):
            client.send(request("GET", "/hints"))
            for _ in range(4):
                trial.see(client.response())
    # HTTP/1.0 knows none of them.
    with trial.connect() as client:
        client.send(request("GET", "/plain", version="HTTP/1.0"))
        expect(client.response().status == 200, "HTTP/1.0 gets the final response")


@case()
def pieces_of_a_few_bytes(trial: Trial) -> None:
    whole = request("POST", "/pieces", CHUNKED, "X-A: b", body=CHUNKS)
    with trial.connect() as client:
        for index in range(0, len(whole), 3):
            client.send(whole[index : index + 3])
        trial.see(client.response())
