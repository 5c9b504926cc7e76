"""Tooltips: a sentence about the widget below the pointer, or with the keyboard focus.

Law: a tooltip covers no text of the layer that it belongs to.
"""

from collections.abc import Iterator
from typing import Final

import pygame

from client_demo import fonts
from client_demo.shapes import box
from client_demo.theme import BASE, SMALL
from client_demo.widgets.basic import broken, paragraph
from client_demo.widgets.ui import Tip, Ui

WIDTHS: Final = (320, 200, 120)
"""Largest widths of the text in pixels, best first: a narrow one finds room in a full screen."""
GAP: Final = 6
"""Pixels between a tooltip and what it stands beside."""
_STEP: Final = 16
"""Pixels from one place that is tried along a side to the next."""


def explain(ui: Ui, rect: pygame.Rect, text: str, key: str = "") -> None:
    """Show a sentence near a rect while the pointer is on it or widget ``key`` has the focus."""
    if text and (ui.over(rect) or (key and ui.focus_shown and ui.focused(key))):
        ui.tip = Tip(rect.clip(ui.surface.get_clip()), text, ui.layer, ui.dialog_box)


def draw_tip(ui: Ui) -> None:
    """Draw the tooltip of this frame over the screen, if there is one; call it last.

    The tooltip of a dialog stands beside its box: right, else left, else below. Elsewhere it stands
    above, below, right or left of its widget: at the first place that covers no text, or if there
    is none, where it covers the fewest.
    """
    if ui.tip is None:
        return
    rect = _place(ui, ui.tip)
    ui.layer += 1
    box(ui.surface, rect, ui.theme.hover, edge=ui.theme.line, radius=8)
    paragraph(ui, rect.inflate(-24, -12), ui.tip.text, size=SMALL)


def _place(ui: Ui, tip: Tip) -> pygame.Rect:
    canvas = pygame.Rect((0, 0), BASE).inflate(-8, -8)
    texts = [text.rect.clip(text.window) for text in ui.texts if text.layer >= tip.layer]
    best, fewest = canvas, len(texts) + 1
    for size in _sizes(tip.text):
        places = _beside_dialog(tip, size) if tip.dialog else _beside_widget(tip.anchor, size)
        for place in places:
            rect = place.clamp(canvas)
            covered = len(rect.collidelistall(texts))
            if not covered:
                return rect
            if covered < fewest:
                best, fewest = rect, covered
    return best


def _sizes(text: str) -> Iterator[tuple[int, int]]:
    """Yield the sizes of a tooltip in pixels, best first."""
    for width in WIDTHS:
        _, lines = broken(text, SMALL, (width, 200))
        widest = max(fonts.width(line, SMALL) for line in lines)
        yield min(width + 24, widest + 26), len(lines) * 16 + 16


def _beside_dialog(tip: Tip, size: tuple[int, int]) -> Iterator[pygame.Rect]:
    """Yield the places around the dialog of a tooltip, best first."""
    if tip.dialog is None:
        return
    level = tip.anchor.centery - size[1] // 2
    yield pygame.Rect((tip.dialog.right + GAP, level), size)
    yield pygame.Rect((tip.dialog.left - GAP - size[0], level), size)
    yield pygame.Rect((tip.dialog.centerx - size[0] // 2, tip.dialog.bottom + GAP), size)


def _beside_widget(anchor: pygame.Rect, size: tuple[int, int]) -> Iterator[pygame.Rect]:
    """Yield the places that touch a widget, best first: each side from its middle outwards."""
    wide, high = size
    for y in (anchor.top - GAP - high, anchor.bottom + GAP):
        for shift in _outwards((anchor.width + wide) // 2):
            yield pygame.Rect((anchor.centerx - wide // 2 + shift, y), size)
    for x in (anchor.right + GAP, anchor.left - GAP - wide):
        for shift in _outwards((anchor.height + high) // 2):
            yield pygame.Rect((x, anchor.centery - high // 2 + shift), size)


def _outwards(farthest: int) -> Iterator[int]:
    """Yield 0, then steps to both sides, less than ``farthest`` pixels away."""
    yield 0
    for shift in range(_STEP, farthest, _STEP):
        yield -shift
        yield shift
