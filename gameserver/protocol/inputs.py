"""Decode inputs on the hot path, by a decoder made for the command class of a match.

Law: the type and the bounds of every value are checked before it is used; a message with any other
value is no input. `gameserver.protocol.hot.input_of` decodes inputs of any game, more slowly.
"""

from gameserver.accel import InputTable, ReadInput, hot
from gameserver.game.codegen.perclass import per_class
from gameserver.game.command import Command, CommandKind, command_maker, is_plain
from gameserver.messages.wire import Kind
from gameserver.protocol import limits
from gameserver.protocol.hot import LONGEST


@per_class
def input_table(command: type[Command]) -> InputTable:
    """Return a command class as the table of field bounds and kinds that the hot path works by."""
    fields = command.fields()
    return InputTable(
        kind=int(Kind.INPUT),
        bounds=tuple((field.lo, field.hi) for field in fields),
        edges=tuple(i for i, field in enumerate(fields) if field.kind is CommandKind.EDGE),
        below=(limits.INTEGER, limits.TICK, limits.TICK, limits.VIEW),
        longest=LONGEST,
        neutral=command().to_row(),
        make=command_maker(command),
        plain=command if is_plain(command) else None,
        names=(*(field.name for field in fields), "view"),
    )


@per_class
def input_reader(command: type[Command]) -> ReadInput:
    """Return a function that decodes one input of this command class.

    It returns ``(seq, tick, seen, view, row)``, or None if the message is no such input.
    """
    return hot.input_reader(input_table(command))
