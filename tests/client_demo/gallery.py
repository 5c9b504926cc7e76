"""Every screen and dialog outside the match, in the states that strain it.

``python -m tests.client_demo.gallery FOLDER`` paints them all.

Law: a scene is a name and a function that draws one frame; it needs no server. What a picture
maker shows and what the tests measure are the same scenes.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs
import pygame

from client_demo.gallery import fight
from client_demo.screens import overlays
from client_demo.screens.browser import BrowserScreen
from client_demo.screens.connect import ConnectScreen
from client_demo.screens.create import CreateScreen
from client_demo.screens.hostdialogs import Asked
from client_demo.screens.invite import InviteCode
from client_demo.screens.room import RoomScreen
from client_demo.screens.settings import SettingsScreen
from client_demo.settings_file import PlayerSettings
from client_demo.views.screens import (
    BrowserView,
    ChatView,
    ConnectView,
    CreateView,
    LinkView,
    RoomView,
)
from client_demo.widgets.tip import draw_tip
from client_demo.widgets.ui import Ui
from client_demo.window import GameWindow
from gameserver.arena import Arena
from gameserver.errors import Code, RequestError
from gameserver.game.maps.shipped import shipped_maps
from gameserver.game.maps.tiled import load_maps
from gameserver.ids import NO_SEAT, LobbyId, MessageId, PlayerId, Seat
from gameserver.messages.chat import Channel, ChatLine
from gameserver.messages.forms import LobbyForm
from gameserver.messages.lobby import (
    JoinLobby,
    LobbyConfig,
    LobbyList,
    LobbyState,
    LobbySummary,
    Member,
    Phase,
    Visibility,
)
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.lobbies.configs import ConfigPolicy
from tests.client_demo import replayscenes, sceneparts
from tests.client_demo.sceneparts import (
    RIGHT_TO_LEFT,
    in_scripts,
    match,
    over,
    pointed,
    talk_in_scripts,
    talk_right_to_left,
)

Draw = sceneparts.Draw
ignore = sceneparts.ignore
WIDE: Final = "W" * 32
"""The widest name and title: longer than the server's own limits."""
LONG: Final = "A very long title of a lobby, of words"
MAPS: Final = load_maps(shipped_maps())
ME: Final = PlayerId("me")


def arena_form() -> LobbyForm:
    return ConfigPolicy(Arena(), MAPS, RoomRules()).form("Zoë")


FORM: Final = arena_form()


def sentence_of(words: int) -> str:
    return " ".join(["something"] * words) + "."


def chat(lines: int = 8) -> ChatView:
    said = tuple(
        ChatLine(MessageId(n + 1), Channel.LOBBY, PlayerId(f"p{n % 3}"), f"Player {n % 3}",
                 "Shall we play on the new map, or wait for the others?" if n % 2 else "hello",
                 at_ms=n * 60_000)
        for n in range(lines)
    )  # fmt: skip
    return ChatView(ME, dict.fromkeys(Channel, said), {Channel.LOBBY: ("Ann", "Bo")})


def lobby(
    *,
    teams: int = 0,
    size: int = 8,
    people: int = 3,
    watchers: int = 0,
    bots: int = 3,
    phase: Phase = Phase.OPEN,
    host: str = "me",
    seated: bool = True,
    names: str = "Player {}",
    title: str = "Zoë's lobby",
    banned: tuple[str, ...] = (),
    locked: bool = False,
) -> LobbyState:
    mode = {0: "dm", 2: "tdm"}.get(teams, "dm")
    members = [
        Member(
            ME if n == 0 and seated else PlayerId(f"p{n}"), names.format(n), Seat(n),
            n % teams + 1 if teams else 0, ready=n % 2 == 1, muted=n == 1, connected=n != 2,
        )
        for n in range(people)
    ]  # fmt: skip
    if phase is Phase.IN_MATCH:
        members += [
            Member(PlayerId(""), f"Bot {n}", Seat(n), n % teams + 1 if teams else 0, bot=True)
            for n in range(people, min(size, people + bots))
        ]
    if not seated:
        members.append(Member(ME, names.format("me"), NO_SEAT))
    members += [Member(PlayerId(f"w{n}"), names.format(n + 20), NO_SEAT) for n in range(watchers)]
    config = LobbyConfig(
        title, "courtyard", size, Visibility.PUBLIC, bots, "normal",
        options={**FORM.default.options, "mode": mode},
    )  # fmt: skip
    return LobbyState(
        LobbyId("l1"), 1, phase, PlayerId(host), config, "WXYZ23", locked, teams, tuple(members),
        banned=banned,
    )  # fmt: skip


