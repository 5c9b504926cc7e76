"""Declarations at their bounds are accepted, and those just beyond are refused."""

from typing import Any

import attrs
import pytest

from gameserver import game as gs
from gameserver.errors import GameDefinitionError
from gameserver.game.checking import definition_faults, require_sound
from gameserver.game.checking.classes import MOST_COMMAND_FIELDS, MOST_OPTIONS
from gameserver.game.checking.definition import MOST_TICKS_PER_S
from gameserver.game.fields import INTEGER_LIMIT, Audience, networked
from gameserver.game.game import middle_level
from gameserver.game.guard import MOST_TEAMS, map_fits, teams_of
from gameserver.game.maps.tilemap import MAX_PLAYERS, MAX_TITLE
from gameserver.game.options import option
from gameserver.game.schema.table import TEXT_CHARS, schema, state_fields, table_of
from gameserver.testing.skirmish import Bolt, Skirmish, SkirmishOptions, Spark
from tests.testing.faulty_games import Sound

LARGEST = INTEGER_LIMIT - 1


def told(**changes: object) -> list[str]:
    """Return the faults of a sound game with these attributes, without classes it lacks."""
    game = type("Spoilt", (Sound,), changes)()
    lines = [str(fault) for fault in definition_faults(game)]
    return [line for line in lines if "is not listed" not in line]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("title", ["x", "x" * MAX_TITLE], ["", "x" * (MAX_TITLE + 1), "a\nb", 7]),
        ("tick_rate", [1, MOST_TICKS_PER_S], [0, MOST_TICKS_PER_S + 1, 30.0, True]),
        ("snapshot_every", [1, MOST_TICKS_PER_S], [0, MOST_TICKS_PER_S + 1, 1.0]),
        (
            "seats",
            [(1, 1), (1, MAX_PLAYERS), (MAX_PLAYERS, MAX_PLAYERS)],
            [(0, 1), (2, 1), (1, MAX_PLAYERS + 1), (1,), (1, 2, 3), [1, 2], (1.0, 2), (True, 2)],
        ),
        ("bot_levels", [("a",), ("a", "b")], [("a", "a"), ["a"], ("A b",), "a"]),
    ],
)
def test_attributes_of_a_game_have_bounds(name: str, good: list[object], bad: list[object]) -> None:
    for value in good:
        assert not [line for line in told(**{name: value}) if line.startswith(f"Spoilt.{name}: is")]
    for value in bad:
        found = [line for line in told(**{name: value}) if line.startswith(f"Spoilt.{name}: is")]
        assert len(found) == 1, value


def test_a_command_and_options_have_as_many_fields_as_can_be_sent() -> None:
    for more in (0, 1):
        fields = {f"f{n}": gs.level(0, 1) for n in range(MOST_COMMAND_FIELDS + more)}
        command = attrs.make_class("Pad", fields, bases=(gs.Command,), frozen=True)
        wanted = ["Pad: has 33 fields, and 32 fit into an input"] * more
        assert [line for line in told(command=command) if "fields" in line] == wanted
        choices = {f"o{n}": option(default=True, label="X") for n in range(MOST_OPTIONS + more)}
        options = attrs.make_class("Many", choices, frozen=True)
        wanted = ["Many: has more than 60 options"] * more
        assert [line for line in told(options=options) if line.startswith("Many")] == wanted


def test_classes_that_cannot_be_made_are_reported_unless_a_field_is_wrong_already() -> None:
    def refuse(_self: object) -> None:
        raise ZeroDivisionError("no")

    said = "cannot be made with its defaults: ZeroDivisionError('no')"
    for field, wanted in ((gs.level(0, 1), said), (gs.level(2, 1), "lo 2 is above hi 1")):
        made = {"__attrs_post_init__": refuse}
        command = attrs.make_class(
            "Pad", {"f": field}, bases=(gs.Command,), frozen=True, class_body=made
        )
        (line,) = told(command=command)
        assert wanted in line
    for choice, wanted in ((option(1, "X", lo=0, hi=1), said), (option(1, "X"), "needs lo and hi")):
        made = {"__attrs_post_init__": refuse}
        options = attrs.make_class("Choice", {"f": choice}, frozen=True, class_body=made)
        (line,) = [each for each in told(options=options) if each.startswith("Choice")]
        assert wanted in line


def test_the_number_of_further_errors_is_told_with_the_first() -> None:
    one = type("Spoilt", (Sound,), {"tick_rate": 0})()
    with pytest.raises(GameDefinitionError) as raised:
        require_sound(one)
    assert " more" not in str(raised.value)
    two = type("Spoilt", (Sound,), {"tick_rate": 0, "title": ""})()
    with pytest.raises(GameDefinitionError, match=r"; and 1 more$"):
        require_sound(two)
    three = type("Spoilt", (Sound,), {"tick_rate": 0, "title": "", "seats": (2, 1)})()
    with pytest.raises(GameDefinitionError, match=r"; and 2 more$"):
        require_sound(three)


