# SPDX-License-Identifier: Apache-2.0
"""The CNI plugin that a node would have: it redirects a pod before any container of it starts."""

from __future__ import annotations

from pathlib import Path

from .pod import Pod

INIT = "linkerd-init"
PREFIX = "config.linkerd.io/"
# What the plugin is configured with: the proxy's own ports, and those that no proxy understands.
OWN_PORTS = "4190,4191"
SKIPPED_PORTS = "4567,4568"


def redirect(pod: Pod, program: Path, has_ipv6: bool) -> bool:
    """Sets the redirect of a meshed pod that does not do so itself; says whether it had to."""
    specs = pod.spec.get("initContainers") or []
    if not pod.is_meshed or any(spec["name"] == INIT for spec in specs):
        return False
    annotations = pod.facts.annotations
    skipped = annotations.get(f"{PREFIX}skip-inbound-ports", SKIPPED_PORTS)
    pod.run_in_network(
        program, *([] if has_ipv6 else ["--ipv6=false"]), "--proxy-uid", pod.proxy_user,
        "--inbound-ports-to-ignore", f"{OWN_PORTS},{skipped}", "--outbound-ports-to-ignore",
        annotations.get(f"{PREFIX}skip-outbound-ports", SKIPPED_PORTS),
    )
    return True
