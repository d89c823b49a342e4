# SPDX-License-Identifier: Apache-2.0
"""nginx as Debian has it: as a peer, and as the application behind all proxies."""

from __future__ import annotations

from pathlib import Path

from .side import CIPHER, Address, Command, Side

EXECUTABLE = "/usr/sbin/nginx"
STREAM_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so"
HEAD = """daemon off;
pid {folder}/nginx.pid;
error_log stderr error;
worker_processes {threads};
worker_rlimit_nofile 14000;
events {{ worker_connections 12000; }}
"""
HTTP = """  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 3600s;
  tcp_nodelay on;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
"""
TO_PEER = """proxy_ssl_certificate {certificates}/tls.crt;
    proxy_ssl_certificate_key {certificates}/tls.key;
    proxy_ssl_trusted_certificate {certificates}/ca.crt;
    proxy_ssl_verify on;
    proxy_ssl_name {peer_name};
    proxy_ssl_server_name on;
    proxy_ssl_protocols TLSv1.3;
    proxy_ssl_conf_command Ciphersuites {cipher};
"""
FROM_PEER = """ssl_certificate {certificates}/tls.crt;
    ssl_certificate_key {certificates}/tls.key;
    ssl_client_certificate {certificates}/ca.crt;
    ssl_verify_client on;
    ssl_protocols TLSv1.3;
    ssl_conf_command Ciphersuites {cipher};
"""
KEEP = 'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;'


def proxy(side: Side) -> Command:
    """One nginx of a pair."""
    text = HEAD.format(folder=side.folder, threads=side.threads)
    tls = (TO_PEER if side.is_outbound else FROM_PEER).format(
        certificates=side.certificates, peer_name=side.peer_name, cipher=CIPHER
    )
    listen = f"listen {side.listen}{'' if side.is_outbound else ' ssl'} backlog=4096;"
    if side.is_http:
        scheme = "https" if side.is_outbound else "http"
        text += (
            f"http {{\n{HTTP.format(folder=side.folder)}"
            f"  upstream up {{ server {side.server}; keepalive 1024;\n"
            "    keepalive_requests 1000000000; keepalive_timeout 3600s; }\n"
            f"  server {{\n    {listen}\n    {tls}"
            f"    location / {{ proxy_pass {scheme}://up; {KEEP} }}\n  }}\n}}\n"
        )
    else:
        encrypts = "proxy_ssl on;" if side.is_outbound else ""
        text = (
            f"load_module {STREAM_MODULE};\n{text}stream {{\n  server {{\n    {listen}\n"
            f"    tcp_nodelay on; {encrypts}\n    {tls}    proxy_pass {side.server};\n  }}\n}}\n"
        )
    return command(side.folder, side.write("nginx.conf", text))


def application(folder: Path, listen: Address) -> Command:
    """Answers 1 KiB to all."""
    text = (
        f"{HEAD.format(folder=folder, threads=1)}http {{\n{HTTP.format(folder=folder)}"
        f"  default_type text/plain;\n  server {{ listen {listen} backlog=4096;"
        f" location / {{ return 200 '{'x' * 1024}'; }} }}\n}}\n"
    )
    file = folder / "nginx.conf"
    file.write_text(text)
    return command(folder, file)


def command(folder: Path, file: Path) -> Command:
    """How nginx is started in a folder of its own."""
    return Command([EXECUTABLE, "-e", "stderr", "-p", str(folder), "-c", str(file)])
