"""Drive the client without a person: through every screen, a match, chat, results, a rematch.

Law: the autopilot presses the same widgets and emits the same intents as a screen, so a player can
reach all that it reaches. In a match the game's own bot plays.
"""

from pathlib import Path
from typing import Final

import attrs

from client_demo.intents import (
    CloseSettings,
    FillForm,
    Hold,
    OpenSettings,
    PointAt,
    Quit,
    SavePicture,
    ShowNetGraph,
)
from client_demo.screens.base import Emit
from client_demo.views.matchview import MatchView
from client_demo.views.screens import (
    BrowserView,
    ConnectView,
    CreateView,
    ResultsView,
    RoomView,
    ScreenView,
)
from client_demo.widgets.ui import Ui
from gameserver.arena import Arena
from gameserver.arena.options import ArenaCommand
from gameserver.client import MatchReplica
from gameserver.game.game import Bot
from gameserver.game.rng import Rng
from gameserver.messages.chat import Channel, SendChat
from gameserver.messages.lobby import JoinLobby, LobbyConfig

LOOK_S: Final = 1.2
"""Time for which each screen is shown before the autopilot leaves it."""
MEET_S: Final = 4.0
"""Time for which the autopilot waits alone in a lobby before it gets ready."""
MATCH_S: Final = 30


@attrs.frozen
class ScreenSeen:
    """The input of the autopilot: the view of the last frame, and its match."""

    view: ScreenView
    now: float
    """Seconds on the application's clock."""
    in_settings: bool = False
    replica: MatchReplica | None = None


