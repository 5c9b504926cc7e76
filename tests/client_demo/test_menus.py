"""Menus by keyboard and gamepad: every widget can be reached, and the focus is visible."""

import attrs
import pygame
import pytest

from client_demo.clipboard import copied_words
from client_demo.controls.padmenu import PadMenu
from client_demo.intents import CopyText
from client_demo.screens.browser import BrowserScreen
from client_demo.screens.hostdialogs import Asked
from client_demo.screens.invite import who_comes_in
from client_demo.screens.overlays import Paused, pause_menu
from client_demo.screens.room import RoomScreen
from client_demo.views.screens import RoomView
from client_demo.widgets.ui import Typed, Ui
from client_demo.window import GameWindow
from gameserver.ids import NO_SEAT, PlayerId, Seat
from gameserver.messages.lobby import (
    BanPlayer,
    ChooseTeam,
    JoinLobby,
    KickPlayer,
    LobbyState,
    LockLobby,
    MutePlayer,
    StartMatch,
    TakeSeat,
    UnbanPlayer,
    Visibility,
)
from gameserver.messages.session import ReportPlayer
from tests.client_demo import gallery

SCENES = dict(gallery.scenes())
BINDS = {"settings-waiting", "replay", "replay-crowd"}
"""Scenes in which Tab is taken for the new key of an action, or follows the next player."""


def press(ui: Ui, draw: gallery.Draw, *keys: int, mod: int = 0) -> None:
    """Draw a frame for each key."""
    for key in keys:
        ui.keys.append(Typed(key, mod))
        gallery.frame(ui, draw)
    gallery.frame(ui, draw)


def tabbed(ui: Ui, draw: gallery.Draw, mod: int) -> str:
    """Press Tab once and return where the focus is."""
    ui.keys.append(Typed(pygame.K_TAB, mod))
    gallery.frame(ui, draw)
    return ui.focus


@pytest.mark.parametrize(
    ("name", "mod"),
    [*((name, 0) for name in SCENES if name not in BINDS), ("create", pygame.KMOD_SHIFT)],
)
def test_tab_goes_through_all_widgets_and_starts_again(
    window: GameWindow, name: str, mod: int
) -> None:
    ui, draw = Ui(window.canvas), SCENES[name]
    seen = [tabbed(ui, draw, mod)]
    count = len(ui.shown())
    seen += [tabbed(ui, draw, mod) for _ in range(count)]
    assert set(seen) == (ui.shown() or {""})
    assert seen[-1] == seen[0]


def test_the_focus_is_visible_on_every_widget(window: GameWindow) -> None:
    known: set[str] = set()
    for draw in SCENES.values():
        ui = Ui(window.canvas)
        gallery.frame(ui, draw)
        new = sorted(ui.shown() - known)
        known.update(new)
        for key in new:
            ui.focus, ui.focus_shown = key, True
            gallery.frame(ui, draw)
            with_focus = pygame.image.tobytes(window.canvas, "RGB")
            ui.focus_shown = False
            gallery.frame(ui, draw)
            assert pygame.image.tobytes(window.canvas, "RGB") != with_focus, key
    assert len(known) > 80


@pytest.mark.parametrize("key", [pygame.K_DOWN, pygame.K_RIGHT, pygame.K_UP])
def test_the_first_arrow_key_focuses_a_widget(window: GameWindow, key: int) -> None:
    ui = Ui(window.canvas)
    press(ui, SCENES["browser"], key)
    assert ui.focus in ui.shown()
    assert ui.focus_shown


def test_a_list_scrolls_to_the_focused_row(window: GameWindow) -> None:
    said: list[object] = []
    screen = BrowserScreen()
    view = gallery.browser_view()
    ui = Ui(window.canvas)

    def draw(ui: Ui) -> None:
        screen.draw(ui, view, said.append)

    last = view.listing.lobbies[-1].lobby_id if view.listing else ""
    gallery.frame(ui, draw)
    ui.focus = f"browser.row.{view.listing.lobbies[0].lobby_id}" if view.listing else ""
    press(ui, draw, *[pygame.K_DOWN] * (len(gallery.LISTED) - 1))
    assert ui.focus == f"browser.row.{last}"
    press(ui, draw, pygame.K_RETURN)
    press(ui, draw, pygame.K_RETURN)
    assert said == [JoinLobby(last)]


