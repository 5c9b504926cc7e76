"""A match over a connection beside the present one: how it is entered, and what is played again."""

import attrs

from gameserver.ids import MatchId, Tick
from gameserver.messages.match import EnterMatch
from gameserver.messages.wire import Input
from tests.client.play.test_matchkeeper import ENTERED, entered, match


def played(tick: int, seen: int) -> Input:
    return Input(tick, Tick(tick), Tick(seen), 0, ())


class Playing:
    """Stands in for a replica; keeps how it was entered."""

    def __init__(self) -> None:
        self.entered: list[tuple[object, bool]] = []
        self.noted: list[object] = []

    @property
    def tape(self) -> "Playing":
        return self

    def note(self, entry: object) -> None:
        self.noted.append(entry)

    def enter(self, answer: object, *, anew: bool = True) -> None:
        self.entered.append((answer, anew))

    def pause(self) -> None:
        """Do nothing."""


def test_crossing_enters_beside_and_plays_the_inputs_again_that_may_be_to_come() -> None:
    made, desk = entered()
    replica = Playing()
    made.replica = replica  # type: ignore[assignment]
    for tick in range(4, 9):
        made._post(played(tick, seen=tick - 3))
    assert [each.tick for each in made.cross()] == [6, 7, 8]
    assert desk.requests[-1] == EnterMatch(MatchId("m1"))
    for answer in (None, attrs.evolve(ENTERED, next_seq=9)):
        desk.answer(answer)
    assert replica.entered == [(answer, False)]
    assert replica.noted[-1] == answer
    made.stayed()
    made.disconnected()
    assert desk.abandoned == [2, 1, 2]


def test_inputs_of_a_match_that_is_over_are_not_played_in_the_next_one() -> None:
    made, desk = entered()
    made._post(played(9, seen=3))
    made.forget()
    assert made.cross() == []
    made.started(match(2))
    assert (made.cross(), len(desk.requests)) == ([], 2), "it is not entered yet"
    made.replica = Playing()  # type: ignore[assignment]
    assert made.cross() == []
    assert desk.requests[-1] == EnterMatch(MatchId("m2"))
