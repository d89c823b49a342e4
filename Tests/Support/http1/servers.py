# SPDX-License-Identifier: Apache-2.0
"""Servers that are no part of the tests: nginx, and a proxy for CONNECT."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from pathlib import Path

from podbench.loopback import is_listening
from podbench.waiting import wait_until

from .mesh import PORTS, Mesh
from .pods import Pods

NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.err;
worker_rlimit_nofile 4096;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5; client_max_body_size 100m;
  types {{ text/plain txt; }} gzip on; gzip_types text/plain; gzip_min_length 100;
  upstream straight {{ server {server}:{recorder}; keepalive 4; }}
  upstream meshed {{ server {client}:{recorder}; keepalive 4; }}
  server {{
    listen {server}:{nginx}; root {folder}/www;
    location /moved {{ return 301 /small.txt; }}
  }}
  server {{
    listen {server}:{front};
    proxy_set_header Host users-api.test; proxy_request_buffering off;
    location /straight/ {{ proxy_pass http://straight/; }}
    location /meshed/ {{ proxy_pass http://meshed/; }}
    location /straight11/ {{
      proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host users-api.test;
      proxy_pass http://straight/; }}
    location /meshed11/ {{
      proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host users-api.test;
      proxy_pass http://meshed/; }}
  }}
}}
"""
FRONT = 8090

TINYPROXY = """
Port {port}
Listen {server}
Timeout 30
MaxClients 50
Allow 0.0.0.0/0
LogLevel Critical
DisableViaHeader Yes
ConnectPort {nginx}
ConnectPort {recorder}
"""


@dataclass(frozen=True)
class Files:
    """What nginx serves."""

    folder: Path

    @property
    def small(self) -> bytes:
        """Text that is compressed for who wants it."""
        return (self.folder / "small.txt").read_bytes()

    @property
    def large(self) -> bytes:
        """Bytes that are not."""
        return (self.folder / "large.bin").read_bytes()


def start_nginx(mesh: Mesh | Pods) -> Files:
    """A server of files, and a client of both routes by proxy_pass."""
    www = mesh.folder / "www"
    www.mkdir()
    (www / "small.txt").write_text("".join(f"line {number}\n" for number in range(500)))
    (www / "large.bin").write_bytes(random.Random(1).randbytes(3 << 20))
    for file in www.iterdir():
        os.utime(file, (1_600_000_000, 1_600_000_000))
    server = mesh.listen_ip
    config = mesh.folder / "nginx.conf"
    config.write_text(
        NGINX.format(
            folder=mesh.folder, server=server, client=mesh.client_ip, nginx=PORTS["nginx"],
            recorder=PORTS["recorder"], front=FRONT,
        )
    )
    # Debian's executable is not in everybody's PATH.
    mesh.start("/usr/sbin/nginx", "-c", str(config), "-p", str(mesh.folder), log="nginx.log")
    wait_until("nginx", lambda: is_listening(server, FRONT), 10)
    return Files(www)


def start_tinyproxy(mesh: Mesh | Pods) -> None:
    """A forward proxy that tunnels."""
    config = mesh.folder / "tinyproxy.conf"
    config.write_text(
        TINYPROXY.format(
            server=mesh.listen_ip, port=PORTS["proxy"], nginx=PORTS["nginx"],
            recorder=PORTS["recorder"],
        )
    )
    mesh.start("tinyproxy", "-d", "-c", str(config), log="tinyproxy.log")
    wait_until("tinyproxy", lambda: is_listening(mesh.listen_ip, PORTS["proxy"]), 10)
