"""Declarations that are wrong in themselves, and teams that no lobby has."""

import attrs
import pytest

from gameserver import game as gs
from gameserver.errors import ConfigError
from gameserver.game.checking import definition_faults
from gameserver.game.loading.games import load_game
from tests.testing.faulty_games import Sound


def told(**spoilt: object) -> list[str]:
    game = type("Spoilt", (Sound,), spoilt)()
    return [str(f) for f in definition_faults(game) if "is not listed" not in str(f)]


@attrs.define(eq=False)
class Guessed(gs.Entity):
    x: int = gs.networked(predict="lineer")


@attrs.define(eq=False)
class Shared(gs.Entity):
    x: int = gs.networked(audience="team")


@attrs.define(eq=False)
class WrappedText(gs.Entity):
    x: int = gs.networked(wrap="1024")


@attrs.define(eq=False)
class Precise(gs.Entity):
    x: float = gs.networked(default=0.0, precision="0.1")


@pytest.mark.parametrize(
    ("entity", "sentence"),
    [
        (Guessed, "Guessed.x: predict must be one of hold, linear, not 'lineer'"),
        (Shared, "Shared.x: audience must be one of public, group, owner, not 'team'"),
        (WrappedText, "WrappedText.x: wrap must be a whole number of at least 2"),
        (Precise, "Precise.x: the precision must be a number above 0"),
    ],
)
def test_a_wrong_declaration_is_reported_by_class_and_field(entity: type, sentence: str) -> None:
    (told_once,) = told(entities=(entity,))
    assert told_once.startswith(sentence)


@attrs.frozen
class ListedChoices:
    mode: str = gs.option("dm", "Mode", choices=["dm", "tdm"])


@attrs.frozen
class LongDefault:
    motto: str = gs.option("x" * 65, "Motto")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (ListedChoices, "ListedChoices.mode: choices must map each value to its label, as {"),
        (LongDefault, "LongDefault.motto: the default has 65 characters, more than the 64"),
    ],
)
def test_a_wrong_option_is_reported_by_class_and_field(options: type, sentence: str) -> None:
    (told_once,) = told(options=options)
    assert told_once.startswith(sentence)


@attrs.frozen
class Sides:
    sides: int = gs.option(2, "Sides", lo=1, hi=40)


@attrs.frozen
class Picky(Sides):
    def __attrs_post_init__(self) -> None:
        if self.sides == 1:
            msg = "one side is none"
            raise ValueError(msg)


def _sides(_game: object, options: Sides) -> int:
    return options.sides


def test_the_number_of_teams_is_checked_with_all_options_at_their_extremes() -> None:
    (told_once,) = told(options=Sides, teams=_sides)
    assert told_once == (
        "Spoilt.teams: returned 40, which is no int from 0 to 16 with all options at their highest"
    )
    (told_once,) = told(options=Picky)
    assert told_once == (
        "Picky.__init__: raised ValueError('one side is none') with all options at their lowest"
    )


def test_a_server_does_not_start_with_a_wrong_number_of_teams() -> None:
    with pytest.raises(ConfigError, match=r"TeamsOfText\.teams: returned 'two', which is no int"):
        load_game("tests.testing.faulty_games:TeamsOfText")


@attrs.frozen
class NumberedPress(gs.Command):
    guess: int = gs.edge()


@attrs.frozen
class Pressed(gs.Command):
    guess: bool = gs.edge()
    step: int = gs.level(0, 8)


def test_a_press_that_is_declared_as_a_number_is_told_what_it_is() -> None:
    (told_once,) = told(command=NumberedPress)
    assert told_once.startswith("NumberedPress.guess: is an edge, which is True or False")
    assert not told(command=Pressed)
