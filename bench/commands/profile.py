"""``script/bench profile``: the processor time of a tick, by code.

Law: the samples of one run are divided in three ways: by package of the code that ran; by our
function that ran or called a library; and by our functions with everything that they called. The
first two add up to the measured processor time; the third ones overlap.
"""

import json
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import attrs

from bench.commands.common import Effort, notes_on
from bench.drive import drive
from bench.errors import BenchError
from bench.figures import Figures
from bench.processes import Command, Cores, find_cores, serving
from bench.sampler import Place
from bench.show import Column, bar, finish, table
from bench.stacks import Stack, own

QUICK: Final = Effort((60,), 15.0, 1.5, 5.0)
THOROUGH: Final = Effort((200,), 30.0, 3.0, 15.0)
ROOM: Final = 10
SHOWN: Final = 18
WRITTEN_S: Final = 5.0
OURS: Final = ("gameserver", "bench")
FRONT: Final = "gameserver.cli"
"""Package that starts the loop, and so is on every stack; it is left out."""

Seen = list[tuple[tuple[Place, ...], int]]

COLUMNS = (
    Column("where", "where"),
    Column("share", "percent", 1, " %"),
    Column("µs per client-tick", "us", 2),
)


def is_ours(place: Place) -> bool:
    """Tell whether a place is in this project."""
    return place[0].split(".")[0] in OURS and place[0] != "bench.sampler"


def package_of(place: Place) -> str:
    """Return the package for the first table; ours by their first two names."""
    names = place[0].split(".")
    return ".".join(names[:2]) if is_ours(place) else names[0]


def named(place: Place) -> str:
    """Return a place as text."""
    return f"{place[0].removeprefix('gameserver.')}.{place[1].replace('.<locals>', '')}"


def by_package(seen: Seen) -> Counter[str]:
    """Count by the package of the innermost code."""
    counts: Counter[str] = Counter()
    for stack, count in seen:
        counts[package_of(stack[0])] += count
    return counts


def by_function(seen: Seen) -> Counter[str]:
    """Count by our innermost function, with the library that it called in brackets.

    Code of a library that is not called by ours, such as trio's loop, is in brackets alone.
    """
    counts: Counter[str] = Counter()
    for stack, count in seen:
        mine = next((place for place in stack if is_ours(place)), None)
        if mine is None or mine[0].startswith(FRONT):
            counts[f"[{package_of(stack[0])}]"] += count
        elif mine is stack[0]:
            counts[named(mine)] += count
        else:
            counts[f"{named(mine)} [{package_of(stack[0])}]"] += count
    return counts


def by_caller(seen: Seen) -> Counter[str]:
    """Count each of our functions with all that it called, once per stack."""
    counts: Counter[str] = Counter()
    for stack, count in seen:
        for place in set(filter(is_ours, stack)):
            if not place[0].startswith(FRONT):
                counts[named(place)] += count
    return counts


def rows_of(counts: Counter[str], total: int, us: float) -> list[dict[str, Any]]:
    """Return rows, the largest first."""
    return [
        {"where": where, "percent": 100 * count / total, "us": us * count / total}
        for where, count in counts.most_common()
    ]


def run(names: tuple[str, ...], *, quick: bool, as_json: bool) -> None:
    """Measure and print.

    Raises:
        BenchError: No stack of ours was chosen, or nothing was seen.
    """
    effort, cores = QUICK if quick else THOROUGH, find_cores()
    stacks = own(names)
    tables, notes, results = [], [], []
    with bar(len(stacks)) as shown:
        for stack in stacks:
            shown.say(stack.shown)
            figures, seen = _sample(stack, effort, cores)
            shown.step()
            total, us = sum(count for _, count in seen), figures.us_per_client_tick
            if not total:
                raise BenchError("the sampler recorded no samples")
            parts = {
                "packages": rows_of(by_package(seen), total, us),
                "functions": rows_of(by_function(seen), total, us),
                "with_callees": rows_of(by_caller(seen), total, us),
            }
            title = f"{stack.shown}, {figures.playing} clients, {us:.0f} µs per client-tick"
            tables += [
                table(f"{title}: {key.replace('_', ' ')}", COLUMNS, rows[:SHOWN])
                for key, rows in parts.items()
            ]
            notes += notes_on(figures, stack, cores)
            results.append({"stack": stack.key, "samples": total, **figures.to_json(), **parts})
    finish("profile", {"quick": quick, "stacks": results}, tables, notes, as_json=as_json)


def _sample(stack: Stack, effort: Effort, cores: Cores) -> tuple[Figures, Seen]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "samples.json"
        load = effort.of(stack.load(effort.clients[0], ROOM))
        with serving(under_sampler(stack.start(ROOM), file), cores.server) as server:

            def heard(phase: str, playing: int) -> None:
                del playing
                if phase == "measuring":
                    server.signal(signal.SIGUSR1)

            figures = drive(load, server, cores, heard)
            server.signal(signal.SIGUSR2)
            return figures, read_samples(file)


def under_sampler(command: Command, file: Path) -> Command:
    """Return the command that runs this server under the sampler."""
    python, _, _, *rest = command.words
    return attrs.evolve(command, words=(python, "-m", "bench.sampler", str(file), *rest))


def read_samples(file: Path) -> Seen:
    """Return the samples, once they are written.

    Raises:
        BenchError: They are not, in time.
    """
    deadline = time.monotonic() + WRITTEN_S
    while not file.exists():
        if time.monotonic() > deadline:
            raise BenchError(f"the sampler wrote no file within {WRITTEN_S:g} s")
        time.sleep(0.05)
    return [(tuple(_places(stack)), count) for stack, count in json.loads(file.read_text("utf-8"))]


def _places(stack: Iterable[list[str]]) -> Iterable[Place]:
    return ((module, function) for module, function in stack)
