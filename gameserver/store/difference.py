"""Where two worlds, or two recordings of one match, differ first.

Law: only what was dumped is compared, in the order of the dump: entities by rising id, their fields
in order of declaration, then what the world keeps beside them.
"""

from collections.abc import Iterator
from typing import Any, Final

import attrs
import msgpack

from gameserver.errors import JournalError
from gameserver.game.game import Game
from gameserver.game.schema.dump import dump_world, unpack_dump
from gameserver.game.schema.table import BASE_FIELDS, state_fields
from gameserver.ids import Tick
from gameserver.match.journal import TickRecord
from gameserver.store.playback import Playback
from gameserver.store.reading import StoredMatch
from gameserver.store.records import Checkpoint, Header

ABSENT: Final = "absent"
"""Shown for an entity that one of two worlds does not have."""

_PARTS: Final = ("entities' ids", "random generator", "history for lag compensation")


@attrs.frozen
class PlaybackDifference:
    """One value that differs.

    Attributes:
        tick: The first tick at which it differs.
        what: The entity with its class and id, the seat, or the part of the world or the journal.
        field: The field's name; empty where the whole differs.
        first: The value in the first recording, in words.
        second: The value in the second one.
    """

    tick: Tick
    what: str
    field: str
    first: str
    second: str

    def sentence(self) -> str:
        """Return the difference in one line."""
        name = f"{self.what}, {self.field}" if self.field else self.what
        return f"tick {self.tick}: {name}: {self.first} / {self.second}"


def differences(game: Game, first: bytes, second: bytes) -> Iterator[PlaybackDifference]:
    """Yield where two dumps of a game's world differ, in the order of the dump.

    Raises:
        JournalError: One is no dump of the game.
    """
    try:
        one, two = unpack_dump(first), unpack_dump(second)
        tick = Tick(one[1])
        yield from _of_entities(game, tick, one[2], two[2])
        if one[1] != two[1]:
            yield PlaybackDifference(tick, "tick of the world", "", str(one[1]), str(two[1]))
        for name, here, there in zip(_PARTS, one[3:], two[3:], strict=True):
            if here != there:
                yield PlaybackDifference(tick, name, "", _short(here), _short(there))
    except (ValueError, TypeError, LookupError, msgpack.UnpackException) as error:
        raise JournalError(f"a checkpoint is no dump of {game.name}: {error}") from None


def _of_entities(game: Game, tick: Tick, first: Any, second: Any) -> Iterator[PlaybackDifference]:
    here, there = ({row[1]: row for row in rows} for rows in (first, second))
    for number in sorted({*here, *there}):
        one, two = here.get(number), there.get(number)
        if one == two:
            continue
        named = f"{game.entities[(one or two)[0]].__name__} {number}"  # type: ignore[index]
        if one is None or two is None or one[0] != two[0]:
            kinds = (
                ABSENT if row is None else game.entities[row[0]].__name__ for row in (one, two)
            )
            yield PlaybackDifference(tick, named, "", *kinds)
            continue
        for name, a, b in zip(names_of(game, one[0]), one[1:], two[1:], strict=True):
            if a != b:
                yield PlaybackDifference(tick, named, name, _short(a), _short(b))


def names_of(game: Game, kind: int) -> tuple[str, ...]:
    """Return the names of the fields of an entity's row in a dump, without its class."""
    return (*BASE_FIELDS, *(field.name for field in state_fields(game.entities[kind])))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def first_of_two(first: StoredMatch, second: StoredMatch, game: Game) -> list[PlaybackDifference]:
    """Return where two recordings of one match part: the inputs, then the world; else nothing.

    The first difference of the inputs comes first, then all differences of the worlds at the first
    tick at which these differ.

    Raises:
        JournalError: One cannot be replayed, or they begin differently.
    """
    _check_same_start(first.header, second.header)
    found: list[PlaybackDifference] = []
    one, two = Playback(first, game), Playback(second, game)
    start = max(one.first, two.first)
    one.seek(start)
    two.seek(start)
    while True:
        if one.tick != two.tick:
            what = "a hole, or the journal's end, is reached at another tick"
            return [*found, PlaybackDifference(one.tick, what, "", str(one.tick), str(two.tick))]
        if not found and (record := _of_records(one.record, two.record)):
            found.append(record)
        # Equal calls lead to equal worlds, so worlds are compared only once calls have differed.
        if found or one.tick == start:
            worlds = list(
                differences(game, dump_world(game, one.world), dump_world(game, two.world))
            )
            if worlds:
                return found + worlds
        goes, other_goes = one.step(), two.step()
        if (not goes and one.end is None) or (not other_goes and two.end is None):
            return found  # as far as both were recorded
        if not goes and not other_goes:
            return found


def first_of_one(match: StoredMatch, game: Game) -> list[PlaybackDifference]:
    """Return where a replay differs from the journal's own checkpoints and hashes; else nothing.

    A difference between two checkpoints is known by its hash alone: no entity can be named.

    Raises:
        JournalError: It cannot be replayed.
    """
    playback = Playback(match, game)
    for record in match.records():
        if not isinstance(record, TickRecord | Checkpoint):
            continue
        if isinstance(record, Checkpoint) and record.tick == playback.tick:
            recorded = list(differences(game, record.dump, dump_world(game, playback.world)))
            if recorded:
                return recorded
        elif record.tick > playback.tick:
            playback.step()
        if playback.differs_at is not None:
            break
    while playback.differs_at is None and playback.step():
        pass
    if playback.differs_at is None:
        return []
    words = ("hash of the world", "", "recorded", "replayed")
    return [PlaybackDifference(playback.differs_at, *words)]


def _check_same_start(first: Header, second: Header) -> None:
    for name in ("game", "code", "map_wire", "options", "seed", "players"):
        if getattr(first, name) != getattr(second, name):
            word = {"map_wire": "map"}.get(name, name)
            raise JournalError(f"the two are of different matches: their {word} differs")


def _of_records(one: TickRecord | None, two: TickRecord | None) -> PlaybackDifference | None:
    if one is None or two is None or one == two:
        return None
    for name, here, there in (
        ("seats that left", one.left, two.left),
        ("players who joined", one.joined, two.joined),
    ):
        if here != there:
            return PlaybackDifference(one.tick, name, "", _short(here), _short(there))
    rows = [{seat: (view, *row) for seat, view, row in each.commands} for each in (one, two)]
    for seat in sorted({*rows[0], *rows[1]}):
        a, b = (each.get(seat) for each in rows)
        if a != b:
            shown = [ABSENT if each is None else _short(each) for each in (a, b)]
            return PlaybackDifference(one.tick, f"command of seat {seat}", "", *shown)
    return PlaybackDifference(one.tick, "order of the commands", "", "", "")