def summary(n: int, **changes: object) -> LobbySummary:
    base = LobbySummary(
        LobbyId(f"l{n}"), f"Lobby {n}", f"Host {n}", Phase.OPEN, "courtyard", "tdm", 3, 8, 0,
        password=False, locked=False, joinable=True,
    )  # fmt: skip
    return attrs.evolve(base, **changes)


LISTED: Final = (
    summary(1, password=True),
    summary(2, locked=True, joinable=False),
    summary(3, players=8, joinable=False, phase=Phase.IN_MATCH, spectators=12, mode="ctf"),
    summary(4, title=WIDE, host_name=WIDE, password=True),
    summary(5, title=LONG, mode="dm", phase=Phase.COUNTDOWN),
    *(summary(n) for n in range(6, 40)),
)


def browser_view(**changes: object) -> BrowserView:
    base = BrowserView("Zoë", "gameserver 1.0", chat(), LobbyList(LISTED, 39), FORM, online=57)
    return attrs.evolve(base, **changes)


def browser(view: BrowserView, *, chosen: str = "", asks: bool = False) -> Draw:
    screen = BrowserScreen(chosen=chosen)
    if asks:
        screen._password.open(JoinLobby(LISTED[3].lobby_id), LISTED[3].title)
        screen._password.password = "wrong"
    return lambda ui: screen.draw(ui, view, ignore)


def room(
    state: LobbyState, *, chosen: str = "", asked: Asked = Asked.NOTHING, **more: object
) -> Draw:
    screen = RoomScreen(chosen=chosen)
    about = next((m for m in state.members if m.player_id == chosen), None)
    if asked is not Asked.NOTHING:
        screen.dialogs.open(asked, about)
    view = attrs.evolve(RoomView(state, chat(), FORM, MAPS), **more)
    return lambda ui: screen.draw(ui, view, ignore)


def create(view: CreateView, config: LobbyConfig | None = None, *, asked: bool = False) -> Draw:
    screen = CreateScreen(config, asked=asked)
    return lambda ui: screen.draw(ui, view, ignore)


def connect(view: ConnectView) -> Draw:
    screen = ConnectScreen()
    return lambda ui: screen.draw(ui, view, ignore)


def settings(screen: SettingsScreen | None = None, **changes: object) -> Draw:
    screen = screen or SettingsScreen()
    return lambda ui: ignore(screen.draw(ui, attrs.evolve(PlayerSettings(name="Zoë"), **changes)))


REFUSED: Final = RequestError(
    Code.LOBBY_BAD_OPTIONS,
    "size must be from 2 to 4",
    {
        "fields": {
            "size": "must be at least 7, since so many are seated",
            "bots": "must leave a seat for a person",
            "map": "must be one of canal, courtyard, crossfire, foundry, orchard",
        }
    },
)
WRONG: Final = RequestError(Code.LOBBY_WRONG_PASSWORD, "The password is wrong.")
SLOW: Final = RequestError(Code.RATE_LIMITED, "Too many wrong attempts; try again in 10 s.")


NAMES: Final = ("Zoë", "Aleksandra", "Tomás", "Wei", "Ingrid", "Kwame", "Yuki")


def scenes() -> Iterator[tuple[str, Draw]]:
    """Yield every scene."""
    yield from _shown_to_readers()
    yield from _first_screens()
    yield from _browsers()
    yield from _forms()
    yield from _rooms()
    yield from _right_to_left()
    yield from _overlays()
    yield from replayscenes.scenes(MAPS)
    yield from sceneparts.outcomes()


def _shown_to_readers() -> Iterator[tuple[str, Draw]]:
    """Yield what the documentation shows."""
    titles = ("Friday night", "Beginners welcome", "Capture!", "Three of us", "Quick round")
    states: tuple[dict[str, object], ...] = (
        {"mode": "ctf", "map": "canal", "players": 5, "size": 8},
        {"mode": "dm", "map": "foundry", "players": 2, "size": 10},
        {"mode": "ctf", "map": "crossfire", "players": 4, "size": 8, "password": True},
        {"mode": "tdm", "map": "orchard", "players": 3, "size": 6, "locked": True,
         "joinable": False},
        {"mode": "dm", "map": "courtyard", "players": 6, "size": 6, "joinable": False,
         "phase": Phase.IN_MATCH, "spectators": 2},
    )  # fmt: skip
    listed = tuple(
        attrs.evolve(summary(n), title=title, host_name=NAMES[n + 1], **state)
        for n, (title, state) in enumerate(zip(titles, states, strict=True))
    )
    said = tuple(
        ChatLine(MessageId(n), Channel.LOBBY, PlayerId(f"p{n}"), name, text, at_ms=n * 60_000)
        for n, (name, text) in enumerate(
            (("Aleksandra", "who defends?"), ("Wei", "I do, you take the left side"),
             ("Tomás", "ready when you are"))
        )
    )  # fmt: skip
    talk = ChatView(ME, dict.fromkeys(Channel, said))
    view = browser_view(listing=LobbyList(listed, 5), chat=talk, online=23)
    yield "docs-browser", browser(view, chosen="l0")
    state = lobby(teams=2, people=5, watchers=1, bots=3, title="Friday night")
    members = tuple(
        attrs.evolve(m, name=name, muted=False, connected=True, ready=m.player_id != ME)
        for m, name in zip(state.members, NAMES, strict=False)
    )
    yield "docs-room", room(attrs.evolve(state, members=members), chosen="p1", chat=talk)


