"""What a seed lets players and strangers of a story do is what it let them do when it was recorded.

A seed that found a fault is worth something only while it draws the same. Where something else is
meant, ``python -m tests.testing.story.test_recorded`` writes the new rows.

Rows: the situation, how many of which kind were drawn of 1000, and the digest of all.
"""

from random import Random
from typing import Any

from gameserver.ids import LobbyId
from gameserver.testing.story.deeds import deed
from gameserver.testing.story.strangers import SPEECHES
from tests.recorded import Recorded, counted, digest
from tests.rooms.party import Party
from tests.testing.story.test_deeds import Entry, Known, Listed, wish_of


def wishes(situation: str) -> tuple[dict[str, int], str]:
    if situation == "strangers":
        said = [[speech(Random(seed)) for seed in range(20)] for speech in SPEECHES]
        return {"speeches": len(said)}, digest(said)
    known = Known()
    if situation == "lobbies":
        known.lobby_list = Listed((Entry(LobbyId("a")), Entry(LobbyId("b"))))
    elif situation == "member":
        known.lobby = Party().group("Ann", "Bob")[0].room
    wish = wish_of(known, seed=9)
    deeds = [deed(wish) for _ in range(1000)]
    return counted(each.name for each in deeds), digest(deeds)


RECORDED = Recorded(__file__, ("strangers", "alone", "lobbies", "member"), wishes)


@RECORDED.each
def test_a_seed_draws_what_it_drew_when_it_was_recorded(row: list[Any]) -> None:
    RECORDED.compare(row)


if __name__ == "__main__":
    RECORDED.write()
