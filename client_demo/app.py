"""The application: it draws frames and carries out the player's intents.

Law: a frame never waits for the network. It reads what has arrived, draws, and starts tasks. The
loop's deadlines are absolute, so a frame that starts late does not delay the next ones.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs
import pygame
import trio

from client_demo.audio.chimes import Chimes
from client_demo.audio.sound import Sounds
from client_demo.autopilot import Autopilot, ScreenSeen
from client_demo.clipboard import copied_words
from client_demo.controls import keynames
from client_demo.controls.gamepad import PLUGGING
from client_demo.controls.input import Controls
from client_demo.controls.keynames import key_name
from client_demo.controls.padmenu import OPENS_MENU, PadMenu
from client_demo.hud.lesson import Lessons, from_saved, key_words
from client_demo.hud.watched import choice
from client_demo.intents import (
    CloseForm,
    CloseSettings,
    Connect,
    CopyText,
    EndSession,
    FillForm,
    GiveUp,
    Hold,
    Intent,
    OpenForm,
    OpenReplays,
    OpenSettings,
    PointAt,
    Quit,
    ReplayIntent,
    SavePicture,
    ShowNetGraph,
    TryNow,
    WatchMatch,
)
from client_demo.screens import overlays
from client_demo.screens.browser import BrowserScreen
from client_demo.screens.connect import ConnectScreen
from client_demo.screens.create import CreateScreen
from client_demo.screens.match import MatchScreen, Shows, own_fighter
from client_demo.screens.pausing import while_paused
from client_demo.screens.recorded import RecordedScreens
from client_demo.screens.results import ResultsScreen
from client_demo.screens.room import RoomScreen
from client_demo.screens.settings import SettingsScreen
from client_demo.session import PlayerSession
from client_demo.settings_file import PlayerSettings, save_settings
from client_demo.theme import COLOUR_BLIND, DEFAULT
from client_demo.views.looks import Looks
from client_demo.views.matchview import MatchView
from client_demo.views.replay import ReplaysView, ReplayView
from client_demo.views.screens import (
    BrowserView,
    ConnectView,
    CreateView,
    LinkView,
    ResultsView,
    RoomView,
    ScreenView,
)
from client_demo.widgets.tip import draw_tip
from client_demo.widgets.ui import Typed, Ui
from client_demo.window import GameWindow
from gameserver.arena import Arena
from gameserver.arena.entities import Fighter
from gameserver.client import ClientSettings, Conditions
from gameserver.game.maps.tilemap import TileMap
from gameserver.messages.base import Request
from gameserver.messages.lobby import (
    ConfigureLobby,
    CreateLobby,
    JoinLobby,
)

FRAMES_PER_S: Final = 60
SETTLING_S: Final = 0.3
"""Time for which a new screen ignores presses, about a person's reaction time: the last shot of a
match must not press a button of the next screen."""


@attrs.define(eq=False)
class App:
    """The state of the application, from the opening of the window to its end."""

    settings: PlayerSettings
    settings_file: Path | None
    """The file of the settings; None stores nothing."""
    maps: Mapping[str, TileMap]
    conditions: Conditions
    window: GameWindow
    autopilot: Autopilot | None = None
    session: PlayerSession = attrs.field(factory=PlayerSession)
    roads: tuple[str, ...] = ClientSettings().roads
    looks: Looks = attrs.field(init=False)
    recorded: RecordedScreens = attrs.field(init=False)
    ui: Ui = attrs.field(init=False)
    controls: Controls = attrs.field(init=False)
    lessons: Lessons = attrs.field(init=False)
    sounds: Sounds = attrs.field(init=False)
    chimes: Chimes = attrs.field(factory=Chimes)
    pad: PadMenu = attrs.field(factory=PadMenu)
    paused: bool = False
    in_settings: bool = False
    shown: ScreenView | None = None
    """The view of the last frame."""
    _running: bool = True
    _nursery: trio.Nursery | None = None
    _connect: ConnectScreen = attrs.field(factory=ConnectScreen)
    _browser: BrowserScreen = attrs.field(factory=BrowserScreen)
    _create: CreateScreen = attrs.field(factory=CreateScreen)
    _room: RoomScreen = attrs.field(factory=RoomScreen)
    _match: MatchScreen = attrs.field(factory=MatchScreen)
    _results: ResultsScreen = attrs.field(factory=ResultsScreen)
    _settings_screen: SettingsScreen = attrs.field(factory=SettingsScreen)

    def __attrs_post_init__(self) -> None:
        """Make the parts that need the settings or the window, and apply the settings."""
        self.looks = Looks(self.maps)
        self.recorded = RecordedScreens(self.looks.recordings)
        self.sounds = Sounds(self.settings.volume / 100)
        self.controls = Controls(self.settings)
        self.lessons = from_saved(self.settings.learned)
        self.ui = Ui(self.window.canvas, on_click=self.sounds.click)
        self._apply_settings()

    async def run(self) -> None:
        """Draw frames until the player quits; signing out may then take two seconds."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            if self.looks.recordings.open:
                self.do(OpenReplays())
            due = trio.current_time()
            while self._running:
                self.frame(trio.current_time())
                due = max(due + 1 / FRAMES_PER_S, trio.current_time())
                await trio.sleep_until(due)
            self.session.close()
            nursery.cancel_scope.deadline = trio.current_time() + 2

    def quit(self) -> None:
        """Let `run` end after this frame."""
        self._running = False

    # --- one frame ----------------------------------------------------------------------------

    def frame(self, now: float) -> None:
        """Take the events, choose the view, draw it, and carry out the player's intents."""
        for event in pygame.event.get():
            self._take(event)
        view = self.looks.screen(self.session, self.settings, now)
        is_new = self.shown is not None and type(view) is not type(self.shown)
        self.shown = view
        self.sounds.chime(self.chimes.due(view))
        if self.autopilot is not None:
            replica = self.looks.match.replica if self.looks.match is not None else None
            self.autopilot.steer(self.ui, ScreenSeen(view, now, self.in_settings, replica), self.do)
        self.ui.begin(now)
        if is_new:
            self.ui.settle(SETTLING_S)
        link = self.looks.link(self.session)
        self.ui.covered = link.lost
        if self.in_settings:
            self._draw_settings()
        else:
            self._draw(view)
        self._draw_overlays(view, link)
        self.ui.end()
        self.controls.forget_presses()
        self.window.show()

    def _take(self, event: pygame.Event) -> None:
        if event.type == pygame.QUIT:
            self.quit()
            return
        if event.type == pygame.KEYDOWN:
            keynames.learn(event)
        elif event.type == pygame.KEYMAPCHANGED:
            keynames.forget()
        place = getattr(event, "pos", None)
        self.ui.take(event, self.window.position(place) if place else self.ui.mouse)
        self._take_pad(event)
        if (self._match.draft is None and not self.paused) or event.type in PLUGGING:
            self.controls.take(event)
        else:
            self.controls.release()  # the release of a held key would be missed meanwhile

    def _take_pad(self, event: pygame.Event) -> None:
        """Turn gamepad events into key presses for menus; in a match only for the menu button."""
        pressed = self.pad.key(event, raw=self.controls.pad.is_unknown(event))
        plays = isinstance(self.shown, MatchView) and not self.paused and not self.in_settings
        is_menu = getattr(event, "button", None) == OPENS_MENU
        if pressed is not None and (is_menu or not plays):
            self.ui.keys.append(Typed(*pressed))

    def _draw(self, view: ScreenView) -> None:
        ui = self.ui
        match view:
            case ConnectView():
                self._connect.draw(ui, view, self.do)
            case BrowserView():
                self.session.ask_online()
                self._browser.draw(ui, view, self.do)
            case CreateView():
                self._create.draw(ui, view, self.do)
            case RoomView():
                self._room.draw(ui, view, self.do)
            case ResultsView():
                self._results.draw(ui, view, self.do)
            case ReplaysView() | ReplayView():
                self.recorded.draw(ui, view, self.do)
                for cue in view.match.cues if isinstance(view, ReplayView) else ():
                    self.sounds.play(cue, self.recorded.listener)
            case MatchView():
                self._draw_match(view)
        pygame.mouse.set_visible(not isinstance(view, MatchView) or self.paused)
        if not isinstance(view, MatchView):
            self.paused = False
            self._match.draft = None

    def _draw_match(self, view: MatchView) -> None:
        ui = self.ui
        ui.enabled = not self.paused
        scores = self.controls.holds("scores") and self._match.draft is None
        if self.autopilot is not None:
            scores = scores or self.autopilot.shows_scores
        bridge = self.looks.match
        if bridge is not None and not bridge.begun:
            bridge.begun = True
            self._match.begin()
        if self._match.draft is None and ui.typed_at(self.settings.places["net_graph"]):
            self.change(attrs.evolve(self.settings, net_graph=not self.settings.net_graph))
        lesson = self.lessons.left() if self.autopilot is None else ()
        by_pad = self.controls.by_pad
        words = key_words(self.settings.places, key_name, by_pad=by_pad) if lesson else {}
        if bridge is not None and ui.typed_at(self.settings.places["report"]):
            self.recorded.save_tape(bridge.replica, self.session)
        shows = Shows(scores, self.settings.net_graph, lesson, words)
        self._match.unsent.learn(self.session.refused_lines)
        self._match.draw(ui, view, self.do, shows=shows, chat_key=self.settings.places["chat"])
        if self.settings.net_graph and bridge is not None:
            self.session.ask_stats(bridge.replica.started.match_id)
            bridge.net.late_inputs = self.session.late_inputs
        own = own_fighter(view)
        listener = (own.x, own.y) if own is not None else (0.0, 0.0)
        for cue in view.cues:
            self.sounds.play(cue, listener)
        if own is not None and self.autopilot is None:
            place = self._match.on_canvas(own.x, own.y)
            writing = self._match.draft is not None or self.paused
            held = Hold(aim=own.aim) if writing else self.controls.hold(ui.mouse, place)
            self.hold(held)
            self._learn(held, view, scores=scores)
        elif own is None and bridge is not None and self._match.draft is None:
            pad_step = int(self.controls.pad.take_dash()) - int(self.controls.pad.take_rocket())
            bridge.watch_next(choice(ui) + pad_step)
        if ui.typed(pygame.K_ESCAPE):
            self.paused = True
        ui.enabled = True

    def _learn(self, held: Hold, view: MatchView, *, scores: bool) -> None:
        """Record the controls that were used; fire and rocket do not count in the warm-up."""
        if view.starts_in_s is not None:
            held = attrs.evolve(held, fire=False, rocket=False)
        if self.lessons.use(held, scores=scores, chat=self._match.draft is not None):
            self.change(attrs.evolve(self.settings, learned=self.lessons.saved()))

    def hold(self, held: Hold) -> None:
        """Give the state of the controls to the match on the screen, if there is one."""
        if self.looks.match is not None:
            self.looks.match.hold(held)

    def _draw_overlays(self, view: ScreenView, link: LinkView) -> None:
        ui = self.ui
        if self.paused and not self.in_settings and isinstance(view, MatchView):
            self._pause_menu()
        own_words = isinstance(view, ConnectView | CreateView)
        own_words |= isinstance(view, BrowserView) and self._browser.asks_password
        sentence = self.session.shown(errors=self.in_settings or not own_words)
        if sentence:
            overlays.toast(ui, sentence, low=isinstance(view, MatchView))
        self.ui.covered = False
        if link.lost:
            overlays.link_lost(ui, link, self.do)
        draw_tip(ui)

    def _pause_menu(self) -> None:
        client = self.session.client
        chosen, wanted = while_paused(self.ui, client)
        self.paused = chosen in {overlays.Paused.STAY, overlays.Paused.SETTINGS}
        self.in_settings |= chosen is overlays.Paused.SETTINGS
        if chosen is overlays.Paused.LEAVE_MATCH and client is not None and client.lobby:
            self.looks.left_match = client.lobby.match_id or self.looks.left_match
        if wanted is not None:
            self.do(wanted)

    # --- settings -------------------------------------------------------------------------------

    def _draw_settings(self) -> None:
        changed = self._settings_screen.draw(self.ui, self.settings)
        if changed != self.settings:
            self.change(changed)
        if self._settings_screen.done:
            self._settings_screen.done = self.in_settings = False
            self.session.rename(self.settings.name.strip())

    def change(self, settings: PlayerSettings) -> None:
        """Apply new settings and store them; a failure to store is shown to the player."""
        self.settings = settings
        self._apply_settings()
        if self.settings_file is None:
            return
        try:
            save_settings(self.settings_file, settings)
        except OSError as error:
            self.session.fail(f"Settings could not be kept: {error.strerror}")

    def _apply_settings(self) -> None:
        self.ui.theme = COLOUR_BLIND if self.settings.colour_blind else DEFAULT
        self.sounds.set_volume(self.settings.volume / 100)
        self.controls.use(self.settings)
        self.window.fill_screen(on=self.settings.fullscreen and self.autopilot is None)
        self._match.shake = self.settings.shake
        Fighter.extrapolated = self.settings.extrapolate

    # --- intents --------------------------------------------------------------------------------

    def do(self, intent: Intent) -> None:
        """Carry out an intent: in the application, in the session, or as a request."""
        match intent:
            case Connect():
                self._begin_session(intent)
            case EndSession():
                self.session.close()
            case Quit():
                self.quit()
            case WatchMatch() | TryNow() | GiveUp():
                self.session.carry_out(intent)
            case ReplayIntent():
                self.recorded.carry_out(intent, self._nursery, self.session)
            case Request():
                self.session.ask(intent, self._taken)
            case Hold():
                self.hold(intent)
            case PointAt() if isinstance(self.shown, MatchView):
                self.ui.mouse = self._match.pointer(self.shown, intent.aim) or self.ui.mouse
            case _:
                self._show(intent)

    def _show(self, intent: Intent) -> None:
        """Carry out an intent that needs no server."""
        match intent:
            case OpenForm():
                self._create = CreateScreen()
                self.looks.form_open, self.looks.editing = True, intent.config
            case CloseForm():
                self.looks.form_open = False
            case FillForm():
                self._create.config = intent.config
            case OpenSettings() | CloseSettings():
                self.in_settings = isinstance(intent, OpenSettings)
            case ShowNetGraph() if intent.on != self.settings.net_graph:
                self.change(attrs.evolve(self.settings, net_graph=intent.on))
            case CopyText():
                self.session.tell(copied_words(intent.text))
            case SavePicture():
                self.window.save(intent.path)

    def _taken(self, request: Request) -> None:
        """Close the form or dialog of a request that the server has granted."""
        # The lobby is shown before its creation is answered; its host may already be changing it.
        if isinstance(request, CreateLobby if self.looks.editing is None else ConfigureLobby):
            self.looks.form_open = False
        elif isinstance(request, JoinLobby):
            self._browser.let_in()

    def _begin_session(self, wanted: Connect) -> None:
        self.change(attrs.evolve(self.settings, name=wanted.name, url=wanted.url))
        chosen = ClientSettings(
            game=Arena(),
            maps=tuple(self.maps.values()),
            conditions=self.conditions,
            roads=self.roads,
            client="client_demo",
        )
        if self._nursery is not None and not self.session.busy:
            # Choices and typed texts of one server mean nothing on the next.
            self._browser, self._room = BrowserScreen(), RoomScreen()
            self._results = ResultsScreen()
            self._nursery.start_soon(self.session.run, wanted.url, wanted.name, chosen)
