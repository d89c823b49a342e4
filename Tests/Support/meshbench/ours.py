# SPDX-License-Identifier: Apache-2.0
"""meshctl-proxy as it is shipped, with all that a sidecar does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from .side import Address, Command, Side

SERVICE = "users-api.default.svc.cluster.local"


class Ours:
    """Makes the commands, for one executable."""

    def __init__(self, path: Path, words: Sequence[str] = ()) -> None:
        self._path = path
        self._words = words

    def proxy(self, side: Side) -> Command:
        """One meshctl-proxy of a pair. Metrics are always on, and so is the check of identities."""
        host = side.listen.host
        inbound: dict[str, object] = {
            "listenAddr": f"{host}:4143", "adminListenAddr": f"{host}:4191",
            "defaultPolicy": "all-authenticated",
        }
        tree: dict[str, object] = {
            "proxy": {
                "listenAddr": f"{host}:4140",
                "proxy": {"outgoing": {
                    "request": {"timeout": "5s"}, "allow": ["k8s:default/users-api"],
                }},
            },
            "identity": {
                "name": side.own_name, "certificate": f"{side.certificates}/tls.crt",
                "key": f"{side.certificates}/tls.key", "trustRoots": f"{side.certificates}/ca.crt",
            },
            "inbound": inbound,
        }
        if side.is_outbound:
            # The peer is spoken to at its port 4143, and told which of its ports is meant.
            endpoint = Address(side.server.host, side.application.port)
            tree["services"] = {SERVICE: {
                "address": str(side.listen),
                "endpoints": [{"address": str(endpoint), "identity": side.peer_name}],
            }}
        else:
            inbound["forwardTo"] = str(side.server)
            if not side.is_http:
                inbound["opaquePorts"] = str(side.application.port)
        file = side.write("proxy.yaml", json.dumps(tree, indent=1))
        words = ["--config", str(file), "--threads", str(side.threads), *self._words]
        return Command([str(self._path), *words])
