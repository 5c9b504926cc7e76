"""Output of commands: tables for people, JSON for programs, and a progress bar.

Law: standard output carries the result only; progress goes to standard error. The newest result of
each command is also stored in the cache.
"""

import json
import platform
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import attrs
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bench.cache import cache_folder
from gameserver.accel import hot

WIDE: Final = 160
"""Width of a table that is written to a file, in characters."""


@attrs.frozen
class Column:
    """One column: its heading, its key in a row, and the decimal places of its numbers."""

    heading: str
    key: str
    places: int = 0
    suffix: str = ""

    def text(self, row: Mapping[str, object]) -> str:
        """Return the text of a row's cell; a dash if there is no value."""
        value = row.get(self.key)
        if value is None:
            return "-"
        if isinstance(value, float):
            return f"{value:,.{self.places}f}{self.suffix}"
        return f"{value:,}{self.suffix}" if isinstance(value, int) else str(value)


def table(title: str, columns: Sequence[Column], rows: Sequence[Mapping[str, object]]) -> Table:
    """Return rows as a table, with texts aligned left and numbers right."""
    laid = Table(title=escape(title), title_justify="left", title_style="bold")
    for column in columns:
        words = any(isinstance(row.get(column.key), str) for row in rows)
        laid.add_column(column.heading, justify="left" if words else "right", no_wrap=words)
    for row in rows:
        style = str(row["style"]) if row.get("style") else None
        laid.add_row(*(escape(column.text(row)) for column in columns), style=style)
    return laid


def python_build() -> str:
    """Return how this Python was built, as far as it knows: that is worth a quarter of the time."""
    given = str(sysconfig.get_config_var("CONFIG_ARGS") or "")
    guided = "--enable-optimizations" in given
    linked = "--with-lto" in given
    known = ["with profile-guided optimisation" if guided else "no profile-guided optimisation"]
    return ", ".join(known + ["link-time optimisation"] * linked)


def finish(
    command: str,
    result: Mapping[str, object],
    tables: Sequence[Table],
    notes: Sequence[str],
    *,
    as_json: bool,
) -> None:
    """Print a result, and store it in the cache."""
    about = {
        "command": command,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "python_build": python_build(),
        "hot_path": hot.name,
        "machine": platform.machine(),
    }
    text = json.dumps({**about, **result, "notes": list(notes)}, indent=1)
    (cache_folder("results") / f"{command}.json").write_text(text + "\n", "utf-8")
    if as_json:
        sys.stdout.write(text + "\n")
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE)
    for one in tables:
        console.print(one)
    made_by = f"Python {about['python']} ({about['python_build']}), hot path: {about['hot_path']}"
    console.print(f"[dim]{escape(made_by)}[/dim]")
    for note in notes:
        console.print(f"[yellow]note:[/yellow] {escape(note)}")


class Bar:
    """The progress of one command."""

    def __init__(self, progress: Progress, steps: int) -> None:
        """Begin with all steps to do."""
        self._progress = progress
        self._task = progress.add_task("", total=steps)

    def say(self, text: str) -> None:
        """Show the name of the present step."""
        self._progress.update(self._task, description=text)

    def step(self) -> None:
        """Advance the bar by one step."""
        self._progress.advance(self._task)


@contextmanager
def bar(steps: int) -> Iterator[Bar]:
    """Show a bar on standard error while the context lasts."""
    columns = (
        SpinnerColumn(),
        BarColumn(20),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bar(progress, steps)
