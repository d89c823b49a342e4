# SPDX-License-Identifier: Apache-2.0
"""All rows, by their themes."""

from __future__ import annotations

from .row import Row
from .rows import (
    access, admission, applies, definitions, deletes, discovery, lists, objects, patches,
    watches, workloads,
)  # fmt: skip

THEMES: dict[str, tuple[Row, ...]] = {
    "Discovery": discovery.ROWS,
    "Objects": objects.ROWS,
    "Patches": patches.ROWS,
    "Server-side apply": applies.ROWS,
    "Deleting, owners and namespaces": deletes.ROWS,
    "Lists and their forms": lists.ROWS,
    "Watches": watches.ROWS,
    "Who may do what": access.ROWS,
    "Kinds of one's own": definitions.ROWS,
    "Webhooks": admission.ROWS,
    "Pods, Deployments, Services and the rest": workloads.ROWS,
}
