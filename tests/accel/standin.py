"""Simulated matches whose hot path is counted: ``standin.py "as it is" | replaced``.

The players of a whole server take all parts but the one for viewers without anything of their own;
two spectators of a second match take that.

It prints the trace of the run and, where the hot path was replaced, how often each part was called.
"""

import sys
from collections import Counter
from typing import Any

import attrs

from gameserver import accel

COUNTS: Counter[str] = Counter()


class Counted:
    """Another implementation of the port: it counts, and lets the pure one work."""

    name = "counted"

    def __getattr__(self, part: str) -> Any:
        work = getattr(accel.pure, part)

        def counted(*args: Any) -> Any:
            COUNTS[part] += 1
            return work(*args)

        COUNTS[part] += 0
        return counted


def main(way: str) -> None:
    """Run a simulation of a few seconds, and print what was asked for."""
    if way == "replaced":
        # Before any other module of the server is imported: they take `hot` from here.
        accel.hot = Counted()  # type: ignore[misc]
    from gameserver.testing.scenario import ALONE, NO_TROUBLES, simulate  # noqa: PLC0415
    from gameserver.testing.simulate import ROOM  # noqa: PLC0415
    from gameserver.testing.skirmish import Bout  # noqa: PLC0415
    from gameserver.testing.stepper import MatchStepper  # noqa: PLC0415

    troubles = attrs.evolve(NO_TROUBLES, stalls=2.0, weathers=4.0)
    done = simulate(
        7, Bout(), {ROOM.name: ROOM}, players=3, seconds=12.0, troubles=troubles, cast=ALONE
    )
    assert not done.faults, done.faults
    watched = MatchStepper(Bout(), ROOM, seats=1, bots=1)
    spectators = [watched.enter(name=name) for name in ("ann", "bob")]
    watched.run(60)
    assert all(each.replica.stats.snapshots > 50 for each in spectators)
    print(  # noqa: T201  its result
        done.trace, *(f"{part}={count}" for part, count in sorted(COUNTS.items()))
    )


if __name__ == "__main__":
    main(sys.argv[1])
