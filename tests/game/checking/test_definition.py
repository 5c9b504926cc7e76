"""What can be wrong with a game's classes: each fault is one sentence with class and field."""

from typing import Any, ClassVar

import attrs
import pytest

from gameserver import game as gs
from gameserver.arena import Arena
from gameserver.errors import GameDefinitionError
from gameserver.game.checking import definition_faults, require_sound
from gameserver.testing.skirmish import Skirmish
from tests.testing.faulty_games import NoOptions, Pawn, Sound, Step


def told(game: type[gs.Game]) -> list[str]:
    """The faults of a game, without the many classes of this module that it does not list."""
    return [line for line in all_told(game) if "is not listed" not in line]


def all_told(game: type[gs.Game]) -> list[str]:
    return [str(fault) for fault in definition_faults(game())]


def with_entity(entity: type) -> type[gs.Game]:
    return type("Spoilt", (Sound,), {"entities": (entity,)})


def with_command(command: type) -> type[gs.Game]:
    return type("Spoilt", (Sound,), {"command": command})


def with_options(options: type) -> type[gs.Game]:
    return type("Spoilt", (Sound,), {"options": options})


@pytest.mark.parametrize("game", [Arena, Skirmish])
def test_the_shipped_games_are_valid(game: type[gs.Game]) -> None:
    assert told(game) == []
    require_sound(game())


# --- entities -------------------------------------------------------------------------------------


@attrs.define(eq=False)
class Heated(gs.Entity):
    rewindable = True
    SPEED = 4
    hp: int = gs.networked()
    heat = 0


@attrs.frozen
class UntypedCommand(gs.Command):
    move: int = gs.level(0, 4)
    fire = False


def test_a_value_in_the_place_of_a_class_is_reported_as_a_value() -> None:
    told_of = "has no type, so it is one value for all of them and no field"
    (entity,) = told(with_entity(Heated))
    assert f"Heated.heat {told_of}" in entity.replace(": ", " ")
    assert "write heat: int = 0, or HEAT for a constant" in entity
    (command,) = told(with_command(UntypedCommand))
    assert "UntypedCommand.fire" in command


@attrs.define(eq=False)
class Bounded(gs.Entity):
    hp: int = gs.networked(default=5, lo=10, hi=20)


@attrs.define(eq=False)
class Reversed(gs.Entity):
    hp: int = gs.networked(default=15, lo=20, hi=10)


@attrs.define(eq=False)
class WrongDefault(gs.Entity):
    hurt: bool = gs.networked()


@attrs.define(eq=False)
class LongText(gs.Entity):
    name: str = gs.networked(default="x" * 256)


@attrs.define(eq=False)
class BoundedText(gs.Entity):
    name: str = gs.networked(default="", hi=10)


@attrs.define(eq=False)
class Listing(gs.Entity):
    path: list[int] = attrs.field(factory=list)


@attrs.define(eq=False)
class OwnId(gs.Entity):
    owner: int = gs.networked()  # type: ignore[assignment]


@attrs.define(eq=False)
class Untyped(gs.Entity):
    x = gs.networked()
    hp: int = 3


class Undecorated(gs.Entity):
    x: int = gs.networked()


@attrs.frozen(eq=False)
class Frozen(gs.Entity):
    x: int = gs.networked()


@attrs.define
class Equal(gs.Entity):
    x: int = gs.networked()


@attrs.define(eq=False)
class Unknown(gs.Entity):
    x: "Nowhere" = gs.networked()  # type: ignore[name-defined]  # noqa: F821, RUF009


@attrs.define(eq=False)
class Angle(gs.Entity):
    heading: int = gs.networked(default=1024, wrap=1024)


class Plain:
    """No entity at all."""


