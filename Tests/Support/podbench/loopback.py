# SPDX-License-Identifier: Apache-2.0
"""What can be shown without root: two proxies on addresses of the loopback interface."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from .identity import Authority, identity_name
from .waiting import run_command, wait_until

# An application that names itself, as nginxdemos/hello does.
APPLICATION = """
import http.server, sys

class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"Server name: users-api\\nURI: {self.path}\\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

http.server.HTTPServer((sys.argv[1], 8080), Hello).serve_forever()
"""

PROXY = """
proxy:
  listenAddr: {own}:4140
identity:
  name: {name}
  certificate: tls.crt
  key: tls.key
  trustRoots: ca.crt
inbound:
  listenAddr: {own}:4143
  adminListenAddr: {own}:4191
"""

SERVICES = """
services:
  users-api.default.svc.cluster.local:
    address: {own}:8080
    endpoints:
    - address: {peer}:8080
      identity: {identity}
"""


def run(build: Path, command: list[str]) -> int:
    """Starts an application and two proxies, and runs a command beside them."""
    # Of 127.0.0.0/8 every address is ours; a random part keeps two runs apart.
    net = f"127.{secrets.randbelow(254) + 1}.{secrets.randbelow(254) + 1}"
    addresses = {"webapp": f"{net}.1", "users-api": f"{net}.2"}
    names = {who: identity_name(who, "default") for who in addresses}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="podbench-")))
        authority = Authority(folder / "authority")

        def start(*words: str) -> None:
            with (folder / f"{Path(words[0]).name}.log").open("ab") as log:
                process = subprocess.Popen(
                    words, stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )
            stack.callback(process.wait)
            stack.callback(process.kill)

        start(sys.executable, "-c", APPLICATION, addresses["users-api"])
        for who, own in addresses.items():
            place = folder / who
            place.mkdir()
            authority.issue(names[who], place, os.geteuid())
            text = PROXY.format(own=own, name=names[who])
            if who == "users-api":
                text += f"  forwardTo: {own}:8080\n"
            else:
                text += SERVICES.format(
                    own=own, peer=addresses["users-api"], identity=names["users-api"]
                )
            (place / "proxy.yaml").write_text(text)
            start(str(build / "meshctl-proxy"), "--config", str(place / "proxy.yaml"))
        for who, port in (("users-api", 8080), ("users-api", 4143), ("webapp", 8080)):
            wait_until(f"{who} to listen", lambda: is_listening(addresses[who], port), 10)
        return run_command(
            command,
            {
                "PODBENCH_WORLD": str(folder),
                "PODBENCH_WEBAPP": addresses["webapp"],
                "PODBENCH_USERS_API": addresses["users-api"],
            },
        )


def is_listening(address: str, port: int) -> bool:
    """Whether a TCP port of a loopback address is listened on."""
    host = bytes(reversed([int(part) for part in address.split(".")])).hex().upper()
    return any(
        line.split()[1] == f"{host}:{port:04X}" and line.split()[3] == "0A"
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
    )


