"""The small game and the stepper play a match as they played it when it was recorded.

Where something else is meant, ``python -m tests.testing.test_recorded`` writes the new rows.

Rows: the seed, counts of what happened, and digests of the journal, of the world, of the players
and of what each client has drawn. The form of messages is not looked at here.
"""

from collections import Counter
from typing import Any

from gameserver.game.schema.dump import dump_world
from gameserver.testing.skirmish import Skirmish
from tests.match.eventful import Eventful
from tests.recorded import Recorded, digest


def told(seed: int) -> tuple[dict[str, int], list[str]]:
    played = Eventful(Skirmish(), seed)
    run = played.run
    counts = Counter(f"event {each.event}" for each in run.happened)
    counts.update(type(each).__name__ for each in run.match.world)
    world = dump_world(run.game, run.match.world)
    wholes = [run.journal, world, run.players, *played.frames.values()]
    return dict(sorted(counts.items())), [digest(each) for each in wholes]


RECORDED = Recorded(__file__, (7, 8), told)


@RECORDED.each
def test_a_stepped_match_goes_as_it_was_recorded(row: list[Any]) -> None:
    RECORDED.compare(row)


if __name__ == "__main__":
    RECORDED.write()
