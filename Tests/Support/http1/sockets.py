# SPDX-License-Identifier: Apache-2.0
"""WebSocket, and other bytes behind an upgrade or CONNECT."""

from __future__ import annotations

import asyncio
import contextlib
import threading

import websockets
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from .case import Trial, case, expect
from .mesh import HOST, PORTS, Mesh
from .messages import LARGE
from .pods import Pods
from .recorder import Conversation
from .wire import PATIENCE, request

MESSAGE_BYTES_MAX = 16 << 20
MESSAGE_BYTES = 10 << 20


async def answer(connection: ServerConnection) -> None:
    """Sends each message back; some words make it say or do something else."""
    with contextlib.suppress(websockets.ConnectionClosed):
        await answer_all(connection)


async def answer_all(connection: ServerConnection) -> None:
    """Until either side closes."""
    async for message in connection:
        if message == "ping me":
            waiter = await connection.ping(b"payload")
            await asyncio.wait_for(waiter, PATIENCE)
            await connection.send("ponged")
        elif message == "close me":
            await connection.close(4321, "as you wish")
        else:
            await connection.send(message)


def start_websocket(mesh: Mesh | Pods) -> None:
    """A server on a thread of its own."""
    started = threading.Event()

    async def run() -> None:
        async with serve(
            answer, mesh.listen_ip, PORTS["websocket"], max_size=MESSAGE_BYTES_MAX,
            subprotocols=[websockets.Subprotocol("chat")],
        ):
            started.set()
            await asyncio.get_running_loop().create_future()

    threading.Thread(target=lambda: asyncio.run(run()), daemon=True).start()
    if not started.wait(5):
        raise RuntimeError("the WebSocket server does not listen")


async def talk(trial: Trial, compression: str | None) -> None:
    """Every kind of frame, in both directions."""
    host, port = trial.route.address("websocket")
    async with connect(
        f"ws://{HOST}/chat?a=b", host=host, port=port, max_size=MESSAGE_BYTES_MAX,
        subprotocols=[websockets.Subprotocol("chat")], compression=compression,
    ) as client:
        trial.see((client.subprotocol, client.protocol.extensions != []))
        for message in ("text, größer", b"\x00\xff binary", "", b"", bytes(MESSAGE_BYTES)):
            await client.send(message)
            got = await asyncio.wait_for(client.recv(), PATIENCE)
            expect(got == message, "a message comes back as it was sent")
        await client.send(["a ", "message in ", "fragments"])
        trial.see(await asyncio.wait_for(client.recv(), PATIENCE))
        await asyncio.wait_for(await client.ping(b"are you there"), PATIENCE)
        await client.send("ping me")
        trial.see(await asyncio.wait_for(client.recv(), PATIENCE))
        if compression:
            await client.close(4000, "enough")
        else:
            await client.send("close me")
        await asyncio.wait_for(client.wait_closed(), PATIENCE)
        trial.see((client.close_code, client.close_reason))


@case()
def websocket_with_all_kinds_of_frames(trial: Trial) -> None:
    asyncio.run(talk(trial, None))
    asyncio.run(talk(trial, "deflate"))


@case()
def upgrades_with_bytes_sent_ahead_and_half_close(trial: Trial) -> None:
    async def switch(conversation: Conversation) -> bool:
        await conversation.send(
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: own\r\n\r\nfirst,"
        )
        while data := await conversation.reader.read(1 << 16):
            await conversation.send(data)
        await conversation.send(b",last")
        return False

    trial.recorder.answers["/own"] = switch
    with trial.connect() as client:
        client.send(request("GET", "/own", "Connection: upgrade", "Upgrade: own") + b"ahead,")
        trial.see(client.until(b"\r\n\r\n").split(b"\r\n")[0])
        trial.see(client.until(b"first,ahead,"))
        client.send(LARGE)
        trial.see(client.exactly(len(LARGE)))
        client.finish()
        trial.see(client.rest())


@case()
def upgrades_that_are_refused(trial: Trial) -> None:
    with trial.connect() as client:
        for _ in range(2):
            client.send(request("GET", "/no", "Connection: upgrade", "Upgrade: own"))
            trial.see(client.response())


@case(is_tunnel=True)
def tunnels_through_a_proxy_behind_the_mesh(trial: Trial) -> None:
    target = f"{trial.bench.mesh.server_ips[0]}:{PORTS['recorder']}"
    with trial.connect("proxy") as client:
        client.send(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        head = client.until(b"\r\n\r\n")
        expect(b" 200 " in head, head)
        for number in range(3):
            client.send(request("POST", f"/in/{number}", "Content-Length: 4", body=b"body"))
            trial.see(client.response().body)
        client.finish()
        trial.see(client.rest())
