"""Anti-aliased shapes, cached: drawn in a larger size and scaled down.

Law: cached surfaces are shared, so nothing may be drawn on them.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import pygame

from client_demo.theme import Colour

FACTOR: Final = 4
"""Scale at which shapes are drawn before they are scaled down."""


def supersampled(
    size: tuple[int, int], draw: Callable[[pygame.Surface, int], None]
) -> pygame.Surface:
    """Return a picture drawn at `FACTOR` times its size by ``draw(surface, factor)``."""
    large = pygame.Surface((size[0] * FACTOR, size[1] * FACTOR), pygame.SRCALPHA)
    draw(large, FACTOR)
    # Premultiplied first, or the transparent black around the shape would darken its edge.
    small = pygame.transform.smoothscale(large.premul_alpha(), size)
    return _unmultiplied(small)


def _unmultiplied(surface: pygame.Surface) -> pygame.Surface:
    data = bytearray(pygame.image.tobytes(surface, "RGBA"))
    for at in range(3, len(data), 4):
        alpha = data[at]
        if 0 < alpha < 255:
            for part in (at - 3, at - 2, at - 1):
                data[part] = min(255, data[part] * 255 // alpha)
    made = pygame.image.frombytes(bytes(data), surface.get_size(), "RGBA")
    return quick(made)


def quick(picture: pygame.Surface) -> pygame.Surface:
    """Convert a picture to the pixel format of the display, which is much faster to draw."""
    return picture.convert_alpha() if pygame.display.get_surface() is not None else picture


@lru_cache(maxsize=512)
def _corners(radius: int, fill: tuple[int, ...], edge: tuple[int, ...] | None) -> pygame.Surface:
    side = 2 * radius + 2

    def draw(surface: pygame.Surface, factor: int) -> None:
        area = surface.get_rect()
        outer = edge or fill
        pygame.draw.rect(surface, outer, area, border_radius=radius * factor)
        if edge:
            inner = area.inflate(-2 * factor, -2 * factor)
            pygame.draw.rect(surface, fill, inner, border_radius=(radius - 1) * factor)

    return supersampled((side, side), draw)


@lru_cache(maxsize=512)
def rounded(
    width: int,
    height: int,
    radius: int,
    fill: tuple[int, ...],
    edge: tuple[int, ...] | None = None,
) -> pygame.Surface:
    """Return a rounded rectangle; colours may have an alpha; the edge is one pixel wide."""
    radius = max(1, min(radius, width // 2, height // 2))
    piece = _corners(radius, fill, edge)
    side = piece.get_width()
    made = pygame.Surface((width, height), pygame.SRCALPHA)
    if edge:
        made.fill(edge, (radius, 0, width - 2 * radius, height))
        made.fill(edge, (0, radius, width, height - 2 * radius))
    made.fill(fill, (radius, 1 if edge else 0, width - 2 * radius, height - (2 if edge else 0)))
    made.fill(fill, (1 if edge else 0, radius, width - (2 if edge else 0), height - 2 * radius))
    for x, y, from_x, from_y in (
        (0, 0, 0, 0),
        (width - radius, 0, side - radius, 0),
        (0, height - radius, 0, side - radius),
        (width - radius, height - radius, side - radius, side - radius),
    ):
        made.fill((0, 0, 0, 0), (x, y, radius, radius))
        made.blit(
            piece, (x, y), (from_x, from_y, radius, radius), special_flags=pygame.BLEND_RGBA_ADD
        )
    return made


def box(
    target: pygame.Surface,
    rect: pygame.Rect,
    fill: tuple[int, ...],
    *,
    edge: tuple[int, ...] | None = None,
    radius: int = 10,
) -> None:
    """Draw a rounded rectangle; nothing if the rect is empty."""
    if rect.width > 0 and rect.height > 0:
        target.blit(rounded(rect.width, rect.height, radius, fill, edge), rect)


@lru_cache(maxsize=256)
def disc(radius: int, fill: tuple[int, ...], edge: tuple[int, ...] | None = None) -> pygame.Surface:
    """Return a disc of a radius in pixels, with an edge of two pixels if wanted."""

    def draw(surface: pygame.Surface, factor: int) -> None:
        middle = (radius * factor, radius * factor)
        pygame.draw.circle(surface, edge or fill, middle, radius * factor)
        if edge:
            pygame.draw.circle(surface, fill, middle, (radius - 2) * factor)

    return supersampled((2 * radius, 2 * radius), draw)


@lru_cache(maxsize=512)
def ring(radius: int, thickness: int, colour: tuple[int, ...]) -> pygame.Surface:
    """Return a ring; ``radius`` is the outer one."""

    def draw(surface: pygame.Surface, factor: int) -> None:
        middle = (radius * factor, radius * factor)
        pygame.draw.circle(surface, colour, middle, radius * factor, thickness * factor)

    return supersampled((2 * radius, 2 * radius), draw)


@lru_cache(maxsize=64)
def glow(radius: int, colour: Colour) -> pygame.Surface:
    """Return a soft spot of light; draw it with ``BLEND_RGB_ADD``."""
    made = pygame.Surface((2 * radius, 2 * radius))
    for step in range(radius, 0, -1):
        share = (1 - step / radius) ** 2
        shade = [round(part * share) for part in colour]
        pygame.draw.circle(made, shade, (radius, radius), step)
    return made
