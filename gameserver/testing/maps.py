"""Small maps for tests, written as rows of characters in the test itself."""

from collections.abc import Sequence
from typing import Final

from gameserver.game.maps.tilemap import Decor, Ground, MapObject, Solid, TileMap

_TILES: Final = {"#": (Solid.WALL, Decor.WALL), "=": (Solid.LOW, Decor.CRATE)}
_OPEN: Final = (Solid.OPEN, Decor.NONE)


def map_from_rows(
    *rows: str,
    objects: Sequence[MapObject] = (),
    modes: Sequence[str] = ("dm",),
    max_players: int = 8,
) -> TileMap:
    """Return a map from rows of equal length: ``#`` wall, ``=`` low cover, all else open floor."""
    tiles = [_TILES.get(character, _OPEN) for row in rows for character in row]
    return TileMap(
        name="drawn",
        title="Drawn",
        width=len(rows[0]),
        height=len(rows),
        solid=bytes(solid for solid, _ in tiles),
        ground=bytes([Ground.FLOOR]) * len(tiles),
        decor=bytes(decor for _, decor in tiles),
        objects=tuple(objects),
        modes=tuple(modes),
        max_players=max_players,
    )