@attrs.define(eq=False)
class Autopilot:
    """Plays for ``seconds``, then quits.

    Attributes:
        seconds: Total time.
        pictures: Folder for a PNG file of every screen; None saves none.
        seed: Seed of the bot; also decides how long to wait for another player's lobby.
        matches: Number of matches whose results were shown.
        shows_scores: Whether the table of scores is to be drawn now.
    """

    seconds: float
    pictures: Path | None = None
    seed: int = 1
    matches: int = 0
    shows_scores: bool = False
    _began: float | None = None
    _screen: str = ""
    _since: float = 0.0
    _taken: set[str] = attrs.field(factory=set)
    _done: set[str] = attrs.field(factory=set)
    _said: set[str] = attrs.field(factory=set)
    """Actions done once in the whole run; `_done` is cleared for each screen."""
    _seen: set[str] = attrs.field(factory=set)
    """Names of the `moments` that the last frame has shown."""
    _bot: Bot | None = None
    _replica: MatchReplica | None = None

    def steer(self, ui: Ui, seen: ScreenSeen, emit: Emit) -> None:
        """Act for one frame: press widgets of ``ui`` and emit intents."""
        if self._began is None:
            self._began = seen.now
        if seen.now - self._began >= self.seconds:
            emit(Quit())
            return
        name = screen_name(seen)
        if name != self._screen:
            self._screen, self._since = name, seen.now
            self._done.clear()
        looked = seen.now - self._since
        if looked > LOOK_S * 0.8:
            self._picture(name, emit)
        self._act(ui, seen, emit, looked)

    def _picture(self, name: str, emit: Emit) -> None:
        if self.pictures is not None and name not in self._taken:
            self._taken.add(name)
            emit(SavePicture(self.pictures / f"{len(self._taken):02}-{name}.png"))

    def _once(self, what: str) -> bool:
        if what in self._done:
            return False
        self._done.add(what)
        return True

    def _act(self, ui: Ui, seen: ScreenSeen, emit: Emit, looked: float) -> None:
        if seen.in_settings:
            if looked > LOOK_S:
                emit(CloseSettings())
            return
        match seen.view:
            case ConnectView():
                self._connect(ui, emit, looked)
            case BrowserView() as view:
                self._browse(ui, view, emit, looked)
            case CreateView() as view:
                self._create(ui, view, emit, looked)
            case RoomView() as view:
                self._wait_in_room(ui, view, emit, looked)
            case ResultsView():
                self._see_results(ui, emit, looked)
            case MatchView() as view:
                self._play(view, seen.replica, emit, looked)

    def _connect(self, ui: Ui, emit: Emit, looked: float) -> None:
        if looked > LOOK_S and "settings" not in self._said:
            self._said.add("settings")
            emit(OpenSettings())
        elif looked > LOOK_S and self._once("go"):
            ui.press("connect.go")

    def _browse(self, ui: Ui, view: BrowserView, emit: Emit, looked: float) -> None:
        if looked < LOOK_S or view.form is None or view.listing is None:
            return
        found = next((item for item in view.listing.lobbies if item.joinable), None)
        if found is not None and self._once("join"):
            emit(JoinLobby(found.lobby_id))
        elif found is None and looked > LOOK_S + self._patience_s() and self._once("create"):
            ui.press("browser.create")

    def _create(self, ui: Ui, view: CreateView, emit: Emit, looked: float) -> None:
        if self._once("choose"):
            emit(FillForm(_short_match(view.form.default)))
        if looked > LOOK_S and self._once("go"):
            ui.press("create.go")

    def _wait_in_room(self, ui: Ui, view: RoomView, emit: Emit, looked: float) -> None:
        if looked > LOOK_S / 2 and self.matches == 0 and "hello" not in self._said:
            self._said.add("hello")
            emit(SendChat(Channel.LOBBY, "Hello! Shall we?"))
        people = sum(1 for m in view.lobby.members if m.player_id and m.seat >= 0)
        me = next((m for m in view.lobby.members if m.player_id == view.chat.me), None)
        patient = people > 1 or looked > MEET_S
        if looked > LOOK_S and patient and me is not None and not me.ready and self._once("ready"):
            ui.press("room.ready")

    def _see_results(self, ui: Ui, emit: Emit, looked: float) -> None:
        if self._once("seen"):
            self.matches += 1
        if looked > LOOK_S / 2 and self._once("chat"):
            emit(SendChat(Channel.LOBBY, f"Good game, number {self.matches}"))
        if looked > 2 * LOOK_S and self._once("rematch"):
            ui.press("results.rematch")

    def _patience_s(self) -> float:
        """Return the time to wait for a lobby; it depends on the seed.

        Otherwise two autopilots would both open a lobby and wait for each other.
        """
        return self.seed % 4 * 3 * LOOK_S

    # --- playing --------------------------------------------------------------------------------

    def _play(
        self, view: MatchView, replica: MatchReplica | None, emit: Emit, looked: float
    ) -> None:
        if replica is None or view.own is None:
            return
        if replica is not self._replica or self._bot is None:
            self._replica = replica
            self._bot = Arena().bot(replica.seat, "hard", Rng.seeded(self.seed, replica.seat + 1))
        command = self._bot.command(replica.world)
        assert isinstance(command, ArenaCommand)
        emit(Hold(command.move, command.aim, bool(command.fire), command.rocket, command.dash))
        emit(PointAt(command.aim))
        self._show_parts(emit, looked)
        now_seen = {name for name, seen in moments(view).items() if seen}
        for name in self._seen & now_seen:  # the canvas still holds the previous frame
            self._picture(name, emit)
        self._seen = now_seen

    def _show_parts(self, emit: Emit, looked: float) -> None:
        self.shows_scores = 8 < looked < 10
        if looked > 4 and self._once("match chat"):
            emit(SendChat(Channel.LOBBY, f"Have fun in match {self.matches + 1}!"))
        emit(ShowNetGraph(12 < looked < 14))
        for name, at in (("match-chat", 5), ("match", 7), ("scoreboard", 9), ("net-graph", 13)):
            if looked > at:
                self._picture(name, emit)


def moments(view: MatchView) -> dict[str, bool]:
    """Return the states of a match worth a picture, and whether a view shows each of them."""
    own = view.own
    return {
        "destroyed": own is not None and own.respawn_s is not None and own.respawn_s < 2,
        "ending": view.ending is not None,
        "stall-mark": view.line.stalls and not view.line.stalls_long,
        "stall-banner": view.line.stalls_long,
        "slow-line": bool(view.line.trouble),
        "others-silent": any(fighter.silent for fighter in view.fighters),
    }


def _short_match(config: LobbyConfig) -> LobbyConfig:
    options = {**config.options, "time_limit_s": MATCH_S, "score_limit": 30}
    return attrs.evolve(config, title="Autoplay", bots=4, bot_level="normal", options=options)


def screen_name(seen: ScreenSeen) -> str:
    """Return the name of the screen, for the names of pictures."""
    if seen.in_settings:
        return "settings"
    match seen.view:
        case MatchView():
            return "match-start"
        case RoomView() as view:
            return "countdown" if view.countdown_s is not None else "room"
        case view:
            return type(view).__name__.removesuffix("View").lower()
