# SPDX-License-Identifier: Apache-2.0
"""Exim and Python's smtplib: a server that speaks first, and STARTTLS."""

from __future__ import annotations

import base64
import re
import smtplib
import ssl
from collections.abc import Iterator

from podbench.waiting import wait_until

from .compare import Seen
from .network import Network
from .peer import Case, Peer

# It delivers to a file as it came in, adds no line to it, and says no time.
CONFIG = """
primary_hostname = {host}
spool_directory = {data}/spool
keep_environment =
log_file_path = {data}/%slog
pid_file_path = {data}/pid
daemon_smtp_ports = 25
exim_user = Debian-exim
never_users = root
host_lookup =
rfc1413_query_timeout = 0s
smtp_banner = {host} ESMTP
received_header_text =
message_size_limit = 64M
deliver_drop_privilege = true
acl_smtp_rcpt = accept
acl_smtp_data = accept
tls_advertise_hosts = *
tls_certificate = {certificate}
tls_privatekey = {key}
begin routers
all:
  driver = accept
  transport = inbox
begin transports
inbox:
  driver = appendfile
  file = {data}/inbox
  message_prefix =
  message_suffix =
  user = Debian-exim
"""
# The name of a message, which is its time.
QUEUE_ID = re.compile(rb"id=\S+")
END = b"the end of it\n"


class Recording(smtplib.SMTP):
    """Keeps each answer of the server."""

    answers = b""

    def getreply(self) -> tuple[int, bytes]:
        """The next answer."""
        code, text = super().getreply()
        self.answers += b"%d %s\n" % (code, QUEUE_ID.sub(b"id=-", text))
        return code, text


class Exim(Peer):
    """A mail server."""

    name, package, ports, first = "smtp", "exim4-daemon-light", [25], [25]

    def prepare(self) -> None:
        """Its configuration."""
        (self.data / "exim.conf").write_text(
            CONFIG.format(
                host=self.host, data=self.data, certificate=self.certificate("tls.crt"),
                key=self.certificate("tls.key"),
            )
        )

    def command(self) -> list[str]:
        """exim4 in the foreground."""
        return [self.program("exim4"), "-bdf", "-C", f"{self.data}/exim.conf"]

    def _message(self) -> bytes:
        # Lines of mail have a length; those of the last part are of bytes that are no ASCII.
        text = base64.encodebytes(self.random)
        rows = bytes(byte for byte in self.random[: 1 << 19] if byte > 127)
        lines = b"".join(rows[at : at + 500] + b"\n" for at in range(0, len(rows), 500))
        head = b"From: one@peers\nTo: two@peers\nDate: Thu, 1 Jan 2026 00:00:00 +0000\n"
        head += b"Message-Id: <1@peers>\nSubject: bytes\n\n"
        return head + text + b".a dot goes first\n..\n" + lines + END

    def _mail(self, is_tls: bool) -> Case:
        message = self._message()
        inbox = self.data / "inbox"
        context = ssl.create_default_context(cafile=self.certificate("ca.crt"))

        def has_arrived() -> bool:
            return inbox.exists() and inbox.read_bytes().endswith(END)

        def run(network: Network) -> Seen:
            inbox.unlink(missing_ok=True)
            with network.entered(), Recording(self.host, 25, "client.peers", 20) as client:
                client.ehlo()
                version = b"none"
                if is_tls:
                    client.starttls(context=context)
                    assert isinstance(client.sock, ssl.SSLSocket)
                    version = (client.sock.version() or "none").encode()
                refused = client.docmd("RCPT", "TO:<nobody@peers>")[1]
                client.sendmail(
                    "one@peers", ["two@peers"], message.replace(b"\n", b"\r\n"), ["BODY=8BITMIME"],
                )
                client.quit()
            wait_until("the mail to be delivered", has_arrived)
            return {
                # The server says back which address it sees, its own proxy's or the client's.
                "answers": re.sub(rb"\[[0-9.]+\]", b"[-]", client.answers),
                "tls": version, "refused": refused, "inbox": inbox.read_bytes(),
            }

        words = "STARTTLS" if is_tls else "without TLS"
        return Case(
            f"{words}: a message of {len(message) / 1e6:.1f} MB", run,
            {"tls": b"TLSv1.3" if is_tls else b"none", "inbox": message},
        )

    def cases(self) -> Iterator[Case]:
        """With and without TLS."""
        yield self._mail(is_tls=False)
        yield self._mail(is_tls=True)
