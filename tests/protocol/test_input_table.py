"""The hot path works by the bounds of a command class and by the places of its presses."""

import attrs

from gameserver.game.command import Command, level
from gameserver.game.fixed import TURN
from gameserver.protocol.inputs import input_table
from gameserver.testing.skirmish import SkirmishCommand


def test_the_table_holds_bounds_edges_and_the_neutral_row() -> None:
    table = input_table(SkirmishCommand)
    fields = [field.name for field in SkirmishCommand.fields()]
    bounds = dict(zip(fields, table.bounds, strict=True))
    assert bounds == {"move": (0, 4), "aim": (0, TURN - 1), "throw": (0, 1), "shoot": (0, 1)}
    assert [fields[at] for at in table.edges] == ["throw", "shoot"]
    assert tuple(table.neutral) == (0, 0, 0, 0)
    assert table.make((1, 2, 0, 1), 0) == SkirmishCommand(move=1, aim=2, shoot=True)


@attrs.frozen
class Counted(Command):
    """Made with more than its fields."""

    turn: int = level(0, 9)

    def __attrs_post_init__(self) -> None:
        assert self.turn < 10


def test_only_a_class_that_is_its_slots_alone_may_be_made_without_calling_it() -> None:
    assert input_table(SkirmishCommand).plain is SkirmishCommand
    assert input_table(Counted).plain is None
