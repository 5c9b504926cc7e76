"""Maps drawn in a test, and commands drawn for any game."""

from hypothesis import find, given
from hypothesis import strategies as st

from gameserver.game.maps.tilemap import Decor, Ground, MapObject, ObjectKind, Solid
from gameserver.game.schema.history import VIEW_UNITS
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Bout, Skirmish, SkirmishCommand
from gameserver.testing.strategies import commands, rows


def test_characters_are_walls_low_cover_and_floor() -> None:
    spawn = MapObject(1, ObjectKind.SPAWN, "a", 0, 512, 512)
    drawn = map_from_rows("#=.", "x #", objects=[spawn], modes=["dm", "tdm"])
    assert (drawn.width, drawn.height) == (3, 2)
    wall, low, free = Solid.WALL, Solid.LOW, Solid.OPEN
    assert list(drawn.solid) == [wall, low, free, free, free, wall]
    none = Decor.NONE
    assert list(drawn.decor) == [Decor.WALL, Decor.CRATE, none, none, none, Decor.WALL]
    assert list(drawn.ground) == [Ground.FLOOR] * 6
    assert (drawn.objects, drawn.modes, drawn.max_players) == ((spawn,), ("dm", "tdm"), 8)
    plain = map_from_rows(".", max_players=3)
    assert (plain.objects, plain.modes, plain.max_players) == ((), ("dm",), 3)


@given(st.data())
def test_drawn_commands_are_within_their_bounds(data: st.DataObject) -> None:
    row = data.draw(rows(Skirmish()))
    for value, field in zip(row, SkirmishCommand.fields(), strict=True):
        assert field.lo <= value <= field.hi
    command = data.draw(commands(Bout()))
    assert isinstance(command, SkirmishCommand)
    assert 0 <= command.view <= 8 * VIEW_UNITS, "400 ms at 20 ticks a second"


def test_the_newest_and_the_oldest_view_are_drawn_as_well() -> None:
    views = commands(Bout()).map(lambda each: each.view)
    assert find(views, lambda view: view == 0) == 0
    assert find(views, lambda view: view == 8 * VIEW_UNITS)
