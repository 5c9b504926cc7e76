import attrs
import pytest

from gameserver.arena.entities import Fighter, MatchPhase
from gameserver.arena.events import Shot, Spawned
from gameserver.arena.options import ArenaCommand, ArenaOptions
from gameserver.arena.tuning import (
    AFTERMATH_TICKS,
    HEALTH,
    LONGEST_TICKS,
    OVERTIME_TICKS,
    RESPAWN_TICKS,
    SHIELD_TICKS,
    START_AMMO,
    WARMUP_TICKS,
)
from gameserver.game.entity import Player
from gameserver.game.fixed import length
from gameserver.game.maps.shipped import shipped_maps
from gameserver.game.maps.tiled import load_maps
from gameserver.game.maps.tilemap import TILE, ObjectKind
from gameserver.ids import Seat
from tests.arena.field import EAST, GAME, Field, a_map, shooting


def kill(field: Field, victim: int = 1, killer: int = 0) -> None:
    field.put(killer, 5, 7, rifle_ready=0)
    field.put(victim, 8, 7, hp=1)
    field.step()
    field.step({killer: shooting(EAST)})


def test_one_player_may_play_and_as_many_as_the_largest_map_is_made_for() -> None:
    fewest, most = GAME.seats
    sizes = [each.max_players for each in load_maps(shipped_maps()).values()]
    assert fewest == 1
    assert most >= max(sizes)


def test_three_seconds_to_get_ready_then_play() -> None:
    field = Field(warm_up=True, time_limit_s=30)
    field.steps(WARMUP_TICKS - 1)
    assert field.board.phase == MatchPhase.WARMUP
    field.steps(1)
    assert (field.board.phase, field.board.phase_ends) == (MatchPhase.PLAY, WARMUP_TICKS + 30 * 30)


def test_dead_fighters_respawn_after_a_delay_with_full_health_and_ammunition() -> None:
    field = Field()
    field.put(1, 8, 7, ammo=3, rockets=0)
    kill(field)
    field.steps(RESPAWN_TICKS - 1)
    victim = field.fighter(1)
    assert not victim.alive
    field.steps(1)
    assert (victim.alive, victim.hp, victim.ammo, victim.shielded) == (
        True,
        HEALTH,
        START_AMMO,
        True,
    )
    assert [event.seat for event in field.of(Spawned)] == [1]
    field.steps(SHIELD_TICKS + 1)
    assert not victim.shielded


def test_dead_fighters_neither_move_nor_shoot() -> None:
    field = Field()
    kill(field)
    victim = field.fighter(1)
    place = victim.x, victim.y
    shots = len(field.of(Shot))
    field.steps(20, {1: ArenaCommand(move=3, fire=1)})
    assert (victim.x, victim.y) == place
    assert len(field.of(Shot)) == shots


def test_a_fighter_respawns_where_enemies_are_farthest() -> None:
    field = Field()
    kill(field)
    enemy = field.put(0, 3, 3)
    field.steps(RESPAWN_TICKS)
    victim = field.fighter(1)
    spawns = field.world.map.of_kind(ObjectKind.SPAWN)
    away = length(victim.x - enemy.x, victim.y - enemy.y)
    assert (victim.x, victim.y) in {(spawn.x, spawn.y) for spawn in spawns}
    nearer = [s for s in spawns if length(s.x - enemy.x, s.y - enemy.y) < away]
    assert len(nearer) >= 2


def test_teams_respawn_on_their_own_side() -> None:
    field = Field(seats=6, mode="tdm", warm_up=True)
    middle = field.world.map.width * TILE // 2
    for fighter in field.world.all(Fighter):
        assert (fighter.x < middle) == (fighter.team == 1)


