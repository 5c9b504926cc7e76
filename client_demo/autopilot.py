"""Drive the client without a person: through every screen, a match, chat, results, a rematch.

Law: it presses the same widgets and holds the same controls as a player, so what it reaches, a
player can reach. The game's own bot plays.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from client_demo.intents import Hold
from client_demo.views.matchview import MatchView
from client_demo.views.screens import (
    BrowserView,
    ConnectView,
    CreateView,
    ResultsView,
    RoomView,
    ScreenView,
)
from gameserver.arena import Arena
from gameserver.arena.options import ArenaCommand
from gameserver.client import MatchReplica
from gameserver.game.game import Bot
from gameserver.game.rng import Rng
from gameserver.messages.chat import Channel, SendChat
from gameserver.messages.lobby import JoinLobby, LobbyConfig

if TYPE_CHECKING:
    from client_demo.app import App

LOOK_S: Final = 1.2
"""How long a screen is looked at before it is left."""
MEET_S: Final = 4.0
"""How long a host waits for somebody to meet."""
MATCH_S: Final = 30


@attrs.define(eq=False)
class Autopilot:
    """Plays for ``seconds``, then quits.

    Attributes:
        seconds: How long, in all.
        pictures: Folder for a PNG of every screen; None takes none.
        matches: Matches whose results were seen.
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
    """What is said or looked at once in the whole life; `_done` holds for one screen."""
    _seen: set[str] = attrs.field(factory=set)
    """Moments that the last frame has shown."""
    _bot: Bot | None = None
    _replica: MatchReplica | None = None

    def steer(self, app: "App", now: float) -> None:
        """Look at the frame and do what a player would."""
        if self._began is None:
            self._began = now
        if now - self._began >= self.seconds:
            app.quit()
            return
        view = app.shown
        assert view is not None
        name = screen_name(app, view)
        if name != self._screen:
            self._screen, self._since = name, now
            self._done.clear()
        looked = now - self._since
        if looked > LOOK_S * 0.8:
            self._picture(app, name)
        self._act(app, view, looked)

    def _picture(self, app: "App", name: str) -> None:
        if self.pictures is not None and name not in self._taken:
            self._taken.add(name)
            app.window.save(self.pictures / f"{len(self._taken):02}-{name}.png")

    def _once(self, what: str) -> bool:
        if what in self._done:
            return False
        self._done.add(what)
        return True

    def _act(self, app: "App", view: ScreenView, looked: float) -> None:
        if app.in_settings:
            if looked > LOOK_S:
                app.in_settings = False
            return
        match view:
            case ConnectView():
                self._connect(app, looked)
            case BrowserView():
                self._browse(app, view, looked)
            case CreateView():
                self._create(app, view, looked)
            case RoomView():
                self._wait_in_room(app, view, looked)
            case ResultsView():
                self._see_results(app, looked)
            case MatchView():
                self._play(app, view, looked)

    def _connect(self, app: "App", looked: float) -> None:
        if looked > LOOK_S and "settings" not in self._said:
            self._said.add("settings")
            app.in_settings = True
        elif looked > LOOK_S and self._once("go"):
            app.ui.press("connect.go")

    def _browse(self, app: "App", view: BrowserView, looked: float) -> None:
        if looked < LOOK_S or view.form is None or view.listing is None:
            return
        found = next((item for item in view.listing.lobbies if item.joinable), None)
        if found is not None and self._once("join"):
            app.do(JoinLobby(found.lobby_id))
        elif found is None and looked > LOOK_S + self._patience_s() and self._once("create"):
            app.ui.press("browser.create")

    def _create(self, app: "App", view: CreateView, looked: float) -> None:
        if self._once("choose"):
            app.choose(_short_match(view.form.default))
        if looked > LOOK_S and self._once("go"):
            app.ui.press("create.go")

    def _wait_in_room(self, app: "App", view: RoomView, looked: float) -> None:
        if looked > LOOK_S / 2 and self.matches == 0 and "hello" not in self._said:
            self._said.add("hello")
            app.do(SendChat(Channel.LOBBY, "Hello! Shall we?"))
        people = sum(1 for m in view.lobby.members if m.player_id and m.seat >= 0)
        me = next((m for m in view.lobby.members if m.player_id == view.chat.me), None)
        patient = people > 1 or looked > MEET_S
        if looked > LOOK_S and patient and me is not None and not me.ready and self._once("ready"):
            app.ui.press("room.ready")

    def _see_results(self, app: "App", looked: float) -> None:
        if self._once("seen"):
            self.matches += 1
        if looked > LOOK_S / 2 and self._once("chat"):
            app.do(SendChat(Channel.LOBBY, f"Good game, number {self.matches}"))
        if looked > 2 * LOOK_S and self._once("rematch"):
            app.ui.press("results.rematch")

    def _patience_s(self) -> float:
        """Return how long to wait for somebody else's lobby: two pilots must not both open one."""
        return self.seed % 4 * 3 * LOOK_S

    # --- playing --------------------------------------------------------------------------------

    def _play(self, app: "App", view: MatchView, looked: float) -> None:
        bridge = app.looks.match
        if bridge is None or view.own is None:
            return
        replica = bridge.replica
        if replica is not self._replica or self._bot is None:
            self._replica = replica
            self._bot = Arena().bot(replica.seat, "hard", Rng.seeded(self.seed, replica.seat + 1))
        command = self._bot.command(replica.world)
        assert isinstance(command, ArenaCommand)
        app.hold(Hold(command.move, command.aim, bool(command.fire), command.rocket, command.dash))
        app.point_at(command.aim)
        self._show_parts(app, looked)
        now_seen = {name for name, seen in moments(view).items() if seen}
        for name in self._seen & now_seen:  # the canvas still has the frame before
            self._picture(app, name)
        self._seen = now_seen

    def _show_parts(self, app: "App", looked: float) -> None:
        self.shows_scores = 8 < looked < 10
        if looked > 4 and self._once("match chat"):
            app.do(SendChat(Channel.LOBBY, f"Have fun in match {self.matches + 1}!"))
        if (12 < looked < 14) != app.settings.net_graph:
            app.change(attrs.evolve(app.settings, net_graph=12 < looked < 14))
        for name, at in (("match-chat", 5), ("match", 7), ("scoreboard", 9), ("net-graph", 13)):
            if looked > at:
                self._picture(app, name)


def moments(view: MatchView) -> dict[str, bool]:
    """Return what comes when it comes, and whether a frame shows it: each is worth a picture."""
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


def screen_name(app: "App", view: ScreenView) -> str:
    """Return the name of what is shown, for pictures."""
    if app.in_settings:
        return "settings"
    match view:
        case MatchView():
            return "match-start"
        case RoomView():
            return "countdown" if view.countdown_s is not None else "room"
        case _:
            return type(view).__name__.removesuffix("View").lower()