# --- fields of entities ---------------------------------------------------------------------------


def entity(kind: type, **declared: Any) -> type[gs.Entity]:
    made: type[gs.Entity] = attrs.make_class(
        "Thing", {"f": attrs.field(**_typed(kind, declared))}, bases=(gs.Entity,), eq=False
    )
    return made


def _typed(kind: type, declared: dict[str, Any]) -> dict[str, Any]:
    default = declared.pop("default", kind())
    metadata = networked(**declared).metadata if declared else {}
    return {"type": kind, "default": default, "metadata": metadata}


@pytest.mark.parametrize(
    ("kind", "declared", "bounds"),
    [
        (int, {}, (-LARGEST, LARGEST)),
        (int, {"default": LARGEST}, (-LARGEST, LARGEST)),
        (int, {"default": -LARGEST}, (-LARGEST, LARGEST)),
        (int, {"lo": -LARGEST, "hi": LARGEST}, (-LARGEST, LARGEST)),
        (int, {"lo": 3, "hi": 3, "default": 3}, (3, 3)),
        (int, {"lo": -5, "default": -5}, (-5, LARGEST)),
        (int, {"hi": 5, "default": 5}, (-LARGEST, 5)),
        (int, {"wrap": 2, "default": 1}, (0, 1)),
        (int, {"wrap": 1024, "default": 1023}, (0, 1023)),
        (str, {"default": "x" * TEXT_CHARS}, None),
        (float, {"precision": 1e-9}, None),
    ],
)
def test_a_field_at_its_bounds_is_accepted(
    kind: type, declared: dict[str, Any], bounds: tuple[int, int] | None
) -> None:
    (field,) = [each for each in state_fields(entity(kind, **declared)) if each.name == "f"]
    assert bounds in (None, (field.lo, field.hi))


@pytest.mark.parametrize(
    ("kind", "declared", "words"),
    [
        (int, {"default": LARGEST + 1}, f"is not from {-LARGEST} to {LARGEST}"),
        (int, {"default": -LARGEST - 1}, f"is not from {-LARGEST} to {LARGEST}"),
        (int, {"lo": -LARGEST - 1}, "whole numbers within 2^53"),
        (int, {"hi": LARGEST + 1}, "whole numbers within 2^53"),
        (int, {"lo": 0.5}, "whole numbers within 2^53"),
        (int, {"lo": True}, "whole numbers within 2^53"),
        (int, {"lo": 4, "hi": 3}, "lo 4 is above hi 3"),
        (int, {"wrap": 1}, "wrap must be a whole number of at least 2"),
        (int, {"wrap": 2.0}, "wrap must be a whole number of at least 2"),
        (int, {"wrap": 2, "default": 2}, "the default 2 is not from 0 to 1"),
        (str, {"default": "x" * (TEXT_CHARS + 1)}, "the default is a text of 256 characters"),
        (str, {"lo": 1}, "only a number has lo and hi"),
        (float, {"precision": 0.0}, "the precision must be a number above 0"),
        (float, {"precision": -1}, "the precision must be a number above 0"),
        (int, {"precision": 1}, "a float, and only a float, needs a precision"),
        (bool, {"predict": "linear"}, "only a number can be predicted linearly"),
        (int, {"predict": "linear", "once": True}, "what is sent once cannot be predicted"),
    ],
)
def test_a_field_beyond_its_bounds_is_refused(
    kind: type, declared: dict[str, Any], words: str
) -> None:
    with pytest.raises(GameDefinitionError) as raised:
        state_fields(entity(kind, **declared))
    assert str(raised.value).startswith("Thing.f: ")
    assert words in str(raised.value)


def test_only_fields_that_are_declared_so_are_predicted_linearly() -> None:
    declared = {
        "plain": attrs.field(default=0, type=int),
        "shown": attrs.field(**_typed(int, {"lo": 0})),
        "moved": attrs.field(**_typed(int, {"predict": "linear"})),
    }
    thing = attrs.make_class("Thing", declared, bases=(gs.Entity,), eq=False)
    fields = {field.name: field.linear for field in state_fields(thing)}
    assert [fields[name] for name in declared] == [False, False, True]


def test_an_attribute_of_an_event_without_a_type_is_reported() -> None:
    @attrs.frozen
    class Hit(gs.Event):
        seat: int
        loud = False

    (line,) = told(events=(Hit,))
    assert line.startswith("Hit.loud: ")


@attrs.define(eq=False)
class Ghost(gs.Entity):
    x = networked()


@attrs.define(eq=False)
class Heavy(gs.Entity):
    x: int = networked()

    def __attrs_post_init__(self) -> None:
        raise ZeroDivisionError("no")


@attrs.frozen
class Knock(gs.Event):
    loud = attrs.field(default=1)  # type: ignore[var-annotated]


@attrs.frozen
class Ring(gs.Event):
    seat: int
    reliable = "yes"  # type: ignore[assignment]


