"""Cached pictures of a map: in full size for the field, scaled down for forms and the minimap."""

from functools import lru_cache

import pygame

from client_demo.art.tiles import draw_map
from client_demo.theme import Theme
from gameserver.game.maps.tilemap import TileMap


@lru_cache(maxsize=2)
def whole_map(tile_map: TileMap, theme: Theme) -> pygame.Surface:
    """Return a map in full size; the two maps used last are cached."""
    return draw_map(tile_map, theme)


@lru_cache(maxsize=16)
def preview(tile_map: TileMap, room: tuple[int, int], theme: Theme) -> pygame.Surface:
    """Return a map scaled to fit ``room``, a size in pixels, with its aspect ratio kept."""
    whole = draw_map(tile_map, theme)
    scale = min(room[0] / whole.get_width(), room[1] / whole.get_height())
    size = (max(1, int(whole.get_width() * scale)), max(1, int(whole.get_height() * scale)))
    return pygame.transform.smoothscale(whole, size)
