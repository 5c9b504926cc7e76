"""Take in what viewers sent: from the bytes of a message to a command for a tick.

Law: hostile bytes are counted and do nothing else, at a cost below that of a good input. Every
value is checked for its type and its bounds before anything is done with it.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import attrs
import msgpack

from gameserver.errors import ProtocolError
from gameserver.game.codegen.generated import build
from gameserver.game.codegen.perclass import per_class
from gameserver.game.command import Command, command_maker
from gameserver.ids import PlayerId, Seat, Tick
from gameserver.match.ports import Inlet
from gameserver.match.viewers import Viewer
from gameserver.messages.wire import Kind
from gameserver.netcode.timing.inputs import InputBuffer
from gameserver.netcode.timing.steering import TARGET_MARGIN
from gameserver.protocol import limits
from gameserver.protocol.hot import LONGEST, decode_seen

Row: TypeAlias = tuple[int, ...]
Read: TypeAlias = Callable[[bytes], tuple[int, int, int, int, Row] | None]


@per_class
def input_reader(command: type[Command]) -> Read:
    """Return a function that reads one input for a game with this command class.

    It returns ``(seq, tick, seen, view, row)``, or None where the message is no such input.
    """
    fields = command.fields()
    names = [f"f{index}" for index in range(len(fields))]
    whole = " is ".join(f"type({name})" for name in ("kind", "seq", "tick", "seen", "view", *names))
    tests = [
        f"{whole} is int",
        f"kind == {int(Kind.INPUT)}",
        f"0 <= seq < {limits.INTEGER}",
        f"0 <= tick < {limits.TICK}",
        f"0 <= seen < {limits.TICK}",
        f"0 <= view < {limits.VIEW}",
        *(f"{f.lo} <= {name} <= {f.hi}" for f, name in zip(fields, names, strict=True)),
    ]
    lines = [
        "def read(message):",
        f"    if len(message) > {LONGEST}:",
        "        return None",
        "    try:",
        "        row = unpack(message)",
        "        if type(row) is not list:",  # a binary of small bytes holds integers, too
        "            return None",
        f"        {', '.join(['kind, seq, tick, seen, view', *names])} = row",
        "    except wrong:",
        "        return None",
        f"    if {' and '.join(tests)}:",
        f"        return seq, tick, seen, view, ({', '.join(names)}{',' if names else ''})",
        "    return None",
    ]
    wrong = (ValueError, TypeError, msgpack.UnpackException)
    read: Read = build("read", lines, unpack=msgpack.unpackb, wrong=wrong)
    return read


@attrs.define
class MatchCounts:
    """Totals of a match since its start."""

    ticks: int = 0
    malformed: int = 0
    """Messages that were no input of this game, or from nobody seated."""
    clamped_views: int = 0
    desyncs: int = 0


class Intake:
    """Brings what an inlet holds to the seats' buffers.

    Attributes:
        tight: Whether an input came too late, or nearly, since `drain` was called last.
    """

    def __init__(
        self,
        command: type[Command],
        inlet: Inlet,
        viewers: Mapping[PlayerId, Viewer],
        buffers: Mapping[Seat, InputBuffer],
        counts: MatchCounts,
    ) -> None:
        """Join the inlet with viewers and seats, which come and go; count what is wrong."""
        self._read = input_reader(command)
        self._make = command_maker(command)
        self._inlet = inlet
        self._viewers = viewers
        self._buffers = buffers
        self._counts = counts
        self.tight = False

    def drain(self, now: Tick) -> None:
        """Take in everything that arrived before the tick after ``now``."""
        read, make, viewers, buffers = self._read, self._make, self._viewers, self._buffers
        self.tight = False
        for player_id, message in self._inlet.drain():
            viewer = viewers.get(player_id)
            if viewer is None:
                continue  # left, or not entered yet: nothing to be blamed for
            given = read(message)
            if given is None:
                self._other(now, viewer, message)
                continue
            seq, tick, seen, wanted, row = given
            viewer.saw(now, Tick(seen))
            buffer = buffers.get(viewer.seat)
            if buffer is None:
                self._counts.malformed += 1  # a spectator sends no inputs
                continue
            margin = tick - now - 1 if tick else 0
            view = viewer.link.clamp_view(wanted, margin)
            if view < wanted:
                self._counts.clamped_views += 1
            if margin < TARGET_MARGIN and tick:
                self.tight = True
            buffer.put(now, seq, Tick(tick), make(row, view))

    def _other(self, now: Tick, viewer: Viewer, message: bytes) -> None:
        try:
            viewer.saw(now, decode_seen(message).tick)
        except ProtocolError:
            self._counts.malformed += 1
            buffer = self._buffers.get(viewer.seat)
            if buffer is not None:
                buffer.counts.malformed += 1  # so that the author of its client can see it
