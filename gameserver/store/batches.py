"""Ticks that differ in nothing but their commands, packed together.

A journal's ticks are written four times a second. Most have nothing but one command of each seat,
and the same seats as the tick before; those are one record: the first tick, their number, the seats
once, then the commands as integers of fixed width, tick by tick and seat by seat::

    view (2, little endian) | field | field | …

Law: what does not fit is written in another form, never changed; a record that is read unfolds to
no more than a frame may hold (threat 35).
"""

import re
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

import attrs
import msgpack

from gameserver.errors import JournalError
from gameserver.files import shaped
from gameserver.game.codegen.generated import build
from gameserver.game.codegen.perclass import per_class
from gameserver.game.command import Command
from gameserver.game.schema.unfolding import Unfolding
from gameserver.ids import Seat, Tick
from gameserver.match.journal import TickRecord

KIND: Final = 8
"""First number of the record."""

MOST_TICKS: Final = 256
"""Most ticks of a record (35): they may be without seats, and so without any bytes."""

MOST_COMMANDS: Final = 1 << 15
"""Commands behind which a record takes no further tick, so that a frame may hold several."""

_CODES: Final = {"B": (0, 0xFF), "b": (-0x80, 0x7F), "H": (0, 0xFFFF), "h": (-0x8000, 0x7FFF),
                 "I": (0, 0xFFFFFFFF), "i": (-(1 << 31), (1 << 31) - 1)}  # fmt: skip
_WIDEST: Final = "q"
_VIEW: Final = "<H"
_WIDTHS: Final = re.compile(f"[{''.join(_CODES)}{_WIDEST}]*")

_UNFOLDED: Final = 6
"""Values that a command's own two tuples count for, beside its fields."""

# One for all records: a new packer begins with a buffer of 256 KiB.
_pack: Final = msgpack.Packer().pack


@per_class
def widths_of(command: type[Command]) -> str:
    """Return a letter of the module ``struct`` for each field: the narrowest that holds it."""
    return "".join(_width(field.lo, field.hi) for field in command.fields())


def _width(lo: int, hi: int) -> str:
    fits = (code for code, (least, most) in _CODES.items() if least <= lo and hi <= most)
    return next(fits, _WIDEST)


def widths_fit(widths: str, fields: int) -> bool:
    """Tell whether a header's widths are those of this many fields; older journals have none."""
    return _WIDTHS.fullmatch(widths) is not None and len(widths) in (0, fields)


@cache
def _row(widths: str) -> struct.Struct:
    return struct.Struct(_VIEW + widths)


@per_class
def _row_packer(command: type[Command]) -> Callable[[Iterable[Command]], bytes]:
    """Return a function that packs commands one behind the other.

    It is generated, since a journal packs each command of each tick.
    """
    values = "".join(f", c.{field.name}" for field in command.fields())
    lines = [
        "def packed(commands):",
        f"    return join([pack(c.view{values}) for c in commands])",
    ]
    pack = _row(widths_of(command)).pack
    packed: Callable[[Iterable[Command]], bytes] = build("packed", lines, join=b"".join, pack=pack)
    return packed


@attrs.define(eq=False)
class TickBatch:
    """Ticks that wait to be packed as one record."""

    _command: type[Command]
    _first: Tick = attrs.field(default=Tick(0), init=False)
    _ticks: int = attrs.field(default=0, init=False)
    _seats: list[Seat] = attrs.field(factory=list, init=False)
    _commands: list[Command] = attrs.field(factory=list, init=False)

    def add(self, tick: Tick, commands: Mapping[Seat, Command]) -> bool:
        """Take the tick that follows, in which nobody left or joined; return whether it fits.

        When full, or with other seats: False; `packed` must come first.
        """
        if not self._ticks:
            self._first, self._seats = tick, [*commands]
        elif (
            [*commands] != self._seats
            or self._ticks >= MOST_TICKS
            or len(self._commands) >= MOST_COMMANDS
        ):
            return False
        self._ticks += 1
        self._commands += commands.values()
        return True

    def packed(self) -> bytes:
        """Return the record of what was taken, and begin anew; nothing if nothing was.

        Raises:
            ValueError: A value is beyond its width; `ticks` gives what was taken.
        """
        if not self._ticks:
            return b""
        try:
            rows = _row_packer(self._command)(self._commands)
        except struct.error as error:
            raise ValueError(str(error)) from None
        record: bytes = _pack([KIND, self._first, self._ticks, self._seats, rows])
        self.clear()
        return record

    def ticks(self) -> Iterator[tuple[Tick, dict[Seat, Command]]]:
        """Yield what was taken, tick by tick."""
        count = len(self._seats)
        for number in range(self._ticks):
            commands = self._commands[number * count : (number + 1) * count]
            yield Tick(self._first + number), dict(zip(self._seats, commands, strict=True))

    def clear(self) -> None:
        """Forget what was taken."""
        self._ticks = 0
        self._commands = []


def ticks_of(
    values: Sequence[Any], widths: str, fields: int, unfolding: Unfolding
) -> list[TickRecord]:
    """Return the ticks of a record by what stands behind its kind.

    Args:
        values: From a file that nobody vouches for.
        widths: Those of the header.
        fields: How many fields a command has.
        unfolding: What the frame may still unfold to.

    Raises:
        JournalError, ValueError: They cannot be.
    """
    first, count, seats, data = shaped(values, (int, int, list, bytes))
    if len(widths) != fields:
        raise JournalError("its header does not tell how its commands are packed")
    row = _row(widths)
    if not 1 <= count <= MOST_TICKS or len(data) != count * len(seats) * row.size:
        raise JournalError("the commands of its ticks do not fit the game")
    if any(type(seat) is not int for seat in seats):
        raise JournalError("seats are numbers")
    unfolding.spend(count * (len(seats) + 1) * (_UNFOLDED + fields))
    rows = ((view, tuple(values)) for view, *values in row.iter_unpack(data))
    return [
        TickRecord(Tick(first + number), (), (), tuple((Seat(seat), *next(rows)) for seat in seats))
        for number in range(count)
    ]
