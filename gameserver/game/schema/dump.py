"""Dump a world to bytes, restore it, and hash it.

Law: everything that can influence a later step is in the dump, except map, options and salt, which
the match fixes. The form is canonical: msgpack arrays, entities by rising id, fields in order of
declaration. Two worlds with the same dump continue equally; the same world has the same dump on
every machine.
"""

import hashlib
from collections.abc import Callable
from typing import Any, Final

import msgpack

from gameserver.errors import Code, GameFaultError, ProtocolError
from gameserver.game.codegen.generated import build
from gameserver.game.codegen.perclass import per_class
from gameserver.game.entity import Entity
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.rng import Rng
from gameserver.game.schema.history import History
from gameserver.game.schema.table import BASE_FIELDS, state_fields
from gameserver.game.schema.unfolding import Unfolding
from gameserver.game.world import World
from gameserver.ids import Tick

DUMP_VERSION: Final = 1
HASH_BYTES: Final = 16
_PRESENT: Final = 5
"""Parts of a dump before the history."""

_ROW_BYTES: Final = 6
"""Fewest bytes of an entity: its array, the number of its class, and the fields of each class."""
_MOST_SHORT: Final = 1 << 17
"""Most arrays of a dump that may be shorter (35): moments, and freed ids of the first ticks."""

# One for all dumps: a new packer begins with a buffer of 256 KiB.
_pack: Final = msgpack.Packer().pack


def dump_world(game: Game, world: World) -> bytes:
    """Return the whole state of a server's world, history and generator included.

    Raises:
        GameFaultError: It is a client's world, which has neither.
    """
    if not isinstance(world.past, History):
        raise GameFaultError("only a world with history can be dumped")
    numbers = {entity: number for number, entity in enumerate(game.entities)}
    rows = {kind: _row_reader(kind) for kind in numbers}
    moments = [
        [tick, [rows[type(e)](numbers[type(e)], e) for e in moment.values()]]
        for tick, moment in world.past.moments
    ]
    packed: bytes = _pack([*_present(game, world), moments])
    return packed


def _present(game: Game, world: World) -> list[Any]:
    """Return what a dump holds before the history."""
    numbers = {entity: number for number, entity in enumerate(game.entities)}
    rows = {kind: _row_reader(kind) for kind in numbers}
    return [
        DUMP_VERSION,
        world.tick,
        [rows[type(e)](numbers[type(e)], e) for e in world],
        world.identity(),
        world.generator().dump(),
    ]


def world_hash(game: Game, world: World) -> bytes:
    """Return the 16-byte BLAKE2b hash of the dump."""
    return hash_of(dump_world(game, world))


def present_hash(game: Game, world: World) -> bytes:
    """Return the 16-byte BLAKE2b hash of a world's dump without its history.

    The history holds what earlier worlds were: it is most of a dump, and seldom differs alone.

    Raises:
        GameFaultError: It is a client's world, which has no generator.
    """
    return hash_of(_pack(_present(game, world)))


def present_hash_of(dump: bytes) -> bytes:
    """Return what `present_hash` does, by the whole dump.

    Raises:
        ValueError, TypeError, msgpack.UnpackException: It is none, or unfolds to too much.
    """
    return hash_of(_pack(unpack_dump(dump)[:_PRESENT]))


def hash_of(dump: bytes) -> bytes:
    """Return the hash of a world by its dump, as `world_hash` does."""
    return hashlib.blake2b(dump, digest_size=HASH_BYTES).digest()


def restore_world(game: Game, tile_map: TileMap, options: Any, salt: int, data: bytes) -> World:
    """Return the world of a dump; map, options and salt must be those of its match.

    Raises:
        ProtocolError: The data is no dump of this game.
    """
    try:
        version, *parts = unpack_dump(data)
        if version == DUMP_VERSION:
            return _restored(game, tile_map, options, salt, *parts)
        problem = f"it has version {version}"
    except (ValueError, TypeError, LookupError, AttributeError, msgpack.UnpackException) as error:
        problem = str(error)
    raise ProtocolError(Code.BAD_MESSAGE, f"this is no dump of {game.name}: {problem}")


def unpack_dump(data: bytes) -> Any:
    """Return what a dump holds, as it is packed.

    Raises:
        ValueError, msgpack.UnpackException: It is none, or unfolds to more than one can hold.
    """
    unfolding = Unfolding(len(data) // _ROW_BYTES + _MOST_SHORT, len(data))
    return msgpack.unpackb(data, list_hook=unfolding.take, object_hook=unfolding.take)


def _restored(
    game: Game,
    tile_map: TileMap,
    options: Any,
    salt: int,
    tick: int,
    rows: list[list[Any]],
    identity: list[Any],
    generator: list[int],
    moments: list[Any],
) -> World:
    history = History(game.tick_rate)
    rng = Rng.restore(generator)
    world = World(map=tile_map, options=options, salt=salt, rng=rng, past=history)
    world.tick = Tick(tick)
    for row in rows:
        world.put(_entity(game, row))
    world.restore_identity(*identity)
    for moment_tick, moment_rows in moments:
        entities = [_entity(game, row) for row in moment_rows]
        history.moments.append((Tick(moment_tick), {e.id: e for e in entities}))
    return world


@per_class
def _row_reader(kind: type[Any]) -> Callable[[int, Entity], list[Any]]:
    """Return a function that lists the class's number and all fields of an entity of this class.

    It is generated, since a journal lists the world and its history every two seconds.
    """
    values = "".join(f", e.{name}" for name in _names(kind))
    made: Callable[[int, Entity], list[Any]] = build(
        "row", ["def row(number, e):", f"    return [number{values}]"]
    )
    return made


@per_class
def _names(kind: type[Any]) -> tuple[str, ...]:
    return (*BASE_FIELDS, *(field.name for field in state_fields(kind)))


def _entity(game: Game, row: list[Any]) -> Entity:
    number, *values = row
    kind = game.entities[number]
    entity: Entity = kind()
    for name, value in zip(_names(kind), values, strict=True):
        setattr(entity, name, value)
    return entity
