"""Tables come from declarations, and bad declarations are named."""

from typing import Any, ClassVar

import attrs
import msgpack
import pytest

from gameserver.errors import GameDefinitionError, GameFaultError
from gameserver.game.entity import Entity, Event
from gameserver.game.fields import INTEGER_LIMIT, Audience, networked, private
from gameserver.game.fixed import TURN
from gameserver.game.game import Game
from gameserver.game.schema.compiled import between, check, clone, fitter
from gameserver.game.schema.table import schema, table_of, type_hints
from gameserver.testing.skirmish import SIDE, Board, Runner, Skirmish, Spark, Thrown

TABLE = table_of(Skirmish())


def names(entity: type[Entity], audience: Audience) -> list[str]:
    table = TABLE.of(entity, audience)
    return [] if table is None else [field.name for field in table.fields]


def test_each_audience_gets_its_own_fields_in_order() -> None:
    public = ["x", "y", "aim", "name", "team", "hurt", "heat", "hits"]
    assert names(Runner, Audience.PUBLIC) == public
    assert names(Runner, Audience.OWNER) == ["ammo"]
    assert names(Runner, Audience.GROUP) == ["plan"]
    assert TABLE.of(Board, Audience.OWNER) is None


def test_the_schema_is_plain_and_holds_what_a_decoder_needs() -> None:
    shown = schema(Skirmish())
    assert msgpack.unpackb(msgpack.packb(shown)) == shown
    entities = shown["entities"]
    assert isinstance(entities, list)
    runner = entities[1]
    assert runner["public"][0] == {"name": "x", "kind": "int", "predict": "linear"}
    assert runner["public"][2] == {"name": "aim", "kind": "int", "wrap": TURN}
    assert runner["public"][6] == {"name": "heat", "kind": "float", "precision": 0.25}
    assert runner["owner"] == [{"name": "ammo", "kind": "int"}]


def game_with(entity: type[Entity] | None = None, event: type[Event] | None = None) -> Game:
    class Declared(Skirmish):
        entities: ClassVar[Any] = (entity,) if entity else ()
        events: ClassVar[Any] = (event,) if event else ()

    return Declared()


def entity_with(kind: object, field: object) -> type[Entity]:
    body = {"__annotations__": {"bad": kind}, "bad": field}
    return attrs.define(eq=False)(type("Thing", (Entity,), body))


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (list, networked(default=0)),
        (bool, networked(default=False, predict="linear")),
        (str, networked(default="", wrap=4)),
        (int, networked(wrap=1)),
        (float, networked(default=0.0)),
        (int, networked(precision=0.5)),
        (float, networked(default=0.0, precision=-1.0)),
        (int, networked(once=True, predict="linear")),
        (bool, networked(default=0)),
        ("Nowhere", private()),
    ],
)
def test_a_wrong_declaration_is_refused_by_class_and_field(kind: object, field: object) -> None:
    with pytest.raises(GameDefinitionError, match="Thing"):
        table_of(game_with(entity_with(kind, field)))


@pytest.mark.parametrize("audience", list(Audience))
def test_more_fields_than_an_update_can_tell_are_refused(audience: Audience) -> None:
    def with_fields(count: int) -> type[Entity]:
        names = [f"f{n}" for n in range(count)]
        fields = {name: networked(audience=audience.value) for name in names}
        body = {"__annotations__": dict.fromkeys(names, int), **fields}
        return attrs.define(eq=False)(type("Thing", (Entity,), body))

    made = table_of(game_with(with_fields(64))).classes
    assert max(len(tables[audience].fields) for tables in made.values()) == 64
    with pytest.raises(GameDefinitionError, match=f"Thing: 65 {audience} fields, more than 64"):
        table_of(game_with(with_fields(65)))


def test_an_event_is_a_row_of_its_fields_and_one_that_is_not_listed_is_named() -> None:
    assert TABLE.event_row(Thrown(3)).values(Thrown(3)) == [3]

    @attrs.frozen
    class Unlisted(Event):
        seat: int

    with pytest.raises(GameFaultError, match="event Unlisted is not in the game's events"):
        TABLE.event_row(Unlisted(1))


def test_a_type_that_cannot_be_read_is_named_by_its_class() -> None:
    entity = type("Odd", (Entity,), {"__annotations__": {"x": "1 +"}, "x": networked()})
    with pytest.raises(GameDefinitionError, match="Odd: a type cannot be read"):
        type_hints(entity)


def test_entities_fit_whose_fields_are_all_within_their_bounds() -> None:
    @attrs.define(eq=False)
    class Empty(Entity):
        """Has no field of its own."""

    assert fitter(Runner)(Runner(x=SIDE, y=0, aim=TURN - 1))
    assert fitter(Empty)(Empty())
    for wrong in ({"x": -1}, {"x": SIDE + 1}, {"aim": TURN}, {"x": 1.0}, {"name": "x" * 256}):
        assert not fitter(Runner)(Runner(**wrong))


def test_an_event_with_a_list_is_refused() -> None:
    @attrs.frozen
    class Listed(Event):
        items: list[int]

    with pytest.raises(GameDefinitionError, match=r"Listed\.items"):
        table_of(game_with(event=Listed))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x", -1),
        ("x", SIDE + 1),
        ("x", 1.0),
        ("x", True),
        ("aim", TURN),
        ("aim", -1),
        ("ammo", INTEGER_LIMIT),
        ("hits", -INTEGER_LIMIT),
        ("cooldown", INTEGER_LIMIT),
        ("hurt", 1),
        ("name", None),
        ("name", "x" * 256),
        ("heat", float("nan")),
        ("heat", float("inf")),
        ("heat", 1),
    ],
)
def test_a_field_out_of_bounds_is_named(name: str, value: object) -> None:
    runner = Runner()
    check(runner)
    setattr(runner, name, value)
    with pytest.raises(GameFaultError, match=rf"^Runner 0, field {name}: "):
        check(runner)


def test_values_on_the_bounds_are_accepted() -> None:
    check(Runner(x=SIDE, y=0, aim=TURN - 1, ammo=INTEGER_LIMIT - 1, name="x" * 255))


def test_a_copy_is_whole_and_independent() -> None:
    runner = Runner(x=5, name="Ann", cooldown=3)
    runner.ordinal = 2
    copy = clone(runner)
    assert isinstance(copy, Runner)
    assert attrs.astuple(copy) == attrs.astuple(runner)
    copy.x = 6
    assert runner.x == 5


def test_interpolation_applies_to_positions_and_angles_and_keeps_other_fields() -> None:
    a, b = Runner(x=0, aim=TURN - 4, hits=1), Runner(x=10, aim=4, hits=2)
    middle = between(a, b, 1, 2)
    assert isinstance(middle, Runner)
    assert (middle.x, middle.aim, middle.hits) == (5, 0, 1)


def test_a_field_without_linear_prediction_is_not_interpolated() -> None:
    middle = between(Spark(left=3), Spark(left=9), 1, 2)
    assert isinstance(middle, Spark)
    assert middle.left == 3


def test_a_float_is_checked_against_both_bounds() -> None:
    thing = entity_with(float, networked(default=0.0, precision=0.5, lo=-10, hi=5))
    made: Any = thing()
    for good in (-10.0, -7.5, 5.0):
        made.bad = good
        check(made)
    for wrong in (-10.5, 5.5, float("nan")):
        made.bad = wrong
        with pytest.raises(GameFaultError, match=r"bad: .* is not a float from -10 to 5"):
            check(made)
