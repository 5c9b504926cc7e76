"""When play begins and ends, which deaths count, and the group and rights of a fighter."""

import pytest

from gameserver.arena.arena import Arena
from gameserver.arena.bots import ArenaBot
from gameserver.arena.entities import Fighter, Flag, MatchPhase, Pickup, Rocket
from gameserver.arena.events import Exploded, Hurt, Killed
from gameserver.arena.options import ArenaCommand, ArenaOptions
from gameserver.arena.rules import advance_phase, count_deaths, is_over, time_limit
from gameserver.arena.tuning import (
    AFTERMATH_TICKS,
    KILL_POINTS,
    LONGEST_TICKS,
    OVERTIME_TICKS,
    ROCKET_SPEED,
    TICK_RATE,
    WARMUP_TICKS,
)
from gameserver.game.maps.tilemap import ObjectKind
from gameserver.game.rng import Rng
from gameserver.ids import Seat, Tick
from tests.arena.field import EAST, GAME, Field, a_map, launching, shooting, thing


def deaths(field: Field, *pairs: tuple[int, int]) -> list[tuple[Fighter, Fighter]]:
    return [(field.fighter(victim), field.fighter(killer)) for victim, killer in pairs]


def results(field: Field) -> list[tuple[int, int]]:
    return [(each.kills, each.score) for each in field.world.all(Fighter)]


# --- points ---------------------------------------------------------------------------------------


def test_each_kill_counts_for_its_killer() -> None:
    field = Field(seats=3)
    count_deaths(field.world, deaths(field, (1, 0), (2, 0), (0, 2)))
    assert results(field) == [(2, 2 * KILL_POINTS), (0, 0), (1, KILL_POINTS)]
    assert (field.board.team1, field.board.team2) == (0, 0)


def test_only_kills_of_enemies_count_and_for_the_killers_team() -> None:
    field = Field(seats=4, mode="tdm")
    count_deaths(field.world, deaths(field, (0, 0), (2, 0), (1, 3)))
    assert results(field) == [(0, 0)] * 4
    count_deaths(field.world, deaths(field, (1, 0), (1, 2), (0, 3)))
    assert (field.board.team1, field.board.team2) == (2 * KILL_POINTS, KILL_POINTS)
    count_deaths(field.world, deaths(field, (0, 3)))
    assert (field.board.team1, field.board.team2) == (2 * KILL_POINTS, 2 * KILL_POINTS)


def test_kills_are_no_points_of_the_team_where_flags_are_played_for() -> None:
    field = Field(mode="ctf")
    count_deaths(field.world, deaths(field, (1, 0), (0, 1)))
    assert results(field) == [(1, KILL_POINTS), (1, KILL_POINTS)]
    assert (field.board.team1, field.board.team2) == (0, 0)


@pytest.mark.parametrize("phase", [MatchPhase.WARMUP, MatchPhase.OVER])
def test_deaths_outside_of_play_count_for_nobody(phase: int) -> None:
    field = Field()
    field.board.phase = phase
    count_deaths(field.world, deaths(field, (1, 0)))
    assert results(field) == [(0, 0), (0, 0)]


# --- phases ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("time_limit_s", "score_limit", "ticks"),
    [(30, 0, 30 * TICK_RATE), (60, 5, 60 * TICK_RATE), (0, 1, 0), (0, 0, LONGEST_TICKS)],
)
def test_play_ends_by_time_or_by_score_or_after_the_longest_time(
    time_limit_s: int, score_limit: int, ticks: int
) -> None:
    options = ArenaOptions(time_limit_s=time_limit_s, score_limit=score_limit)
    assert time_limit(options) == ticks
    field = Field(warm_up=True, time_limit_s=time_limit_s, score_limit=score_limit)
    assert field.board.score_limit == score_limit
    field.steps(WARMUP_TICKS)
    assert field.board.phase_ends == (WARMUP_TICKS + ticks if ticks else 0)


def playing(mode: str = "tdm", seats: int = 2, **options: int) -> Field:
    return Field(seats=seats, mode=mode, **{"time_limit_s": 30, "score_limit": 3, **options})


