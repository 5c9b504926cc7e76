from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from client_demo.views.bridge import MatchBridge
from client_demo.views.matchview import MatchView
from gameserver.arena.entities import MatchPhase
from gameserver.arena.options import ArenaCommand
from gameserver.client import Drawn, EventPhase, Frame, Stall
from gameserver.client.chatbook import ChatBook
from gameserver.client.play.drawing import place_of
from gameserver.game.entity import has_place
from gameserver.game.fixed import SUB
from gameserver.ids import NO_SEAT, Seat
from gameserver.netcode.prediction.optimism import ToldEvent
from tests.arena.field import Field, launching

STATS = SimpleNamespace(
    rtt_ms=40.0, jitter_ms=2.0, tick=1, lead_ticks=2.0, desyncs=0, correction_px_last=0.0
)


@attrs.define(eq=False)
class Watcher:
    """Follows a field that is stepped by hand, as the client of one seat would."""

    field: Field
    seat: int = 0
    members: tuple[Any, ...] = ()
    silent_s: float = 0.0
    stall: Stall = Stall.NONE
    trouble: str = ""
    told: int = 0
    bridge: MatchBridge = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        client = SimpleNamespace(
            lobby=SimpleNamespace(members=self.members),
            chat=ChatBook(),
            now=lambda: 0.0,
            bytes_in=0,
            bytes_out=0,
            silent_s=self.silent_s,
            stall=self.stall,
            trouble_sentence=self.trouble,
        )
        replica = SimpleNamespace(seat=Seat(self.seat), epoch=1, take_events=self.take, stats=STATS)
        self.bridge = MatchBridge(client, replica)

    def take(self) -> list[ToldEvent]:
        fresh = self.field.happened[self.told :]
        self.told += len(fresh)
        return [ToldEvent(event, EventPhase.OBSERVED) for event in fresh]

    def view(self, now: float = 0.0) -> MatchView:
        world = self.field.world
        drawn = tuple(
            Drawn(e.id, e, *place_of(e), 0.0, own=e.owner == self.seat)
            for e in world
            if has_place(type(e))
        )
        return self.bridge.view(now, Frame(now, drawn, world, float(world.tick), 0.0))


def member(seat: int, **changes: bool) -> Any:
    return SimpleNamespace(**{"seat": Seat(seat), "connected": True, "stalled": False, **changes})


def test_a_dead_player_sees_killer_and_weapon_until_the_respawn() -> None:
    field = Field(seats=2)
    watcher = Watcher(field)
    field.put(0, 10, 7, hp=5)
    field.put(1, 4, 7, aim=0)
    field.steps(40, {1: launching(0)})
    assert not field.fighter(0).alive
    defeat = watcher.view().destroyed_by
    assert defeat is not None
    assert (defeat.killer, defeat.weapon, defeat.by_self) == ("P1", "rocket", False)
    field.steps(90)
    view = watcher.view(3.0)
    assert view.destroyed_by is None
    assert view.own is not None
    assert view.own.respawn_s is None


def test_a_kill_in_ticks_that_a_restarted_server_plays_anew_is_taken_from_the_feed() -> None:
    field = Field(seats=2)
    watcher = Watcher(field)
    field.put(0, 10, 7, hp=5)
    field.put(1, 4, 7, aim=0)
    field.steps(40, {1: launching(0)})
    assert len(watcher.view().kills) == 1
    watcher.bridge.replica.epoch = 2
    view = watcher.view(1.0)
    assert view.kills == ()
    assert view.destroyed_by is None


def test_a_player_killed_by_the_own_rocket_sees_that() -> None:
    field = Field(seats=2)
    watcher = Watcher(field)
    field.put(1, 20, 12)
    field.put(0, 2, 7, hp=3)
    field.steps(30, {0: launching(512)})
    defeat = watcher.view().destroyed_by
    assert defeat is not None
    assert (defeat.weapon, defeat.by_self) == ("rocket", True)


@pytest.mark.parametrize("mode", ["dm", "tdm"])
@pytest.mark.parametrize(("seat", "won"), [(0, True), (1, False), (NO_SEAT, None)])
def test_the_end_of_a_match_names_the_winner_and_stops_the_clock(
    mode: str, seat: int, won: bool | None
) -> None:
    field = Field(seats=2, mode=mode, score_limit=1)
    watcher = Watcher(field, seat)
    field.put(0, 4, 7)
    field.put(1, 8, 7, hp=5)
    assert watcher.view().ending is None
    for _ in range(20):
        field.step({0: ArenaCommand(aim=0, fire=1)})
    assert field.board.phase == MatchPhase.OVER
    view = watcher.view()
    ending = view.ending
    assert ending is not None
    assert (ending.winner, ending.team) == (("P0", 0) if mode == "dm" else ("", 1))
    assert (ending.won, ending.scores) == (won, (1, 0))
    assert view.clock_s is None


