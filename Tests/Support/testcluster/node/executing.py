# SPDX-License-Identifier: Apache-2.0
"""`kubectl exec`: a command in a container, by a WebSocket with channels; no terminal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

from aiohttp import WSMsgType, web

from ..model.failures import Object

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
STDIN, STDOUT, STDERR, ERROR, CLOSE = 0, 1, 2, 3, 255
# LIMIT: bytes of one message, either way.
MESSAGE_BYTES = 64 * 1024


async def execute(request: web.BaseRequest, words: Sequence[str]) -> web.WebSocketResponse:
    """Runs a command line of the node's, and carries its three streams and its end."""
    socket = web.WebSocketResponse(protocols=PROTOCOLS, max_msg_size=MESSAGE_BYTES)
    await socket.prepare(request)
    has_input = request.query.get("stdin", "").lower() in ("1", "true")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *words, stdin=pipe if has_input else asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
    )
    assert process.stdout is not None and process.stderr is not None
    outputs = [
        asyncio.create_task(_send(socket, process.stdout, STDOUT)),
        asyncio.create_task(_send(socket, process.stderr, STDERR)),
    ]
    inputs = asyncio.create_task(_receive(socket, process))
    try:
        await asyncio.gather(*outputs)
        code = await process.wait()
        await socket.send_bytes(bytes([ERROR]) + json.dumps(_status(code)).encode())
        await socket.close()
    finally:
        inputs.cancel()
        for task in outputs:
            task.cancel()
        if process.returncode is None:
            process.kill()
    return socket


async def _send(
    socket: web.WebSocketResponse, stream: asyncio.StreamReader, channel: int
) -> None:
    while part := await stream.read(MESSAGE_BYTES - 1):
        await socket.send_bytes(bytes([channel]) + part)


async def _receive(socket: web.WebSocketResponse, process: asyncio.subprocess.Process) -> None:
    """Hands on what is typed; a client that leaves ends its command."""
    async for message in socket:
        if message.type != WSMsgType.BINARY or not message.data or process.stdin is None:
            continue
        channel, data = message.data[0], message.data[1:]
        if channel == STDIN and data:
            process.stdin.write(data)
            await process.stdin.drain()
        elif channel == CLOSE and data[:1] == bytes([STDIN]):
            process.stdin.close()
    if process.returncode is None:
        process.kill()


def _status(code: int) -> Object:
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    return {
        "metadata": {}, "status": "Failure", "reason": "NonZeroExitCode",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }
