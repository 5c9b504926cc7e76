"""Tooltips of all screens and dialogs: where they stand, and what they leave readable."""

import pygame
import pytest

from client_demo.theme import BASE
from client_demo.widgets import tip
from client_demo.widgets.ui import DrawnText, Tip, Ui
from client_demo.window import GameWindow
from tests.client_demo import gallery

SCENES = dict(gallery.scenes())
MENU = "match-pause"


def explained(window: GameWindow, name: str) -> list[Tip]:
    """Return the tooltips that a scene has anywhere."""
    found: list[Tip] = []

    def over(ui: Ui, rect: pygame.Rect) -> bool:
        return ui.usable and bool(rect.clip(ui.surface.get_clip()))

    def collect(*of: object) -> Tip:
        found.append(Tip(*of))
        return found[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ui, "over", over)
        patch.setattr(tip, "Tip", collect)
        ui = Ui(window.canvas)
        ui.begin(10.0)
        SCENES[name](ui)
        ui.end()
    return found


def pointed(window: GameWindow, name: str, at: Tip) -> tuple[pygame.Rect, list[DrawnText]]:
    """Return where the tooltip of a widget stands, and what else is written in its layer."""
    boxes: list[pygame.Rect] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tip, "box", lambda _surface, rect, *_, **__: boxes.append(rect))
        ui = Ui(window.canvas)
        for _ in range(2):
            ui.mouse = at.anchor.center
            gallery.frame(ui, SCENES[name])
    own = ui.layer  # `draw_tip` was last
    return boxes[-1], [text for text in ui.texts if at.layer <= text.layer < own]


@pytest.mark.parametrize("name", [name for name in SCENES if not name.endswith("-tip")])
def test_no_tooltip_covers_a_text_of_its_screen_or_dialog(window: GameWindow, name: str) -> None:
    for one in explained(window, name):
        rect, texts = pointed(window, name, one)
        assert pygame.Rect((0, 0), BASE).contains(rect)
        shown = [(text.shown, text.rect.clip(text.window)) for text in texts]
        assert [text for text, place in shown if place.colliderect(rect)] == [], one


def test_the_screens_and_the_pause_menu_have_tooltips(window: GameWindow) -> None:
    assert len(explained(window, MENU)) == 2
    assert len(explained(window, "room-host")) > 5
    assert len(explained(window, "create")) > 5


def test_the_tooltip_of_a_dialog_stands_right_of_it_at_the_height_of_its_widget(
    window: GameWindow,
) -> None:
    for one in explained(window, MENU):
        rect, _ = pointed(window, MENU, one)
        assert one.dialog is not None
        assert rect.left == one.dialog.right + tip.GAP
        assert rect.centery == pytest.approx(one.anchor.centery, abs=1)


@pytest.mark.parametrize(
    ("dialog", "side"),
    [((500, 200, 500, 300), "left"), ((20, 200, 1240, 300), "below")],
)
def test_a_tooltip_without_room_right_of_its_dialog_stands_left_or_below(
    window: GameWindow, dialog: tuple[int, int, int, int], side: str
) -> None:
    border = pygame.Rect(dialog)
    ui = Ui(window.canvas)
    ui.begin(10.0)
    anchor = border.inflate(-100, -200)
    ui.texts.append(DrawnText(border, "words", "words", pygame.Rect((0, 0), BASE), 0))
    ui.tip = Tip(anchor, "A sentence that says what this does, in some detail.", 0, border)
    tip.draw_tip(ui)
    rect = ui.texts[-1].rect
    assert rect.right < border.left if side == "left" else rect.top > border.bottom
