"""The text field, by what it draws and where a click puts its caret."""

import pygame

from client_demo.widgets.entry import EDGE, entry
from client_demo.widgets.line import TextLine
from client_demo.widgets.ui import Ui
from client_demo.window import GameWindow

FIELD = pygame.Rect(0, 0, 200, 40)
LONG = "ws://" + "far." * 30


def drawn(ui: Ui, text: str) -> bytes:
    """Draw a field and return the pixels at its left end."""
    ui.begin(1.0)
    entry(ui, "field", FIELD, text)
    ui.end()
    return pygame.image.tobytes(ui.surface.subsurface((EDGE, 0, 30, 40)), "RGB")


def test_without_the_focus_a_long_text_is_shown_from_its_beginning(window: GameWindow) -> None:
    ui = Ui(window.canvas)
    assert drawn(ui, LONG) == drawn(ui, "ws://far.")
    ui.focus = "field"
    assert drawn(ui, LONG) != drawn(ui, "ws://far.")


def test_a_click_puts_the_caret_where_the_text_was_shown(window: GameWindow) -> None:
    ui = Ui(window.canvas)
    drawn(ui, LONG)
    place = (EDGE + 2, 20)
    ui.take(pygame.event.Event(pygame.MOUSEBUTTONDOWN, button=1, pos=place), place)
    drawn(ui, LONG)
    line = ui.memory["field"]
    assert isinstance(line, TextLine)
    assert line.at == 0
