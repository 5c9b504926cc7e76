"""What a client had of a section, beside the report of its wrong checksum: taken, kept, compared.

Law: what a client sends is not looked into by the server: it is bounded bytes in a file. Reading
that file trusts nothing (threat 35).

A file is `MAGIC`, then msgpack: ``[1, match's id, player's id, seat, tick, section, data]``; the
data is msgpack compressed by zlib, ``[[tick, body of a keyframe], …]`` by rising tick.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import attrs
import msgpack

from gameserver.errors import Code, JournalError, ProtocolError, RequestError
from gameserver.files import begins_with, inflated, read_file, shaped
from gameserver.game.game import Game
from gameserver.game.schema.unfolding import Unfolding
from gameserver.ids import MatchId, PlayerId, Seat, Tick
from gameserver.messages.match import ReportDesync, SendView
from gameserver.netcode.replication.views import ViewedTick, differences_of
from gameserver.protocol.unpack import unpack
from gameserver.store.difference import PlaybackDifference
from gameserver.store.playback import Playback
from gameserver.store.reading import StoredMatch

MAGIC: Final = b"gsview1\n"
MOST_VIEW: Final = 48 * 1024
"""Bytes that a client may send for one report."""
MOST_OPEN: Final = 16
"""Views that are on their way at a time (27). When full: the oldest is given up."""
OPEN_S: Final = 30.0
"""Time for sending one."""

MOST_UNPACKED: Final = 8 << 20
_VERSION: Final = 1
_MOST_TICKS: Final = 4096

KeepView = Callable[[str, bytes], object]
"""Writes a view under the name of its report."""


@attrs.define
class _Open:
    """A view that is on its way."""

    name: str
    report: ReportDesync
    seat: Seat
    since: float
    data: bytearray = attrs.field(factory=bytearray)


class ViewIntake:
    """Takes the views that were asked for."""

    def __init__(self, keep: KeepView, clock: Callable[[], float]) -> None:
        """Begin without any; ``clock`` gives seconds."""
        self._keep = keep
        self._clock = clock
        self._open: dict[PlayerId, _Open] = {}

    def expect(self, player_id: PlayerId, seat: Seat, name: str, report: ReportDesync) -> int:
        """Wait for a player's view of a report; return how many bytes it may have."""
        self._open.pop(player_id, None)
        while len(self._open) >= MOST_OPEN:
            del self._open[next(iter(self._open))]
        self._open[player_id] = _Open(name, report, seat, self._clock())
        return MOST_VIEW

    def take(self, player_id: PlayerId, part: SendView) -> None:
        """Take a part; with the last one the view is kept.

        Raises:
            RequestError: ``bad_params``: nothing was asked for, or this is not the next part.
        """
        found = self._open.get(player_id)
        if found is None or self._clock() - found.since > OPEN_S:
            self._open.pop(player_id, None)
            raise RequestError(Code.BAD_PARAMS, "no view is wanted")
        fits = len(found.data) + len(part.data) <= MOST_VIEW
        if part.match_id != found.report.match_id or part.offset != len(found.data) or not fits:
            del self._open[player_id]
            raise RequestError(Code.BAD_PARAMS, "this is not the next part of the view")
        found.data += part.data
        if part.last:
            del self._open[player_id]
            self._keep(found.name, _file_of(player_id, found))


def _file_of(player_id: PlayerId, taken: _Open) -> bytes:
    report = taken.report
    row = [_VERSION, report.match_id, player_id, taken.seat, report.tick, report.section]
    packed: bytes = msgpack.packb([*row, bytes(taken.data)])
    return MAGIC + packed


@attrs.frozen
class ClientView:
    """A view in memory.

    Attributes:
        match_id: The match.
        seat: The client's seat.
        section: The section whose checksum was wrong.
        ticks: What the client had of it, by rising tick.
    """

    match_id: MatchId
    seat: Seat
    section: int
    ticks: tuple[ViewedTick, ...]


def is_view(path: Path) -> bool:
    """Tell whether a path is a file that begins as a view does; False if it cannot be read."""
    try:
        return begins_with(path, MAGIC)
    except OSError:
        return False


def read_view(path: Path) -> ClientView:
    """Read a view's file.

    Raises:
        JournalError: It is none, of another form, or damaged.
        UnreadableFileError: It cannot be read; the sentence continues the file's name.
    """
    data = read_file(path, MOST_VIEW + 4096)
    if not data.startswith(MAGIC):
        raise JournalError("it is no view of a client")
    try:
        (row,) = unpack(data[len(MAGIC) :], 16, 4)
        types = (int, str, str, int, int, int, bytes)
        form, match_id, _, seat, _, section, packed = shaped(row, types)
        if form != _VERSION:
            raise JournalError(f"its form is {form}; this version reads {_VERSION}")
        plain = inflated(packed, MOST_UNPACKED)
        unfolding = Unfolding(1 + _MOST_TICKS, 3 * _MOST_TICKS)  # rows, each of a tick and a body
        (rows,) = unpack(plain, _MOST_TICKS, 4, unfolding)
        if type(rows) is not list:
            raise JournalError("it is damaged")
        ticks = tuple(ViewedTick(*shaped(each, (int, bytes))) for each in rows)
    except (ValueError, ProtocolError):
        raise JournalError("it is damaged") from None
    return ClientView(MatchId(match_id), Seat(seat), section, ticks)


def first_of_view(match: StoredMatch, view: ClientView, game: Game) -> list[PlaybackDifference]:
    """Return where a client's view first differs from the match's journal; else nothing.

    Raises:
        JournalError: The two are of different matches, or one cannot be read or replayed.
    """
    if match.header.match_id != view.match_id:
        raise JournalError("the two are of different matches")
    playback = Playback(match, game)
    compared = False
    for seen in sorted(view.ticks, key=lambda each: each.tick):
        playback.seek(seen.tick)
        if playback.tick != seen.tick:
            continue  # within a hole, or not written
        compared = True
        world = {entity.id: entity for entity in playback.world}
        try:
            found = differences_of(game, world, seen.body, view.section, view.seat)
        except ProtocolError as error:
            raise JournalError(f"the view is none of this game: {error.sentence}") from None
        if found:
            return [_told(seen.tick, *attrs.astuple(each)) for each in found]
    if not compared:
        raise JournalError("the journal has none of the view's ticks")
    return []


def _told(
    tick: Tick, entity: str, number: int, field: str, here: object, there: object
) -> PlaybackDifference:
    words = ("absent" if value is None else repr(value)[:60] for value in (here, there))
    return PlaybackDifference(tick, f"{entity} {number}", field, *words)
