"""The match: the field, what lies over it, and what the player writes in it."""

import attrs
import pygame

from client_demo import cues
from client_demo.art.field import draw_field
from client_demo.camera import Camera
from client_demo.effects import Effects
from client_demo.hud import feed, meters
from client_demo.hud.minimap import draw_minimap
from client_demo.matchview import FighterView, MatchView
from client_demo.screens.base import Emit
from client_demo.widgets.ui import Ui
from gameserver.game.tilemap import TILE_PX
from gameserver.messages.chat import Channel, SendChat, Typing

BANNER_S = 2.6
TYPING_EVERY_S = 2.0
CHAT_LIMIT = 200


@attrs.define(eq=False)
class MatchScreen:
    """Keeps camera, effects and the line being written."""

    camera: Camera = attrs.field(factory=Camera)
    effects: Effects = attrs.field(factory=Effects)
    draft: str | None = None
    to_team: bool = False
    shake: bool = True
    corner: tuple[int, int] = (0, 0)
    """Where the map's origin was in the last frame."""
    _banner: cues.Banner | None = None
    _banner_left: float = 0.0
    _last: float = 0.0
    _typing_told: float = -10.0

    def draw(
        self, ui: Ui, view: MatchView, emit: Emit, *, scores: bool, net_graph: bool, chat_key: int
    ) -> None:
        """Draw a frame."""
        elapsed = min(0.1, max(0.0, ui.time - self._last))
        self._last = ui.time
        self._write(ui, emit, chat_key, teams=bool(view.team_scores))
        self._begin_cues(ui, view)
        self.effects.advance(elapsed)
        self._follow(ui, view, elapsed)
        draw_field(ui.surface, view, ui.theme, self.corner, ui.time)
        self.effects.draw(ui.surface, self.corner)
        self._over(ui, view, elapsed, scores=scores, net_graph=net_graph)

    def on_canvas(self, x: float, y: float) -> tuple[float, float]:
        """Return where a place on the map is on the canvas."""
        return x + self.corner[0], y + self.corner[1]

    def _follow(self, ui: Ui, view: MatchView, elapsed: float) -> None:
        own = own_fighter(view)
        target = (own.x, own.y) if own is not None else view.focus
        size = (view.map.width * TILE_PX, view.map.height * TILE_PX)
        if target is None:
            target = (size[0] / 2, size[1] / 2)
        self.camera.follow(target, ui.mouse, size, elapsed)
        self.corner = self.camera.corner(ui.time)

    def _begin_cues(self, ui: Ui, view: MatchView) -> None:
        camera = self.camera if self.shake else Camera()
        for cue in view.cues:
            self.effects.begin(cue, ui.theme, camera)
            if isinstance(cue, cues.Banner):
                self._banner, self._banner_left = cue, BANNER_S

    def _over(
        self, ui: Ui, view: MatchView, elapsed: float, *, scores: bool, net_graph: bool
    ) -> None:
        meters.draw_edge_flash(ui, self.effects.flash)
        meters.draw_clock(ui, view)
        draw_minimap(ui, view, self.corner)
        feed.draw_kills(ui, view.kills)
        self._banner_left = max(0.0, self._banner_left - elapsed)
        if self._banner is not None:
            feed.draw_banner(ui, self._banner.text, self._banner.team, self._banner_left)
        if not scores:
            meters.draw_announcement(ui, view)
        feed.draw_chat(ui, view, self.draft, team=self.to_team)
        if view.own is not None:
            meters.draw_meters(ui, view.own)
            meters.draw_crosshair(ui, self.effects.marker, view.own.reload)
        else:
            meters.hint(ui, "Watching. Esc opens the menu.")
        if scores:
            feed.draw_scores(ui, view)
        if net_graph:
            feed.draw_net_graph(ui, view.net)

    # --- writing ----------------------------------------------------------------------------------

    def _write(self, ui: Ui, emit: Emit, chat_key: int, *, teams: bool) -> None:
        if self.draft is None:
            if ui.typed(chat_key):
                self.draft, ui.text = "", ""
            return
        ui.edits_text = True
        self.draft = (self.draft + ui.text)[:CHAT_LIMIT]
        if ui.typed(pygame.K_BACKSPACE):
            self.draft = self.draft[:-1]
        if ui.typed(pygame.K_TAB):
            self.to_team = not self.to_team
        self.to_team = self.to_team and teams
        channel = Channel.TEAM if self.to_team else Channel.LOBBY
        if ui.text and ui.time - self._typing_told > TYPING_EVERY_S:
            self._typing_told = ui.time
            emit(Typing(channel))
        if ui.typed(pygame.K_RETURN) or ui.typed(pygame.K_KP_ENTER):
            if self.draft.strip():
                emit(SendChat(channel, self.draft.strip()))
            self.draft = None
        elif ui.typed(pygame.K_ESCAPE):
            self.draft = None


def own_fighter(view: MatchView) -> FighterView | None:
    """Return the player's own fighter."""
    return next((fighter for fighter in view.fighters if fighter.own), None)
