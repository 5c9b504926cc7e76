"""The places of the display over the field, and the region `CLEAR` for the player's own fighter.

Law: every part of the display that stays longer than a moment has its place here, and no place of
`LASTING` touches `CLEAR`. The region is convex, so that the picture moves evenly while the fighter
runs along the border of the region.
"""

from typing import Final

import pygame

from client_demo.theme import BASE

EDGE: Final = 16
"""Pixels between the border of the canvas and the display."""

CLOCK: Final = pygame.Rect(BASE[0] // 2 - 80, 10, 160, 56)
SIDES: Final = (
    pygame.Rect(CLOCK.left - 8 - 176, CLOCK.y, 176, CLOCK.height),
    pygame.Rect(CLOCK.right + 8, CLOCK.y, 176, CLOCK.height),
)
"""Left and right of the clock: two teams, or the player and a rival."""
STANDING: Final = pygame.Rect(BASE[0] // 2 - 264, CLOCK.bottom + 4, 528, 24)
"""The player's standing in a team game, below the clock."""
BANNER: Final = pygame.Rect(BASE[0] // 2 - 264, STANDING.bottom + 4, 528, 42)
"""One sentence at a time, about the connection or a flag."""
METERS: Final = pygame.Rect(BASE[0] // 2 - 276, BASE[1] - 72, 552, 60)
BADGES: Final = pygame.Rect(METERS.x, METERS.top - 30, METERS.width, 26)
"""Temporary effects: protection, haste, a carried flag, low ammunition."""
MINIMAP: Final = pygame.Rect(BASE[0] - EDGE - 208, EDGE - 6, 208, 152)
"""Largest size of a minimap, its frame included."""
KILLS: Final = pygame.Rect(EDGE, EDGE - 6, 352, 5 * 30)
DRAFT: Final = pygame.Rect(EDGE, BASE[1] - 72, 336, 40)
"""The chat line that the player is writing."""
CHAT: Final = pygame.Rect(EDGE, DRAFT.y - 8 - 6 * 22, 400, 6 * 22)
"""Chat on the field; fainter while the own fighter is below it."""
NET_GRAPH: Final = pygame.Rect(BASE[0] - EDGE - 264, MINIMAP.bottom + 12, 264, 212)
"""Fainter while the own fighter is below it."""

LESSON: Final = pygame.Rect(BASE[0] - EDGE - 300, NET_GRAPH.bottom + 12, 300, 214)
"""The list of controls for a new player."""

LASTING: Final = (CLOCK, *SIDES, STANDING, BANNER, METERS, BADGES, MINIMAP, KILLS, DRAFT)
"""Places below which the own fighter must never be."""

FIGHTER_PX: Final = 50
"""Distance from a fighter's centre within which its body, name and meter are drawn."""
_SLOPE: Final = 0.5
_TOP: Final = BANNER.bottom + FIGHTER_PX // 2
_LEFT, _RIGHT = FIGHTER_PX, BASE[0] - FIGHTER_PX
_FEED: Final = (KILLS.right + FIGHTER_PX, KILLS.bottom + FIGHTER_PX)
_MAP: Final = (MINIMAP.left - FIGHTER_PX, MINIMAP.bottom + FIGHTER_PX)

CLEAR: Final[tuple[tuple[float, float], ...]] = (
    (_FEED[0] + (_FEED[1] - _TOP) / _SLOPE, _TOP),
    (_MAP[0] - (_MAP[1] - _TOP) / _SLOPE, _TOP),
    (_RIGHT, _MAP[1] + (_RIGHT - _MAP[0]) * _SLOPE),
    (_RIGHT, METERS.top - FIGHTER_PX),
    (_LEFT, METERS.top - FIGHTER_PX),
    (_LEFT, _FEED[1] + (_FEED[0] - _LEFT) * _SLOPE),
)
"""Corners, clockwise, of the convex region in which the centre of the own fighter is kept."""


def nearest_clear(x: float, y: float) -> tuple[float, float]:
    """Return the point of `CLEAR` that is nearest to a point of the canvas."""
    best, best_distance = (x, y), 0.0
    for start, end in zip(CLEAR, (*CLEAR[1:], CLEAR[0]), strict=True):
        along = (end[0] - start[0], end[1] - start[1])
        if along[0] * (y - start[1]) - along[1] * (x - start[0]) >= 0:
            continue
        length = along[0] ** 2 + along[1] ** 2
        share = ((x - start[0]) * along[0] + (y - start[1]) * along[1]) / length
        share = max(0.0, min(1.0, share))
        spot = (start[0] + share * along[0], start[1] + share * along[1])
        distance = (spot[0] - x) ** 2 + (spot[1] - y) ** 2
        if best_distance == 0.0 or distance < best_distance:
            best, best_distance = spot, distance
    return best
