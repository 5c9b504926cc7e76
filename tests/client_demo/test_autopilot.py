import os
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from client_demo.app import App
from client_demo.autopilot import LOOK_S, Autopilot, ScreenSeen
from client_demo.intents import (
    CloseSettings,
    FillForm,
    Intent,
    OpenSettings,
    Quit,
    SavePicture,
    ShowNetGraph,
)
from client_demo.session import PlayerSession
from client_demo.settings_file import PlayerSettings
from client_demo.views.screens import ConnectView, CreateView
from client_demo.widgets.ui import Ui
from client_demo.window import GameWindow
from gameserver.client import ClientSettings, Conditions
from tests.client_demo.gallery import FORM


class CountingWindow(GameWindow):
    saved = 0

    def save(self, path: Path) -> None:
        super().save(path)
        self.saved += 1


@attrs.define(eq=False)
class NoServer(PlayerSession):
    """Notes who wanted to connect, and ends the program."""

    app: list[App] = attrs.field(factory=list)
    wanted: list[tuple[str, str]] = attrs.field(factory=list)

    async def run(self, url: str, name: str, settings: ClientSettings) -> None:
        assert settings.client == "client_demo"
        self.wanted.append((url, name))
        self.app[0].quit()


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> Iterator[CountingWindow]:
    monkeypatch.setitem(os.environ, "SDL_VIDEODRIVER", "dummy")
    monkeypatch.setitem(os.environ, "SDL_AUDIODRIVER", "dummy")
    made = CountingWindow(fullscreen=False)
    yield made
    made.close()


@pytest.mark.parametrize("with_pictures", [False, True])
@pytest.mark.usefixtures("autojump_clock")
async def test_an_autopilot_connects_with_pictures_and_without(
    window: CountingWindow, tmp_path: Path, *, with_pictures: bool
) -> None:
    session = NoServer()
    pilot = Autopilot(8, tmp_path if with_pictures else None)
    app = App(PlayerSettings("Ann", "ws://host"), None, {}, Conditions(), window, pilot, session)
    session.app.append(app)
    await app.run()
    assert session.wanted == [("ws://host", "Ann")]
    assert window.saved == 2 * with_pictures


def steered(pilot: Autopilot, seen: ScreenSeen, window: GameWindow) -> list[Intent]:
    emitted: list[Intent] = []
    pilot.steer(Ui(window.canvas), seen, emitted.append)
    return emitted


CONNECT = ConnectView("ws://host", "Ann")


def test_an_autopilot_returns_intents(window: CountingWindow, tmp_path: Path) -> None:
    pilot = Autopilot(60, tmp_path)
    assert steered(pilot, ScreenSeen(CONNECT, 0.0), window) == []
    looked = 1.1 * LOOK_S
    picture = SavePicture(tmp_path / "01-connect.png")
    assert steered(pilot, ScreenSeen(CONNECT, looked), window) == [picture, OpenSettings()]
    assert steered(pilot, ScreenSeen(CONNECT, looked, in_settings=True), window) == []
    picture = SavePicture(tmp_path / "02-settings.png")
    leaves = steered(pilot, ScreenSeen(CONNECT, 2 * looked, in_settings=True), window)
    assert leaves == [picture, CloseSettings()]
    assert steered(pilot, ScreenSeen(CONNECT, 60.0), window) == [Quit()]


def test_an_autopilot_fills_the_form_with_a_short_match(window: CountingWindow) -> None:
    view = CreateView(FORM, {})
    (filled,) = steered(Autopilot(60), ScreenSeen(view, 0.0), window)
    assert isinstance(filled, FillForm)
    assert filled.config.options["time_limit_s"] == 30
    assert filled.config.bots == 4


@pytest.mark.usefixtures("autojump_clock")
async def test_the_application_carries_out_what_an_autopilot_asks_for(
    window: CountingWindow, tmp_path: Path
) -> None:
    app = App(PlayerSettings("Ann"), None, {}, Conditions(), window)
    for intent, opened in ((OpenSettings(), True), (CloseSettings(), False)):
        app.do(intent)
        assert app.in_settings is opened
    for on in (True, False):
        app.do(ShowNetGraph(on))
        assert app.settings.net_graph is on
    app.do(SavePicture(tmp_path / "now.png"))
    assert (tmp_path / "now.png").is_file()
