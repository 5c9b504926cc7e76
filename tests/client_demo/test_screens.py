"""Rules for all screens and dialogs outside the match, measured on the drawn texts."""

import itertools

import pygame
import pytest

from client_demo.screens import overlays
from client_demo.theme import BASE
from client_demo.widgets import tip
from client_demo.widgets.basic import SMALLEST
from client_demo.widgets.ui import DrawnText, Ui
from client_demo.window import GameWindow
from tests.client_demo import gallery

SCENES = dict(gallery.scenes())
SIZES = ((1280, 720), (960, 540))
READABLE = 9
"""Fewest pixels of the window that letters may be high."""


def written(window: GameWindow, name: str) -> list[DrawnText]:
    """Return what a scene writes in its second frame, when all sizes have settled."""
    ui = Ui(window.canvas)
    for _ in range(2):
        gallery.frame(ui, SCENES[name])
    assert ui.texts
    return list(ui.texts)


@pytest.mark.parametrize("name", SCENES)
def test_no_text_is_cut(window: GameWindow, name: str) -> None:
    assert [text.meant for text in written(window, name) if text.shown != text.meant] == []


@pytest.mark.parametrize("name", SCENES)
def test_no_text_exceeds_its_area(window: GameWindow, name: str) -> None:
    canvas = pygame.Rect((0, 0), BASE)
    for text in written(window, name):
        if not text.rect.colliderect(text.window):
            continue  # scrolled out of a list
        assert text.window.left <= text.rect.left, text
        assert text.rect.right <= text.window.right, text
        if text.window == canvas:
            assert canvas.contains(text.rect), text


@pytest.mark.parametrize("name", SCENES)
def test_no_text_overlaps_another(window: GameWindow, name: str) -> None:
    seen = [(t, t.rect.clip(t.window)) for t in written(window, name)]
    shown = [(t, rect.inflate(-2, -10)) for t, rect in seen if rect.height > 10]
    for (one, here), (other, there) in itertools.combinations(shown, 2):
        if one.layer == other.layer:
            assert not here.colliderect(there), (one.shown, other.shown)


@pytest.mark.parametrize("size", SIZES)
def test_the_smallest_letters_can_be_read_in_a_window_of_any_size(size: tuple[int, int]) -> None:
    assert SMALLEST * min(size[0] / BASE[0], size[1] / BASE[1]) >= READABLE


@pytest.mark.parametrize("size", SIZES)
def test_a_window_shows_the_whole_canvas(window: GameWindow, size: tuple[int, int]) -> None:
    pygame.display.set_mode(size, pygame.RESIZABLE)
    window.canvas.fill((0, 0, 0))
    for corner in ((0, 0), (BASE[0] - 8, 0), (0, BASE[1] - 8), (BASE[0] - 8, BASE[1] - 8)):
        window.canvas.fill((255, 255, 255), (corner, (8, 8)))
    window.show()
    shown = pygame.display.get_surface()
    assert shown is not None
    assert shown.get_size() == size
    for x, y in itertools.product((2, size[0] - 3), (2, size[1] - 3)):
        assert min(shown.get_at((x, y))[:3]) > 240


def named(texts: list[DrawnText], shown: str) -> pygame.Rect:
    return next(text.rect for text in texts if text.shown == shown)


@pytest.mark.parametrize(
    "name", ["room-host-ban", "room-host-transfer", "link-lost", "link-no-seat", "link-not-found"]
)
def test_a_dialog_is_no_higher_than_its_words_need(window: GameWindow, name: str) -> None:
    texts = written(window, name)
    top = max(text.layer for text in texts)
    rects = sorted((text.rect for text in texts if text.layer == top), key=lambda rect: rect.y)
    gaps = [below.top - above.bottom for above, below in itertools.pairwise(rects)]
    assert max(gaps) <= 75


def test_the_number_of_a_team_stands_with_its_name(window: GameWindow) -> None:
    texts = written(window, "room-many-teams")
    teal, amber, number = (named(texts, shown) for shown in ("Teal", "Amber", "10"))
    assert number.centery == pytest.approx(teal.centery, abs=2)
    assert number.left - teal.right < amber.left - number.right


def test_a_key_stands_at_the_height_of_its_action(window: GameWindow) -> None:
    texts = written(window, "settings")
    for action, key in (("Move up", "W"), ("Dash", "Left shift"), ("Scoreboard", "Tab")):
        assert named(texts, action).centery == pytest.approx(named(texts, key).centery, abs=1)


def test_the_rows_of_a_long_name_begin_below_each_other(window: GameWindow) -> None:
    texts = [text for text in written(window, "room-chat-wide") if set(text.shown) == {"W"}]
    assert len(texts) > 4
    for above, below in itertools.pairwise(texts):
        if above.rect.width > below.rect.width:  # of the same name
            assert below.rect.left == above.rect.left


@pytest.mark.parametrize(
    ("name", "words"),
    [("toast", "The host has locked this lobby."), ("room-tip", "Let nobody new in.")],
)
def test_a_notice_is_no_wider_than_its_words_need(
    window: GameWindow, monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    boxes: list[pygame.Rect] = []
    for module in (overlays, tip):
        monkeypatch.setattr(module, "box", lambda _surface, rect, *_, **__: boxes.append(rect))
    text = named(written(window, name), words)
    assert text.width + 20 <= boxes[-1].width <= text.width + 70


@pytest.mark.parametrize("name", ["browser-alone", "browser-no-lobby", "browser-asking"])
def test_an_empty_list_has_neither_columns_nor_a_number(window: GameWindow, name: str) -> None:
    shown = {text.shown for text in written(window, name)}
    assert shown.isdisjoint({"0 of 0", "Players", "State"})
