"""The constants of a match that each client needs, fixed when the match starts."""

import attrs

from gameserver.game.game import Game
from gameserver.game.schema.table import schema
from gameserver.game.world import World


@attrs.frozen
class MatchFacts:
    """What a client must know to decode and predict a match; the same for all clients.

    Attributes:
        game: Name of the game.
        tick_rate: Steps a second.
        snapshot_every: Ticks from one snapshot to the next.
        map: Name of the map.
        map_digest: Hash of the map; tells a client whether its copy is the right one.
        options: The game's options by name.
        salt: Public salt of `World.keyed`.
        schema: Field tables, as `gameserver.game.schema.table.schema` returns them.
    """

    game: str
    tick_rate: int
    snapshot_every: int
    map: str
    map_digest: str
    options: dict[str, int | bool | str]
    salt: int
    schema: dict[str, object]


def facts_of(game: Game, world: World) -> MatchFacts:
    """Return the facts of a match of this game in this world."""
    return MatchFacts(
        game=game.name,
        tick_rate=game.tick_rate,
        snapshot_every=game.snapshot_every,
        map=world.map.name,
        map_digest=world.map.digest,
        options=attrs.asdict(world.options),
        salt=world.salt,
        schema=schema(game),
    )