@attrs.frozen
class HalfTyped:
    fast = option(default=True, label="Fast")
    slow: int = 3


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"entities": (Ghost,)}, "Ghost.x: has no type (write x: int = ...)"),
        (
            {"entities": (Heavy,)},
            "Heavy: cannot be made without arguments: ZeroDivisionError('no') (give every field",
        ),
        ({"events": (Knock,)}, "Knock.loud: has no type (write loud: int)"),
        ({"events": (Ring,)}, "Ring.reliable: must be True or False"),
        ({"options": HalfTyped}, "HalfTyped.slow: is annotated and yet no field"),
        ({"entities": [Spark]}, "Spoilt.entities: is [<class "),
        ({"events": None}, "Spoilt.events: is None: it must be a tuple of classes"),
        ({"bot_levels": ()}, "Spoilt: has bot() and no bot_levels"),
    ],
)
def test_a_rare_fault_is_reported_too(changes: dict[str, object], sentence: str) -> None:
    assert any(line.startswith(sentence) for line in told(**changes)), told(**changes)


# --- what clients are told ------------------------------------------------------------------------


def test_the_schema_tells_every_class_as_it_was_declared() -> None:
    told_of = schema(Skirmish())
    entities: Any = told_of["entities"]
    assert [each["name"] for each in entities] == ["Board", "Runner", "Bolt", "Spark"]
    bolt = entities[2]["public"]
    assert bolt == [
        {"name": "x", "kind": "int", "predict": "linear"},
        {"name": "y", "kind": "int", "predict": "linear"},
        {"name": "turn", "kind": "int", "predict": "linear", "wrap": 1024},
    ]
    fields = [field for row in entities for field in row.get("public", [])]
    assert [field["name"] for field in fields if field.get("once")] == ["title", "name"]
    assert all(field.get("once", True) is True for field in fields)
    assert told_of["events"] == [
        {"name": "Thrown", "fields": [["seat", "int"]]},
        {"name": "Struck", "fields": [["by", "int"], ["whom", "int"], ["label", "str"]]},
        {
            "name": "Whispered",
            "fields": [["loud", "bool"], ["text", "str"], ["number", "int"]],
        },
    ]
    assert told_of["command"] == [
        ["move", "level", 0, 4],
        ["aim", "level", 0, 1023],
        ["throw", "edge", 0, 1],
        ["shoot", "edge", 0, 1],
    ]
    assert told_of["edges"] == ["throw", "shoot"]


# --- what rooms ask -------------------------------------------------------------------------------


def test_a_valid_number_of_teams_and_answer_about_a_map_are_passed_on() -> None:
    class Answers(Skirmish):
        said: Any = None

        def teams(self, options: Any) -> Any:
            del options
            return self.said

        def map_fits(self, options: Any, modes: tuple[str, ...]) -> Any:
            del options, modes
            return self.said

    game = Answers()
    for teams in (0, 2, MOST_TEAMS):
        game.said = teams
        assert teams_of(game, SkirmishOptions()) == teams
    for said in (True, False, 1, "", None):
        game.said = said
        assert map_fits(game, SkirmishOptions(), ("dm",)) is bool(said)


@pytest.mark.parametrize(
    ("levels", "middle"),
    [((), ""), (("a",), "a"), (("a", "b"), "a"), (("a", "b", "c"), "b"), (tuple("abcd"), "b")],
)
def test_the_middle_level_is_the_easier_of_two(levels: tuple[str, ...], middle: str) -> None:
    assert middle_level(levels) == middle


@attrs.frozen
class Chosen:
    """Options with two choices and a number."""

    mode: str = option("a", "Mode", choices={"a": "A"})
    size: str = option("b", "Size", choices={"b": "B"})
    time: int = option(1, "Time", lo=0, hi=9)


@attrs.frozen
class Choiceless:
    """Options without choices."""

    time: int = option(1, "Time", lo=0, hi=9)


def test_the_option_of_modes_is_one_with_choices() -> None:
    for name in ("", "mode", "size"):
        assert told(options=Chosen, mode_option=name) == []
    (line,) = told(options=Chosen, mode_option="time")
    assert line == "Spoilt.mode_option: is 'time': it must be one of mode, size"
    assert told(options=Choiceless, mode_option="") == []
    (line,) = told(options=Choiceless, mode_option="time")
    assert line == "Spoilt.mode_option: is 'time': it must be empty: no option has choices"


def test_a_table_knows_which_of_its_fields_are_linear() -> None:
    table = table_of(Skirmish()).by_number[Skirmish.entities.index(Bolt)][Audience.PUBLIC]
    assert table.linear == (0, 1, 2)
    spark = table_of(Skirmish()).by_number[Skirmish.entities.index(Spark)]
    assert spark[Audience.PUBLIC].linear == ()
    assert set(spark) == {Audience.PUBLIC}, "nothing of it is its owner's alone"
