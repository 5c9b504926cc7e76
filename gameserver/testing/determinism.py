"""Record a match, and replay it in another process, with another hash seed, in another Python.

Law: a match is a pure function of game, map, options, seed and inputs. Every replay of a recording
must have the same world hash at every checkpoint, even if the world was dumped and restored.

Run as ``python -m gameserver.testing.determinism`` it reads a `pack`-ed recording from standard
input and prints one hash per checkpoint, or the dump of one tick.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs
import msgpack

from gameserver.game.entity import Player
from gameserver.game.game import Game
from gameserver.game.loading.games import load_game
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.options import build_options
from gameserver.game.schema.dump import dump_world, restore_world, world_hash
from gameserver.ids import MatchId, PlayerId, Seat, Tick
from gameserver.match import Match
from gameserver.match.journal import Journal, TickRecord, begin, play
from gameserver.match.simulation import Simulation

CHECKPOINT_TICKS: Final = 30
OLDEST_PYTHON: Final = (3, 11)
MODULE: Final = "gameserver.testing.determinism"


class NoInlet:
    """An inlet without messages, for matches of bots only."""

    def drain(self) -> list[tuple[PlayerId, bytes]]:
        """Return no messages."""
        return []


def record(game: Game, tile_map: TileMap, *, options: Any, seed: int, ticks: int) -> Journal:
    """Play a match of four bots, of which one leaves and another joins; return its journal.

    Raises:
        GameFaultError: The game raised, or broke a rule.
    """
    players = [Player(Seat(i), f"Bot {i}", i % 2 + 1, bot=True) for i in range(4)]
    journal = Journal(game.name, tile_map.digest, options, seed, tuple(players))
    match = Match(
        match_id=MatchId("recorded"),
        game=game,
        map=tile_map,
        options=options,
        seed=seed,
        players=players,
        inlet=NoInlet(),
        recorder=journal,
    )
    for tick in range(ticks):
        if tick == ticks // 3:
            match.leave(Seat(1))
        if tick == ticks // 2:
            match.join(Player(Seat(1), "Late", 2, bot=True))
        report = match.tick()
        if report.fault is not None:
            raise report.fault
    return journal


def checkpoints(
    journal: Journal,
    game: Game,
    tile_map: TileMap,
    *,
    restore: bool,
    every: int = CHECKPOINT_TICKS,
) -> list[str]:
    """Replay, and return the world's hash after each ``every`` ticks and after the last tick.

    With ``restore``, the world is replaced by one restored from its dump at every checkpoint.
    """
    simulation = begin(journal, game, tile_map)
    hashes = []
    for number, row in enumerate(journal.ticks, start=1):
        play(simulation, row)
        if number % every == 0 or number == len(journal.ticks):
            hashes.append(world_hash(game, simulation.world).hex())
            if restore:
                data = dump_world(game, simulation.world)
                options, salt = simulation.world.options, simulation.world.salt
                world = restore_world(game, tile_map, options, salt, data)
                simulation = Simulation.resumed(game, world)
    return hashes


def dump_at(journal: Journal, game: Game, tile_map: TileMap, tick: int) -> bytes:
    """Replay up to a tick, and return the dump of the world after it."""
    simulation = begin(journal, game, tile_map)
    for row in journal.ticks[:tick]:
        play(simulation, row)
    return dump_world(game, simulation.world)


# --- carrying a recording to another process -----------------------------------------------------


@attrs.frozen
class ReplayOrder:
    """What another process should print about a recording."""

    restore: bool = False
    every: int = CHECKPOINT_TICKS
    dump: int = 0
    """Print the dump of this tick instead of hashes; 0 prints the hashes."""


def pack(
    journal: Journal,
    spec: str,
    tile_map: TileMap,
    *,
    restore: bool = False,
    ask: ReplayOrder | None = None,
) -> bytes:
    """Return a recording as bytes, with the map and the game's ``module:Name``."""
    asked = attrs.astuple(ask or ReplayOrder(restore=restore))
    ticks = [
        [row.tick, row.left, [attrs.astuple(p) for p in row.joined], row.commands]
        for row in journal.ticks
    ]
    players = [attrs.astuple(player) for player in journal.players]
    options = attrs.asdict(journal.options)
    packed: bytes = msgpack.packb(
        [spec, tile_map.to_wire(), options, journal.seed, players, ticks, asked]
    )
    return packed


def unpack(data: bytes) -> tuple[Journal, Game, TileMap, ReplayOrder]:
    """Return the parts of a recording from `pack`, which must come from a trusted source."""
    spec, map_wire, options, seed, players, ticks, asked = msgpack.unpackb(data)
    game, tile_map = load_game(spec), TileMap.from_wire(map_wire)
    rows = [
        TickRecord(
            Tick(tick),
            tuple(Seat(seat) for seat in left),
            tuple(_player(player) for player in joined),
            tuple((Seat(seat), view, tuple(row)) for seat, view, row in commands),
        )
        for tick, left, joined, commands in ticks
    ]
    seated = tuple(_player(player) for player in players)
    built: object = build_options(game.options, options)
    journal = Journal(game.name, tile_map.digest, built, seed, seated, rows)
    return journal, game, tile_map, ReplayOrder(*asked)


def _player(row: list[Any]) -> Player:
    return Player(Seat(row[0]), *row[1:])


def replay_elsewhere(data: bytes, python: str, hash_seed: int) -> list[str]:
    """Replay a packed recording in a new process of a given Python; return its checkpoints.

    Other versions use the packages of this environment: those that a simulation needs are pure
    Python, or have a pure Python form.

    Raises:
        CalledProcessError: The replay failed.
    """
    roots = [
        Path(__file__).parents[2],
        *(Path(p).parents[1] for p in (attrs.__file__, msgpack.__file__)),
    ]
    environment = {
        **os.environ,
        "PYTHONHASHSEED": str(hash_seed),
        "PYTHONPATH": os.pathsep.join(str(root) for root in dict.fromkeys(roots)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MSGPACK_PUREPYTHON": "1",
    }
    # S603: the program is a Python that `other_pythons` found, or this one.
    done = subprocess.run(  # noqa: S603
        # Without -P a file beside the game, such as random.py, would replace Python's own module.
        [python, "-P", "-m", MODULE],
        input=data,
        capture_output=True,
        env=environment,
        check=True,
    )
    return done.stdout.decode().split()


def other_pythons() -> Iterator[str]:
    """Yield one other Python of this machine for each minor version from `OLDEST_PYTHON` on."""
    found = {sys.version_info[:2]}
    folders = [Path(folder) for folder in os.get_exec_path()]
    folders += sorted(Path.home().glob(".pyenv/versions/*/bin"))
    for folder in folders:
        for path in sorted(folder.glob("python3.*")):
            if not (named := re.fullmatch(r"python3\.(\d+)", path.name)):
                continue
            version = (3, int(named[1]))
            if version >= OLDEST_PYTHON and version not in found and _runs(path):
                found.add(version)
                yield str(path)


def _runs(path: Path) -> bool:
    if shutil.which(path) is None:
        return False
    command = [str(path), "-c", "import zlib, hashlib"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603


def main() -> None:
    """Replay the recording on standard input, and print what its `ReplayOrder` asks for."""
    journal, game, tile_map, ask = unpack(sys.stdin.buffer.read())
    if ask.dump:
        lines = [dump_at(journal, game, tile_map, ask.dump).hex()]
    else:
        lines = checkpoints(journal, game, tile_map, restore=ask.restore, every=ask.every)
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # a normal exit would wait for threads that a game has started