def _first_screens() -> Iterator[tuple[str, Draw]]:
    yield "connect", connect(ConnectView("ws://127.0.0.1:7777", "Zoë"))
    yield "connect-busy", connect(ConnectView("ws://127.0.0.1:7777", WIDE, busy=True))
    words = "This server plays Coins; this client plays Arena. " + sentence_of(16)
    yield "connect-error", connect(ConnectView("ws://" + "long." * 12, "", error=words))
    yield "settings", settings()
    yield "settings-waiting", settings(SettingsScreen(waiting="dash"))
    yield "settings-tip", pointed((350, 293), settings())
    yield "settings-long", settings(name=WIDE, colour_blind=True)


def _browsers() -> Iterator[tuple[str, Draw]]:
    yield "browser", browser(browser_view(), chosen="l1")
    yield "browser-locked", browser(browser_view(), chosen="l2")
    yield "browser-full", browser(browser_view(player_name=WIDE, server=WIDE), chosen="l3")
    yield "browser-asking", browser(browser_view(listing=None, form=None, busy=True))
    nobody = LobbyList((), 0)
    yield "browser-alone", browser(browser_view(listing=nobody, online=1, chat=ChatView(ME)))
    yield "browser-no-lobby", browser(browser_view(listing=nobody, online=2))
    yield "browser-password", browser(browser_view(), asks=True)
    yield "browser-wrong", browser(browser_view(refused=WRONG), asks=True)
    yield "browser-too-often", browser(browser_view(refused=SLOW), asks=True)


def _forms() -> Iterator[tuple[str, Draw]]:
    yield "create", create(CreateView(FORM, MAPS))
    secret = attrs.evolve(FORM.default, title=WIDE, visibility=Visibility.PASSWORD, bots=99)
    yield "create-password", create(CreateView(FORM, MAPS), secret)
    flags = {**FORM.default.options, "mode": "ctf"}
    view = CreateView(FORM, MAPS, FORM.default, seated=3, refused=REFUSED)
    yield "change-refused", create(view, attrs.evolve(FORM.default, options=flags), asked=True)
    yield "change-busy", create(CreateView(FORM, {}, FORM.default, busy=True))
    none = attrs.evolve(FORM, maps=tuple(m for m in FORM.maps if "ctf" not in m.modes))
    yield "create-no-map", create(CreateView(none, MAPS), attrs.evolve(FORM.default, options=flags))


def _rooms() -> Iterator[tuple[str, Draw]]:
    yield "room-host", room(lobby(banned=("Spammer",)), chosen="p1")
    yield "room-host-ban", room(lobby(), chosen="p1", asked=Asked.BAN)
    yield "room-host-transfer", room(lobby(names=WIDE), chosen="p1", asked=Asked.TRANSFER)
    yield "room-bans", room(lobby(banned=("Spammer", WIDE, *map(str, range(20)))), asked=Asked.BANS)
    yield "room-no-bans", room(lobby(), asked=Asked.BANS)
    yield "room-guest", room(lobby(host="p1"), chosen="p1")
    yield "room-teams", room(lobby(teams=2, people=5, watchers=3))
    yield "room-teams-wide", room(lobby(teams=2, people=7, watchers=3, names=WIDE, title=WIDE))
    yield "room-many", room(lobby(size=16, people=16, watchers=12, host="p3"))
    yield "room-many-teams", room(lobby(teams=2, size=32, people=20, bots=12))
    loud = chat()
    lines = tuple(attrs.evolve(line, sender_name=WIDE) for line in loud.lines[Channel.LOBBY])
    typing = {Channel.LOBBY: (WIDE, WIDE)}
    loud = attrs.evolve(loud, lines=dict.fromkeys(Channel, lines), typing=typing)
    yield "room-chat-wide", room(lobby(), chat=loud)
    yield "room-four-teams", room(lobby(teams=4, size=16, people=9, names=WIDE))
    yield "room-watcher", room(lobby(seated=False, host="p1", locked=True))
    yield "room-watcher-full", room(lobby(seated=False, people=8, host="p1"))
    playing = lobby(teams=2, seated=False, host="p1", phase=Phase.IN_MATCH)
    yield "room-watcher-playing", room(playing)
    counting = lobby(people=4, phase=Phase.COUNTDOWN)
    yield "room-countdown", room(counting, countdown_s=2.6)
    yield "room-lacking", room(lobby(people=1, bots=0))
    ready = lobby(people=4)
    mine = attrs.evolve(ready.members[0], ready=True)
    yield "room-ready", room(attrs.evolve(ready, members=(mine, *ready.members[1:])))
    copied = RoomScreen(invite=InviteCode(copied_at=9.0))
    view = RoomView(lobby(), chat(), FORM, MAPS)
    yield "room-code-copied", lambda ui: copied.draw(ui, view, ignore)
    yield "room-tip", pointed((756, 437), room(lobby()))
    yield "room-scripts", room(in_scripts(lobby(people=7, bots=0)), chat=talk_in_scripts(ME))


