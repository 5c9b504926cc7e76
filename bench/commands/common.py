"""Functions of all commands: the effort of a measurement, and measuring one stack once."""

from collections.abc import Callable
from typing import Final

import attrs

from bench.drive import Load, drive
from bench.figures import Figures
from bench.processes import Cores, serving
from bench.show import Bar
from bench.stacks import Stack


@attrs.frozen
class Effort:
    """Durations and numbers of clients of a measurement."""

    clients: tuple[int, ...]
    join_s: float
    warm_s: float
    measure_s: float

    def of(self, load: Load) -> Load:
        """Return the load with these times."""
        return attrs.evolve(load, join_s=self.join_s, warm_s=self.warm_s, measure_s=self.measure_s)


QUICK: Final = Effort((300,), 12.0, 1.5, 3.0)
THOROUGH: Final = Effort((300, 1000), 30.0, 20.0, 8.0)
"""It warms up for longer than this server takes to move its memory into huge pages: that costs once
what some seconds of play cost."""

ROOMS: Final = (10, 50)
"""Sizes of rooms that are measured."""


def measure(stack: Stack, load: Load, cores: Cores, shown: Bar | Callable[[str], None]) -> Figures:
    """Start a stack, play, end it, and return the figures.

    Raises:
        BenchError: It cannot be installed, started or played.
    """
    say = shown.say if isinstance(shown, Bar) else shown
    what = f"{stack.shown}, {load.clients} in rooms of {load.room_size}"
    say(f"{what}: starting")
    with serving(stack.start(load.room_size), cores.server) as server:
        return drive(load, server, cores, lambda phase, count: say(f"{what}: {phase} ({count})"))


def notes_on(figures: Figures, stack: Stack, cores: Cores) -> list[str]:
    """Return warnings about this run that a reader must know."""
    said = []
    if not cores.apart:
        said.append("server and load shared one core: figures are worth little")
    if figures.load_was_the_bottleneck:
        share = f"{figures.load_share:.0%}"
        said.append(f"{stack.key}: the load generator used {share} of its core")
    if figures.playing < figures.clients:
        why = ", ".join(f"{count} x {reason}" for reason, count in figures.reasons.items())
        missing = figures.clients - figures.playing
        said.append(
            f"{stack.key}: {missing} of {figures.clients} never played ({why or 'too slow'})"
        )
    return said
