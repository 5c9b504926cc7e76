"""The display over the field, measured as it is drawn."""

import pytest

from client_demo.hud import meters
from client_demo.hud.announce import draw_banner
from client_demo.hud.layout import BANNER
from client_demo.views.matchview import LineView, MatchView, OwnView
from client_demo.widgets.ui import Ui
from client_demo.window import GameWindow
from tests.arena.field import a_map


def test_a_weapon_without_ammunition_does_not_look_ready(
    window: GameWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares: list[float] = []
    monkeypatch.setattr(meters, "bar", lambda _ui, _rect, share, _colour: shares.append(share))
    ui = Ui(window.canvas)
    for own in (OwnView(ammo=0, rockets=0), OwnView(ammo=3, rockets=1)):
        meters.draw_meters(ui, own)
    _, empty_rifle, no_rocket, _, _, rifle, rocket, _ = shares
    assert (empty_rifle, no_rocket, rifle, rocket) == (0, 0, 1, 1)


def test_a_sentence_of_two_lines_keeps_off_the_border_of_its_box(window: GameWindow) -> None:
    ui = Ui(window.canvas)
    words = "Your connection is too slow for this game: 2.6 s to the server and back."
    draw_banner(ui, MatchView(a_map(), "dm", line=LineView(trouble=words)), None)
    assert len(ui.texts) == 2
    lines = [text.rect.inflate(0, -6) for text in ui.texts]  # letters are lower than their rows
    assert lines[0].top - BANNER.top >= 4
    assert BANNER.bottom - lines[1].bottom >= 4
