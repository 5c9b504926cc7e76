"""The records of a journal, as values and as msgpack.

Law: reading trusts nothing. Whatever a file holds leads to records of the right shape or to
`JournalError` (threat 35); nothing of it is ever executed.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum
from typing import Any, Final

import attrs
import msgpack

from gameserver.errors import JournalError
from gameserver.files import shaped
from gameserver.game.entity import Outcome, Player, Standing
from gameserver.game.schema.unfolding import Unfolding
from gameserver.ids import PlayerId, Seat, Tick
from gameserver.match.journal import CommandRow, TickRecord
from gameserver.store import batches
from gameserver.store.frames import MAGIC, frame_of

VERSION: Final = 4
"""Version of the form that is written."""

READABLE: Final = (2, 3, 4)
"""Versions that are read, others are refused: 3 adds `SeatTaken`, 4 packs ticks together."""

_WITH_WIDTHS: Final = 4

MOST_SEATS: Final = 4096
MOST_HOLDERS: Final = 1 << 18
"""Most arrays and maps in a frame (35): four for each tick, and one for each object of a map."""
MOST_VALUES: Final = 1 << 21
"""Most values in a frame (35): a quarter of a second of the largest match is below it."""
_LONGEST_TEXT: Final = 4096
_LENGTHS: Final[dict[str, Any]] = {
    "max_str_len": 1 << 20, "max_array_len": 1 << 20, "max_map_len": 256, "max_ext_len": 0,
}  # fmt: skip

# One for all ticks: a new packer begins with a buffer of 256 KiB.
_pack: Final = msgpack.Packer().pack
_MOST_FIELDS: Final = 1024


class RecordKind(IntEnum):
    """First number of a record."""

    HEADER = 0
    TICK = 1
    HASH = 2
    CHECKPOINT = 3
    HOLE = 4
    END = 5
    RECOVERED = 6
    SEATED = 7
    TICKS = batches.KIND


_TICK: Final = int(RecordKind.TICK)


@attrs.frozen
class Header:
    """What determines a match together with its ticks, and what people want to know of it.

    Attributes:
        match_id: The match's id.
        spec: The game as ``module:Class``.
        game: The game's name.
        code: Digest of the code that the match is a function of; see `code_digest`.
        map_name: The map's name.
        map_wire: The whole map, so that a changed file does not spoil the journal.
        options: The game's options by name.
        seed: The match's seed.
        tick_rate: Ticks per second.
        command_fields: Number of fields of a command.
        players: The seats at tick 0.
        began_ms: Unix time of the start in milliseconds.
        server: Version of the server.
        widths: How commands are packed; see `batches.widths_of`. Empty in older journals.
    """

    match_id: str
    spec: str
    game: str
    code: str
    map_name: str
    map_wire: list[Any]
    options: Mapping[str, Any]
    seed: int
    tick_rate: int
    command_fields: int
    players: tuple[Player, ...]
    began_ms: int
    server: str
    widths: str = ""


@attrs.frozen
class Hash:
    """The hash of the world after a tick."""

    tick: Tick
    digest: bytes


@attrs.frozen
class Checkpoint:
    """The dump of the world after a tick, and its seats; replaying can begin here."""

    tick: Tick
    dump: bytes
    players: tuple[Player, ...] = ()
    """The taken seats, by rising seat."""


@attrs.frozen
class Hole:
    """Ticks that could not be written; a checkpoint follows."""

    first: Tick
    last: Tick


@attrs.frozen
class Recovered:
    """Another process has rebuilt the match behind a tick, and goes on with it.

    Attributes:
        tick: The last tick that it has replayed; what the old process did behind it is lost.
        at_ms: Unix time in milliseconds.
    """

    tick: Tick
    at_ms: int


FAULT: Final = "fault"
"""Reason of an end that the game brought about by raising, or by leaving its bounds."""


@attrs.frozen
class End:
    """The end of a match.

    Attributes:
        reason: ``"finished"``, `FAULT` or the word of the lobby.
        tick: The last tick.
        digest: The hash of the last world; empty after a fault.
        outcome: The result.
    """

    reason: str
    tick: Tick
    digest: bytes
    outcome: Outcome


@attrs.frozen
class SeatTaken:
    """A person has, or had, a seat: who may have the journal once the match is over.

    It stands in a frame of its own, alone or with others of its kind, so that they are found
    without unpacking the ticks.

    Attributes:
        tick: The last tick before it in the file, not the one of sitting down.
        seat: The seat.
        player_id: The person's session.
    """

    tick: Tick
    seat: Seat
    player_id: PlayerId


JournalRecord = Header | TickRecord | Hash | Checkpoint | Hole | Recovered | End | SeatTaken


def head_of(header: Header) -> bytes:
    """Return the beginning of a journal's file: its magic bytes and the header's frame."""
    row = [RecordKind.HEADER, VERSION, *attrs.astuple(header, recurse=False)]
    row[2 + _PLAYERS] = [attrs.astuple(player) for player in header.players]
    return MAGIC + frame_of(msgpack.packb(row))


def pack_tick(
    tick: Tick, left: Iterable[Seat], joined: Iterable[Player], rows: Iterable[CommandRow]
) -> bytes:
    """Return a tick as a record."""
    values = [value for seat, view, row in rows for value in (seat, view, *row)]
    return pack_listed(tick, left, joined, values)


def pack_listed(
    tick: Tick, left: Iterable[Seat], joined: Iterable[Player], values: list[int]
) -> bytes:
    """Return a tick as a record; its commands are listed as `command_lister` does.

    Most ticks have nothing but commands.
    """
    come = [attrs.astuple(player) for player in joined]
    packed: bytes = _pack([_TICK, tick, list(left), come, values])
    return packed


def pack_other(record: Hash | Checkpoint | Hole | Recovered | End | SeatTaken) -> bytes:
    """Return any other record."""
    row = [_KINDS[type(record)], *attrs.astuple(record, recurse=False)]
    if isinstance(record, Checkpoint):
        row[-1] = [attrs.astuple(player) for player in record.players]
    elif isinstance(record, End):
        outcome = record.outcome
        standings = [[getattr(each, name) for name in _STANDING] for each in outcome.standings]
        row[-1:] = [standings, outcome.winner, list(outcome.team_scores)]
    packed: bytes = msgpack.packb(row)
    return packed


def seated_in(payload: bytes) -> list[SeatTaken]:
    """Return the seats that a frame's payload tells of: all of it, or nothing.

    Raises:
        JournalError: It begins as such a frame and goes on otherwise.
    """
    if payload[1:2] != bytes([RecordKind.SEATED]):  # behind the head of a record's array
        return []
    found = records_of(payload)
    seats = [record for record in found if isinstance(record, SeatTaken)]
    if len(seats) != len(found):
        raise JournalError("a frame of seats holds something else")
    return seats


def records_of(payload: bytes | memoryview, header: Header | None = None) -> list[JournalRecord]:
    """Return the records of a frame's payload.

    Args:
        payload: Records one behind the other.
        header: The journal's own; without it the records have no commands.

    Raises:
        JournalError: They are no records.
    """
    return [record for _, record in numbered_records(payload, header)]


def numbered_records(
    payload: bytes | memoryview, header: Header | None = None
) -> list[tuple[int, JournalRecord]]:
    """Return what `records_of` does, each with the index at which it begins.

    Raises:
        JournalError: They are no records.
    """
    unfolding = Unfolding(MOST_HOLDERS, MOST_VALUES)
    unpacker = msgpack.Unpacker(
        max_buffer_size=max(1, len(payload)),
        max_bin_len=len(payload),
        strict_map_key=True,
        **_LENGTHS,
        list_hook=unfolding.take,
        object_hook=unfolding.take,
    )
    unpacker.feed(payload)
    found: list[tuple[int, JournalRecord]] = []
    end = 0
    fields, widths = (header.command_fields, header.widths) if header is not None else (0, "")
    try:
        for row in unpacker:
            at, end = end, unpacker.tell()
            if type(row) is list and row and row[0] == RecordKind.TICKS:
                ticks = batches.ticks_of(row[1:], widths, fields, unfolding)
                found += [(at, tick) for tick in ticks]
            else:
                found.append((at, _record(row, fields)))
    except (ValueError, TypeError, KeyError, msgpack.UnpackException) as error:
        raise JournalError(f"it holds no record: {error}") from None
    if end != len(payload):
        raise JournalError("its last record is cut off")
    return found


def _record(row: Any, command_fields: int) -> JournalRecord:
    if type(row) is not list or not row or type(row[0]) is not int:
        raise JournalError("a record begins with its kind")
    kind, *values = row
    if kind == RecordKind.TICK:
        return _tick(values, command_fields)
    if kind not in _READERS:
        raise JournalError(f"record {kind} is unknown")
    return _READERS[kind](values)


def _tick(values: list[Any], command_fields: int) -> TickRecord:
    tick, left, joined, commands = shaped(values, (int, list, list, list))
    if any(type(value) is not int for value in (*left, *commands)):
        raise JournalError("seats and commands are numbers")
    width = 2 + command_fields
    if len(commands) % width or len(commands) > MOST_SEATS * width:
        raise JournalError("the commands of a tick do not fit the game")
    rows = tuple(
        (Seat(commands[at]), commands[at + 1], tuple(commands[at + 2 : at + width]))
        for at in range(0, len(commands), width)
    )
    return TickRecord(Tick(tick), tuple(map(Seat, left)), tuple(map(_player, joined)), rows)


def _player(row: Any) -> Player:
    seat, name, team, bot = shaped(row, (int, str, int, bool))
    return Player(Seat(seat), name, team, bot)


def _header(values: list[Any]) -> Header:
    if not values or values[0] not in READABLE:
        shown = values[0] if values else "none"
        read = ", ".join(map(str, READABLE[:-1]))
        raise JournalError(f"its form is {shown!r}; this version reads {read} and {READABLE[-1]}")
    types = (str, str, str, str, str, list, dict, int, int, int, list, int, str, str)
    parts = shaped(values[1:], types if values[0] >= _WITH_WIDTHS else types[:-1])
    if any(type(part) is str and len(part) > _LONGEST_TEXT for part in parts):
        raise JournalError("a text of its header is too long")
    options = parts[_OPTIONS]
    if any(type(key) is not str or type(options[key]) not in _OPTION for key in options):
        raise JournalError("the options of a game are texts, numbers and switches by name")
    parts[_PLAYERS] = tuple(map(_player, parts[_PLAYERS]))
    header = Header(*parts)
    if not 1 <= header.tick_rate <= 1000 or not 0 <= header.command_fields <= _MOST_FIELDS:
        raise JournalError("its tick rate or its commands cannot be")
    if not batches.widths_fit(header.widths, header.command_fields):
        raise JournalError("the widths of its commands cannot be")
    return header


def _checkpoint(values: list[Any]) -> Checkpoint:
    tick, dump, players = shaped(values, (int, bytes, list))
    return Checkpoint(Tick(tick), dump, tuple(map(_player, players)))


def _end(values: list[Any]) -> End:
    types = (str, int, bytes, list, str, list)
    reason, tick, digest, standings, winner, team_scores = shaped(values, types)
    if any(type(score) is not int for score in team_scores):
        raise JournalError("the scores of teams are numbers")
    outcome = Outcome(tuple(map(_standing, standings)), winner, tuple(team_scores))
    return End(reason, Tick(tick), digest, outcome)


def _standing(row: Any) -> Standing:
    seat, name, team, score, stats, won = shaped(row, (int, str, int, int, dict, bool))
    if any(type(key) is not str or type(value) is not int for key, value in stats.items()):
        raise JournalError("the further columns of a result are numbers by name")
    return Standing(Seat(seat), name, team, score, stats, won)


_STANDING: Final = ("seat", "name", "team", "score", "stats", "won")
_PLAYERS: Final = [field.name for field in attrs.fields(Header)].index("players")
_OPTIONS: Final = [field.name for field in attrs.fields(Header)].index("options")
_OPTION: Final = (str, int, bool, float)
_KINDS: Final[dict[type, RecordKind]] = {
    Hash: RecordKind.HASH,
    Checkpoint: RecordKind.CHECKPOINT,
    Hole: RecordKind.HOLE,
    Recovered: RecordKind.RECOVERED,
    SeatTaken: RecordKind.SEATED,
    End: RecordKind.END,
}
_READERS: Final[dict[int, Callable[[list[Any]], JournalRecord]]] = {
    RecordKind.HEADER: _header,
    RecordKind.HASH: lambda values: Hash(*shaped(values, (int, bytes))),
    RecordKind.CHECKPOINT: _checkpoint,
    RecordKind.HOLE: lambda values: Hole(*shaped(values, (int, int))),
    RecordKind.RECOVERED: lambda values: Recovered(*shaped(values, (int, int))),
    RecordKind.SEATED: lambda values: SeatTaken(*shaped(values, (int, int, str))),
    RecordKind.END: _end,
}