def test_a_draw_is_no_victory() -> None:
    field = Field(seats=2)
    watcher = Watcher(field)
    field.board.phase = MatchPhase.OVER
    ending = watcher.view().ending
    assert ending is not None
    assert (ending.winner, ending.team, ending.won) == ("", 0, None)


@pytest.mark.parametrize(
    ("time_limit", "score_limit", "clock"), [(240, 15, 240.0), (0, 15, None), (0, 0, 1800.0)]
)
def test_the_clock_is_shown_only_if_time_ends_the_match(
    time_limit: int, score_limit: int, clock: float | None
) -> None:
    limits = {"time_limit_s": time_limit, "score_limit": score_limit}
    for warm_up in (True, False):
        shown = Watcher(Field(warm_up=warm_up, **limits)).view().clock_s
        assert shown == (pytest.approx(clock, abs=0.1) if clock is not None else None)


def test_meters_show_temporary_states_and_cooldowns() -> None:
    field = Field(seats=2, pickups=False)
    tick = field.world.tick
    field.put(
        0, 5, 5, haste_ends=tick + 60, hasty=True, rocket_ready=tick + 12, carrying=2, ammo=3
    )  # fmt: skip
    own = Watcher(field).view().own
    assert own is not None
    assert (own.haste_s, own.rocket, own.carrying, own.endless) == (2.0, 0.5, 2, True)


def test_silent_players_and_lost_connections_are_marked_differently() -> None:
    field = Field(seats=3)
    missing = (member(1, stalled=True), member(2, connected=False, stalled=False), member(0))
    view = Watcher(field, members=missing).view()
    assert {f.seat: f.silent for f in view.fighters} == {0: False, 1: True, 2: True}
    assert {s.seat: (s.connected, s.silent) for s in view.scores} == {
        0: (True, False),
        1: (True, True),
        2: (False, False),
    }


@pytest.mark.parametrize("stall", list(Stall))
def test_a_stalled_connection_is_shown_in_steps_and_replaces_other_warnings(
    stall: Stall,
) -> None:
    line = Watcher(Field(), silent_s=1.1, stall=stall, trouble="Slow.").view().line
    assert (line.stalls, line.stalls_long) == (stall is not Stall.NONE, stall is Stall.LONG)
    assert line.silent_s == 1.1
    assert line.trouble == ("Slow." if stall is Stall.NONE else "")


def test_a_warning_about_the_connection_stays_long_enough_to_be_read() -> None:
    watcher = Watcher(Field(), trouble="Slow: 1.3 s.")
    client: Any = watcher.bridge.client
    assert watcher.view(10.0).line.trouble == "Slow: 1.3 s."
    client.trouble_sentence = "Slow: 1.4 s."
    assert watcher.view(10.1).line.trouble == "Slow: 1.3 s."
    assert watcher.view(12.1).line.trouble == "Slow: 1.4 s."
    client.trouble_sentence = ""
    assert watcher.view(12.2).line.trouble == "Slow: 1.4 s."
    assert watcher.view(14.2).line.trouble == ""
    client.trouble_sentence = "Unsteady."
    assert watcher.view(14.3).line.trouble == "Unsteady."


def test_a_spectator_follows_the_leader_at_first_and_then_a_chosen_player() -> None:
    field = Field(seats=3)
    field.fighter(1).score = 4
    watcher = Watcher(field, NO_SEAT)
    view = watcher.view()
    assert (view.watched, view.own) == (1, None)
    fighter = field.fighter(1)
    assert view.focus == (fighter.x / SUB, fighter.y / SUB)
    watcher.bridge.watch_next(1)
    assert watcher.view().watched == 2
    watcher.bridge.watch_next(1)
    assert watcher.view().watched == 0
    watcher.bridge.watch_next(-1)
    assert watcher.view().watched == 2


def test_a_spectator_stays_with_a_player_who_is_overtaken_and_not_with_one_who_left() -> None:
    field = Field(seats=3)
    watcher = Watcher(field, NO_SEAT)
    assert watcher.view().watched == 0
    field.fighter(2).score = 9
    assert watcher.view().watched == 0
    field.world.despawn(field.fighter(0))
    assert watcher.view().watched == 2
    for left in (1, 2):
        field.world.despawn(field.fighter(left))
    assert (watcher.view().watched, watcher.view().focus) == (NO_SEAT, None)


def test_a_player_cannot_follow_another() -> None:
    watcher = Watcher(Field(seats=2))
    watcher.bridge.watch_next(1)
    assert (watcher.view().watched, watcher.view().focus) == (NO_SEAT, None)
