"""Compare the hot paths: ``script/differ --minutes 5``, or ``--stories 2000``.

Exit codes: 0 they did the same in all stories; 1 they did not, and the first story is told.
"""

import sys
import time
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bench.differ.story import TICKS, Difference, tell
from gameserver.accel import HotPath, implementation

SHOWN: Final = 1500


@click.command()
@click.option("--minutes", default=0.0, help="How long; 0: until the stories are told.")
@click.option("--stories", default=300, show_default=True, help="How many.")
@click.option("--seed", default=1, show_default=True, help="Of the first story.")
def main(minutes: float, stories: int, seed: int) -> None:
    """Give both hot paths the same random streams, and compare all that they do."""
    paths = implementation("pure"), implementation("native")
    found, told, received = run(paths, minutes * 60, stories, seed)
    ticks = told * TICKS
    Console().print(
        f"{told:,} stories from seed {seed}, {ticks:,} ticks, {received:,} bytes in: "
        + ("[red]they differ" if found else "[green]no difference"),
        highlight=False,
    )
    if found is not None:
        show(found)
    sys.exit(found is not None)


def run(
    paths: tuple[HotPath, ...], seconds: float, stories: int, seed: int
) -> tuple[Difference | None, int, int]:
    """Tell stories until the time is over, they are told, or one is told differently."""
    began, received, told = time.monotonic(), 0, 0
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("comparing", total=1.0)
        while True:
            passed = time.monotonic() - began
            done = passed / seconds if seconds else told / stories
            shown.update(task, completed=min(done, 1.0))
            if done >= 1:
                return None, told, received
            found, count = tell(seed + told, paths)
            told, received = told + 1, received + count
            if found is not None:
                return found, told, received


def show(found: Difference) -> None:
    """Print where they differ, and what each of them gave."""
    console = Console()
    console.print(f"story {found.seed}, tick {found.tick}, {found.what}:", highlight=False)
    for name, answer in found.answers.items():
        console.print(f"  {name}: {answer!r:.{SHOWN}}", highlight=False, markup=False)


if __name__ == "__main__":
    main()
