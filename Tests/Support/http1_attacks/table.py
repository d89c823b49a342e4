# SPDX-License-Identifier: Apache-2.0
"""All cases, by their titles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from attacks.runner import Job

from . import cases_backend as backend
from . import cases_bodies as bodies
from . import cases_connections as connections
from . import cases_forms as forms
from . import cases_heads as heads
from . import cases_policy as policy
from . import cases_tunnel as tunnel


@dataclass(frozen=True)
class Case:
    """One attack, its number in the project's list of them, and what it has to come to."""

    number: str
    title: str
    run: Callable[[], None]

    @property
    def job(self) -> Job:
        """It, to be run."""
        return Job(self.title, self.run, f" (case {self.number})")


CASES = [
    Case("27-30, 42", "forms of requests, first on a connection", forms.forms_first),
    Case("27-30, 42", "forms of requests, behind a good one", forms.forms_behind_a_request),
    Case("27-30", "forms that do not look like HTTP", forms.forms_that_are_no_http),
    Case("22", "upgrades to h2c", policy.h2c_upgrades),
    Case("31, 32", "heads that are too large", heads.large_heads),
    Case("31", "heads that cost too much", heads.costly_heads),
    Case("33", "heads that come too slowly", heads.slow_heads),
    Case("33", "first lines that come too slowly", heads.slow_first_lines),
    Case("33", "heads in pieces", heads.heads_in_pieces),
    Case("34", "bodies that stop", bodies.slow_bodies),
    Case("35", "responses that nobody reads", bodies.unread_responses),
    Case("36", "horde of idle clients", connections.idle_horde),
    Case("36", "idle clients are ended", connections.idle_clients_are_ended),
    Case("37", "deep pipeline", connections.deep_pipeline),
    Case("37", "deep pipeline, unread", connections.unread_pipeline),
    Case("37", "requests behind the last", connections.requests_behind_the_last),
    Case("38", "Expect: 100-continue", bodies.expectations),
    Case("38, 39", "bad responses", backend.bad_responses),
    Case("39", "responses that nobody waits for", backend.late_extra_responses),
    Case("39", "responses behind a response, of a member", backend.extra_records),
    Case("52", "responses that are cut between two proxies", backend.cut_behind_the_mesh),
    Case("39", "responses that come slowly", backend.slow_responses),
    Case("40", "responses before the request is there", bodies.early_responses),
    Case("41", "tunnels, half-closed", tunnel.half_closes),
    Case("41", "tunnels, one way", tunnel.one_way),
    Case("41", "tunnels, idle", tunnel.idle_tunnels),
    Case("41", "tunnels, opened and dropped", tunnel.floods_of_tunnels),
    Case("41", "upgrades that are not taken", tunnel.refused_upgrades),
    Case("41", "tunnels by CONNECT", tunnel.connect_tunnels),
    Case("45", "identities that are not true", policy.spoofed_identities),
    Case("45", "fields that a client names", policy.named_fields),
    Case("44", "probes", policy.probes),
    Case("44", "probes that are redirected", policy.redirected_probes),
]
