"""Spectators who see a match later are told of its events when they see their ticks."""

from gameserver.ids import MatchId, Tick
from gameserver.messages.match import MatchHappened
from gameserver.rooms.state.effects import Hearers
from gameserver.service.announcements import Announcements


class Heard:
    """Notes the ticks of the events, by hearers."""

    def __init__(self) -> None:
        self.ticks: dict[Hearers, list[int]] = {}

    def happened(self, event: MatchHappened, hearers: Hearers) -> None:
        self.ticks.setdefault(hearers, []).append(event.tick)


def event(tick: int) -> MatchHappened:
    return MatchHappened(MatchId("m1"), Tick(tick), 0, ())


def test_without_a_delay_all_are_told_at_once() -> None:
    heard = Heard()
    some = Announcements(heard, 0)
    some.happened(event(5))
    assert heard.ticks == {Hearers.ALL: [5]}
    assert not some.waits


def test_spectators_are_told_when_the_delay_has_passed_and_of_the_rest_at_the_end() -> None:
    heard = Heard()
    some = Announcements(heard, 10)
    for tick in (5, 5, 6, 9):
        some.happened(event(tick))
    assert heard.ticks == {Hearers.SEATED: [5, 5, 6, 9]}
    some.tell_due(Tick(14))
    assert Hearers.SPECTATORS not in heard.ticks
    some.tell_due(Tick(15))
    assert heard.ticks[Hearers.SPECTATORS] == [5, 5]
    some.tell_due(Tick(16))
    assert heard.ticks[Hearers.SPECTATORS] == [5, 5, 6]
    waited = [some.waits]
    some.tell_rest()
    assert heard.ticks[Hearers.SPECTATORS] == [5, 5, 6, 9]
    waited.append(some.waits)
    assert waited == [True, False]
    some.tell_due(Tick(99))
    assert heard.ticks[Hearers.SPECTATORS] == [5, 5, 6, 9]
