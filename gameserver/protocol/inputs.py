"""Read inputs: the fast way, for the one command class of a match.

Law: every value is checked for its type and its bounds before anything is done with it; what does
not fit is no input. `gameserver.protocol.hot.input_of` reads inputs of every game, slowly.
"""

from gameserver.accel import InputTable, ReadInput, hot
from gameserver.game.codegen.perclass import per_class
from gameserver.game.command import Command, CommandKind, command_maker
from gameserver.messages.wire import Kind
from gameserver.protocol import limits
from gameserver.protocol.hot import LONGEST


@per_class
def input_table(command: type[Command]) -> InputTable:
    """Return what the hot path must know of a command class."""
    fields = command.fields()
    return InputTable(
        kind=int(Kind.INPUT),
        bounds=tuple((field.lo, field.hi) for field in fields),
        edges=tuple(i for i, field in enumerate(fields) if field.kind is CommandKind.EDGE),
        below=(limits.INTEGER, limits.TICK, limits.TICK, limits.VIEW),
        longest=LONGEST,
        neutral=command().to_row(),
        make=command_maker(command),
    )


@per_class
def input_reader(command: type[Command]) -> ReadInput:
    """Return a function that reads one input for a game with this command class.

    It returns ``(seq, tick, seen, view, row)``, or None where the message is no such input.
    """
    return hot.input_reader(input_table(command))
