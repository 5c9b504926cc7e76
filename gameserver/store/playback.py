"""Play a journal back: the world at any tick, in any order.

Law: seeking never leads to another world than playing from the start. A key frame is a dump of the
replayed world, or a checkpoint of the journal; a hash that was recorded is compared whenever
playing passes it. Dumps of key frames take at most `KEY_BYTES` of memory.
"""

from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gameserver.errors import JournalError, UnreadableFileError
from gameserver.game.game import Game
from gameserver.game.schema.dump import dump_world
from gameserver.game.world import World
from gameserver.ids import Tick
from gameserver.match.journal import TickRecord
from gameserver.store.reading import StoredMatch, read_journal
from gameserver.store.records import Checkpoint, End, Hash, Header, Hole, JournalRecord
from gameserver.store.verify import Replay, replay_of

KEY_S: Final = 4.0
"""Time between two key frames that are made while playing: what seeking has to play at most."""

KEY_BYTES: Final = 64 << 20
"""Most bytes of the key frames that are made; beyond that, every second one is dropped."""


class Playback:
    """A recorded match at one tick, which can be any.

    Attributes:
        header: What the match began with.
        end: How it ended; None if its process ended first.
        last: The last tick that can be shown.
        holes: The ticks that are missing, as first and last of each hole, in order.
        differs_at: The first tick whose world was seen to differ from its recorded hash, if any.
        record: What the seats did in the present tick; None at tick 0 and at a key frame.
    """

    def __init__(self, match: StoredMatch, game: Game) -> None:
        """Read all records once, and stand at the first tick that can be shown.

        Raises:
            JournalError: The journal is damaged, or of another game or other code of it.
        """
        self.header: Header = match.header
        self.end: End | None = None
        self.last: Tick = Tick(0)
        self.differs_at: Tick | None = None
        self.record: TickRecord | None = None
        self._match = match
        self._game = game
        self._frames: list[Tick] = []
        """The last tick before each frame."""
        self._checkpoints: dict[Tick, int] = {}
        """Frames of the journal's checkpoints, by tick."""
        self.holes: list[tuple[Tick, Tick]] = []
        self._read()
        self._replay: Replay = replay_of(match, game)
        self._every: int = max(1, int(KEY_S * self.header.tick_rate))
        self._keys: dict[Tick, bytes] = {}
        """Dumps of the key frames that were made, by tick."""
        self._keys_bytes = 0
        self._next: Iterator[tuple[int, JournalRecord]] = match.numbered()
        self._keep()
        if self.holes and self.holes[0][0] == 1:
            self.step()

    def _read(self) -> None:
        tick = Tick(0)
        for number, record in self._match.numbered():
            while len(self._frames) <= number:
                self._frames.append(tick)
            if isinstance(record, Hole):
                self.holes.append((record.first, record.last))
                tick = record.last
            elif isinstance(record, TickRecord):
                self.last = tick = record.tick
            elif isinstance(record, Checkpoint):
                self._checkpoints[record.tick] = number
                self.last = record.tick
            elif isinstance(record, End):
                self.end = record

    @property
    def tick(self) -> Tick:
        """The tick of the present world."""
        return self._replay.tick

    @property
    def world(self) -> World:
        """The present world; it belongs to the playback, and the next step changes it."""
        return self._replay.simulation.world

    @property
    def first(self) -> Tick:
        """The first tick that can be shown: 0, or the end of a hole at the start."""
        return self.holes[0][1] if self.holes and self.holes[0][0] == 1 else Tick(0)

    def key_ticks(self) -> list[Tick]:
        """Return the ticks of all key frames that exist at present, in order."""
        return sorted({*self._keys, *self._checkpoints})

    def step(self) -> bool:
        """Go to the next tick, or behind a hole; return False at the last one.

        Raises:
            JournalError: A checkpoint is damaged, or the game raised, as it may have in the match.
        """
        for _, record in self._next:
            if isinstance(record, TickRecord) and record.tick > self.tick:
                self.record = record  # before it is played: the game may raise
                self._replay.play(record)
                if self.tick % self._every == 0 and self.tick not in self._keys:
                    self._keep()
                return True
            if isinstance(record, Checkpoint) and record.tick > self.tick:
                self._replay.pass_by(record)
                self.record = None
                return True
            if isinstance(record, Hash) and record.tick == self.tick:
                self._compare(record)
        return False

    def seek(self, tick: int) -> None:
        """Go to a tick: the nearest that can be shown, from the nearest key frame before it.

        Raises:
            JournalError: As `step`.
        """
        while not self.seek_some(tick, self._every):
            pass

    def seek_some(self, tick: int, most: int) -> bool:
        """Go towards a tick by at most ``most`` steps; return whether it is reached.

        Raises:
            JournalError: As `step`.
        """
        wanted = Tick(max(self.first, min(tick, self.last)))
        start = self._nearest(wanted)
        if self.tick > wanted or self.tick < start:
            self._jump(start)
        for _ in range(most):
            if self.tick >= wanted or not self.step():
                return True
        return self.tick >= wanted

    def _nearest(self, tick: Tick) -> Tick:
        """Return the newest key frame up to a tick."""
        ticks = self.key_ticks()
        return ticks[bisect_right(ticks, tick) - 1]

    def _jump(self, tick: Tick) -> None:
        dump = self._keys.get(tick) or self._recorded(tick)
        if self.tick == tick:
            return
        self._replay.pass_by(Checkpoint(tick, dump))
        frame = max(0, bisect_right(self._frames, tick) - 1)
        # Of frames that begin behind the same tick the last one is taken: the others hold no tick.
        self._next = self._match.numbered(frame, self._frames[frame] if self._frames else 0)
        self.record = None

    def _recorded(self, tick: Tick) -> bytes:
        frame = self._checkpoints[tick]
        for _, record in self._match.numbered(frame, self._frames[frame]):
            if isinstance(record, Checkpoint) and record.tick == tick:
                return record.dump
        raise JournalError(f"the checkpoint of tick {tick} is missing")

    def _compare(self, record: Hash) -> None:
        if self._replay.hash() != record.digest:
            self.differs_at = min(record.tick, self.differs_at or record.tick)

    def _keep(self) -> None:
        try:
            dump = dump_world(self._game, self.world)
        except Exception as error:  # a game's own values
            raise JournalError(f"the world of tick {self.tick} cannot be kept: {error}") from None
        self._keys[self.tick] = dump
        self._keys_bytes += len(dump)
        if self._keys_bytes > KEY_BYTES:
            self._every *= 2
            self._keys = {t: kept for t, kept in self._keys.items() if t % self._every == 0}
            self._keys_bytes = sum(map(len, self._keys.values()))


def open_playback(path: Path, game: Game) -> Playback:
    """Open a journal's file.

    Raises:
        JournalError: As `Playback`.
        UnreadableFileError: It cannot be read; the sentence names the file.
    """
    try:
        return Playback(read_journal(path), game)
    except UnreadableFileError as error:
        raise UnreadableFileError(f"{path.name} {error}") from None