def test_a_click_on_the_place_of_a_hidden_row_presses_nothing(window: GameWindow) -> None:
    screen = BrowserScreen()
    view = gallery.browser_view()
    ui = Ui(window.canvas)

    def draw(ui: Ui) -> None:
        screen.draw(ui, view, gallery.ignore)

    gallery.frame(ui, draw)
    for went in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
        ui.take(pygame.Event(went, button=1, pos=(200, 632)), (200, 632))
        gallery.frame(ui, draw)
    assert screen.chosen == ""


@pytest.mark.parametrize(
    ("keys", "emitted"),
    [
        ((pygame.K_ESCAPE,), False),
        ((pygame.K_RETURN,), False),
        ((pygame.K_TAB, pygame.K_RETURN), True),
        ((pygame.K_RIGHT, pygame.K_RETURN), True),
        ((pygame.K_TAB, pygame.K_TAB, pygame.K_RETURN), False),
    ],
)
def test_a_ban_needs_a_confirmation_whose_focus_is_on_cancel(
    window: GameWindow, keys: tuple[int, ...], *, emitted: bool
) -> None:
    said: list[object] = []
    lobby = gallery.lobby()
    screen = RoomScreen(chosen="p1")
    view = RoomView(lobby, gallery.chat(), gallery.FORM, gallery.MAPS)
    ui = Ui(window.canvas)

    def draw(ui: Ui) -> None:
        screen.draw(ui, view, said.append)

    gallery.frame(ui, draw)
    ui.press("member.ban")
    gallery.frame(ui, draw)
    assert screen.dialogs.asked is Asked.BAN
    assert said == []
    gallery.frame(ui, draw)
    press(ui, draw, *keys)
    assert not screen.dialogs.shown
    assert said == [BanPlayer(lobby.members[1].player_id)] * emitted


def pressed(window: GameWindow, screen: RoomScreen, lobby: LobbyState, key: str) -> list[object]:
    """Press something in a room and return what is emitted."""
    said: list[object] = []
    ui = Ui(window.canvas)
    ui.press(key)
    ui.begin(1.0)
    screen.draw(ui, RoomView(lobby, gallery.chat(), gallery.FORM), said.append)
    ui.end()
    return said


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("member.kick", [KickPlayer(PlayerId("p1"))]),
        ("member.mute", [MutePlayer(PlayerId("p1"), False)]),
        ("member.report", [ReportPlayer(PlayerId("p1"))]),
        ("member.transfer", []),
        ("member.ban", []),
        ("room.lock", [LockLobby(True)]),
        ("room.watch", [TakeSeat(NO_SEAT)]),
        ("room.seat.5", [ChooseTeam(2)]),
        ("room.start", [StartMatch()]),
    ],
)
@pytest.mark.parametrize("teams", [0, 2])
def test_every_power_of_a_host_is_a_button_with_teams_and_without(
    window: GameWindow, key: str, wanted: list[object], teams: int
) -> None:
    if key == "room.seat.5" and not teams:
        wanted = [TakeSeat(Seat(5))]
    said = pressed(window, RoomScreen(chosen="p1"), gallery.lobby(teams=teams, people=4), key)
    assert said == wanted


def test_a_ban_is_lifted_from_the_list(window: GameWindow) -> None:
    screen = RoomScreen()
    lobby = gallery.lobby(banned=("Ann", "Bo"))
    pressed(window, screen, lobby, "room.bans")
    assert pressed(window, screen, lobby, "bans.lift.Bo") == [UnbanPlayer("Bo")]


def test_a_former_host_can_only_close_the_dialog_of_a_host(window: GameWindow) -> None:
    screen = RoomScreen()
    banned = gallery.lobby(banned=("Bo",))
    pressed(window, screen, banned, "room.bans")
    elsewhere = attrs.evolve(banned, host=PlayerId("p1"))
    assert pressed(window, screen, elsewhere, "bans.lift.Bo") == []
    pressed(window, screen, elsewhere, "dialog.no")
    assert not screen.dialogs.shown


