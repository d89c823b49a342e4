# SPDX-License-Identifier: Apache-2.0
"""How much a case does: seconds in everyday checks, as long as is asked for in a soak."""

from __future__ import annotations

import os

# Nothing, or for how long a flood is to last.
SECONDS = float(os.environ.get("SOAK_SECONDS") or 0)
IS_SOAK = SECONDS > 0


def scaled(everyday: int, soak: int) -> int:
    """A number for each of the two."""
    return soak if IS_SOAK else everyday
