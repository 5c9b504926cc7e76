"""``script/bench charts``: bar charts as SVG from the newest results, for docs/performance.md.

Law: nothing is measured here; a command without a result gets no chart.
"""

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any, Final

import click

from bench.cache import CACHE, ROOT

FOLDER: Final = ROOT / "docs" / "images"
WIDTH, LABEL, LINE, TOP = 760, 250, 30, 56
OURS, OTHER = "#1f6feb", "#9aa4b1"

Bars = Sequence[tuple[str, float, bool]]
"""Label, value, and whether it is this server."""


def svg(title: str, unit: str, bars: Bars) -> str:
    """Return a chart of horizontal bars; the longest has the largest value."""
    most = max((value for _, value, _ in bars), default=1.0) or 1.0
    height = TOP + LINE * len(bars) + 14
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
            f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13">'
        ),
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="24" font-size="16" font-weight="bold">{escape(title)}</text>',
        f'<text x="16" y="43" fill="#57606a">{escape(unit)}</text>',
    ]
    for index, (label, value, mine) in enumerate(bars):
        y = TOP + LINE * index
        long = max(1.0, value / most * (WIDTH - LABEL - 110))
        shown = f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
        lines += [
            f'<text x="{LABEL - 10}" y="{y + 19}" text-anchor="end">{escape(label)}</text>',
            (
                f'<rect x="{LABEL}" y="{y + 5}" width="{long:.1f}" height="20" rx="2" '
                f'fill="{OURS if mine else OTHER}"/>'
            ),
            f'<text x="{LABEL + long + 8:.1f}" y="{y + 19}">{shown}</text>',
        ]
    return "\n".join([*lines, "</svg>", ""])


def run(*, quick: bool, as_json: bool) -> None:
    """Write the charts and print their paths."""
    del quick
    made = [*bytes_charts(result("bytes")), *peers_charts(result("peers"))]
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in made:
        (FOLDER / name).write_text(text, "utf-8")
    names = [str((FOLDER / name).relative_to(ROOT)) for name, _ in made]
    click.echo(json.dumps({"charts": names}) if as_json else "\n".join(names))


def result(command: str, folder: Path = CACHE / "results") -> dict[str, Any]:
    """Return the newest result of a command; empty if there is none."""
    file = folder / f"{command}.json"
    read: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return read


def bytes_charts(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Return a chart for each recorded match."""
    rows = data.get("rows", [])
    keys = dict.fromkeys(row["recording"] for row in rows)
    return [
        (
            f"bytes-{key}.svg",
            svg(
                f"Bytes per player and second: {key}, {mine[0]['hz']} Hz",
                "payload of one recorded match; less is better",
                [(r["shown"], r["bytes_per_player_s"], r["encoder"] == "gameserver") for r in mine],
            ),
        )
        for key in keys
        if (mine := [row for row in rows if row["recording"] == key])
    ]


def peers_charts(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Return a chart of processor time for each size of room, with the most clients measured."""
    charts = []
    rows = data.get("stacks", [])
    for size in dict.fromkeys(row["room_size"] for row in rows):
        here = [row for row in rows if row["room_size"] == size]
        most = max(row["asked"] for row in here)
        bars = [
            (r["shown"], r["us_per_client_tick"], r["stack"].startswith("gameserver"))
            for r in here
            if r["asked"] == most
        ]
        title = f"Processor time per client and tick: rooms of {size}, {most} clients"
        charts.append((f"peers-{size}.svg", svg(title, "µs of one core; less is better", bars)))
    return charts
