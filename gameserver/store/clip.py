"""Cut the last seconds of a match out of its journal: a file that a bug report can hold.

Law: a clip is a journal as any other. It begins with a hole and a checkpoint instead of the ticks
before them, so everything that reads journals reads it.
"""

from gameserver.game.entity import Player
from gameserver.game.game import Game
from gameserver.game.schema.dump import dump_world
from gameserver.ids import Seat, Tick
from gameserver.match.journal import TickRecord
from gameserver.store.frames import frame_of
from gameserver.store.playback import Playback
from gameserver.store.reading import StoredMatch
from gameserver.store.records import Checkpoint, Header, Hole, head_of, pack_other, pack_tick


def clip(match: StoredMatch, game: Game, last_s: float) -> bytes:
    """Return the journal of the last seconds of a recorded match, as the bytes of a plain file.

    Raises:
        JournalError: The match cannot be replayed up to there.
    """
    playback = Playback(match, game)
    start = playback.last - int(last_s * match.header.tick_rate)
    playback.seek(start)
    begin = playback.tick
    parts = [head_of(match.header)]
    if begin:
        players = _players_at(match, begin)
        hole = Hole(Tick(1), begin)
        state = Checkpoint(begin, dump_world(game, playback.world), players)
        parts.append(frame_of(pack_other(hole) + pack_other(state)))
    for record in match.records():
        if isinstance(record, Header) or _tick_of(record) <= begin:
            continue
        if isinstance(record, TickRecord):
            packed = pack_tick(record.tick, record.left, record.joined, record.commands)
        else:
            packed = pack_other(record)
        parts.append(frame_of(packed))
    return b"".join(parts)


def _tick_of(record: object) -> int:
    tick: int = record.first if isinstance(record, Hole) else record.tick  # type: ignore[attr-defined]
    return tick


def _players_at(match: StoredMatch, tick: Tick) -> tuple[Player, ...]:
    """Return the taken seats behind a tick, by rising seat."""
    seats: dict[Seat, Player] = {player.seat: player for player in match.header.players}
    for record in match.records():
        if _tick_of(record) > tick:
            break
        if isinstance(record, Checkpoint):
            seats = {player.seat: player for player in record.players}
        elif isinstance(record, TickRecord):
            for seat in record.left:
                seats.pop(seat, None)
            seats |= {player.seat: player for player in record.joined}
    return tuple(seats[seat] for seat in sorted(seats))
