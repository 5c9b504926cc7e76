"""Where things lie over the match, and where the player's own fighter stays clear of them.

Law: all that lies over the field for longer than a moment has its place here, and none of these
places touches `CLEAR`. The region is convex, so a fighter that runs along its border moves the
picture evenly.
"""

from typing import Final

import pygame

from client_demo.theme import BASE

EDGE: Final = 16
"""Pixels between the canvas's border and what lies along it."""

CLOCK: Final = pygame.Rect(BASE[0] // 2 - 80, 10, 160, 56)
SIDES: Final = (
    pygame.Rect(CLOCK.left - 8 - 176, CLOCK.y, 176, CLOCK.height),
    pygame.Rect(CLOCK.right + 8, CLOCK.y, 176, CLOCK.height),
)
"""Left and right of the clock: two teams, or oneself and who leads."""
STANDING: Final = pygame.Rect(BASE[0] // 2 - 264, CLOCK.bottom + 4, 528, 24)
"""How one stands, below the clock."""
BANNER: Final = pygame.Rect(BASE[0] // 2 - 264, STANDING.bottom + 4, 528, 42)
"""One sentence at a time: the connection's, or what became of a flag."""
METERS: Final = pygame.Rect(BASE[0] // 2 - 276, BASE[1] - 72, 552, 60)
BADGES: Final = pygame.Rect(METERS.x, METERS.top - 30, METERS.width, 26)
"""What holds for a while: protection, haste, a carried flag, little ammunition."""
MINIMAP: Final = pygame.Rect(BASE[0] - EDGE - 208, EDGE - 6, 208, 152)
"""The most that a minimap takes, its frame included."""
KILLS: Final = pygame.Rect(EDGE, EDGE - 6, 352, 5 * 30)
DRAFT: Final = pygame.Rect(EDGE, BASE[1] - 72, 336, 40)
"""The line that is being written."""
CHAT: Final = pygame.Rect(EDGE, DRAFT.y - 8 - 6 * 22, 400, 6 * 22)
"""Letters on the field, without a ground of their own; fainter while the fighter is below them."""
NET_GRAPH: Final = pygame.Rect(BASE[0] - EDGE - 264, MINIMAP.bottom + 12, 264, 212)
"""Also fainter while the fighter is below it."""

LESSON: Final = pygame.Rect(BASE[0] - EDGE - 300, NET_GRAPH.bottom + 12, 300, 214)
"""The controls, in a first match."""

LASTING: Final = (CLOCK, *SIDES, STANDING, BANNER, METERS, BADGES, MINIMAP, KILLS, DRAFT)
"""What the fighter must never be below."""

FIGHTER_PX: Final = 50
"""So far from its middle reach a fighter's body, its name and its meter."""
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
"""Corners, clockwise, of the convex region in which the own fighter's middle is kept."""


def nearest_clear(x: float, y: float) -> tuple[float, float]:
    """Return the point of `CLEAR` that is nearest to one of the canvas."""
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