def score(field: Field, one: int, other: int) -> None:
    """Give teams or fighters their points, then let the phase advance."""
    if field.options.mode == "dm":
        field.fighter(0).score, field.fighter(1).score = one, other
    else:
        field.board.team1, field.board.team2 = one, other
    advance_phase(field.world)


@pytest.mark.parametrize("mode", ["dm", "tdm"])
@pytest.mark.parametrize(
    ("one", "other", "over"),
    [(2, 2, False), (3, 0, True), (0, 3, True), (3, 3, False), (4, 1, True)],
)
def test_score_limit_ends_play_whoever_reaches_it(
    mode: str, one: int, other: int, over: bool
) -> None:
    field = playing(mode)
    score(field, one, other)
    assert (field.board.phase == MatchPhase.OVER) is over
    if over:
        assert field.board.phase_ends == field.world.tick + AFTERMATH_TICKS
    assert field.board.overtime == (one == other == 3), "who reach it together play on"


def test_without_a_score_limit_no_score_ends_play() -> None:
    field = playing(score_limit=0)
    score(field, 0, 0)
    score(field, 9, 0)
    assert field.board.phase == MatchPhase.PLAY


@pytest.mark.parametrize("mode", ["dm", "tdm"])
def test_time_ends_play_exactly_unless_it_is_a_draw(mode: str) -> None:
    field = playing(mode)
    field.world.tick = Tick(field.board.phase_ends - 1)
    score(field, 2, 1)
    assert field.board.phase == MatchPhase.PLAY
    field.world.tick = Tick(field.world.tick + 1)
    score(field, 1, 2)
    assert (field.board.phase, field.board.overtime) == (MatchPhase.OVER, False)


@pytest.mark.parametrize("mode", ["dm", "tdm"])
def test_draw_is_played_on_until_a_point_or_the_end_of_overtime(mode: str) -> None:
    for lead, end in ((1, 0), (0, OVERTIME_TICKS)):
        field = playing(mode)
        field.world.tick = Tick(field.board.phase_ends)
        score(field, 1, 1)
        assert (field.board.phase, field.board.overtime) == (MatchPhase.PLAY, True)
        assert field.board.phase_ends == field.world.tick + OVERTIME_TICKS
        field.world.tick = Tick(field.world.tick + max(0, end - 1))
        score(field, 1, 1)
        assert field.board.phase == MatchPhase.PLAY
        field.world.tick = Tick(field.world.tick + min(end, 1))
        score(field, 1, 1 + lead)
        assert field.board.phase == MatchPhase.OVER


@pytest.mark.parametrize("seats", [0, 1])
def test_player_alone_or_nobody_does_not_play_overtime(seats: int) -> None:
    field = Field(seats=1, time_limit_s=30, score_limit=3)
    if not seats:
        field.run.begin()
        field.run.leave(Seat(0))
    field.world.tick = Tick(field.board.phase_ends)
    advance_phase(field.world)
    assert (field.board.phase, field.board.overtime) == (MatchPhase.OVER, False)


def test_match_is_over_when_its_aftermath_is() -> None:
    field = playing()
    field.board.phase_ends = field.world.tick
    assert not is_over(field.world)
    field.board.phase = MatchPhase.OVER
    assert is_over(field.world)
    field.board.phase_ends += 1
    assert not is_over(field.world)
    assert field.outcome() is None
    assert [line.seat for line in GAME.standings(field.world).standings] == [0, 1]


# --- the game class -------------------------------------------------------------------------------


def test_group_of_a_seat_is_its_team() -> None:
    field = Field(seats=4, mode="tdm")
    assert [GAME.group_of(field.world, Seat(seat)) for seat in range(5)] == [1, 2, 1, 2, 0]


