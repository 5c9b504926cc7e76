"""What a client must know of a match to take part, all of it fixed when the match starts."""

import attrs

from gameserver.game.game import Game
from gameserver.game.schema.table import schema
from gameserver.game.world import World


@attrs.frozen
class MatchFacts:
    """What a client must know to take part; the same for everybody."""

    game: str
    tick_rate: int
    snapshot_every: int
    map: str
    map_digest: str
    options: dict[str, int | bool | str]
    salt: int
    schema: dict[str, object]


def facts_of(game: Game, world: World) -> MatchFacts:
    """Return the facts of a match."""
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
