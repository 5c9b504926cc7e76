"""Spectators may see a match later than it is played: the same messages, in the same order."""

import pytest

from gameserver.ids import NO_SEAT, PlayerId, Seat, Tick
from gameserver.match import Match
from gameserver.match.match import FADE_SLACK_S
from gameserver.match.viewers import EVICT_S
from gameserver.match.watchers import DelayedOutlet
from gameserver.messages.wire import Snapshot
from gameserver.protocol.hot import encode_shift
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Skirmish, SkirmishOptions
from tests.snapshots import is_snapshot, snapshots_of
from tests.store.recorded import PLAYERS, NoInlet

GAME = Skirmish()
MAP = map_from_rows(*["." * 8] * 8)
DELAY_S = 2.0
DELAY = int(DELAY_S * GAME.tick_rate)
ANN, EVE = PlayerId("ann"), PlayerId("eve")


class Screen:
    """An outlet that keeps what it is offered, with the tick at which it was."""

    def __init__(self) -> None:
        self.now = 0
        self.got: list[tuple[int, bytes]] = []
        self.refuses = False

    def shown(self) -> list[tuple[int, Snapshot]]:
        """Return the snapshots, with the ticks at which they were offered."""
        ticks = [tick for tick, message in self.got if is_snapshot(message)]
        return list(zip(ticks, snapshots_of(message for _, message in self.got), strict=True))

    def offer(self, message: bytes) -> bool:
        if not self.refuses:
            self.got.append((self.now, message))
        return not self.refuses


class Shown:
    """A match with a player and a spectator, each before a screen."""

    def __init__(self, delay_s: float = DELAY_S) -> None:
        self.match = Match(
            match_id="m1",
            game=GAME,
            map=MAP,
            options=SkirmishOptions(),
            seed=7,
            players=PLAYERS,
            inlet=NoInlet(),
            spectator_delay_s=delay_s,
        )
        self.ann, self.eve = Screen(), Screen()
        self.match.add_viewer(ANN, Seat(0), self.ann)
        self.match.add_viewer(EVE, NO_SEAT, self.eve)

    def run(self, ticks: int, *, acks: bool = True) -> None:
        for _ in range(ticks):
            self.ann.now = self.eve.now = self.match.tick_number + 1
            for player_id, screen in ((ANN, self.ann), (EVE, self.eve)):
                viewer = self.match.viewer(player_id)
                if acks and viewer is not None and screen.got and is_snapshot(screen.got[-1][1]):
                    viewer.saw(self.match.tick_number, screen.shown()[-1][1].tick)
            self.match.tick()


def holds(one: Snapshot, other: Snapshot) -> bool:
    """Whether one snapshot has all sections of another one of its tick."""
    return one.tick == other.tick and set(one.sections) >= set(other.sections)


def test_a_spectator_is_sent_what_players_were_sent_some_time_ago() -> None:
    shown = Shown()
    shown.run(DELAY)
    assert not shown.eve.got, "the picture begins behind the delay"
    shown.run(60)
    assert shown.eve.got
    for at, first in shown.eve.shown():
        assert at - first.tick == DELAY
    sent = {snapshot.tick: snapshot for _, snapshot in shown.ann.shown()}
    for _, later in shown.eve.shown()[1:]:  # the first one is a keyframe of its own
        # A player's message has the sections of the own seat beside the shared ones.
        assert holds(sent[later.tick], later)


def test_without_a_delay_a_spectator_is_sent_what_players_are_sent_now() -> None:
    shown = Shown(0.0)
    shown.run(10)
    assert [at for at, _ in shown.eve.got] == [at for at, _ in shown.ann.got]


def test_seats_are_not_delayed_and_the_delay_is_told() -> None:
    shown = Shown()
    assert shown.match.delay_s_of(NO_SEAT) == DELAY_S
    assert shown.match.delay_s_of(Seat(0)) == 0.0
    assert shown.match.delay == round(DELAY_S * shown.match.game.tick_rate)
    shown.run(5)
    assert shown.ann.got


def test_a_delayed_spectator_who_acknowledges_late_is_not_taken_for_a_slow_reader() -> None:
    shown = Shown(30.0)
    shown.run(int(40 * GAME.tick_rate))
    viewer = shown.match.viewer(EVE)
    assert viewer is not None
    assert viewer.paused_since is None
    assert viewer.keyframes == 1


def test_one_who_reads_nothing_is_removed_and_what_waited_is_freed() -> None:
    shown = Shown()
    shown.eve.refuses = True
    shown.run(int((EVICT_S + DELAY_S + 6) * GAME.tick_rate))
    assert shown.match.viewer(EVE) is None
    assert not shown.match._watchers._delayed


def test_who_takes_a_seat_sees_the_present_from_then_on() -> None:
    shown = Shown()
    shown.run(10)
    shown.match.add_viewer(EVE, Seat(1), shown.eve)
    shown.run(2)
    at, newest = shown.eve.shown()[-1]
    assert at == newest.tick


def test_a_shift_of_the_ticks_reaches_a_spectator_in_its_place() -> None:
    shown = Shown()
    shown.run(10)
    shown.match.shifted(3)
    shown.run(DELAY + 20)
    messages = [message for _, message in shown.eve.got]
    at = messages.index(encode_shift(Tick(11), 3))
    before, through = snapshots_of(messages[:at]), snapshots_of(messages[: at + 2])
    assert before[-1].tick <= 10 < through[-1].tick


@pytest.mark.parametrize("ticks", [1, 5])
def test_what_is_refused_is_offered_again_in_order(ticks: int) -> None:
    screen = Screen()
    outlet = DelayedOutlet(screen, ticks)
    outlet.pass_due(Tick(1))
    outlet.offer(b"one")
    outlet.offer(b"two")
    screen.refuses = True
    outlet.pass_due(Tick(1 + ticks))
    assert len(outlet) == 2
    screen.refuses = False
    outlet.pass_due(Tick(2 + ticks))
    assert [message for _, message in screen.got] == [b"one", b"two"]
    assert len(outlet) == 0


def test_the_end_of_a_match_is_shown_to_a_delayed_spectator_and_to_nobody_else() -> None:
    shown = Shown()
    shown.run(100)
    _, last = shown.ann.shown()[-1]
    players = len(shown.ann.got)
    for tick in range(101, 101 + DELAY):
        assert shown.match.watched_later
        shown.eve.now = tick
        more = shown.match.fade()
    assert not more
    assert not shown.match.watched_later
    at, snapshot = shown.eve.shown()[-1]
    assert holds(last, snapshot)
    assert (at, snapshot.tick) == (100 + DELAY, 100)
    assert shown.match.tick_number == 100, "nothing is stepped any more"
    assert len(shown.ann.got) == players


def test_a_spectator_whose_link_takes_nothing_is_waited_for_a_little() -> None:
    shown = Shown()
    shown.run(100)
    shown.eve.refuses = True
    ticks = 1
    while shown.match.fade():
        ticks += 1
    assert ticks == DELAY + int(FADE_SLACK_S * GAME.tick_rate)
