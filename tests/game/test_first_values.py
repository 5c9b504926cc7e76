"""What a game's author may leave out of a declaration, and what stands for it then."""

from typing import Any

import pytest

from gameserver.game.command import Command
from gameserver.game.entity import Entity, Event, Player, Standing
from gameserver.game.fields import networked
from gameserver.game.game import Game
from gameserver.game.geometry.collide import move_circle, overlaps, sweep_circle
from gameserver.game.geometry.navigation import Navigator
from gameserver.game.hints import Look
from gameserver.game.interest import Interest
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.options import FormField, option
from gameserver.game.rng import keyed_random
from gameserver.game.world import World
from gameserver.ids import NO_SEAT, EntityId
from gameserver.testing.skirmish import Runner, SkirmishCommand
from tests.defaults import defaults, named

PROMISED: list[tuple[Any, dict[str, object]]] = [
    (Player, {"team": 0, "bot": False}),
    (Standing, {"won": False}),
    (Look, {"shape": "", "colour": "", "picture": "", "size": 0}),
    (Interest, {"near": 1, "far": 1}),
    (TileMap, {"min_players": 1, "modes": ()}),
    (FormField, {"help": "", "step": 1, "unit": ""}),
    (option, {"help": "", "step": 1, "unit": ""}),
    (networked, {"default": 0, "predict": "hold", "once": False, "audience": "public"}),
    (World.keyed, {"n": 0}),
    (keyed_random, {"n": 0}),
    (Command.from_row, {"view": 0}),
    (Navigator, {"capacity": 256}),
    (move_circle, {"flying": False}),
    (overlaps, {"flying": False}),
    (sweep_circle, {"flying": False}),
]


@pytest.mark.parametrize(("made", "promised"), PROMISED, ids=named)
def test_what_is_left_out_of_a_declaration_is_as_documented(
    made: Any, promised: dict[str, object]
) -> None:
    found = defaults(made)
    assert {name: found[name] for name in promised} == promised


def test_a_game_has_a_snapshot_each_tick_and_up_to_16_seats_unless_it_says_otherwise() -> None:
    assert (Game.tick_rate, Game.snapshot_every, Game.seats) == (30, 1, (1, 16))


def test_a_class_asks_for_rewinding_extrapolation_and_late_delivery_by_itself() -> None:
    assert not Entity.rewindable
    assert not Entity.extrapolated
    assert not Event.reliable


def test_an_entity_outside_of_any_world_has_no_id_no_owner_and_no_birth() -> None:
    runner = Runner()
    assert (runner.id, runner.owner, runner.born, runner.ordinal) == (EntityId(0), NO_SEAT, 0, -1)


def test_a_command_looks_at_the_present_unless_a_view_is_given() -> None:
    assert SkirmishCommand().view == 0
    assert SkirmishCommand.from_row((1, 2, 0, 0)).view == 0
    assert SkirmishCommand.from_row((1, 2, 0, 0), 7).view == 7
