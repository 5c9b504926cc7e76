"""Hints tell pages how to draw and play a game, and change nothing else."""

from typing import Any

import attrs
import msgpack
import pytest

from examples.pairs import Pairs
from examples.tag import Tag, TagCommand
from gameserver import game as gs
from gameserver.errors import GameDefinitionError
from gameserver.game.checking.definition import definition_faults
from gameserver.game.pictures import has_picture
from gameserver.game.schema.table import schema, table_of


@attrs.define(eq=False)
class Ship(gs.Entity):
    look = gs.Look(shape="triangle", colour="#ff8800", picture="ship", size=200)

    east: int = gs.networked(predict="linear", hint="x")
    south: int = gs.networked(predict="linear", hint="y")
    nose: int = gs.networked(wrap=1024, hint="heading")
    weight: int = gs.networked(hint="size")
    rank: int = gs.private(hint="label")
    size: int = gs.networked(hint="none")
    afire: bool = gs.networked(default=False, hint=gs.Hint.MARK)


@attrs.frozen
class ShipCommand(gs.Command):
    wheel: int = gs.level(-8, 8, axis="x")
    course: int = gs.level(0, 1023, pointer="angle")
    port: int = gs.level(0, 1, keys=("KeyQ", "PadL1"))
    starboard: bool = gs.edge(keys=("KeyE",))
    plain: bool = gs.edge()


def game_of(entity: type[gs.Entity], command: Any = TagCommand) -> gs.Game:
    """Return a game of one class of entities."""
    body = {"entities": (entity,), "events": (), "command": command}
    made: gs.Game = type("Made", (Tag,), body)()
    return made


def test_the_schema_has_the_hints_that_were_given() -> None:
    told: Any = schema(game_of(Ship, ShipCommand))
    assert msgpack.unpackb(msgpack.packb(told)) == told
    (ship,) = told["entities"]
    assert ship["look"] == {
        "shape": "triangle",
        "colour": "#ff8800",
        "picture": "ship",
        "size": 200,
    }
    hints = {field["name"]: field.get("hint") for field in ship["public"] + ship["owner"]}
    assert hints == {
        "east": "x",
        "south": "y",
        "nose": "heading",
        "weight": "size",
        "size": "none",
        "afire": "mark",
        "rank": "label",
    }
    assert told["command"][0] == ["wheel", "level", -8, 8]
    assert told["bindings"] == {
        "wheel": {"axis": "x"},
        "course": {"pointer": "angle"},
        "port": {"keys": ["KeyQ", "PadL1"]},
        "starboard": {"keys": ["KeyE"]},
    }


def test_without_hints_the_schema_is_what_it_was() -> None:
    @attrs.define(eq=False)
    class Bare(gs.Entity):
        x: int = gs.networked()

    @attrs.frozen
    class BareCommand(gs.Command):
        move: int = gs.level(0, 8)

    assert schema(game_of(Bare, BareCommand)) == {
        "entities": [{"name": "Bare", "public": [{"name": "x", "kind": "int"}]}],
        "events": [],
        "command": [["move", "level", 0, 8]],
        "edges": [],
    }


def ship(**body: Any) -> type[gs.Entity]:
    """Return a class of entities with these fields of integers, or with this look."""
    fields = dict.fromkeys((name for name in body if name != "look"), int)
    made = type("MadeShip", (gs.Entity,), {"__annotations__": fields, **body})
    return attrs.define(eq=False)(made)


def looking(**look: Any) -> type[gs.Entity]:
    return ship(a=gs.networked(), look=gs.Look(**look))


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: ship(a=gs.networked(hint="hight")), "hint must be one of"),
        (lambda: ship(a=gs.networked(hint="heading")), "needs wrap"),
        (lambda: ship(a=gs.networked(hint="mark")), "for bool"),
        (lambda: ship(a=gs.networked(hint="picture")), "for str"),
        (lambda: ship(a=gs.networked(hint="x")), "x and y"),
        (
            lambda: ship(a=gs.networked(hint="size"), b=gs.private(hint="size")),
            "two fields have the hint size",
        ),
        (lambda: looking(shape="star"), "shape must be one of"),
        (lambda: looking(colour="red"), "#rrggbb"),
        (lambda: looking(colour=7), "#rrggbb"),
        (lambda: looking(picture="../../etc/passwd"), "without its ending"),
        (lambda: looking(size=-1), "sub-units"),
        (lambda: looking(size=1.5), "sub-units"),
    ],
)
def test_a_hint_that_cannot_be_drawn_is_named(made: Any, words: str) -> None:
    game = game_of(made())
    with pytest.raises(GameDefinitionError, match=words):
        table_of(game)
    assert any(words in str(fault) for fault in definition_faults(game))


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (gs.level(0, 8, keys=("KeyQ",)), "levels from 0 to 1"),
        (gs.edge(keys=("q",)), "there is no key 'q'"),
        (gs.edge(keys=("Escape",)), "there is no key"),
        (gs.edge(keys=("KeyQ",) * 5), "4 names at most"),
        (gs.edge(keys="KeyQ"), "must be a tuple"),
        (gs.level(0, 7, axis="compass"), "from 0 to 4 or 8"),
        (gs.level(1, 7, default=1, axis="x"), "around 0"),
        (gs.level(-1, 1, axis="z"), "axis must be one of"),
        (gs.level(-4, 4, pointer="angle"), "from 0, in steps"),
        (gs.level(0, 4, pointer="z"), "pointer must be one of"),
        (gs.level(0, 1, keys=("KeyQ",), axis="x"), "not several"),
    ],
)
def test_a_key_that_cannot_be_pressed_is_named(field: Any, words: str) -> None:
    made = {"__annotations__": {"act": int}, "act": field}
    command: Any = attrs.frozen(type("MadeCommand", (gs.Command,), made))
    with pytest.raises(GameDefinitionError, match=words):
        command.fields()


def test_a_field_of_a_game_may_be_called_look() -> None:
    @attrs.define(eq=False)
    class Looker(gs.Entity):
        look: int = gs.networked()  # type: ignore[assignment, misc]

    assert schema(game_of(Looker))["entities"] == [
        {"name": "Looker", "public": [{"name": "look", "kind": "int"}]}
    ]


def test_a_picture_that_is_named_and_not_there_is_told() -> None:
    told = [str(fault) for fault in definition_faults(game_of(looking(picture="ship")))]
    assert any("there is no picture ship" in each for each in told)
    assert definition_faults(Pairs()) == []
    assert has_picture(Pairs, "back")
    assert not has_picture(Pairs, "front")
