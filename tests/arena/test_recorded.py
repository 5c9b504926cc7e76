"""Matches of drawn keys and of bots go as they went when they were recorded, to the last bit.

A journal holds what the players pressed, and a client in any language computes the same ticks: a
change of a rule, of a number or of a bot changes worlds that were recorded before. Where that is
meant, ``python -m tests.arena.test_recorded`` writes the new rows.
"""

from collections import Counter
from itertools import product
from typing import Any, Final

from gameserver.arena.bots import LEVELS, ArenaBot
from gameserver.arena.entities import Fighter
from gameserver.game.command import Command
from gameserver.game.rng import Rng
from gameserver.game.schema.dump import world_hash
from gameserver.ids import Seat
from tests.arena.field import GAME, Field
from tests.arena.test_invariants import MAP, Watched
from tests.recorded import Recorded


def of_keys(mode: str, seed: int) -> Field:
    """Play with keys that are drawn; fighters stand close."""
    watched = Watched(mode, seed, friendly_fire=seed % 2 == 0)
    for _ in range(400):
        watched.step()
    return watched.field


def of_bots(mode: str, seed: int) -> Field:
    """Play with bots, one of each level after the other."""
    field, levels = Field(4, MAP, mode=mode, score_limit=0), tuple(LEVELS)
    bots = {
        seat: ArenaBot(Seat(seat), levels[(seat + seed) % len(levels)], Rng.seeded(seed, seat))
        for seat in range(4)
    }
    for _ in range(900):
        pressed: dict[int, Command] = {}
        for seat, bot in bots.items():
            pressed[seat] = bot.command(field.world)
        field.step(pressed)
    return field


def told(field: Field) -> tuple[str, str, str]:
    """Return what happened how often, the scores by seat, and the hash of the world."""
    counts = Counter(type(event).__name__ for event in field.happened)
    happened = " ".join(f"{name} {number}" for name, number in sorted(counts.items()))
    fighters = sorted(field.world.all(Fighter), key=lambda each: each.owner)
    scores = " ".join(f"{each.score}/{each.kills}/{each.deaths}" for each in fighters)
    return happened, scores, world_hash(GAME, field.world).hex()[:16]


PLAYS: Final = {"keys": of_keys, "bots": of_bots}


RECORDED = Recorded(
    __file__,
    list(product(PLAYS, ("dm", "tdm", "ctf"), (1, 2))),
    lambda by, mode, seed: told(PLAYS[by](mode, seed)),
)


@RECORDED.each
def test_a_match_goes_as_it_was_recorded(row: list[Any]) -> None:
    RECORDED.compare(row)


if __name__ == "__main__":
    RECORDED.write()
