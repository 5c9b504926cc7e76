"""The window, and the canvas of fixed size on which every screen is drawn.

Law: screens use the canvas of `BASE` pixels only. The window shows it scaled, with its aspect ratio
kept.
"""

from pathlib import Path

import pygame

from client_demo import fonts
from client_demo.theme import BASE


class GameWindow:
    """A resizable window, or the whole screen; invisible with SDL's dummy driver."""

    def __init__(self, *, fullscreen: bool) -> None:
        """Open the window; raises ``pygame.error`` if there is no screen."""
        pygame.init()
        fonts.forget()
        self._screen = _opened(fullscreen=fullscreen)
        self._fullscreen = fullscreen
        pygame.display.set_caption("Arena")
        pygame.key.set_repeat(350, 40)
        self.canvas = pygame.Surface(BASE).convert()

    def fill_screen(self, *, on: bool) -> None:
        """Switch between the whole screen and a window."""
        if on != self._fullscreen:
            self._screen = _opened(fullscreen=on)
            self._fullscreen = on

    def position(self, place: tuple[int, int]) -> tuple[int, int]:
        """Convert a point of the window to a point of the canvas; it may be outside of it."""
        area = self._area()
        x = (place[0] - area.x) * BASE[0] // max(1, area.width)
        y = (place[1] - area.y) * BASE[1] // max(1, area.height)
        return x, y

    def show(self) -> None:
        """Draw the scaled canvas into the window, with black bars beside it."""
        self._screen = pygame.display.get_surface() or self._screen
        area = self._area()
        for bar in beside(area, self._screen.get_rect()):
            self._screen.fill((0, 0, 0), bar)
        if area.size == BASE:
            self._screen.blit(self.canvas, area)
        elif self._screen.get_bitsize() == self.canvas.get_bitsize():
            # Scaled into the window's surface: a surface in between would double the cost.
            part = self._screen.subsurface(area)
            pygame.transform.smoothscale(self.canvas, area.size, part)
        else:
            self._screen.blit(pygame.transform.smoothscale(self.canvas, area.size), area)
        pygame.display.flip()

    def save(self, path: Path) -> None:
        """Save the canvas as a picture file; its folder is created if needed."""
        path.parent.mkdir(parents=True, exist_ok=True)
        pygame.image.save(self.canvas, path)

    def close(self) -> None:
        """Close the window and end pygame; fonts and surfaces are invalid then."""
        pygame.quit()

    def _area(self) -> pygame.Rect:
        width, height = self._screen.get_size()
        scale = min(width / BASE[0], height / BASE[1])
        area = pygame.Rect(0, 0, round(BASE[0] * scale), round(BASE[1] * scale))
        area.center = (width // 2, height // 2)
        return area


def beside(area: pygame.Rect, whole: pygame.Rect) -> list[pygame.Rect]:
    """Return the parts of a rect that an area in it does not cover: up to four bars."""
    above = pygame.Rect(whole.x, whole.y, whole.width, area.y - whole.y)
    below = pygame.Rect(whole.x, area.bottom, whole.width, whole.bottom - area.bottom)
    left = pygame.Rect(whole.x, area.y, area.x - whole.x, area.height)
    right = pygame.Rect(area.right, area.y, whole.right - area.right, area.height)
    return [part for part in (above, below, left, right) if part.width > 0 and part.height > 0]


def _opened(*, fullscreen: bool) -> pygame.Surface:
    flags = pygame.FULLSCREEN if fullscreen else pygame.RESIZABLE
    return pygame.display.set_mode((0, 0) if fullscreen else _fitting(_desktop()), flags)


def _desktop() -> tuple[int, int]:
    """Return the size of the smallest screen: the window may open on any screen."""
    return min(pygame.display.get_desktop_sizes(), default=BASE)


def _fitting(desktop: tuple[int, int]) -> tuple[int, int]:
    """Return the size of a window that fits a screen: that of the canvas, or smaller."""
    scale = min(1.0, desktop[0] / BASE[0], desktop[1] / BASE[1])
    return max(1, round(BASE[0] * scale)), max(1, round(BASE[1] * scale))