@pytest.mark.parametrize(
    ("entity", "sentence"),
    [
        (Bounded, "Bounded.hp: the default 5 is not from 10 to 20"),
        (Reversed, "Reversed.hp: lo 20 is above hi 10"),
        (WrongDefault, "WrongDefault.hurt: the default must be of type bool"),
        (LongText, "LongText.name: the default is a text of 256 characters, more than"),
        (BoundedText, "BoundedText.name: only a number has lo and hi"),
        (Listing, "Listing.path: must be int, bool, str or float"),
        (OwnId, "OwnId.owner: hides a field that every entity has"),
        (Untyped, "Untyped.hp: is annotated and yet no field"),
        (Undecorated, "Undecorated: lacks its decorator (write @attrs.define(eq=False) above"),
        (Frozen, "Frozen: is frozen, and entities change"),
        (Equal, "Equal: two of them are equal when their fields are"),
        (Unknown, "Unknown: the type Nowhere is unknown"),
        (Angle, "Angle.heading: the default 1024 is not from 0 to 1023"),
        (Plain, "Spoilt.entities[0]: Plain is no subclass of Entity (write class Plain(Entity))"),
        (gs.Entity, "Spoilt.entities[0]: Entity itself is no class of a game"),
    ],
)
def test_a_faulty_entity_is_reported_by_class_and_field(entity: type, sentence: str) -> None:
    (told_once,) = told(with_entity(entity))
    assert told_once.startswith(sentence)


# --- events, command, options ---------------------------------------------------------------------


@attrs.frozen
class Heard(gs.Event):
    how_loud: float


class HeardPlainly(gs.Event):
    loud: int


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (Heard, "Heard.how_loud: must be int, bool or str"),
        (HeardPlainly, "HeardPlainly: lacks its decorator"),
        (Pawn, "Spoilt.events[0]: Pawn is no subclass of Event"),
    ],
)
def test_a_faulty_event_is_reported_by_class_and_field(event: type, sentence: str) -> None:
    faults = told(type("Spoilt", (Sound,), {"events": (event,)}))
    assert [line for line in faults if line.startswith(sentence)], faults


@attrs.frozen
class Loose(gs.Command):
    move: int = 0


@attrs.frozen
class OffCentre(gs.Command):
    move: int = gs.level(1, 8)


@attrs.frozen
class Backwards(gs.Command):
    move: int = gs.level(8, 0)


@attrs.frozen
class Fractions(gs.Command):
    move: int = gs.level(0, 1.5)


class Bare(gs.Command):
    move: int = gs.level(0, 8)


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (Loose, "Loose.move: must be declared with level() or edge()"),
        (OffCentre, "OffCentre.move: the default 0 is not from 1 to 8"),
        (Backwards, "Backwards.move: lo 8 is above hi 0"),
        (Fractions, "Fractions.move: bounds must be whole numbers within 2^53"),
        (Bare, "Bare: lacks its decorator (write @attrs.frozen above class)"),
        (Pawn, "command: Pawn is no subclass of Command"),
        (attrs.make_class("Wide", {f"f{n}": gs.level(0, 1) for n in range(33)}, (gs.Command,)),
         "Wide: has 33 fields, and 32 fit into an input"),
    ],
)  # fmt: skip
def test_a_faulty_command_is_reported_by_class_and_field(command: type, sentence: str) -> None:
    (told_once,) = told(with_command(command))
    assert told_once.startswith(sentence)


@attrs.frozen
class Unbounded:
    length: int = gs.option(90, "Length")


@attrs.frozen
class OutOfBounds:
    length: int = gs.option(90, "Length", lo=100, hi=200)


@attrs.frozen
class NoChoice:
    mode: str = gs.option("dm", "Mode", choices={"tdm": "Teams"})


@attrs.frozen
class NotAnOption:
    length: int = 5


@attrs.frozen
class Unlabelled:
    length: int = gs.option(5, "", lo=1, hi=9)


class PlainOptions:
    length: int = gs.option(5, "Length", lo=1, hi=9)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (Unbounded, "Unbounded.length: is an integer and needs lo and hi"),
        (OutOfBounds, "OutOfBounds.length: the default 90 is not from 100 to 200"),
        (NoChoice, "NoChoice.mode: the default is not one of the choices"),
        (NotAnOption, "NotAnOption.length: must be declared with option()"),
        (Unlabelled, "Unlabelled.length: needs a label"),
        (PlainOptions, "PlainOptions: lacks its decorator"),
    ],
)
def test_faulty_options_are_reported_by_class_and_field(options: type, sentence: str) -> None:
    (told_once,) = told(with_options(options))
    assert told_once.startswith(sentence)


# --- the game's own class -------------------------------------------------------------------------


class Empty(gs.Game):
    """Sets nothing."""


