"""Pictures of fighters, rockets, pickups and flags: drawn large once, and scaled down.

Law: a picture is cached by its appearance; rotated pictures are cached for 64 angles.
"""

import math
from functools import lru_cache
from typing import Final

import pygame

from client_demo.shapes import quick, supersampled
from client_demo.theme import Colour, mix

ANGLES: Final = 64
SIZE: Final = 56
"""Pixels of one side of a fighter's picture; the body is 28 pixels wide."""

PICKUP_COLOURS: Final[dict[str, Colour]] = {
    "health": (118, 208, 132),
    "ammo": (245, 205, 92),
    "rockets": (242, 118, 92),
    "haste": (112, 176, 250),
}


@lru_cache(maxsize=2048)
def fighter(colour: Colour, angle: int, *, team: int = 0) -> pygame.Surface:
    """Return a fighter that aims at an angle of 0..63; the body of team 2 is square."""
    return pygame.transform.rotozoom(_fighter(colour, team=team), -angle * 360 / ANGLES, 1)


@lru_cache(maxsize=64)
def _fighter(colour: Colour, *, team: int) -> pygame.Surface:
    dark = mix(colour, (0, 0, 0), 0.55)

    def draw(surface: pygame.Surface, f: int) -> None:
        c = SIZE * f // 2
        barrel = pygame.Rect(c + 6 * f, c - 3 * f, 17 * f, 6 * f)
        pygame.draw.rect(surface, (24, 29, 38), barrel.inflate(2 * f, 2 * f), border_radius=2 * f)
        pygame.draw.rect(surface, (196, 204, 214), barrel, border_radius=2 * f)
        for shade, radius in (((14, 18, 24), 15), (dark, 14), (colour, 12)):
            if team == 2:
                side = pygame.Rect(0, 0, 2 * (radius - 1) * f, 2 * (radius - 1) * f)
                side.center = (c, c)
                pygame.draw.rect(surface, shade, side, border_radius=3 * f)
            else:
                pygame.draw.circle(surface, shade, (c, c), radius * f)
        pygame.draw.circle(surface, dark, (c + 2 * f, c), 6 * f)
        pygame.draw.circle(surface, mix(colour, (255, 255, 255), 0.7), (c + 4 * f, c), 3 * f)

    return supersampled((SIZE, SIZE), draw)


@lru_cache(maxsize=512)
def rocket(colour: Colour, angle: int) -> pygame.Surface:
    """Return a rocket that flies at an angle of 0..63."""

    def draw(surface: pygame.Surface, f: int) -> None:
        c = 12 * f
        pygame.draw.polygon(
            surface,
            mix(colour, (0, 0, 0), 0.4),
            [(2 * f, c - 6 * f), (9 * f, c), (2 * f, c + 6 * f)],
        )
        body = pygame.Rect(4 * f, c - 3 * f, 13 * f, 6 * f)
        pygame.draw.rect(surface, (226, 231, 238), body, border_radius=2 * f)
        tip = [(16 * f, c - 3 * f), (22 * f, c), (16 * f, c + 3 * f)]
        pygame.draw.polygon(surface, colour, tip)

    return pygame.transform.rotozoom(supersampled((24, 24), draw), -angle * 360 / ANGLES, 1)


@lru_cache(maxsize=16)
def pickup(kind: str) -> pygame.Surface:
    """Return a pickup: a round plate with the icon of its kind; a dot for an unknown kind."""
    colour = PICKUP_COLOURS.get(kind, (200, 200, 210))

    def draw(surface: pygame.Surface, f: int) -> None:
        c = 18 * f
        pygame.draw.circle(surface, (14, 18, 24), (c, c), 16 * f)
        pygame.draw.circle(surface, mix(colour, (12, 16, 22), 0.72), (c, c), 15 * f)
        pygame.draw.circle(surface, colour, (c, c), 15 * f, 2 * f)
        _sign(surface, kind, colour, c, f)

    return supersampled((36, 36), draw)


@lru_cache(maxsize=16)
def small_pickup(kind: str, side: int) -> pygame.Surface:
    """Return `pickup` scaled down to a square of ``side`` pixels, for the HUD."""
    return quick(pygame.transform.smoothscale(pickup(kind), (side, side)))


def _sign(surface: pygame.Surface, kind: str, colour: Colour, c: int, f: int) -> None:
    match kind:
        case "health":
            pygame.draw.rect(surface, colour, (c - 3 * f, c - 9 * f, 6 * f, 18 * f))
            pygame.draw.rect(surface, colour, (c - 9 * f, c - 3 * f, 18 * f, 6 * f))
        case "ammo":
            for x in (-8, -2, 4):
                bullet = pygame.Rect(c + x * f, c - 7 * f, 4 * f, 14 * f)
                pygame.draw.rect(surface, colour, bullet, border_top_left_radius=2 * f,
                                 border_top_right_radius=2 * f)  # fmt: skip
        case "rockets":
            points = [(0, -10), (5, -2), (5, 6), (8, 10), (-8, 10), (-5, 6), (-5, -2)]
            pygame.draw.polygon(surface, colour, [(c + x * f, c + y * f) for x, y in points])
        case "haste":
            points = [(2, -11), (-7, 2), (-1, 2), (-3, 11), (7, -3), (1, -3)]
            pygame.draw.polygon(surface, colour, [(c + x * f, c + y * f) for x, y in points])
        case _:
            pygame.draw.circle(surface, colour, (c, c), 6 * f)


@lru_cache(maxsize=8)
def flag(colour: Colour) -> pygame.Surface:
    """Return a flag on its pole; the foot of the pole is at the bottom left."""

    def draw(surface: pygame.Surface, f: int) -> None:
        pygame.draw.rect(surface, (216, 222, 230), (3 * f, 2 * f, 3 * f, 36 * f), border_radius=f)
        outline = ((6, 4), (20, 6), (29, 4), (27, 13), (29, 21), (19, 19), (6, 21))
        wave = [(x * f, y * f) for x, y in outline]
        pygame.draw.polygon(surface, colour, wave)
        pygame.draw.lines(surface, mix(colour, (0, 0, 0), 0.4), True, wave, f)

    return supersampled((32, 40), draw)


@lru_cache(maxsize=8)
def small_flag(colour: Colour, size: tuple[int, int]) -> pygame.Surface:
    """Return `flag` scaled down to a size in pixels, for the HUD."""
    return quick(pygame.transform.smoothscale(flag(colour), size))


def step_of(angle: float) -> int:
    """Convert an angle of 0..1023 to the nearest angle of a picture, 0..63."""
    return round(angle * ANGLES / 1024) % ANGLES


def direction(angle: float) -> tuple[float, float]:
    """Return the unit vector of an angle of 0..1023."""
    turn = angle * math.tau / 1024
    return math.cos(turn), math.sin(turn)