def test_a_click_on_a_dialog_about_a_former_member_presses_nothing_below(
    window: GameWindow,
) -> None:
    screen = RoomScreen(chosen="p1")
    lobby = gallery.lobby()
    pressed(window, screen, lobby, "member.ban")
    alone = attrs.evolve(lobby, members=lobby.members[:1])
    for key in ("dialog.yes", "room.lock", "room.start"):
        assert pressed(window, screen, alone, key) == []
    assert screen.dialogs.shown
    pressed(window, screen, alone, "dialog.no")
    assert not screen.dialogs.shown


@pytest.mark.parametrize(
    ("visibility", "locked", "words"),
    [
        (Visibility.UNLISTED, False, "Whoever has this code can come in."),
        (Visibility.PASSWORD, False, "Whoever has this code and the password can come in."),
        (Visibility.PASSWORD, True, "Nobody new can come in until the host unlocks the lobby."),
    ],
)
def test_the_text_at_the_invite_code_says_who_can_join_with_it(
    visibility: Visibility, words: str, *, locked: bool
) -> None:
    lobby = gallery.lobby()
    config = attrs.evolve(lobby.config, visibility=visibility)
    lobby = attrs.evolve(lobby, config=config, locked=locked)
    assert who_comes_in(lobby) == words


def test_the_pause_menu_begins_at_its_first_button(window: GameWindow) -> None:
    ui = Ui(window.canvas)
    chosen: list[Paused] = []

    def draw(ui: Ui) -> None:
        chosen.append(pause_menu(ui, seated=True))

    gallery.frame(ui, draw)
    press(ui, draw, pygame.K_RETURN)
    assert Paused.RESUME in chosen


def test_a_spectator_takes_a_seat_by_the_button_or_by_a_free_seat(window: GameWindow) -> None:
    for key, seat in (("room.sit", 3), ("room.seat.5", 5)):
        said: list[object] = []
        ui = Ui(window.canvas)
        view = RoomView(gallery.lobby(seated=False, host="p1"), gallery.chat(), gallery.FORM)
        ui.press(key)
        ui.begin(1.0)
        RoomScreen().draw(ui, view, said.append)
        ui.end()
        assert said == [TakeSeat(seat)]


def test_a_click_on_the_invite_code_copies_it_and_confirms_that(window: GameWindow) -> None:
    said: list[object] = []
    screen = RoomScreen()
    ui = Ui(window.canvas)
    view = RoomView(gallery.lobby(), gallery.chat(), gallery.FORM)
    ui.press("room.code")
    for _ in range(2):
        ui.begin(10.0)
        screen.draw(ui, view, said.append)
        ui.end()
    assert said == [CopyText("WXYZ23")]
    assert "copied" in [text.shown for text in ui.texts]
    copied_words("WXYZ23")
    assert pygame.scrap.get_text() == "WXYZ23"


def test_the_buttons_of_a_gamepad_work_as_keys_in_menus() -> None:
    pad = PadMenu()
    known = pygame.Event(pygame.CONTROLLERBUTTONDOWN, button=pygame.CONTROLLER_BUTTON_A)
    assert pad.key(known, raw=False) == (pygame.K_RETURN, 0)
    back = pygame.Event(pygame.CONTROLLERBUTTONDOWN, button=pygame.CONTROLLER_BUTTON_B)
    assert pad.key(back, raw=False) == (pygame.K_ESCAPE, 0)
    doubled = pygame.Event(pygame.JOYBUTTONDOWN, button=0)
    assert pad.key(doubled, raw=False) is None
    assert pad.key(doubled, raw=True) == (pygame.K_RETURN, 0)
    hat = pygame.Event(pygame.JOYHATMOTION, value=(0, -1))
    assert pad.key(hat, raw=True) == (pygame.K_DOWN, 0)


def test_a_push_of_the_stick_moves_the_focus_by_one_widget() -> None:
    pad = PadMenu()
    values = (0.1, 0.5, 0.8, 1.0, 0.7, 0.2, -0.9)
    events = [
        pygame.Event(pygame.CONTROLLERAXISMOTION, axis=1, value=round(value * 32767))
        for value in values
    ]
    steps = [pad.key(event, raw=False) for event in events]
    assert [step for step in steps if step] == [(pygame.K_DOWN, 0), (pygame.K_UP, 0)]


def test_the_screen_of_settings_has_the_heading_settings(
    window: GameWindow,
) -> None:
    ui = Ui(window.canvas)
    gallery.frame(ui, SCENES["settings"])
    assert "Settings" in {text.shown for text in ui.texts}
