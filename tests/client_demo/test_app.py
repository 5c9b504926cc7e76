"""The application from frame to frame: input of one screen must not act on the next."""

import attrs
import pygame
import pytest
import trio

from client_demo.app import App
from client_demo.gallery import fight
from client_demo.intents import Connect, OpenForm
from client_demo.screens.browser import BrowserScreen
from client_demo.screens.connect import ConnectScreen
from client_demo.screens.match import MatchScreen, Shows
from client_demo.screens.password import PasswordDialog
from client_demo.screens.room import RoomScreen
from client_demo.screens.settings import SettingsScreen
from client_demo.session import PlayerSession
from client_demo.settings_file import PlayerSettings
from client_demo.views import cues
from client_demo.views.screens import ConnectView, RoomView
from client_demo.widgets.entry import entry
from client_demo.widgets.ui import Typed, Ui
from client_demo.window import GameWindow
from gameserver.client import ClientSettings, Conditions
from gameserver.game.maps.shipped import shipped_maps
from gameserver.game.maps.tiled import load_maps
from gameserver.ids import LobbyId
from gameserver.messages.lobby import ConfigureLobby, CreateLobby, JoinLobby
from tests.client_demo import gallery

MAPS = load_maps(shipped_maps())
OWN = (640.0, 360.0)


@pytest.fixture
def app(window: GameWindow) -> App:
    pygame.event.clear()
    return App(PlayerSettings("Zoe"), None, MAPS, Conditions(), window)


def key(kind: int, code: int, place: int) -> pygame.Event:
    return pygame.Event(kind, key=code, scancode=place, mod=0, unicode="")


async def test_a_press_in_a_menu_does_not_fire_in_the_match(app: App) -> None:
    for event in (
        key(pygame.KEYDOWN, pygame.K_SPACE, pygame.KSCAN_SPACE),
        key(pygame.KEYDOWN, pygame.K_LSHIFT, pygame.KSCAN_LSHIFT),
        pygame.Event(pygame.MOUSEBUTTONDOWN, button=pygame.BUTTON_RIGHT, pos=(9, 9)),
    ):
        pygame.event.post(event)
    app.frame(0.0)
    assert isinstance(app.shown, ConnectView)
    held = app.controls.hold((0, 0), OWN)
    assert (held.rocket, held.dash) == (False, False)


def click(app: App, key: str, now: float) -> None:
    """Click a widget of the last frame: down in one frame, up in the next."""
    place = dict(app.ui._order)[key].center
    for kind in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
        app.ui.take(pygame.Event(kind, button=pygame.BUTTON_LEFT, pos=place), place)
        app.frame(now)


async def test_the_last_click_of_a_match_presses_nothing_on_the_screen_that_follows(
    app: App,
) -> None:
    app.frame(0.0)
    app.shown = fight(MAPS["courtyard"], "dm", 6)
    click(app, "connect.settings", 1.0)
    app.ui.focus = "connect.settings"
    pygame.event.post(key(pygame.KEYDOWN, pygame.K_SPACE, pygame.KSCAN_SPACE))
    app.frame(1.1)
    assert not app.in_settings
    click(app, "connect.settings", 1.5)
    assert app.in_settings


async def test_a_held_key_activates_a_widget_once(app: App) -> None:
    opened = []
    for _ in range(3):
        pygame.event.post(key(pygame.KEYDOWN, pygame.K_RETURN, pygame.KSCAN_RETURN))
        app.ui.focus = "connect.settings"
        app.frame(0.0)
        opened.append(app.in_settings)
        app.in_settings = False
    assert opened == [True, False, False]
    pygame.event.post(key(pygame.KEYUP, pygame.K_RETURN, pygame.KSCAN_RETURN))
    pygame.event.post(key(pygame.KEYDOWN, pygame.K_RETURN, pygame.KSCAN_RETURN))
    app.ui.focus = "connect.settings"
    app.frame(0.0)
    assert app.in_settings


def test_a_held_letter_key_repeats(window: GameWindow) -> None:
    ui, text = Ui(window.canvas), "abc"
    ui.focus = "field"
    for _ in range(2):
        ui.take(key(pygame.KEYDOWN, pygame.K_BACKSPACE, pygame.KSCAN_BACKSPACE), (0, 0))
        ui.begin(0.0)
        text = entry(ui, "field", pygame.Rect(0, 0, 200, 40), text)
        ui.end()
    assert text == "a"


def test_typing_continues_at_the_end_of_a_text_set_by_the_screen(window: GameWindow) -> None:
    ui = Ui(window.canvas)
    ui.focus = "field"
    for given, typed, wanted in (("", "", ""), ("Bo: ", "hi", "Bo: hi")):
        ui.text = typed
        ui.begin(0.0)
        assert entry(ui, "field", pygame.Rect(0, 0, 200, 40), given) == wanted
        ui.end()


