"""Record one running match for its journal.

Law: recording never awaits, never raises and never delays the match. Records wait in memory until
`MatchRecorder.flush` hands them to the file. What the file does not take is a hole in the journal,
behind which a checkpoint stands, so that replaying goes on there.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol

import attrs

from gameserver.game.command import Command, command_lister
from gameserver.game.entity import Outcome, Player
from gameserver.game.game import Game
from gameserver.game.schema.dump import dump_world, present_hash
from gameserver.game.world import World
from gameserver.ids import PlayerId, Seat, Tick
from gameserver.store.batches import TickBatch
from gameserver.store.frames import frame_of
from gameserver.store.records import (
    Checkpoint,
    End,
    Hash,
    Header,
    Hole,
    Recovered,
    SeatTaken,
    head_of,
    pack_listed,
    pack_other,
)

HASH_EVERY_S: Final = 2.0
"""Time between two hashes of the world, which replaying is judged by."""

CHECKPOINT_EVERY_S: Final = 30.0
"""Time between two checkpoints: recovery and seeking replay at most this much."""


MOST_PEOPLE: Final = 4096
"""People whose seats one journal tells of; who comes and goes cannot make it grow further."""


class JournalFile(Protocol):
    """Where the bytes of one journal go.

    Attributes:
        on_disk: The newest tick whose records are written.
        begun: Whether anything of this process is written.
        fault: Why the file cannot be written at present; empty while it can.
        closed: Whether `finish` has closed the file behind all that was queued.
    """

    on_disk: Tick
    begun: bool
    fault: str
    closed: bool

    def append(self, data: bytes, tick: Tick) -> bool:
        """Queue whole frames that end with ``tick``; return False when too much is queued."""
        ...

    def retry(self) -> None:
        """Write again after a fault, behind the last whole frame; what was queued is dropped."""
        ...

    def finish(self) -> None:
        """Close the file behind all that is queued, and compress it.

        After a fault: nothing, since its end is missing; `retry`, the end and this come again.
        """
        ...


@attrs.define(eq=False)
class MatchRecorder:
    """Takes what a match's simulation is given, and the world's hashes and checkpoints."""

    header: Header
    _game: Game
    _file: JournalFile
    _pending: list[bytes] = attrs.field(factory=list, init=False)
    _last: Tick = attrs.field(default=Tick(0), init=False)
    """The newest tick that was recorded or left out."""
    _queued: Tick = attrs.field(default=Tick(0), init=False)
    """The newest tick that the file has taken."""
    _lost: bool = attrs.field(default=False, init=False)
    """Whether ticks behind `_queued` are lost, so that a checkpoint must come before the next."""
    _recovered: bytes = attrs.field(default=b"", init=False)
    """The record that this process goes on with the match of another one; empty if it began it."""
    _owed: bytes = attrs.field(default=b"", init=False)
    """`_recovered` until the file has it: without it the next process would repeat the epoch."""
    _next_checkpoint: Tick = attrs.field(init=False)
    _seats: dict[Seat, Player] = attrs.field(init=False)
    """The taken seats."""
    _had: dict[Seat, Player] = attrs.field(init=False)
    """Of each seat the newest person, or the newest bot if only bots had it."""
    _end: End | None = attrs.field(default=None, init=False)
    _end_taken: bool = attrs.field(default=False, init=False)
    """Whether the file has taken the end, which a fault may still lose."""
    _people: dict[PlayerId, Seat] = attrs.field(factory=dict, init=False)
    """Who has or had a seat, with the first one."""
    _untold: list[PlayerId] = attrs.field(factory=list, init=False)
    """Those of whom the file has not been told."""
    _listed: Callable[[Mapping[Seat, Command]], list[int]] = attrs.field(init=False)
    """Lists the commands of a tick."""
    _batch: TickBatch = attrs.field(init=False)
    """The newest ticks, behind what is pending."""

    @_next_checkpoint.default
    def _first_checkpoint(self) -> Tick:
        return Tick(int(CHECKPOINT_EVERY_S * self.header.tick_rate))

    @_seats.default
    def _first_seats(self) -> dict[Seat, Player]:
        return {player.seat: player for player in self.header.players}

    @_had.default
    def _first_players(self) -> dict[Seat, Player]:
        return dict(self._seats)

    @_listed.default
    def _lister(self) -> Callable[[Mapping[Seat, Command]], list[int]]:
        return command_lister(self._game.command)

    @_batch.default
    def _first_batch(self) -> TickBatch:
        return TickBatch(self._game.command)

    @classmethod
    def resumed(
        cls,
        header: Header,
        game: Game,
        file: JournalFile,
        world: World,
        players: Iterable[Player],
        at_ms: int,
    ) -> "MatchRecorder":
        """Go on with the journal of a match that another process has recorded so far.

        Args:
            header: The journal's own.
            game: The game.
            file: Ends behind the last record before ``world``.
            world: The rebuilt world.
            players: Its taken seats.
            at_ms: Unix time in milliseconds.
        """
        made = cls(header, game, file)
        made._last = made._queued = world.tick
        made._next_checkpoint = Tick(world.tick + int(CHECKPOINT_EVERY_S * header.tick_rate))
        made._seats.clear()
        made._sit(players)
        made._recovered = made._owed = pack_other(Recovered(world.tick, at_ms))
        made._pending.append(made._recovered)
        if dump := made._dump(world):
            made._pending.append(pack_other(made._checkpoint(world.tick, dump)))
        return made

    @property
    def lost(self) -> bool:
        """Whether the newest ticks are lost and nothing has mended that yet."""
        return self._lost

    @property
    def fault(self) -> str:
        """Why nothing is written at present; empty while it is."""
        return self._file.fault

    @property
    def players(self) -> tuple[Player, ...]:
        """Who has or had a seat, one of each: the newest person, or bot if only bots had it."""
        return tuple(self._had.values())

    def seated(self, seat: Seat, player_id: PlayerId) -> None:
        """Note who has a seat.

        When full: it is not noted; see `MOST_PEOPLE`.
        """
        if player_id not in self._people and len(self._people) < MOST_PEOPLE:
            self._people[player_id] = seat
            self._untold.append(player_id)

    def record(
        self,
        tick: Tick,
        left: tuple[Seat, ...],
        joined: tuple[Player, ...],
        commands: Mapping[Seat, Command],
    ) -> None:
        """Take the calls of the next tick, before its step."""
        self._last = tick
        if left or joined:
            for seat in left:
                self._seats.pop(seat, None)
            self._sit(joined)
            if not self._lost:
                self._close_batch()
                self._pending.append(pack_listed(tick, left, joined, self._listed(commands)))
        elif not self._lost and not self._batch.add(tick, commands):
            self._close_batch()
            self._batch.add(tick, commands)

    def _sit(self, players: Iterable[Player]) -> None:
        for player in players:
            self._seats[player.seat] = player
            if not player.bot or self._had.get(player.seat, player).bot:
                self._had[player.seat] = player

    def _close_batch(self) -> None:
        """Pack the newest ticks, before what is to stand behind them."""
        try:
            record = self._batch.packed()
        except ValueError:  # such as a view that a bot made up: each tick has its own record
            ticks = self._batch.ticks()
            record = b"".join(pack_listed(t, (), (), self._listed(each)) for t, each in ticks)
            self._batch.clear()
        if record:
            self._pending.append(record)

    def stepped(self, world: World) -> None:
        """Take the world after its step, if a hash or a checkpoint is due."""
        tick, rate = world.tick, self.header.tick_rate
        if self._lost:
            if not self._file.fault:
                self._mend(world)
        elif tick % max(1, int(HASH_EVERY_S * rate)) == 0:
            self._close_batch()
            if digest := self._digest(world):
                self._pending.append(pack_other(Hash(tick, digest)))
            if tick >= self._next_checkpoint and (dump := self._dump(world)):
                self._next_checkpoint = Tick(tick + int(CHECKPOINT_EVERY_S * rate))
                self._pending.append(pack_other(self._checkpoint(tick, dump)))

    def _checkpoint(self, tick: Tick, dump: bytes) -> Checkpoint:
        return Checkpoint(tick, dump, tuple(self._seats[seat] for seat in sorted(self._seats)))

    def _dump(self, world: World) -> bytes:
        """Return the dump of a world; nothing if the game's state cannot be dumped.

        Without it a journal has no hashes, but the match is no worse.
        """
        try:
            return dump_world(self._game, world)
        except Exception:  # a game's own values: recording must not end its match
            return b""

    def _digest(self, world: World) -> bytes:
        """Return the hash of a world; nothing if the game's state cannot be dumped."""
        try:
            return present_hash(self._game, world)
        except Exception:  # as above
            return b""

    def _mend(self, world: World) -> None:
        """Go on behind a hole; if the file takes nothing yet, the hole grows."""
        dump = self._dump(world)
        if not dump:
            return
        records = self._hole(world.tick) + pack_other(self._checkpoint(world.tick, dump))
        self._lost = not self._append(records, world.tick)
        self._untold = list(self._people)  # what was told may be lost, too

    def _hole(self, last: Tick) -> bytes:
        """Return what stands in place of the records up to this tick that the file has not got."""
        return self._owed + pack_other(Hole(Tick(self._queued + 1), last))

    def moment(self, world: World) -> bytes:
        """Return a journal of the present world alone; nothing if it cannot be dumped."""
        dump = self._dump(world)
        if not dump:
            return b""
        hole = pack_other(Hole(Tick(1), world.tick)) if world.tick else b""
        return head_of(self.header) + frame_of(
            hole + pack_other(self._checkpoint(world.tick, dump))
        )

    def flush(self) -> None:
        """Hand over what was recorded since the last call."""
        if self._file.fault:
            self._lose()
        if self._lost:
            self._batch.clear()
            self._pending.clear()
            return
        self._close_batch()
        if self._pending or self._untold:
            people = self._told(self._untold)
            self._lost = not self._append(b"".join(self._pending), self._last, people)
            self._pending.clear()
            self._untold.clear()

    def _told(self, people: Iterable[PlayerId]) -> bytes:
        """Return the records of who sits here, for before the ticks that follow."""
        rows = [SeatTaken(self._queued, self._people[each], each) for each in people]
        return b"".join(map(pack_other, rows))

    def retry(self) -> None:
        """Try to write again after a fault."""
        # The fault may be newer than the last flush, whose records the file has then dropped.
        self._lose()
        self._file.retry()

    def _lose(self) -> None:
        """Count as lost what the file has not written."""
        self._lost = True
        self._queued = self._file.on_disk
        if not self._file.begun:
            self._owed = self._recovered

    def end(self, reason: str, world: World | None, outcome: Outcome) -> None:
        """Record the end and close the file; ``world`` is None if it cannot be trusted.

        A disk that refuses the end gets it by `end_again`; see `closed`.
        """
        if self._end is not None:
            return
        self.flush()
        digest = self._digest(world) if world is not None else b""
        self._end = End(reason, self._last, digest, outcome)
        if self._file.fault:
            self.retry()  # the disk may have space again
        self._write_end(self._end)

    def end_again(self) -> None:
        """Write the end of a match that is over once more, if the disk refused it."""
        if self._end is None:
            return
        if self._file.fault:
            self.retry()
            self._write_end(self._end)
        elif not self._end_taken:
            self._write_end(self._end)

    @property
    def closed(self) -> bool:
        """Whether the end is written and the file is closed."""
        return self._file.closed

    def _write_end(self, end: End) -> None:
        records = [pack_other(end)]
        people = self._told(self._people) if self._lost else b""
        if self._lost and self._last > self._queued:
            records.insert(0, self._hole(self._last))
        self._end_taken = self._append(b"".join(records), self._last, people)
        if self._end_taken:
            self._file.finish()

    def _append(self, payload: bytes, tick: Tick, people: bytes = b"") -> bool:
        """Hand over records that end with a tick, those of people in a frame before the others."""
        frames = b"".join(frame_of(each) for each in (people, payload) if each)
        taken = self._file.append(frames, tick)
        if taken:
            self._queued, self._owed = tick, b""
        return taken


OpenFile = Callable[[str, bytes], JournalFile]
"""Creates the file of a new journal by its name without an ending, with its first bytes."""
