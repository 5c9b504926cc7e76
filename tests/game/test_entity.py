"""What is said of classes of entities and events as a whole."""

import attrs

from gameserver.game.entity import Event, has_place
from gameserver.ids import NO_SEAT, Seat
from gameserver.testing.skirmish import Bolt, Runner, Spark, Thrown


@attrs.frozen
class Rumble(Event):
    """Nobody causes it."""

    x: int = 0


def test_an_event_is_shown_at_once_to_the_seat_that_caused_it() -> None:
    assert Thrown(1).shown_at_once_to(Seat(1))
    assert not Thrown(1).shown_at_once_to(Seat(2))
    assert not Rumble().shown_at_once_to(Seat(0))
    assert Rumble().shown_at_once_to(NO_SEAT)


def test_a_class_has_a_place_if_it_has_both_coordinates() -> None:
    assert [has_place(kind) for kind in (Runner, Bolt, Spark, Rumble)] == [True, True, False, False]

    @attrs.frozen
    class Place:
        x: int
        y: int

    assert has_place(Place)
