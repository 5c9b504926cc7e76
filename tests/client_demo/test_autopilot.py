import os
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from client_demo.app import App
from client_demo.autopilot import Autopilot
from client_demo.session import Session
from client_demo.settings_file import Settings
from client_demo.window import Window
from gameserver.client import ClientSettings, Conditions


class CountingWindow(Window):
    saved = 0

    def save(self, path: Path) -> None:
        super().save(path)
        self.saved += 1


@attrs.define(eq=False)
class NoServer(Session):
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
    app = App(Settings("Ann", "ws://host"), None, {}, Conditions(), window, pilot, session)
    session.app.append(app)
    await app.run()
    assert session.wanted == [("ws://host", "Ann")]
    assert window.saved == 2 * with_pictures