def test_all_missing_attributes_are_reported_at_once() -> None:
    faults = told(Empty)
    missing = ("name", "title", "entities", "command", "options")
    assert faults[:5] == [f"Empty.{name}: is missing" for name in missing]
    assert "Empty: lacks start()" in faults
    assert "Empty: lacks step()" in faults
    with pytest.raises(GameDefinitionError, match=r"Empty.name: is missing; and 6 more"):
        require_sound(Empty())


@pytest.mark.parametrize(
    ("attribute", "value", "sentence"),
    [
        ("name", "My Game", "Spoilt.name: is 'My Game': it must be lower case letters"),
        ("title", "", "Spoilt.title: is '': it must be 1 to 64 printable characters"),
        ("title", "a\x1b[2J", "Spoilt.title: is 'a\\x1b[2J'"),
        ("tick_rate", 0, "Spoilt.tick_rate: is 0: it must be a whole number from 1 to 120"),
        ("tick_rate", 30.0, "Spoilt.tick_rate: is 30.0"),
        ("snapshot_every", 0, "Spoilt.snapshot_every: is 0"),
        ("seats", (4, 2), "Spoilt.seats: is (4, 2): it must be fewest and most"),
        ("seats", 4, "Spoilt.seats: is 4"),
        ("bot_levels", "easy", "Spoilt.bot_levels: is 'easy': it must be a tuple of names"),
        ("mode_option", "pace", "Spoilt.mode_option: is 'pace': it must be "),
        ("mode_option", 3, "Spoilt.mode_option: is 3: it must be "),
        ("interest", 3, "Spoilt.interest: is 3: it must be an Interest or None"),
        ("interest", gs.Interest(cell=512, eye=Bounded), "Spoilt.interest: its eye is not one of"),
        ("entities", Pawn, "Spoilt.entities: is a class (write (Pawn,) with a comma)"),
        ("entities", (Pawn, Pawn), "Spoilt.entities[1]: "),
        ("options", {"a": 1}, "options: {'a': 1} is no class"),
        ("step", 5, "Spoilt.step: must be a method"),
    ],
)
def test_a_faulty_attribute_is_reported_with_its_valid_values(
    attribute: str, value: object, sentence: str
) -> None:
    (told_once,) = told(type("Spoilt", (Sound,), {attribute: value}))
    assert told_once.startswith(sentence)


class Waits(Sound):
    async def step(self, world: gs.World, commands: Any) -> None:  # type: ignore[override]
        """Wait for nothing."""


class TooFew(Sound):
    def join(self, world: gs.World) -> None:  # type: ignore[override]
        """Take too little."""


class Misspelt(Sound):
    def on_join(self, world: gs.World, player: gs.Player) -> None:
        """Nobody calls this."""

    def standing(self, world: gs.World) -> gs.Outcome:
        """Nobody calls this either."""
        del world
        return gs.Outcome(())


class Endless(gs.Game):
    name, title, entities, command, options = "endless", "Endless", (Pawn,), Step, NoOptions

    def start(self, world: gs.World, players: list[gs.Player]) -> None:
        """Begin."""

    def step(self, world: gs.World, commands: Any) -> None:
        """Go on."""


class Botless(Sound):
    bot = gs.Game.bot


class SharedState(Sound):
    scores: ClassVar[list[int]] = []


class InstanceState(Sound):
    def __init__(self) -> None:
        self.round = 1


@pytest.mark.parametrize(
    ("game", "sentences"),
    [
        (Waits, ["Waits.step: must be a plain method: a tick never waits"]),
        (TooFew, ["TooFew.join: must take world, player after self"]),
        (Misspelt, ["Misspelt.standing: is never called: did you mean standings()?"]),
        (Endless, ["Endless: lacks outcome()", "Endless: lacks join()"]),
        (Botless, ["Botless: has bot_levels and lacks bot()"]),
        (SharedState, ["SharedState.scores: can be changed, and all matches share it"]),
        (InstanceState, ["InstanceState.round: is state of the game object"]),
    ],
)
def test_faulty_methods_and_hidden_state_are_reported(
    game: type[gs.Game], sentences: list[str]
) -> None:
    own = told(game)
    assert len(own) == len(sentences), own
    for line, sentence in zip(own, sentences, strict=True):
        assert line.startswith(sentence)


def test_a_class_missing_in_the_lists_of_the_game_is_reported() -> None:
    assert any(
        line.startswith("Bounded: is not listed in SharedState.entities")
        for line in all_told(SharedState)
    )
