# SPDX-License-Identifier: Apache-2.0
"""Connections: how long they live, and what passes on them in which order."""

from __future__ import annotations

import asyncio
import threading

from .case import Trial, case, expect
from .messages import CHUNKED, LARGE, SMALL
from .recorder import Answer, Conversation, echo, reply
from .wire import PATIENCE, request, sized

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@case()
def requests_sent_ahead_are_answered_in_turn(trial: Trial) -> None:
    with trial.connect() as client:
        client.send(
            b"".join(
                request("POST", f"/{number}", sized(b"%d" % number), body=b"%d" % number)
                for number in range(40)
            )
        )
        for number in range(40):
            response = client.response("POST")
            expect(response.body == b"%d" % number, f"answer {number} comes in its turn")
            trial.see(response)


@case()
def one_connection_serves_many_requests(trial: Trial) -> None:
    with trial.connect() as client:
        for number in range(50):
            client.send(request("GET", f"/{number}"))
            trial.see(client.response())
    count = trial.recorder.connections
    expect(count == 1, f"50 requests reach the server on one connection, not {count}")


@case(compares=False)
def connections_to_the_server_outlive_the_clients(trial: Trial) -> None:
    for number in range(20):
        trial.ask(request("GET", f"/{number}"))
    count = trial.recorder.connections
    expect(count == 1, f"20 clients reach the server on one connection, not {count}")


@case()
def clients_that_finish_before_their_answer(trial: Trial) -> None:
    with trial.connect() as client:
        client.send(request("POST", "/half", sized(LARGE), body=LARGE))
        client.finish()
        trial.see(client.response())
        trial.see(client.rest())


@case()
def expectations_that_are_met(trial: Trial) -> None:
    async def answer(conversation: Conversation) -> bool:
        await conversation.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        return await echo(conversation)

    trial.recorder.answers["/expected"] = answer
    with trial.connect() as client:
        for _ in range(2):
            client.send(request("POST", "/expected", sized(SMALL), "Expect: 100-continue"))
            trial.see(client.response())
            client.send(SMALL)
            trial.see(client.response())


