"""The window on screens of every size."""

from typing import Any

import pygame
import pytest

from client_demo.theme import BASE
from client_demo.window import GameWindow, _fitting, beside


@pytest.mark.parametrize("desktop", [BASE, (1920, 1080), (1280, 2000)])
def test_a_window_has_the_size_of_the_canvas_if_that_fits_the_screen(
    desktop: tuple[int, int],
) -> None:
    assert _fitting(desktop) == BASE


@pytest.mark.parametrize("desktop", [(960, 540), (1024, 768), (1366, 600), (1, 1)])
def test_a_window_is_never_larger_than_the_screen(desktop: tuple[int, int]) -> None:
    width, height = _fitting(desktop)
    assert (width, height) < BASE
    assert width <= desktop[0]
    assert height <= desktop[1]


@pytest.mark.parametrize("size", [BASE, (1920, 1080), (960, 540), (1000, 1000), (1500, 720)])
def test_the_canvas_fills_the_window_and_the_rest_is_black(
    window: GameWindow, size: tuple[int, int]
) -> None:
    screen = pygame.display.set_mode(size)
    screen.fill((255, 0, 0))
    window.canvas.fill((0, 200, 0))
    window.show()
    shown = pygame.Rect(0, 0, 0, 0)
    shown.size = min((size[0], size[0] * 720 // 1280), (size[1] * 1280 // 720, size[1]))
    shown.center = screen.get_rect().center
    for x in range(0, size[0], 37):
        for y in range(0, size[1], 37):
            inside = shown.inflate(-4, -4).collidepoint(x, y)
            if inside or not shown.inflate(4, 4).collidepoint(x, y):
                red, green, blue = screen.get_at((x, y))[:3]
                # Scaling rounds a plain colour down by a little.
                assert (red, blue, green > 190) == (0, 0, inside)
                assert inside or green == 0


@pytest.mark.parametrize("size", [(1920, 1080), (1000, 1000)])
def test_a_frame_is_scaled_directly_into_the_screen(
    window: GameWindow, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = pygame.display.set_mode(size)
    real = pygame.transform.smoothscale
    targets: list[Any] = []

    def noting(*args: Any) -> pygame.Surface:
        targets.append(args[2:])
        return real(*args)

    monkeypatch.setattr(pygame.transform, "smoothscale", noting)
    window.show()
    ((target,),) = targets
    assert target.get_parent() is screen


def test_the_bars_cover_everything_outside_the_area_exactly_once() -> None:
    whole, area = pygame.Rect(0, 0, 90, 70), pygame.Rect(10, 5, 60, 60)
    bars = beside(area, whole)
    assert sum(bar.width * bar.height for bar in bars) == 90 * 70 - 60 * 60
    assert not any(bar.colliderect(area) for bar in bars)
    assert beside(whole, whole) == []
