"""The window, and the canvas that every screen is drawn on at one size.

Law: screens know 1280 x 720 and nothing else; the window shows the canvas scaled, its shape kept.
"""

from pathlib import Path

import pygame

from client_demo import fonts
from client_demo.theme import BASE


class GameWindow:
    """A resizable window, or none at all where SDL's dummy driver is set."""

    def __init__(self, *, fullscreen: bool) -> None:
        """Open the window."""
        pygame.init()
        fonts.forget()
        self._screen = _opened(fullscreen=fullscreen)
        self._fullscreen = fullscreen
        pygame.display.set_caption("Arena")
        pygame.key.set_repeat(350, 40)
        self.canvas = pygame.Surface(BASE).convert()

    def fill_screen(self, *, on: bool) -> None:
        """Fill the whole screen, or go back to a window."""
        if on != self._fullscreen:
            self._screen = _opened(fullscreen=on)
            self._fullscreen = on

    def position(self, place: tuple[int, int]) -> tuple[int, int]:
        """Return where a point of the window is on the canvas."""
        area = self._area()
        x = (place[0] - area.x) * BASE[0] // max(1, area.width)
        y = (place[1] - area.y) * BASE[1] // max(1, area.height)
        return x, y

    def show(self) -> None:
        """Bring the canvas to the screen."""
        self._screen = pygame.display.get_surface() or self._screen
        area = self._area()
        for bar in beside(area, self._screen.get_rect()):
            self._screen.fill((0, 0, 0), bar)
        if area.size == BASE:
            self._screen.blit(self.canvas, area)
        elif self._screen.get_bitsize() == self.canvas.get_bitsize():
            # Scaled into the screen itself: an own surface of that size costs as much again.
            part = self._screen.subsurface(area)
            pygame.transform.smoothscale(self.canvas, area.size, part)
        else:
            self._screen.blit(pygame.transform.smoothscale(self.canvas, area.size), area)
        pygame.display.flip()

    def save(self, path: Path) -> None:
        """Write what is on the canvas as a picture."""
        path.parent.mkdir(parents=True, exist_ok=True)
        pygame.image.save(self.canvas, path)

    def close(self) -> None:
        """Close the window."""
        pygame.quit()

    def _area(self) -> pygame.Rect:
        width, height = self._screen.get_size()
        scale = min(width / BASE[0], height / BASE[1])
        area = pygame.Rect(0, 0, round(BASE[0] * scale), round(BASE[1] * scale))
        area.center = (width // 2, height // 2)
        return area


def beside(area: pygame.Rect, whole: pygame.Rect) -> list[pygame.Rect]:
    """Return the parts of a surface that an area in it leaves free, as far as there are any."""
    above = pygame.Rect(whole.x, whole.y, whole.width, area.y - whole.y)
    below = pygame.Rect(whole.x, area.bottom, whole.width, whole.bottom - area.bottom)
    left = pygame.Rect(whole.x, area.y, area.x - whole.x, area.height)
    right = pygame.Rect(area.right, area.y, whole.right - area.right, area.height)
    return [part for part in (above, below, left, right) if part.width > 0 and part.height > 0]


def _opened(*, fullscreen: bool) -> pygame.Surface:
    flags = pygame.FULLSCREEN if fullscreen else pygame.RESIZABLE
    return pygame.display.set_mode((0, 0) if fullscreen else _fitting(_desktop()), flags)


def _desktop() -> tuple[int, int]:
    """Return the size of the smallest screen, on any of which the window may come up."""
    return min(pygame.display.get_desktop_sizes(), default=BASE)


def _fitting(desktop: tuple[int, int]) -> tuple[int, int]:
    """Return the size of a window that a screen shows whole: the canvas's, or smaller."""
    scale = min(1.0, desktop[0] / BASE[0], desktop[1] / BASE[1])
    return max(1, round(BASE[0] * scale)), max(1, round(BASE[1] * scale))