@case()
def expectations_that_are_refused(trial: Trial) -> None:
    async def answer(conversation: Conversation) -> bool:
        await conversation.send(b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n")
        return False

    trial.recorder.answers["/refused"] = answer
    with trial.connect() as client:
        client.send(request("POST", "/refused", sized(SMALL), "Expect: 100-continue"))
        trial.see(client.response())
        trial.see(client.rest())


@case(compares=False)
def answers_before_the_body_has_come(trial: Trial) -> None:
    # What the server reads of the body is chance, so nothing is compared.
    async def answer(conversation: Conversation) -> bool:
        await conversation.send(
            b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig"
        )
        while await conversation.reader.read(1 << 16):
            pass
        return False

    trial.recorder.answers["/early"] = answer
    with trial.connect() as client:
        client.send(request("POST", "/early", "Content-Length: 100000000", body=LARGE))
        response = client.response("POST")
        expect((response.status, response.body) == (413, b"big"), "the early answer comes")
        expect(response.field(b"connection") == b"close", "the connection is said to end")


@case(compares=False)
def uploads_go_on_after_an_early_answer(trial: Trial) -> None:
    async def answer(conversation: Conversation) -> bool:
        await conversation.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while data := await conversation.chunk():
            await conversation.send(b"%x\r\n" % len(data) + data + b"\r\n")
        await conversation.send(b"0\r\n\r\n")
        return True

    trial.recorder.answers["/both"] = answer
    with trial.connect() as client:
        client.send(request("POST", "/both", CHUNKED))
        expect(client.until(b"\r\n\r\n").startswith(b"HTTP/1.1 200"), "the head comes at once")
        for number in range(20):
            # Neither side says more before the other has heard it.
            client.send(b"2\r\n%02d\r\n" % number)
            expect(client.until(b"%02d\r\n" % number) == b"2\r\n%02d\r\n" % number, "it comes back")
        client.send(b"0\r\n\r\n")
        expect(client.until(b"0\r\n\r\n") == b"0\r\n\r\n", "the end comes back")


def events(heard: threading.Semaphore) -> Answer:
    """Sends one event after another, each once the client has heard the one before."""

    async def answer(conversation: Conversation) -> bool:
        await conversation.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        for number in range(5):
            event = b"data: %d\n\n" % number
            await conversation.send(b"%x\r\n" % len(event) + event + b"\r\n")
            heard_it = await asyncio.to_thread(heard.acquire, timeout=PATIENCE)
            if not heard_it:
                return False
        await conversation.send(b"0\r\n\r\n")
        return True

    return answer


@case()
def events_come_one_by_one(trial: Trial) -> None:
    heard = threading.Semaphore(0)
    trial.recorder.answers["/events"] = events(heard)
    with trial.connect() as client:
        client.send(request("GET", "/events", "Accept: text/event-stream"))
        client.until(b"\r\n\r\n")
        for number in range(5):
            trial.see(client.until(b"data: %d\n\n\r\n" % number))
            heard.release()
        trial.see(client.until(b"0\r\n\r\n"))


@case()
def slow_servers_are_waited_for(trial: Trial) -> None:
    async def answer(conversation: Conversation) -> bool:
        for byte in OK:
            await conversation.send(bytes([byte]))
            await asyncio.sleep(0.002)
        return True

    trial.recorder.answers["/slow"] = answer
    trial.ask(request("GET", "/slow"))


@case(compares=False)
def servers_that_close_between_requests_are_not_noticed(trial: Trial) -> None:
    trial.recorder.answers["/once"] = reply(OK, keeps=False)
    with trial.connect() as client:
        for number in range(20):
            # These are sent twice if need be, whenever the server closes.
            for method, body in (("GET", b""), ("DELETE", SMALL), ("PUT", SMALL)):
                client.send(request(method, "/once", sized(body), body=body))
                response = client.response()
                expect(response.status == 200, f"{method} {number} is answered: {response}")
        trial.recorder.forget()
        for number in range(20):
            # This one is not; it must be seen that the connection has ended.
            client.send(request("POST", "/once", sized(SMALL), body=SMALL))
            response = client.response()
            expect(response.status == 200, f"POST {number} is answered: {response}")
            expect(trial.recorder.closed.acquire(timeout=PATIENCE), "the server closes")


@case(compares=False)
def servers_that_refuse_a_body_and_leave_are_heard(trial: Trial) -> None:
    # What they do not read makes the kernel reset the connection behind the answer.
    trial.recorder.answers["/rude"] = rude
    for _ in range(20):
        with trial.connect() as client:
            client.send(request("POST", "/rude", "Content-Length: 100000000", body=LARGE))
            response = client.response("POST")
            expect(response.status == 413, f"the answer comes through: {response}")


async def rude(conversation: Conversation) -> bool:
    """Answers at once and closes with most of the body unread."""
    await conversation.send(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig")
    return False


@case(compares=False)
def servers_that_leave_a_repeatable_request_get_it_again(trial: Trial) -> None:
    left: list[str] = []

    async def answer(conversation: Conversation) -> bool:
        # The second request of each connection is left unanswered.
        first = conversation.request.first_line.decode()
        others = [one for one in trial.recorder.requests
                  if one.connection == conversation.request.connection]
        if len(others) > 1:
            left.append(first)
            return False
        await conversation.body()
        await conversation.send(OK)
        return True

    trial.recorder.answers["/leaves"] = answer
    with trial.connect() as client:
        client.send(request("GET", "/warm"))
        client.response()
        trial.recorder.forget()
        for _ in range(6):
            client.send(request("GET", "/leaves"))
            response = client.response()
            expect(response.status == 200, f"GET is answered on another connection: {response}")
        expect(len(left) >= 2, f"the server has left some requests: {left}")
        # Whether a POST was carried out nobody knows (RFC 9110 section 9.2.2).
        left.clear()
        client.send(request("POST", "/leaves", sized(b"x"), body=b"x"))
        response = client.response()
        expect(response.status == 502 and len(left) == 1, f"POST is not sent twice: {response}")
        expect(response.field(b"l5d-proxy-error") is not None, "and the proxy says why")