def _right_to_left() -> Iterator[tuple[str, Draw]]:
    """Yield scenes full of names that run from right to left."""
    ours, theirs = RIGHT_TO_LEFT
    talk = talk_right_to_left(ME)
    listed = tuple(
        summary(n, title=title, host_name=theirs)
        for n, title in enumerate((f"{ours}'s lobby", f"{theirs}'s quick play", "חדר 3"))
    )
    view = browser_view(player_name=ours, listing=LobbyList(listed, 3), chat=talk)
    yield "browser-right-to-left", browser(view)
    state = lobby(people=2, names=theirs, title=f"{ours}'s lobby", bots=0)
    yield "room-right-to-left", room(state, chat=talk, chosen="p1")
    yield "room-right-to-left-ban", room(state, chat=talk, chosen="p1", asked=Asked.BAN)


def _overlays() -> Iterator[tuple[str, Draw]]:
    below = room(lobby())
    yield "pause-player", over(below, lambda ui: overlays.pause_menu(ui, seated=True))
    yield "pause-watcher", over(below, lambda ui: overlays.pause_menu(ui, seated=False, free=True))
    yield "pause-no-seat", over(below, lambda ui: overlays.pause_menu(ui, seated=False, free=False))
    field = match(fight(MAPS["canal"], "tdm", 8))
    menu = over(field, lambda ui: overlays.pause_menu(ui, seated=True))
    yield "match-pause", menu
    yield "match-pause-tip", pointed((640, 411), menu)
    yield "match-link-lost", over(field, lambda ui: overlays.link_lost(ui, LOST, ignore))
    yield "toast", over(below, lambda ui: overlays.toast(ui, "The host has locked this lobby."))
    yield "toast-long", over(below, lambda ui: overlays.toast(ui, sentence_of(40)))
    yield "link-lost", over(below, lambda ui: overlays.link_lost(ui, LOST, ignore))
    gone = attrs.evolve(LOST, found=False, reason="Cannot reach 127.0.0.1:7777.")
    yield "link-not-found", over(below, lambda ui: overlays.link_lost(ui, gone, ignore))
    yield "link-no-seat", over(below, lambda ui: overlays.link_lost(ui, GONE, ignore))


LOST: Final = LinkView(lost=True, retry_in_s=3.2, attempt=2, reason="The connection was lost.",
                       has_seat=True,
                       seat_for_s=48)  # fmt: skip
GONE: Final = LinkView(
    lost=True, retry_in_s=0, attempt=7, has_seat=True, reason="The server has stopped. " * 3
)


def frame(ui: Ui, draw: Draw, time: float = 10.0) -> None:
    """Draw one frame of a scene, as the application does."""
    ui.begin(time)
    draw(ui)
    draw_tip(ui)
    ui.end()


def main(folder: Path) -> None:
    """Paint every scene as PNG files, in both sizes of the window."""
    os.environ["SDL_VIDEODRIVER"] = os.environ["SDL_AUDIODRIVER"] = "dummy"
    folder.mkdir(parents=True, exist_ok=True)
    window = GameWindow(fullscreen=False)
    for name, draw in scenes():
        ui = Ui(window.canvas)
        for _ in range(2):
            frame(ui, draw)
        window.save(folder / f"{name}-1280.png")
        smaller = pygame.transform.smoothscale(window.canvas, (960, 540))
        pygame.image.save(smaller, folder / f"{name}-960.png")
    window.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