def test_a_button_of_a_gamepad_cannot_be_bound_to_a_control(window: GameWindow) -> None:
    ui, screen, settings = Ui(window.canvas), SettingsScreen(waiting="dash"), PlayerSettings()
    ui.keys.append(Typed(pygame.K_RETURN, 0))
    ui.begin(0.0)
    assert screen.draw(ui, settings) == settings
    assert screen.waiting == "dash"


def test_a_name_that_was_changed_in_the_settings_is_on_the_first_screen(window: GameWindow) -> None:
    ui, screen, said = Ui(window.canvas), ConnectScreen(), list[object]()
    for name, pressed in (("Ann", ""), ("Bo", "connect.go")):
        ui.press(pressed)
        ui.begin(0.0)
        screen.draw(ui, ConnectView("ws://here:1", name), said.append)
        ui.end()
    assert said == [Connect("ws://here:1", "Bo")]


def test_an_accepted_password_is_not_asked_for_again() -> None:
    dialog = PasswordDialog()
    screen = BrowserScreen(password=dialog)
    dialog.open(JoinLobby(LobbyId("l")), "Den")
    dialog.password = "sesame"
    screen.let_in()
    assert not screen.asks_password
    assert dialog.password == ""


def test_nothing_typed_or_chosen_in_a_lobby_is_kept_in_the_next(window: GameWindow) -> None:
    ui, screen = Ui(window.canvas), RoomScreen()
    lobby = gallery.lobby()
    screen.chat.draft = "to them"
    for lobby_id, draft in (("one", "to them"), ("other", "")):
        state = attrs.evolve(lobby, lobby_id=LobbyId(lobby_id))
        ui.begin(0.0)
        screen.draw(ui, RoomView(state, gallery.chat(), gallery.FORM, {}), gallery.ignore)
        ui.end()
        assert screen.chat.draft == draft


def test_a_new_match_shows_nothing_of_the_one_before(window: GameWindow) -> None:
    ui, screen = Ui(window.canvas), MatchScreen()
    view = fight(MAPS["foundry"], "dm", 6)
    happened = (cues.Banner(1, "Bo took the ", 1, " flag", 2), cues.Explosion(2, 100, 100))
    ui.begin(0.0)
    screen.draw(ui, attrs.evolve(view, cues=happened), gallery.ignore, shows=Shows(), chat_key=0)
    ui.end()
    assert screen.effects.live
    assert screen._banner is not None
    screen.begin()
    assert not screen.effects.live
    assert screen._banner is None


def test_a_sentence_about_a_flag_that_was_taken_back_ends(window: GameWindow) -> None:
    ui, screen = Ui(window.canvas), MatchScreen()
    view = fight(MAPS["foundry"], "dm", 6)
    for cue in (cues.Banner(7, "Bo took the ", 1, " flag", 2), cues.TakenBack(7)):
        ui.begin(0.0)
        screen.draw(ui, attrs.evolve(view, cues=(cue,)), gallery.ignore, shows=Shows(), chat_key=0)
        ui.end()
    assert screen._banner is None


@pytest.mark.usefixtures("autojump_clock")
async def test_a_session_takes_the_roads_of_the_command_line(
    window: GameWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = App(PlayerSettings("Zoe"), None, MAPS, Conditions(), window, roads=("sse",))
    began: list[ClientSettings] = []

    async def run(_self: PlayerSession, _url: str, _name: str, settings: ClientSettings) -> None:
        await trio.lowlevel.checkpoint()
        began.append(settings)

    monkeypatch.setattr(PlayerSession, "run", run)
    async with trio.open_nursery() as app._nursery:
        app._begin_session(Connect("ws://localhost", "Zoe"))
    assert [settings.roads for settings in began] == [("sse",)]


@pytest.mark.usefixtures("autojump_clock")
async def test_the_newer_of_notice_and_error_is_shown() -> None:
    session = PlayerSession()
    session.tell("Copied.")
    assert session.shown() == "Copied."
    session.fail("The lobby is full.")
    assert session.shown() == "The lobby is full."
    assert session.shown(errors=False) == "Copied."


def test_a_late_answer_to_creating_a_lobby_does_not_close_the_form_that_changes_it(
    window: GameWindow,
) -> None:
    app = App(PlayerSettings("Zoe"), None, MAPS, Conditions(), window)
    config = gallery.lobby().config
    is_open = []
    for opened, granted in (
        (OpenForm(config), CreateLobby(config)),
        (OpenForm(config), ConfigureLobby(config)),
        (OpenForm(), CreateLobby(config)),
    ):
        app.do(opened)
        app._taken(granted)
        is_open.append(app.looks.form_open)
    assert is_open == [True, False, False]