def test_the_score_limit_ends_a_deathmatch_and_the_killer_has_won() -> None:
    field = Field(score_limit=1)
    kill(field)
    assert field.board.phase == MatchPhase.OVER
    assert field.outcome() is None
    field.steps(AFTERMATH_TICKS)
    outcome = field.outcome()
    assert outcome is not None
    assert outcome.winner == "P0"
    first, second = outcome.standings
    assert (first.seat, first.score, first.won, first.stats) == (
        0,
        1,
        True,
        {"kills": 1, "deaths": 0},
    )
    assert (second.seat, second.score, second.won) == (1, 0, False)


def test_kills_count_for_the_team_in_team_deathmatch() -> None:
    field = Field(mode="tdm", score_limit=1)
    kill(field)
    field.steps(AFTERMATH_TICKS)
    outcome = field.outcome()
    assert outcome is not None
    assert (outcome.team_scores, outcome.winner) == ((1, 0), "Teal")


def test_when_time_is_up_the_leader_wins() -> None:
    field = Field(time_limit_s=30, score_limit=0)
    kill(field)
    field.steps(30 * 30)
    assert field.board.phase == MatchPhase.OVER


@pytest.mark.parametrize("mode", ["dm", "tdm", "ctf"])
def test_a_draw_goes_into_overtime_where_the_next_point_wins(mode: str) -> None:
    field = Field(mode=mode, time_limit_s=30, score_limit=0)
    field.steps(30 * 30)
    assert (field.board.phase, field.board.overtime) == (MatchPhase.PLAY, True)
    if mode == "ctf":
        field.board.team1 += 1
        field.step()
    else:
        kill(field)
    assert field.board.phase == MatchPhase.OVER


@pytest.mark.parametrize("mode", ["dm", "tdm"])
def test_overtime_without_a_point_ends_in_a_draw(mode: str) -> None:
    field = Field(mode=mode, time_limit_s=30, score_limit=0)
    field.fighter(0).deaths = 1
    field.steps(30 * 30 + OVERTIME_TICKS + AFTERMATH_TICKS)
    outcome = field.outcome()
    assert outcome is not None
    assert outcome.winner == ""
    assert not any(line.won for line in outcome.standings)


def test_a_match_without_any_limit_ends_after_half_an_hour() -> None:
    field = Field(time_limit_s=0, score_limit=0)
    assert field.board.phase_ends - field.world.tick <= LONGEST_TICKS


def test_after_the_end_nothing_moves_any_more() -> None:
    field = Field(score_limit=1)
    kill(field)
    place = field.fighter(0).x, field.fighter(0).y
    field.steps(20, {0: ArenaCommand(move=1, fire=1)})
    assert (field.fighter(0).x, field.fighter(0).y) == place


def test_late_players_join_and_those_without_a_team_go_to_the_smaller_one() -> None:
    field = Field(seats=3, mode="tdm")
    field.run.begin()
    field.run.join(Player(Seat(7), "Late"))
    assert (field.fighter(7).team, field.fighter(7).name) == (2, "Late")


def test_a_player_who_leaves_is_removed_from_the_world() -> None:
    field = Field(seats=3)
    field.run.begin()
    field.run.leave(Seat(1))
    field.run.leave(Seat(1))
    assert [fighter.owner for fighter in field.world.all(Fighter)] == [0, 2]


def test_maps_fit_the_modes_they_declare() -> None:
    assert GAME.map_fits(ArenaOptions(mode="ctf"), ("dm", "ctf"))
    assert not GAME.map_fits(ArenaOptions(mode="ctf"), ("dm", "tdm"))
    assert GAME.map_fits(ArenaOptions(mode="dm"), ())
    assert [GAME.teams(ArenaOptions(mode=mode)) for mode in ("dm", "tdm", "ctf")] == [0, 2, 2]


def test_a_map_without_spawns_of_a_team_uses_those_of_all() -> None:
    tile_map = a_map()
    neutral = tuple(s for s in tile_map.objects if s.team == 2)
    field = Field(tile_map=attrs.evolve(tile_map, objects=neutral), mode="tdm", warm_up=True)
    assert field.fighter(0).x == neutral[0].x
