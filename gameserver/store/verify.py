"""Replay a journal and compare the world with every hash that was recorded."""

from collections.abc import Callable, Iterator
from typing import Final

import attrs

from gameserver.errors import GameFaultError, GameserverError, JournalError, ProtocolError
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.options import build_options
from gameserver.game.schema.dump import dump_world, present_hash, restore_world
from gameserver.game.world import World
from gameserver.ids import Tick
from gameserver.match.journal import TickRecord, play
from gameserver.match.simulation import Simulation, salt_of
from gameserver.store.identity import code_digest
from gameserver.store.reading import StoredMatch
from gameserver.store.records import FAULT, Checkpoint, End, Hash, Hole, JournalRecord

TOLD_EVERY: Final = 1000
"""Ticks between two calls that tell how far a verification has come."""


@attrs.define
class Verified:
    """What replaying a journal led to.

    Attributes:
        ticks: Ticks that were replayed.
        left_out: Ticks within holes.
        hashes: Hashes that were compared.
        differs_at: Tick of the first hash that differs; None if all are equal.
        finished: Whether the journal has its end.
        same_fault: Whether the match ended by a fault of its game, and the replay met it again.
    """

    ticks: int = 0
    left_out: int = 0
    hashes: int = 0
    differs_at: Tick | None = None
    finished: bool = False
    same_fault: bool = False


@attrs.define(eq=False)
class Replay:
    """The simulation of a recorded match, which is advanced record by record."""

    simulation: Simulation
    _game: Game
    _map: TileMap
    _options: object
    _salt: int

    @property
    def tick(self) -> Tick:
        """The tick that was stepped last."""
        return self.simulation.world.tick

    def pass_by(self, checkpoint: Checkpoint) -> None:
        """Go on at a checkpoint if the ticks before it are missing.

        Raises:
            JournalError: Its dump is damaged.
        """
        if self.tick == checkpoint.tick:
            return
        dump = checkpoint.dump
        try:
            world = restore_world(self._game, self._map, self._options, self._salt, dump)
        except ProtocolError as error:
            raise JournalError(f"the checkpoint of tick {checkpoint.tick}: {error}") from None
        if type(world.tick) is not int or world.tick != checkpoint.tick:
            raise JournalError(f"the checkpoint of tick {checkpoint.tick} is of another tick")
        self.simulation = Simulation.resumed(self._game, world)

    def play(self, record: TickRecord) -> None:
        """Step the next tick.

        Raises:
            JournalError: The game raised, as it may have in the match.
        """
        try:
            play(self.simulation, record)
        except GameFaultError as fault:
            raise JournalError(f"the game met a fault at tick {record.tick}: {fault}") from fault

    def hash(self) -> bytes:
        """Return the hash of the world as it is.

        Raises:
            JournalError: A checkpoint has brought values that no match can have.
        """
        return self._packed(present_hash)

    def dump(self) -> bytes:
        """Return the dump of the world as it is.

        Raises:
            JournalError: As `hash`.
        """
        return self._packed(dump_world)

    def _packed(self, pack: Callable[[Game, World], bytes]) -> bytes:
        try:
            return pack(self._game, self.simulation.world)
        except OverflowError as error:
            sentence = f"its world at tick {self.tick} cannot be: {error}"
            raise JournalError(sentence) from None


def replay_of(match: StoredMatch, game: Game) -> Replay:
    """Return the replay of a journal at tick 0.

    Raises:
        JournalError: The journal was recorded with another game, or with other code of it; or its
            map, options or players cannot be.
    """
    header = match.header
    if header.game != game.name:
        raise JournalError(f"it is a match of {header.game}, not of {game.name}")
    if header.code != code_digest(type(game)):
        raise JournalError(
            f"the code of {game.name} or of this program has changed since the match; only the code"
            f" of that time can replay it (this program was version {header.server})"
        )
    if (header.command_fields, header.tick_rate) != (len(game.command.fields()), game.tick_rate):
        raise JournalError(f"its commands or its tick rate are not those of {game.name}")
    try:
        tile_map = TileMap.from_wire(header.map_wire)
        options: object = build_options(game.options, header.options)
        simulation = Simulation(game, tile_map, options, header.seed, header.players)
    except (GameserverError, ValueError, TypeError) as error:
        raise JournalError(f"its match cannot begin: {error}") from None
    return Replay(simulation, game, tile_map, options, salt_of(header.seed))


def verify(
    match: StoredMatch, game: Game, progress: Callable[[Tick], None] = lambda _tick: None
) -> Verified:
    """Replay a journal whole and compare each hash; ``progress`` is called with ticks now and then.

    Raises:
        JournalError: It cannot be replayed; see `replay_of`.
    """
    replay = replay_of(match, game)
    verdict = Verified()
    records = match.records()
    for record in records:
        if isinstance(record, TickRecord):
            verdict.ticks += 1
            if not _played(replay, record, records):
                verdict.finished = verdict.same_fault = True
                break
            if verdict.ticks % TOLD_EVERY == 0:
                progress(record.tick)
        elif isinstance(record, Hole):
            verdict.left_out += record.last - record.first + 1
        elif isinstance(record, Checkpoint | Hash | End):
            verdict.finished = isinstance(record, End)
            verdict.hashes += _is_compared(replay, record)
            if not _is_same(replay, record):
                verdict.differs_at = record.tick
                break
            if isinstance(record, Checkpoint):
                replay.pass_by(record)
    return verdict


def _is_compared(replay: Replay, record: Checkpoint | Hash | End) -> bool:
    """Tell whether a record has a hash of the replay's tick.

    Behind a hole the replay stands still until a checkpoint; after a fault is no hash.
    """
    here = replay.tick == record.tick
    return here and not isinstance(record, Checkpoint) and bool(record.digest)


def _is_same(replay: Replay, record: Checkpoint | Hash | End) -> bool:
    """Tell whether the replay's world is the recorded one, as far as the record tells.

    Hashes leave the history out; a checkpoint holds it.
    """
    if isinstance(record, Checkpoint):
        return replay.tick != record.tick or replay.dump() == record.dump
    return not _is_compared(replay, record) or replay.hash() == record.digest


def _played(replay: Replay, record: TickRecord, behind: Iterator[JournalRecord]) -> bool:
    """Play a tick; return False if the game raises in it, and did so in the match that ended there.

    Raises:
        JournalError: The game raised, and did not in the match.
    """
    try:
        replay.play(record)
    except JournalError as error:
        end = next(behind, None)
        ended = isinstance(end, End) and (end.reason, end.tick) == (FAULT, record.tick)
        if not ended or not isinstance(error.__cause__, GameFaultError):
            raise
        return False
    return True
