import os
from collections.abc import Iterator
from pathlib import Path

import attrs
import pygame
import pytest

from client_demo import fonts
from client_demo.app import App
from client_demo.gallery import fight
from client_demo.hud.lesson import TEXTS
from client_demo.settings_file import PlayerSettings, load_settings
from client_demo.theme import Colour
from client_demo.views.matchview import MatchView
from client_demo.window import GameWindow
from gameserver.client import Conditions
from gameserver.game.maps.shipped import shipped_maps
from gameserver.game.maps.tiled import load_maps

MAPS = load_maps(shipped_maps())
FIGHT = fight(MAPS["foundry"], "dm", 4)


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[App]:
    monkeypatch.setitem(os.environ, "SDL_VIDEODRIVER", "dummy")
    monkeypatch.setitem(os.environ, "SDL_AUDIODRIVER", "dummy")
    window = GameWindow(fullscreen=False)
    yield App(PlayerSettings("Ann"), tmp_path / "client.json", MAPS, Conditions(), window)
    window.close()


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    shown: list[str] = []
    real = fonts.render

    def noting(text: str, size: int, colour: Colour, *, bold: bool = False) -> pygame.Surface:
        shown.append(text)
        return real(text, size, colour, bold=bold)

    monkeypatch.setattr(fonts, "render", noting)
    return shown


def draw(app: App, texts: list[str], view: MatchView = FIGHT) -> set[str]:
    texts.clear()
    app.ui.begin(app.ui.time + 1 / 60)
    app._draw_match(view)
    app.ui.end()
    return set(texts)


def press_fire(app: App) -> None:
    app.controls.take(pygame.Event(pygame.MOUSEBUTTONDOWN, button=1, pos=(900, 300)))


def test_a_used_control_disappears_from_the_list_for_good(
    app: App, texts: list[str], tmp_path: Path
) -> None:
    assert set(TEXTS.values()) <= draw(app, texts)
    press_fire(app)
    draw(app, texts)
    assert set(TEXTS.values()) - draw(app, texts) == {TEXTS["fire"]}
    kept = load_settings(tmp_path / "client.json")
    assert kept.learned == "fire"
    again = App(kept, None, MAPS, Conditions(), app.window)
    assert TEXTS["fire"] not in draw(again, texts)


def test_firing_before_play_begins_does_not_count_as_used(app: App, texts: list[str]) -> None:
    press_fire(app)
    draw(app, texts, attrs.evolve(FIGHT, starts_in_s=2.0))
    assert app.settings.learned == ""


def test_a_player_who_used_all_controls_sees_no_list(app: App, texts: list[str]) -> None:
    knows = attrs.evolve(app.settings, learned=" ".join(TEXTS))
    again = App(knows, None, MAPS, Conditions(), app.window)
    assert "TRY IT" not in draw(again, texts)


def test_a_spectator_sees_no_list_of_controls(app: App, texts: list[str]) -> None:
    fighters = tuple(attrs.evolve(fighter, own=False) for fighter in FIGHT.fighters)
    shown = draw(app, texts, attrs.evolve(FIGHT, own=None, fighters=fighters))
    assert "TRY IT" not in shown
    assert "Watching" in shown