@pytest.mark.parametrize(("mode", "pickups"), [("dm", True), ("tdm", False), ("ctf", True)])
def test_world_holds_flags_and_pickups_only_where_they_are_played_for(
    mode: str, pickups: bool
) -> None:
    tile_map = a_map(
        thing(8, ObjectKind.FLAG, 4, 7, "", team=1), thing(9, ObjectKind.PICKUP, 9, 9, "ammo")
    )
    field = Field(tile_map=tile_map, mode=mode, pickups=pickups)
    assert len(field.world.all(Flag)) == (mode == "ctf")
    assert len(field.world.all(Pickup)) == pickups


@pytest.mark.parametrize(
    ("mode", "modes", "expected"),
    [
        ("dm", (), True),
        ("tdm", (), False),
        ("dm", ("dm",), True),
        ("dm", ("tdm",), False),
        ("tdm", ("dm", "tdm"), True),
    ],
)
def test_map_without_modes_is_for_deathmatch(
    mode: str, modes: tuple[str, ...], expected: bool
) -> None:
    assert Arena().map_fits(ArenaOptions(mode=mode), modes) is expected


def test_fighter_moves_fires_and_picks_up_in_one_prediction() -> None:
    tile_map = a_map(thing(9, ObjectKind.PICKUP, 10, 7, "haste"))
    field = Field(tile_map=tile_map)
    fighter = field.put(0, 10, 7, shielded=True, shield_ends=field.world.tick)
    field.world.events = []
    GAME.predict(field.world, Seat(0), ArenaCommand(move=1, fire=1))
    assert fighter.vx > 0
    assert [type(event).__name__ for event in field.world.events] == ["Shot", "PickedUp"]
    assert not fighter.shielded


def test_shield_ends_exactly_at_its_tick() -> None:
    field = Field()
    fighter = field.put(0, 10, 7, shield_ends=field.world.tick + 2)
    field.step()
    assert fighter.shielded
    field.step()
    assert not fighter.shielded


@pytest.mark.parametrize("state", ["dead", "over", "gone"])
def test_nothing_is_predicted_for_the_dead_the_gone_or_after_the_end(state: str) -> None:
    field = Field()
    fighter = field.put(0, 10, 7, alive=state != "dead")
    if state == "over":
        field.board.phase = MatchPhase.OVER
    if state == "gone":
        field.run.begin()
        field.run.leave(Seat(0))
    field.world.events = []
    GAME.predict(field.world, Seat(0), ArenaCommand(move=1, fire=1, rocket=True))
    assert (fighter.vx, field.world.events) == (0, [])


def test_only_the_own_rockets_are_predicted() -> None:
    field = Field()
    for seat in (0, 1):
        field.put(seat, 3, 4 + seat)
    field.step({0: launching(EAST), 1: launching(EAST)})
    mine, theirs = field.world.all(Rocket)
    before = mine.x, theirs.x
    GAME.predict(field.world, Seat(0), ArenaCommand())
    assert (mine.x, theirs.x) == (before[0] + ROCKET_SPEED, before[1])


def test_nothing_is_resolved_after_the_end() -> None:
    field = Field()
    field.put(0, 5, 7)
    field.put(1, 8, 7)
    field.board.phase, field.board.phase_ends = MatchPhase.OVER, field.world.tick + 5
    dead = field.put(1, 8, 7, alive=False, respawns=0)
    assert field.step({0: shooting(EAST)}) == []
    assert not dead.alive


def test_bot_is_made_for_its_seat() -> None:
    bot = GAME.bot(Seat(1), "easy", Rng.seeded(1))
    assert isinstance(bot, ArenaBot)
    assert bot.command(Field().world) is not None


def test_those_in_a_fight_are_shown_it_at_once() -> None:
    for event in (Killed(1, 2, "rifle"), Hurt(1, 2, 5)):
        assert [event.shown_at_once_to(Seat(seat)) for seat in (0, 1, 2)] == [False, True, True]


def test_events_are_equal_regardless_of_their_position() -> None:
    assert Hurt(1, 2, 5) == Hurt(1, 2, 6)
    assert Exploded(1, 2, 3, 4, 5, 6) == Exploded(1, 2, 3, 5, 4)
    assert Exploded(1, 2, 3, 4, 5) != Exploded(1, 2, 4, 4, 5)
