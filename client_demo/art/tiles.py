"""Draw a whole tile map into one surface, once: floor, walls with a raised top, water, trees.

Law: a map is drawn once, at the start of a match; a frame copies the visible part.
"""

from typing import Final

import pygame

from client_demo.theme import Colour, Theme, mix
from gameserver.game.maps.tilemap import TILE_PX, Decor, Ground, TileMap

LIP: Final = 9
"""Pixels of a wall's front side, visible below its top."""

FLOOR: Final[Colour] = (38, 45, 56)
WALL_TOP: Final[Colour] = (92, 104, 124)
WATER: Final[Colour] = (33, 78, 108)
PIT: Final[Colour] = (9, 11, 15)
LEAVES: Final[Colour] = (54, 112, 74)
HEDGE: Final[Colour] = (46, 92, 64)
CRATE: Final[Colour] = (142, 108, 70)


def draw_map(tile_map: TileMap, theme: Theme) -> pygame.Surface:
    """Return the map in full size: `TILE_PX` pixels for each tile."""
    size = (tile_map.width * TILE_PX, tile_map.height * TILE_PX)
    made = pygame.Surface(size)
    for ty in range(tile_map.height):
        for tx in range(tile_map.width):
            rect = pygame.Rect(tx * TILE_PX, ty * TILE_PX, TILE_PX, TILE_PX)
            _floor(made, rect, tile_map.ground[ty * tile_map.width + tx], theme, tx, ty)
    _shadows(made, tile_map)
    for ty in range(tile_map.height):
        for tx in range(tile_map.width):
            rect = pygame.Rect(tx * TILE_PX, ty * TILE_PX, TILE_PX, TILE_PX)
            _stand(made, rect, tile_map, tx, ty)
    return made.convert() if pygame.display.get_surface() is not None else made


def _noise(tx: int, ty: int, n: int) -> int:
    return (tx * 73_856_093 ^ ty * 19_349_663 ^ n * 83_492_791) >> 3


def _floor(
    made: pygame.Surface, rect: pygame.Rect, kind: int, theme: Theme, tx: int, ty: int
) -> None:
    colours: dict[int, Colour] = {
        Ground.VOID: theme.background,
        Ground.FLOOR: FLOOR,
        Ground.GRASS: (37, 58, 47),
        Ground.PATH: (58, 58, 60),
        Ground.BASE1: mix(FLOOR, theme.team(1), 0.16),
        Ground.BASE2: mix(FLOOR, theme.team(2), 0.16),
        Ground.BRIDGE: (88, 74, 58),
        Ground.METAL: (50, 57, 70),
    }
    colour = colours.get(kind, FLOOR)
    shade = (_noise(tx, ty, 1) % 7 - 3) / 100
    made.fill(mix(colour, (255, 255, 255) if shade > 0 else (0, 0, 0), abs(shade)), rect)
    if kind == Ground.GRASS:
        for n in range(3):
            x, y = rect.x + _noise(tx, ty, n + 2) % 28, rect.y + _noise(ty, tx, n + 5) % 26
            pygame.draw.line(made, mix(colour, LEAVES, 0.45), (x, y + 3), (x + 1, y))
    elif kind == Ground.BRIDGE:
        for y in range(rect.y + 7, rect.bottom, 8):
            pygame.draw.line(made, mix(colour, (0, 0, 0), 0.3), (rect.x, y), (rect.right - 1, y))
    elif kind != Ground.VOID:
        edge = mix(colour, (0, 0, 0), 0.16)
        pygame.draw.line(made, edge, rect.topleft, (rect.right - 1, rect.y))
        pygame.draw.line(made, edge, rect.topleft, (rect.x, rect.bottom - 1))


def _decor_at(tile_map: TileMap, tx: int, ty: int) -> int:
    if 0 <= tx < tile_map.width and 0 <= ty < tile_map.height:
        return tile_map.decor[ty * tile_map.width + tx]
    return Decor.WALL


_RAISED: Final = frozenset({Decor.WALL, Decor.PILLAR, Decor.CRATE, Decor.HEDGE})
_SUNK: Final = frozenset({Decor.WATER, Decor.PIT})


