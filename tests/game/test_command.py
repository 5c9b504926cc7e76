"""A command class is declared once; rows, checks and repeated commands follow from it."""

import re
from typing import Any

import attrs
import pytest

from gameserver.errors import GameDefinitionError
from gameserver.game.command import (
    Command,
    CommandKind,
    command_checker,
    command_fault,
    command_lister,
    edge,
    is_plain,
    level,
)
from gameserver.ids import Seat


@attrs.frozen
class Pad(Command):
    move: int = level(-2, 2)
    jump: bool = edge()
    aim: int = level(0, 1023, default=5)


@attrs.frozen
class Nothing(Command):
    """Has no fields at all."""


def test_a_command_of_nobody_is_at_rest() -> None:
    assert Pad() == Pad(move=0, jump=False, aim=5, view=0)


def test_the_fields_are_those_of_the_wire_in_order_without_the_view() -> None:
    told = [(field.name, field.kind, field.lo, field.hi) for field in Pad.fields()]
    assert told == [
        ("move", CommandKind.LEVEL, -2, 2),
        ("jump", CommandKind.EDGE, 0, 1),
        ("aim", CommandKind.LEVEL, 0, 1023),
    ]


@pytest.mark.parametrize("pad", [Pad(), Pad(-2, True, 1023), Pad(2, False, 0, view=31)])
def test_a_command_is_the_same_after_encoding_and_decoding_its_row(pad: Pad) -> None:
    row = pad.to_row()
    assert row == (pad.move, int(pad.jump), pad.aim)
    assert all(type(value) is int for value in row)
    back = Pad.from_row(row, pad.view)
    assert back == pad
    assert type(back.jump) is bool


def test_a_command_without_fields_has_an_empty_row() -> None:
    assert Nothing().to_row() == ()
    assert Nothing.from_row((), 7) == Nothing(view=7)
    assert Nothing().repeated() == Nothing()


def test_a_repeated_command_keeps_levels_and_view_and_clears_edges() -> None:
    assert Pad(1, True, 9, view=4).repeated() == Pad(1, False, 9, view=4)


@pytest.mark.parametrize("pad", [Pad(), Pad(-2, True, 0), Pad(2, False, 1023)])
def test_a_command_within_its_bounds_is_valid(pad: Pad) -> None:
    assert command_checker(Pad)(pad) is True
    assert command_fault(Pad, pad) == ""


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (Pad(-3), r"Pad\.move: -3 is no int from -2 to 2"),
        (Pad(3), r"Pad\.move: 3 is no int from -2 to 2"),
        (Pad(True), r"Pad\.move: True is no int from -2 to 2"),
        (Pad(0.0), r"Pad\.move: 0\.0 is no int"),
        (Pad(0, 1), r"Pad\.jump: 1 is no bool"),
        (Pad(aim=1024), r"Pad\.aim: 1024 is no int from 0 to 1023"),
        (Nothing(), r"Nothing\(.*\) is no Pad"),
        (None, "None is no Pad"),
    ],
)
def test_any_other_object_is_invalid_and_its_fault_is_named(given: object, fault: str) -> None:
    assert command_checker(Pad)(given) is False
    assert re.match(fault, command_fault(Pad, given))


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (attrs.field(default=1), "must be declared with level"),
        (level(2, 1), "lo 2 is above hi 1"),
        (level(0.5, 1), "whole numbers within 2\\^53"),
        (level(0, 2**53), "whole numbers within 2\\^53"),
        (level(-(2**53), 0), "whole numbers within 2\\^53"),
        (level(1, 3, default=0), "the default 0 is not from 1 to 3"),
        (level(1, 3, default=4), "the default 4 is not from 1 to 3"),
        (level(0, 3, default=True), "the default True is not from 0 to 3"),
    ],
)
def test_a_wrong_declaration_is_reported_with_class_and_field(field: object, words: str) -> None:
    spoilt: Any = attrs.make_class("Spoilt", {"move": field}, bases=(Command,), frozen=True)
    with pytest.raises(GameDefinitionError, match=rf"Spoilt\.move.*{words}"):
        spoilt.fields()


@pytest.mark.parametrize(("lo", "hi"), [(0, 2**53 - 1), (1 - 2**53, 0), (4, 4)])
def test_the_bounds_themselves_may_be_declared(lo: int, hi: int) -> None:
    field = level(lo, hi, default=lo)
    fine: Any = attrs.make_class("Fine", {"move": field}, bases=(Command,), frozen=True)
    assert [(f.lo, f.hi) for f in fine.fields()] == [(lo, hi)]


def test_a_lister_lists_seat_view_and_row_of_each_command() -> None:
    listed = command_lister(Pad)
    commands = {Seat(3): Pad(-2, True, 1023, view=5), Seat(1): Pad()}
    assert listed(commands) == [
        value for seat, c in commands.items() for value in (seat, c.view, *c.to_row())
    ]
    assert all(type(value) is int for value in listed(commands))


@attrs.frozen
class Counted(Command):
    move: int = level(0, 2)

    def __attrs_post_init__(self) -> None:
        """Do more than set fields."""


@attrs.frozen
class Judged(Command):
    move: int = attrs.field(default=0, validator=attrs.validators.ge(0))


@attrs.frozen
class Turned(Command):
    move: int = attrs.field(default=0, converter=int)


@attrs.frozen
class Reused(Command):
    def __new__(cls, *_args: object, **_fields: object) -> "Reused":
        return object.__new__(cls)


class ByHand(Command):
    def __init__(self) -> None:
        """Set nothing."""


class Builtin(Command):
    __init__ = object.__init__


def test_a_command_is_plain_unless_its_author_has_added_to_the_making() -> None:
    assert [is_plain(kind) for kind in (Pad, Nothing)] == [True, True]
    for kind in (Counted, Judged, Turned, Reused, ByHand, Builtin):
        assert not is_plain(kind), kind
