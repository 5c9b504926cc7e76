"""The screen of a match: field, effects, HUD, and the chat line that the player writes."""

from collections.abc import Collection, Mapping

import attrs
import pygame

from client_demo.art.field import draw_field
from client_demo.art.figures import direction
from client_demo.camera import Camera
from client_demo.effects import FadingEffects
from client_demo.hud import announce, feed, kills, meters, scoreboard
from client_demo.hud.clock import draw_clock
from client_demo.hud.fade import over_field
from client_demo.hud.layout import (
    BADGES,
    BANNER,
    CHAT,
    CLOCK,
    DRAFT,
    LESSON,
    METERS,
    NET_GRAPH,
    STANDING,
)
from client_demo.hud.lesson import draw_lesson
from client_demo.hud.minimap import draw_minimap
from client_demo.hud.watched import draw_watched
from client_demo.screens.base import Emit
from client_demo.unsent import UnsentLines
from client_demo.views import cues
from client_demo.views.matchview import FighterView, MatchView
from client_demo.widgets.entry import edit
from client_demo.widgets.line import TextLine
from client_demo.widgets.ui import Ui
from client_demo.written import draft_of, request_of
from gameserver.game.maps.tilemap import TILE_PX
from gameserver.messages.chat import Channel, SendChat, Typing

BANNER_S = 2.6
TYPING_EVERY_S = 2.0
CHAT_LIMIT = 200
AIM_PX = 170
"""Pixels between the fighter and the autopilot's pointer."""


@attrs.frozen
class Shows:
    """The optional parts of the HUD."""

    scores: bool = False
    net_graph: bool = False
    lesson: Collection[str] = ()
    """Names of the controls in the list for a new player."""
    keys: Mapping[str, str] = attrs.field(factory=dict)
    """Words for the keys of these controls."""