def _shadows(made: pygame.Surface, tile_map: TileMap) -> None:
    shade = pygame.Surface((TILE_PX, TILE_PX), pygame.SRCALPHA)
    shade.fill((0, 0, 0, 70))
    for ty in range(tile_map.height):
        for tx in range(tile_map.width):
            if _decor_at(tile_map, tx, ty) in _RAISED:
                made.blit(shade, (tx * TILE_PX + 5, ty * TILE_PX + 8))


def _stand(made: pygame.Surface, rect: pygame.Rect, tile_map: TileMap, tx: int, ty: int) -> None:
    decor = _decor_at(tile_map, tx, ty)
    if decor in (Decor.WALL, Decor.PILLAR, Decor.HEDGE):
        top = HEDGE if decor == Decor.HEDGE else WALL_TOP
        below = _decor_at(tile_map, tx, ty + 1)
        _block(made, rect, top, has_front=below != decor)
        _block_edges(made, rect, top, tile_map, (tx, ty, decor))
    elif decor == Decor.CRATE:
        _crate(made, rect)
    elif decor == Decor.TREE:
        _tree(made, rect)
    elif decor in _SUNK:
        _sunk(made, rect, tile_map, (tx, ty, decor))


def _block(made: pygame.Surface, rect: pygame.Rect, top: Colour, *, has_front: bool) -> None:
    made.fill(top, rect)
    if has_front:
        front = pygame.Rect(rect.x, rect.bottom - LIP, rect.width, LIP)
        made.fill(mix(top, (0, 0, 0), 0.45), front)


def _block_edges(
    made: pygame.Surface,
    rect: pygame.Rect,
    top: Colour,
    tile_map: TileMap,
    where: tuple[int, int, int],
) -> None:
    tx, ty, decor = where
    light = mix(top, (255, 255, 255), 0.28)
    if _decor_at(tile_map, tx, ty - 1) != decor:
        pygame.draw.line(made, light, rect.topleft, (rect.right - 1, rect.y), 2)
    if _decor_at(tile_map, tx - 1, ty) != decor:
        pygame.draw.line(made, mix(top, light, 0.5), rect.topleft, (rect.x, rect.bottom - LIP))


def _crate(made: pygame.Surface, rect: pygame.Rect) -> None:
    inner = rect.inflate(-4, -4)
    pygame.draw.rect(made, mix(CRATE, (0, 0, 0), 0.5), inner.move(0, 3), border_radius=4)
    pygame.draw.rect(made, CRATE, inner, border_radius=4)
    frame = mix(CRATE, (255, 255, 255), 0.2)
    pygame.draw.rect(made, frame, inner, 3, border_radius=4)
    pygame.draw.aaline(made, frame, inner.topleft, inner.bottomright)


def _tree(made: pygame.Surface, rect: pygame.Rect) -> None:
    pygame.draw.aacircle(made, (18, 26, 22), (rect.centerx + 3, rect.centery + 5), 16)
    pygame.draw.aacircle(made, mix(LEAVES, (0, 0, 0), 0.25), rect.center, 16)
    pygame.draw.aacircle(made, LEAVES, (rect.centerx - 2, rect.centery - 3), 12)
    pygame.draw.aacircle(
        made, mix(LEAVES, (255, 255, 255), 0.16), (rect.centerx - 5, rect.centery - 6), 6
    )


def _sunk(
    made: pygame.Surface, rect: pygame.Rect, tile_map: TileMap, where: tuple[int, int, int]
) -> None:
    tx, ty, decor = where
    colour = WATER if decor == Decor.WATER else PIT
    made.fill(colour, rect)
    if _decor_at(tile_map, tx, ty - 1) != decor:
        rim = pygame.Rect(rect.x, rect.y, rect.width, 6)
        made.fill(mix(colour, (0, 0, 0), 0.5), rim)
    if decor == Decor.WATER:
        for n in range(2):
            x, y = rect.x + _noise(tx, ty, n) % 20, rect.y + 8 + _noise(ty, tx, n) % 20
            pygame.draw.line(made, mix(colour, (255, 255, 255), 0.2), (x, y), (x + 8, y))
