# SPDX-License-Identifier: Apache-2.0
"""HAProxy as Debian has it."""

from __future__ import annotations

from .side import CIPHER, Command, Side

EXECUTABLE = "/usr/sbin/haproxy"


def proxy(side: Side) -> Command:
    """One HAProxy of a pair."""
    tls = (
        f"ssl crt {side.certificates}/both.pem ca-file {side.certificates}/ca.crt"
        f" verify required ssl-min-ver TLSv1.3 ciphersuites {CIPHER}"
    )
    pool = " pool-purge-delay 3600s" if side.is_http else ""
    if side.is_outbound:
        bind, server = "", f"{tls} verifyhost {side.peer_name} sni str({side.peer_name})"
    else:
        bind, server = tls, ""
    text = f"""global
  nbthread {side.threads}
  maxconn 6000
  ulimit-n 14000
defaults
  mode {"http" if side.is_http else "tcp"}
  timeout connect 5s
  timeout client 3600s
  timeout server 3600s
  {"http-reuse always" if side.is_http else ""}
frontend front
  bind {side.listen} backlog 4096 {bind}
  default_backend back
backend back
  server up {side.server} {server}{pool}
"""
    return Command([EXECUTABLE, "-db", "-f", str(side.write("haproxy.cfg", text))])
