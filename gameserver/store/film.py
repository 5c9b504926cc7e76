"""Make a film of a journal: its match as snapshots, for clients that cannot run the game.

Law: a film shows what its journal leads to, with all public, owners' and groups' fields, and needs
no code of the game. A window begins with keyframes: it is decoded without those before it.

A file is ``gsfilm1``, a line feed, and msgpack values one behind the other::

    window     [tick, body, …  (keyframes of the sections), [snapshot, …]]
    snapshot   [tick, section, body, …]
    …
    head       {"started": match.started, "map": map, "last": tick, "sections": [section, …]}

A window's bodies are those of ``sections``. The last value is the head. Bodies are as in
``docs/protocol.md``; a section that a snapshot leaves out goes on by itself.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import attrs
import msgpack

from gameserver.errors import JournalError
from gameserver.game.entity import Event, Player
from gameserver.game.fields import Audience
from gameserver.game.game import Game
from gameserver.game.schema.table import table_of
from gameserver.game.world import World
from gameserver.ids import NO_SEAT, MatchId, PlayerId, Seat
from gameserver.match.facts import facts_of
from gameserver.messages.match import MatchStarted, SeatedPlayer
from gameserver.netcode.replication.encoder import SectionEncoder
from gameserver.netcode.replication.sections import FIRST_GROUP, OWNER, PUBLIC
from gameserver.store.playback import Playback, open_playback

MAGIC: Final = b"gsfilm1\n"

WINDOW_S: Final = 4.0
"""Seconds of play of a window: what a client decodes to seek."""

MOST_BYTES: Final = 32 << 20
"""Most bytes of a film (5, 37): an hour of Arena with eight players has 4 MiB."""

_AUDIENCES: Final = (
    (PUBLIC, Audience.PUBLIC),
    (OWNER, Audience.OWNER),
    (FIRST_GROUP, Audience.GROUP),
)


def write_film(playback: Playback, game: Game, file: BinaryIO) -> int:
    """Play a journal from its first tick to its last into a file; return the bytes.

    A match that its game ended by raising is shown up to there.

    Raises:
        JournalError: The film has more than `MOST_BYTES`.
    """
    pack = msgpack.Packer().pack
    players = {player.seat: player for player in playback.header.players}
    world = playback.world
    size = file.write(MAGIC)
    for window in _windows(playback, game, players):
        size += file.write(pack(window))
        if size > MOST_BYTES:
            raise JournalError(f"the match is too long: a film has {MOST_BYTES} bytes at most")
    head = {
        "started": attrs.asdict(_started(playback, game, world, players)),
        "map": {"map": world.map.to_wire()},
        "last": playback.tick,
        "sections": [number for number, _ in _AUDIENCES],
    }
    return size + file.write(pack(head))


def _windows(playback: Playback, game: Game, players: dict[Seat, Player]) -> Iterator[list[object]]:
    """Yield one window after the other; note the players of all seats."""
    every = game.snapshot_every
    # A window ends with a snapshot, which tells what has happened up to the next window's begin.
    length = max(1, int(WINDOW_S * game.tick_rate) // every) * every
    table = table_of(game)
    playing, events = True, list(playback.world.events)
    while playing:
        encoders = [SectionEncoder(table, audience) for _, audience in _AUDIENCES]
        bodies = _encoded(encoders, playback.world, events)
        snapshots: list[list[object]] = []
        window = [playback.tick, *(each.keyframe() for each in encoders), snapshots]
        began, events = playback.tick, []
        while playback.tick < began + length:
            before = playback.tick
            playing = _step(playback)
            if not playing:
                break
            if playback.record is not None:
                players.update({player.seat: player for player in playback.record.joined})
            events += playback.world.events
            if playback.tick > before + 1:
                break  # behind a hole a window begins, whose keyframes tell the events
            if playback.tick % every == 0 or playback.tick == playback.last:
                bodies = _encoded(encoders, playback.world, events)
                events = []
                told = [
                    part
                    for (number, _), body in zip(_AUDIENCES, bodies, strict=True)
                    if body
                    for part in (number, body)
                ]
                snapshots.append([playback.tick, *told])
        yield window


def _step(playback: Playback) -> bool:
    try:
        return playback.step()
    except JournalError:
        return False


def _encoded(encoders: list[SectionEncoder], world: World, events: list[Event]) -> list[bytes]:
    entities = list(world)
    public, *others = encoders
    return [public.encode(entities, events), *(each.encode(entities) for each in others)]


def _started(
    playback: Playback, game: Game, world: World, players: dict[Seat, Player]
) -> MatchStarted:
    facts = facts_of(game, world)
    return MatchStarted(
        match_id=MatchId(playback.header.match_id),
        seat=NO_SEAT,
        players=tuple(
            SeatedPlayer(seat, PlayerId(""), player.name, player.team, player.bot)
            for seat, player in sorted(players.items())
        ),
        **{each.name: getattr(facts, each.name) for each in attrs.fields(type(facts))},
    )


def make_film(path: Path, game: Game, to: Path) -> int:
    """Make the film of a journal's file and return its bytes; ``to`` is replaced at the end.

    Raises:
        JournalError, UnreadableFileError: As `open_playback` and `write_film`.
        OSError: The film cannot be written.
    """
    playback = open_playback(path, game)
    part = to.with_name(f"{to.name}.part")
    try:
        with part.open("wb") as file:
            size = write_film(playback, game, file)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    return size
