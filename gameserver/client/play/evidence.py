"""Pack what this client had of a section in the last ticks, for a server that asks for it.

Law: it costs nothing until a server asks, and a server may ask only behind a wrong checksum.
"""

import zlib
from collections.abc import Callable, Sequence
from typing import Final

import attrs
import msgpack

from gameserver.errors import ProtocolError
from gameserver.game.game import Game
from gameserver.ids import Seat, Tick
from gameserver.messages.base import Request, Result
from gameserver.messages.match import DesyncNoted, ReportDesync, SendView
from gameserver.messages.wire import Refusal, Section
from gameserver.netcode.prediction.interpolation import Confirmed
from gameserver.netcode.replication.views import body_of, is_whole

PART_BYTES: Final = 2048
"""Bytes of a view in one message, of which a server takes 4 KiB."""

MOST_BYTES: Final = 64 * 1024
"""Most bytes of a view that are sent, whatever a server asks for."""

AskServer = Callable[[Request, Callable[[Result | Refusal | None], None]], object]


@attrs.frozen
class SeenSection:
    """What this client had of a section when its checksum was wrong.

    Attributes:
        worlds: Its last worlds, oldest first.
        present: The section itself; None if it could not be decoded.
    """

    game: Game
    report: ReportDesync
    seat: Seat
    worlds: Sequence[Confirmed]
    present: Section | None

    def packed(self, most: int) -> bytes:
        """Return the ticks, or the last half or quarter and so on of them, in ``most`` bytes.

        It is b"" if not even the last tick fits.
        """
        ticks = self._ticks()
        while ticks:
            data = zlib.compress(msgpack.packb(ticks), 9)
            if len(data) <= most:
                return data
            ticks = ticks[(len(ticks) + 1) // 2 :]
        return b""

    def _ticks(self) -> list[tuple[Tick, bytes]]:
        section, made = self.report.section, []
        try:
            for world in self.worlds if is_whole(section) else ():
                if world.tick <= self.report.tick:
                    entities = world.entities.values()
                    body = body_of(self.game, entities, section, self.seat)
                    made.append((Tick(world.tick), body))
        except ProtocolError:
            made.clear()  # values that no honest server sends
        if self.present is not None and not any(tick == self.report.tick for tick, _ in made):
            made.append((self.report.tick, self.present.body))
        return made


class ViewSender:
    """Sends one view at a time, part by part, each when the one before has been taken."""

    def __init__(self, ask: AskServer) -> None:
        """``ask`` sends a request; the callback gets the answer, None without one."""
        self._ask = ask
        self._left = b""
        self._sent = 0
        self._seen: SeenSection | None = None

    def report(self, seen: SeenSection) -> None:
        """Report a wrong checksum, and send the view if the server wants it."""
        self._ask(seen.report, lambda answer: self._noted(seen, answer))

    def _noted(self, seen: SeenSection, answer: Result | Refusal | None) -> None:
        if not isinstance(answer, DesyncNoted) or answer.view_bytes <= 0 or self._seen is not None:
            return
        data = seen.packed(min(answer.view_bytes, MOST_BYTES))
        if data:
            self._seen, self._left, self._sent = seen, data, 0
            self._send()

    def _send(self) -> None:
        assert self._seen is not None
        part, self._left = self._left[:PART_BYTES], self._left[PART_BYTES:]
        match_id = self._seen.report.match_id
        message = SendView(match_id, self._sent, part, last=not self._left)
        self._sent += len(part)
        self._ask(message, self._taken)

    def _taken(self, answer: Result | Refusal | None) -> None:
        if self._left and isinstance(answer, Result):
            self._send()
        else:
            self._seen, self._left = None, b""
