"""Rebuild a match that the end of its process has cut off, from its journal.

Law: a rebuilt match is the recorded one up to its last written tick, or none. It begins at the
newest checkpoint, plays the ticks behind it, and compares each recorded hash on the way. Inputs
that were on their way are not in a journal: their connections have ended with the process.
"""

from collections import deque
from collections.abc import Iterator
from typing import Final

import attrs
import msgpack

from gameserver.errors import JournalError
from gameserver.game.entity import Player
from gameserver.game.game import Game
from gameserver.game.schema.dump import present_hash_of
from gameserver.match.journal import TickRecord
from gameserver.match.simulation import Simulation
from gameserver.store.reading import StoredMatch
from gameserver.store.records import (
    Checkpoint,
    End,
    Hash,
    Header,
    Hole,
    JournalRecord,
    Recovered,
)
from gameserver.store.verify import replay_of

AT_ONCE: Final = 100
"""Ticks that are replayed between two moments at which something else may be done."""


@attrs.frozen(eq=False)
class Rebuilt:
    """A match that can go on.

    Attributes:
        header: What it began with.
        simulation: Its world behind the last recorded tick.
        players: The taken seats, bots included, by rising seat.
        epoch: 1 for the process that began it, one more for each that has gone on with it, the
            present one included.
        whole: Bytes of the journal up to its last whole frame.
    """

    header: Header
    simulation: Simulation
    players: tuple[Player, ...]
    epoch: int
    whole: int


class Rebuilding:
    """Rebuilds one match.

    Attributes:
        end: How the match ended; if it has, there is nothing to rebuild.
        ticks: Ticks to replay.
        done: Ticks that were replayed.
        rebuilt: The match, when `run` has come to its end.
    """

    def __init__(self, match: StoredMatch, game: Game) -> None:
        """Read the journal.

        Raises:
            JournalError: Its records are damaged.
        """
        self._match = match
        self._game = game
        self._checkpoint: Checkpoint | None = None
        self._tail: deque[JournalRecord] = deque()
        """The records from the newest checkpoint on."""
        self._seats = {player.seat: player for player in match.header.players}
        # A record of another process may be lost in a damage, and no epoch may come twice.
        self._epoch = 1 + len(match.damages)
        self.end: End | None = None
        self.rebuilt: Rebuilt | None = None
        self.done: int = 0
        for record in match.records():
            self._read(record)
        self.ticks: int = sum(isinstance(record, TickRecord) for record in self._tail)

    def _read(self, record: JournalRecord) -> None:
        if isinstance(record, Checkpoint):
            if not self._hash_fits(record):
                raise JournalError(f"the checkpoint of tick {record.tick} has another hash")
            self._checkpoint = record
            self._tail.clear()
            self._seats = {player.seat: player for player in record.players}
            return
        if isinstance(record, TickRecord):
            for seat in record.left:
                self._seats.pop(seat, None)
            for player in record.joined:
                self._seats[player.seat] = player
        elif isinstance(record, Recovered):
            self._epoch += 1
        elif isinstance(record, End):
            self.end = record
        self._tail.append(record)

    def _hash_fits(self, checkpoint: Checkpoint) -> bool:
        """Compare a checkpoint with the hash before it, if that is of the same tick."""
        before = self._tail[-1] if self._tail else None
        if not isinstance(before, Hash) or before.tick != checkpoint.tick:
            return True
        try:
            return present_hash_of(checkpoint.dump) == before.digest
        except (ValueError, TypeError, msgpack.UnpackException):
            return False

    def run(self) -> Iterator[None]:
        """Replay, and set ``rebuilt`` at the end; yield behind each `AT_ONCE` ticks.

        Raises:
            JournalError: It belongs to another game, or other code; the game met a fault; or the
                replay leads to another world than the recording.
        """
        replay = replay_of(self._match, self._game)
        if self._checkpoint is not None:
            replay.pass_by(self._checkpoint)
        for record in self._tail:
            if isinstance(record, TickRecord):
                replay.play(record)
                self.done += 1
                if self.done % AT_ONCE == 0:
                    yield
            elif isinstance(record, Hash):
                if replay.hash() != record.digest:
                    raise JournalError(f"its replay leads to another world at tick {record.tick}")
            elif isinstance(record, Hole):
                raise JournalError(f"its ticks from {record.first} on are missing")
        players = tuple(self._seats[seat] for seat in sorted(self._seats))
        header, whole = self._match.header, self._match.whole
        self.rebuilt = Rebuilt(header, replay.simulation, players, self._epoch + 1, whole)
