# SPDX-License-Identifier: Apache-2.0
"""The picture of CPU times, as SVG: bars with the least and the most of the runs."""

from __future__ import annotations

from html import escape

from .implementations import OURS
from .medians import Medians
from .scenarios import SCENARIOS, Scenario

WIDTH, LABEL, RIGHT = 800, 110, 190
BAR, GAP, TITLE = 18, 6, 34
# Readable on white and on black paper.
STYLE = """
text { font: 13px sans-serif; fill: #24292f } .title { font-weight: bold; font-size: 14px }
.ours { fill: #1f6feb } .peer { fill: #8b949e } .floor { fill: #c9d1d9 }
.spread { stroke: #24292f; stroke-width: 1.5 } .paper { fill: #ffffff }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .paper { fill: #0d1117 } .spread { stroke: #e6edf3 }
  .floor { fill: #484f58 } .ours { fill: #58a6ff }
}
"""


def plot(table: dict[tuple[str, str], Medians]) -> str:
    """One group of bars for each scenario; shorter is better."""
    parts: list[str] = []
    y = 40.0
    for scenario in SCENARIOS:
        rows = [
            (who, one) for (what, who), one in table.items()
            if what == scenario.name and is_drawn(scenario, who)
        ]
        if not rows:
            continue
        unit = "us of CPU a request" if scenario.is_http else "s of CPU a GiB"
        note = " (without tls-relay, see the table)" if scenario.closes else ""
        parts.append(text(10, y + 14, f"{scenario.title}: {unit}{note}", "title"))
        y += TITLE - 8
        scale = (WIDTH - LABEL - RIGHT) / max(one.cost.most for _, one in rows)
        for who, one in rows:
            parts += bar(who, one, y, scale, 1 if scenario.is_http else 2)
            y += BAR + GAP
        y += 14
    caption = text(10, 20, "CPU time of both proxies, by the kernel's accounts. Shorter is better.")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y:.0f}" '
        f'width="{WIDTH}" height="{y:.0f}" role="img" '
        f'aria-label="CPU time of both proxies"><style>{STYLE}</style>'
        f'<rect class="paper" width="{WIDTH}" height="{y:.0f}"/>{caption}{"".join(parts)}</svg>\n'
    )


def is_drawn(scenario: Scenario, who: str) -> bool:
    """Without a pool each request is a handshake: all other bars would be too short to compare."""
    return who != "direct" and not (scenario.closes and who == "tls-relay")


def bar(who: str, one: Medians, y: float, scale: float, digits: int) -> list[str]:
    """One implementation's."""
    kind = "ours" if who.startswith(OURS) else "floor" if "relay" in who else "peer"
    middle = y + BAR / 2
    least, most = LABEL + one.cost.least * scale, LABEL + one.cost.most * scale
    return [
        text(LABEL - 8, middle + 5, who, anchor="end"),
        f'<rect class="{kind}" x="{LABEL}" y="{y:.1f}" height="{BAR}" '
        f'width="{one.cost.median * scale:.1f}"/>',
        f'<line class="spread" x1="{least:.1f}" x2="{most:.1f}" '
        f'y1="{middle:.1f}" y2="{middle:.1f}"/>',
        text(most + 8, middle + 5, one.cost.text(digits)),
    ]


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    """Some words."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )
