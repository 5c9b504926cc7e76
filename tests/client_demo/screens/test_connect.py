"""The first screen."""

from client_demo.screens.connect import ConnectScreen
from client_demo.views.screens import ConnectView
from client_demo.widgets.ui import Ui
from client_demo.window import GameWindow


def test_without_an_address_the_screen_asks_for_it_and_shows_no_earlier_error(
    window: GameWindow,
) -> None:
    ui = Ui(window.canvas)
    screen = ConnectScreen()
    for url, said in (("old", "'old' is no address."), ("", "Write the server's address")):
        ui.texts.clear()
        screen.draw(
            ui, ConnectView(name="Zoe", url=url, error="'old' is no address."), lambda _: None
        )
        words = " ".join(text.shown for text in ui.texts)
        assert said in words
        assert ("is no address" in words) == bool(url)
