"""Read a tape's file, which nobody vouches for, and play it snapshot by snapshot.

Law: whatever a file holds leads to entries of the right shape or to `JournalError`; no more of it
is unpacked than `MOST_UNPACKED` (threat 35).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs

from gameserver.client.play import tape as form
from gameserver.client.play.tape import Entry
from gameserver.errors import JournalError, ProtocolError
from gameserver.files import inflated, shaped
from gameserver.game.entity import Entity
from gameserver.game.game import Game
from gameserver.game.schema.unfolding import Unfolding
from gameserver.ids import EntityId, MatchId, Seat, Tick
from gameserver.messages.match import MatchEntered, MatchHappened
from gameserver.messages.wire import Input, Section, Seen, Shift, Snapshot, Steer
from gameserver.netcode.replication.reader import Reading, SnapshotReader
from gameserver.protocol.unpack import unpack

MOST_FILE: Final = 16 << 20
"""Most bytes of a tape's file."""

MOST_UNPACKED: Final = 64 << 20
"""Most bytes of a tape, unpacked: what is kept in memory is below `tape.MOST_BYTES`."""

_MOST_ITEMS: Final = 1 << 18
_MOST_HOLDERS: Final = 1 << 20
"""Most arrays and maps of a tape (35), which has at most 32,768 entries of some sections each."""
_MOST_VALUES: Final = 1 << 22
"""Most values in them (35)."""
_DEPTH: Final = 8

TEXTS: Final = ("game", "match", "map", "map_digest", "client")
NUMBERS: Final = ("tick_rate", "snapshot_every", "seat", "protocol", "written_ms")


@attrs.frozen
class ToldDivergence:
    """A value that the client had predicted otherwise, in words."""

    tick: Tick
    explained: str
    entity: str
    ident: str
    field: str
    predicted: str
    true: str


@attrs.frozen
class StoredTape:
    """A tape in memory.

    Attributes:
        header: Game, match, map, options, versions; `TEXTS` and `NUMBERS` have these types.
        tick: The tick of ``state``.
        state: Keyframes from which the first snapshots are decoded; empty if they have their own.
        entries: What came and went, each with its milliseconds since the first one.
        divergences: What was predicted otherwise.
    """

    header: Mapping[str, Any]
    tick: Tick
    state: tuple[Section, ...]
    entries: tuple[tuple[int, Entry], ...]
    divergences: tuple[ToldDivergence, ...]


@attrs.frozen
class TapeStep:
    """One entry, and what it did to the world.

    Attributes:
        at_ms: Milliseconds since the tape's first entry.
        entry: What came or went.
        reading: What was read from a snapshot; None for other entries.
        before: The entities before a snapshot.
    """

    at_ms: int
    entry: Entry
    reading: Reading | None = None
    before: Mapping[EntityId, Entity] = attrs.field(factory=dict)


def is_tape(data: bytes) -> bool:
    """Tell whether a file begins as a tape does."""
    return data.startswith(form.MAGIC)


def read_tape(data: bytes) -> StoredTape:
    """Return the tape of a file.

    Raises:
        JournalError: It is none, damaged, or of a newer version.
    """
    if not is_tape(data):
        raise JournalError("it is no tape of a client")
    try:
        plain = inflated(data[len(form.MAGIC) :], MOST_UNPACKED)
        found = unpack(plain, _MOST_ITEMS, _DEPTH, Unfolding(_MOST_HOLDERS, _MOST_VALUES))
    except ProtocolError:
        raise JournalError("it is damaged") from None
    body = found[0] if len(found) == 1 else None
    if type(body) is not list or not body or body[0] != form.VERSION:
        raise JournalError(f"its form is not the one that this version reads, {form.VERSION}")
    _, header, tick, state, entries, divergences = shaped(body, (int, dict, int, list, list, list))
    for names, kind in ((TEXTS, str), (NUMBERS, int)):
        if any(type(header.get(name)) is not kind for name in names):
            raise _damaged()
    if not 1 <= header["tick_rate"] <= 1000:
        raise _damaged()
    match_id = MatchId(header["match"])
    return StoredTape(
        header,
        Tick(tick),
        tuple(Section(n, True, body) for n, body in (shaped(row, (int, bytes)) for row in state)),
        tuple(_entry(row, match_id) for row in entries),
        tuple(_divergence(row) for row in divergences),
    )


def steps_of(tape: StoredTape, game: Game) -> Iterator[TapeStep]:
    """Yield the entries in order, with the worlds that the client saw.

    A section that cannot be decoded is a desync of its reading, as it was for the client.
    """
    reader = SnapshotReader(game)
    world: Mapping[EntityId, Entity] = {}
    if tape.state:
        confirmed = reader.apply(tape.tick, tape.state).confirmed
        world = confirmed.entities if confirmed is not None else {}
    for at_ms, entry in tape.entries:
        if isinstance(entry, MatchEntered):
            reader = SnapshotReader(game)
        if not isinstance(entry, Snapshot):
            yield TapeStep(at_ms, entry)
            continue
        reading = reader.apply(entry.tick, entry.sections)
        yield TapeStep(at_ms, entry, reading, world)
        if reading.confirmed is not None:
            world = reading.confirmed.entities


def _entry(row: Any, match_id: MatchId) -> tuple[int, Entry]:
    if type(row) is not list or len(row) < 3 or any(type(each) is not int for each in row[:2]):
        raise _damaged()
    kind, at_ms, *rest = row
    if kind == form.EVENT:
        return at_ms, _event(rest, match_id)
    if kind not in _READERS:
        raise _damaged()
    return at_ms, _READERS[kind](rest)


def _snapshot(values: list[Any]) -> Snapshot:
    tick, parts = shaped(values, (int, list))
    sections = (Section(*shaped(part, (int, bool, bytes))) for part in parts)
    return Snapshot(Tick(tick), tuple(sections))


def _input(values: list[Any]) -> Input:
    seq, tick, seen, view, row = shaped(values, (int, int, int, int, list))
    if any(type(value) not in (int, bool) for value in row):
        raise _damaged()
    return Input(seq, Tick(tick), Tick(seen), view, tuple(row))


def _event(values: list[Any], match_id: MatchId) -> MatchHappened:
    tick, number, fields = shaped(values, (int, int, list))
    if any(type(value) not in (int, bool, str) for value in fields):
        raise _damaged()
    return MatchHappened(match_id, Tick(tick), number, tuple(fields))


def _entered(values: list[Any]) -> MatchEntered:
    tick, seat, epoch = shaped(values, (int, int, int))
    return MatchEntered(Tick(tick), Seat(seat), 0, epoch)


def _divergence(row: Any) -> ToldDivergence:
    tick, *texts = shaped(row, (int, str, str, str, str, str, str))
    return ToldDivergence(Tick(tick), *texts)


def _damaged() -> JournalError:
    return JournalError("it is damaged")


_READERS: Final[dict[int, Callable[[list[Any]], Entry]]] = {
    form.SNAPSHOT: _snapshot,
    form.INPUT: _input,
    form.SEEN: lambda values: Seen(Tick(*shaped(values, (int,)))),
    form.STEER: lambda values: Steer(*shaped(values, (int, int))),
    form.SHIFT: lambda values: Shift(*shaped(values, (int, int))),
    form.ENTERED: _entered,
    form.ROUND_TRIP: lambda values: shaped(values, (int,))[0] / 1_000_000,
}
