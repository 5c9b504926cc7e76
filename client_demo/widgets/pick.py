"""Widgets for one of many values: steppers and sliders; and scrolled areas."""

from collections.abc import Iterator
from contextlib import contextmanager

import pygame

from client_demo.shapes import box, disc
from client_demo.theme import BODY, RADIUS
from client_demo.widgets.basic import Align, fits, focus_ring, paragraph, segments
from client_demo.widgets.ui import Ui


def stepper(ui: Ui, key: str, rect: pygame.Rect, text: str) -> int:
    """Draw a value between two arrows; return the step: -1, 0 or 1."""
    theme = ui.theme
    box(ui.surface, rect, theme.background, edge=theme.line, radius=RADIUS)
    step = 0
    for direction, left in ((-1, rect.x), (1, rect.right - rect.height)):
        part = pygame.Rect(left, rect.y, rect.height, rect.height)
        if ui.over(part):
            box(ui.surface, part.inflate(-6, -6), theme.raised, radius=7)
        _arrow(ui, part.center, direction)
        if ui.clicked(f"{key}{'-' if direction < 0 else '+'}", part):
            step, ui.focus = direction, key
    ui.reachable(key, rect)
    focus_ring(ui, key, rect)
    if ui.focused(key):
        step += ui.typed(pygame.K_RIGHT) - ui.typed(pygame.K_LEFT)
    room = rect.inflate(-2 * rect.height, -4)
    paragraph(ui, room, text, size=BODY, align=Align.MIDDLE)
    return step


def one_of(
    ui: Ui, key: str, rect: pygame.Rect, texts: tuple[str, ...], chosen: int, *, size: int = BODY
) -> int:
    """Draw choices as `segments`, or as a `stepper` if they do not fit; return the chosen index."""
    part = ((rect.width - 6) // max(1, len(texts)) - 8, rect.height - 6)
    if all(fits(text, size, part, bold=True) for text in texts):
        return segments(ui, key, rect, texts, chosen, size=size)
    step = stepper(ui, key, rect, texts[chosen] if texts else "")
    return (chosen + step) % max(1, len(texts))


def _arrow(ui: Ui, middle: tuple[int, int], direction: int) -> None:
    x, y = middle
    colour = ui.theme.text
    points = [(x - 2 * direction, y - 5), (x + 3 * direction, y), (x - 2 * direction, y + 5)]
    pygame.draw.lines(ui.surface, colour, False, points, 2)


def slider(
    ui: Ui, key: str, rect: pygame.Rect, value: int, lo: int, hi: int, *, step: int = 1
) -> int:
    """Draw a slider for an integer from ``lo`` to ``hi``; return its value."""
    theme = ui.theme
    track = pygame.Rect(rect.x + 8, rect.centery - 3, rect.width - 16, 6)
    value = max(lo, min(hi, value))
    share = (value - lo) / max(1, hi - lo)
    box(ui.surface, track, theme.hover, radius=3)
    if lo == hi:
        return lo
    filled = pygame.Rect(track.x, track.y, max(6, round(track.width * share)), 6)
    box(ui.surface, filled, theme.accent, radius=3)
    knob = (track.x + round(track.width * share), track.centery)
    ui.surface.blit(disc(9, theme.text), (knob[0] - 9, knob[1] - 9))
    ui.reachable(key, rect)
    focus_ring(ui, key, rect)
    if ui.over(rect) and ui.went_down:
        ui.active = ui.focus = key
    if ui.active == key and (ui.down or ui.went_down):
        at = (ui.mouse[0] - track.x) / max(1, track.width)
        value = lo + round(at * (hi - lo) / step) * step
    if ui.focused(key):
        value += step * (ui.typed(pygame.K_RIGHT) - ui.typed(pygame.K_LEFT))
    return max(lo, min(hi, value))


@contextmanager
def scrolled(
    ui: Ui, key: str, rect: pygame.Rect, height: int, *, stick: bool = False
) -> Iterator[int]:
    """Clip drawing to a rect and draw a scroll bar; yields the y at which the content starts.

    Args:
        ui: The canvas, the wheel and the memory of the position.
        key: Name under which the position is remembered.
        rect: The visible area.
        height: Height of the whole content.
        stick: Stay at the end while the content grows, until the player scrolls up.
    """
    hidden = max(0, height - rect.height)
    known = ui.memory.get(key)
    offset = known if isinstance(known, int) else (hidden if stick else 0)
    old_hidden = ui.memory.get(f"{key}.hidden")
    if stick and isinstance(old_hidden, int) and offset >= old_hidden:
        offset = hidden
    if ui.over(rect):
        offset -= ui.wheel * 48
    offset = max(0, min(hidden, offset))
    ui.memory[key], ui.memory[f"{key}.hidden"] = offset, hidden
    before = ui.surface.get_clip()
    ui.surface.set_clip(rect.inflate(8, 0).clip(before))
    reached = ui.reached
    yield rect.y - offset
    ui.surface.set_clip(before)
    if ui.focus_shown and (at := ui.focus_since(reached)) is not None:
        # In the next frame the focused widget is visible.
        offset += min(0, at.top - rect.top) + max(0, at.bottom - rect.bottom)
        ui.memory[key] = max(0, min(hidden, offset))
    if hidden:
        length = max(24, rect.height * rect.height // height)
        top = rect.y + (rect.height - length) * offset // hidden
        box(ui.surface, pygame.Rect(rect.right + 6, top, 4, length), ui.theme.line, radius=2)
