"""Icons: weapons, marks of teams, a silent connection; and the tinted border.

Law: an icon does not depend on its colour alone; its shape gives the same information.
"""

from functools import lru_cache
from typing import Final

import pygame

from client_demo.shapes import supersampled
from client_demo.theme import Colour

WEAPON_SIZE: Final = (34, 18)
INK: Final[Colour] = (226, 231, 238)


@lru_cache(maxsize=16)
def weapon(kind: str, colour: Colour = INK) -> pygame.Surface:
    """Return the side view of a weapon that points to the right."""
    return supersampled(WEAPON_SIZE, lambda surface, f: _weapon(surface, kind, colour, f))


def _weapon(surface: pygame.Surface, kind: str, colour: Colour, f: int) -> None:
    if kind == "rocket":
        fins = [(2, 3), (9, 6), (9, 12), (2, 15), (5, 9)]
        pygame.draw.polygon(surface, colour, [(x * f, y * f) for x, y in fins])
        pygame.draw.rect(surface, colour, (9 * f, 5 * f, 15 * f, 8 * f))
        pygame.draw.polygon(surface, colour, [(24 * f, 5 * f), (32 * f, 9 * f), (24 * f, 13 * f)])
        return
    parts = ((1, 5, 7, 8), (8, 4, 14, 6), (22, 5, 10, 3), (11, 10, 4, 6), (17, 10, 3, 3))
    for x, y, wide, high in parts:
        pygame.draw.rect(surface, colour, (x * f, y * f, wide * f, high * f), border_radius=f)


@lru_cache(maxsize=128)
def mark(team: int, colour: Colour, radius: int) -> pygame.Surface:
    """Return the mark of a team: a diamond for team 2, a disc for all others."""

    def draw(surface: pygame.Surface, f: int) -> None:
        c = radius * f
        if team == 2:
            pygame.draw.polygon(surface, colour, [(c, 0), (2 * c, c), (c, 2 * c), (0, c)])
        else:
            pygame.draw.circle(surface, colour, (c, c), round(c * 0.92))

    return supersampled((2 * radius, 2 * radius), draw)


@lru_cache(maxsize=16)
def silent(colour: Colour) -> pygame.Surface:
    """Return the icon of a connection on which nothing arrives: radio waves, crossed out."""

    def draw(surface: pygame.Surface, f: int) -> None:
        for radius in (5, 9, 13):
            around = pygame.Rect(0, 0, 2 * radius * f, 2 * radius * f)
            around.center = (14 * f, 18 * f)
            pygame.draw.arc(surface, colour, around, 0.8, 2.35, 2 * f + f // 2)
        pygame.draw.circle(surface, colour, (14 * f, 18 * f), 2 * f)
        pygame.draw.line(surface, (16, 21, 29), (5 * f, 3 * f), (23 * f, 21 * f), 5 * f)
        pygame.draw.line(surface, colour, (5 * f, 3 * f), (23 * f, 21 * f), 2 * f)

    return supersampled((28, 24), draw)


@lru_cache(maxsize=16)
def vignette(size: tuple[int, int], colour: Colour, strength: int) -> pygame.Surface:
    """Return a picture that is transparent in the centre and coloured towards the border.

    Args:
        size: Width and height in pixels.
        colour: Colour of the border.
        strength: Opacity at the corners, of 255.
    """
    small = pygame.Surface((64, 36), pygame.SRCALPHA)
    for x in range(64):
        for y in range(36):
            across, down = (x - 31.5) / 32, (y - 17.5) / 18
            far = max(0.0, (across**4 + down**4) ** 0.25 - 0.62) / 0.56
            small.set_at((x, y), (*colour, round(strength * min(1.0, far) ** 1.6)))
    return pygame.transform.smoothscale(small, size)
