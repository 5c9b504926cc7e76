"""What Arena promises to clients of other authors: its schema, form, bounds and first values."""

import attrs
import pytest

from gameserver.arena import entities, events
from gameserver.arena.entities import Board, Fighter, Flag, FlagState, MatchPhase, Pickup
from gameserver.arena.options import ArenaCommand, ArenaOptions
from gameserver.arena.tuning import HEALTH, MAX_AMMO, MAX_HEALTH, MAX_ROCKETS
from gameserver.game.entity import Entity
from gameserver.game.fixed import TURN
from gameserver.game.options import form_of
from gameserver.game.schema.table import schema, state_fields
from tests.arena.field import GAME

SENT_ONCE = {
    "Board": {"score_limit"},
    "Fighter": {"team", "name", "bot"},
    "Rocket": {"angle", "team"},
    "Pickup": {"kind", "x", "y"},
    "Flag": {"team", "home_x", "home_y"},
}
"""What never changes while an entity lives. No update repeats it, so each of them is cheaper."""

BOUNDS: dict[tuple[type[Entity], str], tuple[int, int]] = {
    (Board, "phase"): (MatchPhase.WARMUP, MatchPhase.OVER),
    (Flag, "state"): (FlagState.HOME, FlagState.DROPPED),
    (Fighter, "hp"): (0, MAX_HEALTH),
    (Fighter, "ammo"): (0, MAX_AMMO),
    (Fighter, "rockets"): (0, MAX_ROCKETS),
    (Fighter, "aim"): (0, TURN - 1),
}


def test_only_what_never_changes_is_sent_once() -> None:
    declared = schema(GAME)["entities"]
    assert isinstance(declared, list)
    once = {
        entity["name"]: {each["name"] for each in entity["public"] if "once" in each}
        for entity in declared
    }
    assert once == SENT_ONCE


@pytest.mark.parametrize(("entity", "name"), BOUNDS)
def test_a_state_has_no_more_values_than_there_are_names_for(
    entity: type[Entity], name: str
) -> None:
    (field,) = (each for each in state_fields(entity) if each.name == name)
    assert (field.lo, field.hi) == BOUNDS[entity, name]


@pytest.mark.parametrize("entity", [Board, Fighter, Pickup, Flag])
def test_counts_scores_and_places_on_a_map_are_never_negative(entity: type[Entity]) -> None:
    counted = {"team1", "team2", "x", "y", "carrying", "score", "kills", "deaths", "captures"}
    of_the_map = {Pickup: {"x", "y"}, Flag: {"x", "y"}}.get(entity, set())
    for field in state_fields(entity):
        if field.name in counted - of_the_map:
            assert field.lo == 0, field.name


def test_a_fighter_is_made_alive_shielded_and_without_any_deed() -> None:
    fighter = Fighter()
    assert (fighter.hp, fighter.alive, fighter.shielded) == (HEALTH, True, True)
    assert (fighter.dashing, fighter.hasty, fighter.carrying) == (False, False, 0)
    assert (fighter.score, fighter.kills, fighter.deaths, fighter.captures) == (0, 0, 0, 0)
    assert (fighter.team, fighter.name, fighter.bot) == (0, "", False)


def test_a_match_a_pickup_and_a_flag_are_made_in_their_first_state() -> None:
    board, pickup, flag = Board(), Pickup(), Flag()
    assert (board.phase, board.overtime) == (MatchPhase.WARMUP, False)
    assert (board.team1, board.team2) == (0, 0)
    assert (pickup.ready, pickup.returns) == (True, 0)
    assert (flag.state, flag.carrier) == (FlagState.HOME, -1)


def test_kills_and_flags_reach_viewers_who_missed_them_and_the_rest_is_for_the_moment() -> None:
    reliable = {each.__name__ for each in events.ALL if each.reliable}
    assert reliable == {"Killed", "FlagTaken", "FlagDropped", "FlagReturned", "FlagCaptured"}


def test_a_blast_that_no_direct_hit_caused_names_no_seat() -> None:
    assert events.Exploded(seat=1, born=7, ordinal=0, x=1, y=2).direct == -1


def test_only_fighters_can_be_shot_at_in_the_past() -> None:
    assert [each.__name__ for each in GAME.entities if each.rewindable] == ["Fighter"]
    assert entities.Fighter in GAME.entities


def test_the_form_offers_these_bounds_and_defaults() -> None:
    form = {each.name: each for each in form_of(ArenaOptions)}
    time_limit, score_limit = form["time_limit_s"], form["score_limit"]
    assert (time_limit.lo, time_limit.hi, time_limit.step, time_limit.unit) == (0, 1800, 30, "s")
    assert (score_limit.lo, score_limit.hi, score_limit.step) == (0, 100, 1)
    assert {name: field.default for name, field in form.items()} == {
        "mode": "dm",
        "time_limit_s": 240,
        "score_limit": 15,
        "friendly_fire": False,
        "pickups": True,
    }
    assert attrs.asdict(ArenaOptions()) == {name: each.default for name, each in form.items()}


def test_a_match_has_at_most_16_seats() -> None:
    assert GAME.seats == (1, 16)


def test_a_command_names_a_direction_an_angle_and_three_buttons() -> None:
    fields = {each.name: (each.lo, each.hi) for each in ArenaCommand.fields()}
    assert fields == {
        "move": (0, 8),
        "aim": (0, TURN - 1),
        "fire": (0, 1),
        "rocket": (0, 1),
        "dash": (0, 1),
    }
    assert all(not getattr(ArenaCommand(), name) for name in fields), "a player at rest"
