# SPDX-License-Identifier: Apache-2.0
"""All cases, by their titles."""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import cases_admin as admin
from . import cases_certificates as certificates
from . import cases_clock as clock
from . import cases_early_data as early_data
from . import cases_families as families
from . import cases_hello as hello
from . import cases_process as process
from . import cases_records as records
from . import cases_reload as reload
from . import cases_rotation as rotation
from . import cases_series as series
from . import cases_streams as streams
from .runner import Job


@dataclass(frozen=True)
class Case:
    """One attack or fault, and what it has to come to."""

    title: str
    run: Callable[..., None]
    is_alone: bool = False
    seconds_max: float = 0

    @property
    def can_last(self) -> bool:
        """Whether it may be told for how long to go on."""
        return "seconds" in inspect.signature(self.run).parameters

    def job(self, seconds: float | None) -> Job:
        """It, to be run for so long; None for what an everyday check can bear."""
        return Job(
            self.title, lambda: self._run(seconds), is_alone=self.is_alone,
            seconds_max=self.seconds_max,
        )

    def _run(self, seconds: float | None) -> None:
        wanted = inspect.signature(self.run).parameters
        with tempfile.TemporaryDirectory(prefix="mesh-attack-") as folder:
            given: dict[str, object] = {}
            if "folder" in wanted:
                given["folder"] = Path(folder)
            if seconds is not None and self.can_last:
                given["seconds"] = seconds
            self.run(**given)


# A proxy looks at its file fifty times a second until that has rested, and is judged after that.
RELOAD_SECONDS_MAX = 12.0

CASES = [
    Case("flood of 5,000 ClientHellos a second", hello.flood_of_hellos, is_alone=True),
    Case("ClientHello in odd pieces", hello.cut_up),
    Case("ClientHello of 16 KiB to 1 MiB", hello.huge),
    Case("ClientHello that stops, or trickles", hello.stalled),
    Case("handshakes that stop, too many", hello.stalled_in_the_handshake),
    Case("flood of handshakes", hello.flood_of_handshakes),
    Case("TLS 1.0 to 1.2, null ciphers, compression", hello.old_protocols),
    Case("renegotiation and misplaced messages", records.misplaced_messages),
    Case("certificates of clients", certificates.of_clients),
    Case("certificates of servers", certificates.of_servers),
    Case("who speaks first", streams.who_speaks_first),
    Case("clients that leave without a byte", streams.silent_clients),
    Case("flood of KeyUpdate", records.key_updates),
    Case("flood of KeyUpdate, answers unread", records.key_updates_to_be_answered),
    Case("flood of KeyUpdate between data", records.key_updates_between_data),
    Case("flood of empty records", records.empty_records),
    Case("flood of padding", records.padded_empty_records),
    Case("flood of alerts", records.alerts),
    Case("flood of alerts between data", records.alerts_between_data),
    Case("end without close_notify", records.end_without_close_notify),
    Case("tickets", certificates.tickets),
    Case("early data", early_data.early_data),
    Case("early data, too much", early_data.too_much_early_data),
    Case("identity files are swapped under load", rotation.swapped),
    Case("certificate that is half written, under load", rotation.half_written),
    Case("certificate of another key, under load", rotation.of_another_key),
    Case("certificate that cannot be read, under load", rotation.unreadable),
    Case("roots change under load", rotation.roots_change),
    Case(
        "flood of reloads", reload.flood_of_reloads,
        seconds_max=RELOAD_SECONDS_MAX,
    ),
    Case(
        "configuration file: bad, empty, gone", reload.bad_and_gone,
        seconds_max=RELOAD_SECONDS_MAX,
    ),
    Case(
        "flood of changes of the configuration file", reload.thousand_changes_a_second,
        seconds_max=RELOAD_SECONDS_MAX,
    ),
    Case("straight to the inbound port", certificates.straight_to_the_inbound_port),
    Case("half-close in both orders", streams.half_closes),
    Case("resets while bytes are on their way", streams.resets_in_the_middle),
    Case("resets behind a half-close", streams.resets_behind_an_end),
    Case("half-closed connections pile up", streams.half_closed_pile),
    Case("answers of servers that then reset", streams.early_answers),
    Case("64 descriptors of the client's proxy", streams.few_descriptors),
    Case("64 descriptors of the server's proxy", streams.few_descriptors_of_the_server),
    Case("ways back to the proxy itself", streams.ways_back),
    Case("wall clock jumps by an hour and a year", clock.wall_clock_jumps),
    Case("wall clock past the certificates", clock.wall_clock_past_the_certificates),
    Case("every clock jumps", clock.every_clock_jumps),
    Case("monotonic clock at two seconds", clock.young_machine),
    Case("monotonic clock at thirty years", clock.old_machine),
    Case("admin port: readers that do not read", admin.slow_readers),
    Case("admin port: clients that do not finish to ask", admin.slow_writers),
    Case("admin port: flood of scrapes", admin.flood_of_scrapes),
    Case("admin port: what is not for everybody", admin.forbidden_pages),
    Case("more peers than series of metrics", series.more_peers_than_series),
    Case("no IPv6 on this machine", families.no_ipv6),
    Case("IPv6 that leads nowhere", families.no_route_to_ipv6),
    Case("SIGTERM with a thousand open", process.termination_with_a_thousand_open),
    Case("SIGTERM twice", process.termination_twice),
    Case("SIGSTOP and SIGCONT of the client's proxy", process.client_side_stopped),
    Case("SIGSTOP and SIGCONT of the server's proxy", process.server_side_stopped),
    Case("SIGPIPE", process.broken_pipes),
    Case("stdout and stderr are full pipes", process.full_pipes_for_its_words),
    Case("stderr is a pipe without a reader", process.closed_pipe_for_its_words),
    Case("log on a full disk", process.full_disk),
    Case("log on a file system of one page", process.full_file_system),
    Case("read-only file system", process.read_only_file_system),
]