@attrs.define(eq=False)
class MatchScreen:
    """Keeps the camera, the effects and the chat line that the player writes."""

    camera: Camera = attrs.field(factory=Camera)
    effects: FadingEffects = attrs.field(factory=FadingEffects)
    draft: str | None = None
    _line: TextLine = attrs.field(factory=TextLine, init=False)
    """The draft with its caret."""
    unsent: UnsentLines = attrs.field(factory=UnsentLines)
    """Sent lines; a refused one is put into the field when the chat is opened next."""
    to_team: bool = False
    shake: bool = True
    corner: tuple[int, int] = (0, 0)
    """Place of the map's origin on the canvas in the last frame."""
    _followed: tuple[float, float] = (0.0, 0.0)
    """Place on the canvas of the camera's target in the last frame."""
    _banner: cues.Banner | None = None
    _banner_left: float = 0.0
    _last: float = 0.0
    _typing_told: float = -10.0

    def draw(self, ui: Ui, view: MatchView, emit: Emit, *, shows: Shows, chat_key: int) -> None:
        """Draw a frame; emit chat lines. ``chat_key`` is the scancode that opens the chat."""
        elapsed = min(0.1, max(0.0, ui.time - self._last))
        self._last = ui.time
        self._write(ui, emit, chat_key, teams=bool(view.team_scores))
        self._begin_cues(ui, view)
        self.effects.advance(elapsed)
        self._follow(ui, view, elapsed)
        draw_field(ui.surface, view, ui.theme, self.corner, ui.time)
        self.effects.draw(ui.surface, self.corner)
        self._over(ui, view, elapsed, shows)

    def begin(self) -> None:
        """Drop camera, effects, banner and refused lines of the previous match."""
        self.camera, self.effects, self._banner = Camera(), FadingEffects(), None
        self.unsent = UnsentLines()

    def on_canvas(self, x: float, y: float) -> tuple[float, float]:
        """Convert a place from pixels of the map to pixels of the canvas."""
        return x + self.corner[0], y + self.corner[1]

    def pointer(self, view: MatchView, aim: int) -> tuple[int, int] | None:
        """Return the pointer's place for an aim of 0..1023; None without an own fighter."""
        own = own_fighter(view)
        if own is None:
            return None
        (x, y), (dx, dy) = self.on_canvas(own.x, own.y), direction(aim)
        return round(x + dx * AIM_PX), round(y + dy * AIM_PX)

    def _follow(self, ui: Ui, view: MatchView, elapsed: float) -> None:
        own = own_fighter(view)
        target = (own.x, own.y) if own is not None else view.focus
        size = (view.map.width * TILE_PX, view.map.height * TILE_PX)
        if target is None:
            target = (size[0] / 2, size[1] / 2)
        self.camera.follow(target, ui.mouse, size, elapsed)
        self.corner = self.camera.corner(ui.time)
        self._followed = self.on_canvas(*target)

    def _begin_cues(self, ui: Ui, view: MatchView) -> None:
        camera = self.camera if self.shake else Camera()
        for cue in view.cues:
            self.effects.begin(cue, ui.theme, camera)
            if isinstance(cue, cues.Banner):
                self._banner, self._banner_left = cue, BANNER_S
            elif isinstance(cue, cues.TakenBack) and self._banner is not None:
                self._banner = self._banner if self._banner.cue_id != cue.cue_id else None

    def _over(self, ui: Ui, view: MatchView, elapsed: float, shows: Shows) -> None:
        followed = self._followed
        meters.draw_hurt(ui, self.effects.flash, view.own)
        table = scoreboard.table_rect(view) if shows.scores else pygame.Rect(0, 0, 0, 0)
        if view.own is not None and view.own.respawn_s is None:
            meters.draw_directions(ui, followed, self.effects.hurt_from)
        draw_minimap(ui, view)
        self._banner_left = max(0.0, self._banner_left - elapsed)
        self._top_and_bottom(ui, view, table)
        place = CHAT.union(DRAFT)
        over_field(
            ui,
            place,
            followed,
            lambda: feed.draw_chat(ui, view, self._written(), team=self.to_team, covered=table),
        )
        if shows.net_graph:
            over_field(ui, NET_GRAPH, followed, lambda: feed.draw_net_graph(ui, view.net))
        lesson = shows.lesson and not table.colliderect(LESSON)
        if lesson and view.own is not None and view.ending is None:
            over_field(ui, LESSON, followed, lambda: draw_lesson(ui, shows.lesson, shows.keys))
        if shows.scores:
            scoreboard.draw_scores(ui, view)
        else:
            announce.draw_announcement(ui, view, followed[1])
        if view.own is not None:
            meters.draw_crosshair(ui, self.effects.marker, view.own.reload)

    def _top_and_bottom(self, ui: Ui, view: MatchView, table: pygame.Rect) -> None:
        """Draw the parts at the top and bottom, except those that the table of scores covers."""
        if not table.collidelistall([CLOCK, STANDING]):
            draw_clock(ui, view)
        kills.draw_kills(ui, view.kills, covered=table)
        if not table.colliderect(BANNER):
            announce.draw_banner(ui, view, self._banner if self._banner_left > 0 else None)
        if table.collidelistall([METERS, BADGES]):
            return
        if view.own is not None:
            meters.draw_meters(ui, view.own)
            meters.draw_badges(ui, view.own)
        else:
            draw_watched(ui, view)

    # --- writing ----------------------------------------------------------------------------------

    def _write(self, ui: Ui, emit: Emit, chat_key: int, *, teams: bool) -> None:
        if self.draft is None:
            if ui.typed_at(chat_key):
                refused = self.unsent.take()
                self.draft, ui.text = draft_of(refused) if refused is not None else "", ""
            return
        ui.edits_text = True
        typing = bool(ui.text)
        self._line = edit(ui, self._written() or TextLine(), CHAT_LIMIT)
        self.draft = self._line.text
        if ui.typed(pygame.K_TAB):
            self.to_team = not self.to_team
        self.to_team = self.to_team and teams
        channel = Channel.TEAM if self.to_team else Channel.LOBBY
        commands = self.draft.lstrip().startswith("/")
        if typing and not commands and ui.time - self._typing_told > TYPING_EVERY_S:
            self._typing_told = ui.time
            emit(Typing(channel))
        if ui.typed(pygame.K_RETURN) or ui.typed(pygame.K_KP_ENTER):
            said = request_of(channel, self.draft)
            if isinstance(said, SendChat):
                self.unsent.say(said)
                emit(said)
            if not said or isinstance(said, SendChat):
                self.draft = None
        elif ui.typed(pygame.K_ESCAPE):
            self.draft = None

    def _written(self) -> TextLine | None:
        """Return the draft with its caret; at the end if the program has set the draft."""
        if self.draft is None:
            return None
        return (
            self._line if self._line.text == self.draft else TextLine(self.draft, len(self.draft))
        )


def own_fighter(view: MatchView) -> FighterView | None:
    """Return the player's own fighter; None for a spectator."""
    return next((fighter for fighter in view.fighters if fighter.own), None)
