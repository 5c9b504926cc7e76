"""The screen of a replay: the field, its players, and the bar with which it is played."""

from typing import Final

import attrs
import pygame

from client_demo.art import signs
from client_demo.art.field import draw_field
from client_demo.camera import Camera
from client_demo.effects import FadingEffects
from client_demo.hud import kills, scoreboard
from client_demo.hud.clock import draw_clock
from client_demo.hud.layout import CLOCK, EDGE, KILLS, STANDING
from client_demo.hud.minimap import draw_minimap
from client_demo.intents import CloseReplays, SteerReplay
from client_demo.screens.base import Emit
from client_demo.shapes import box, disc
from client_demo.theme import BASE, GLASS, SMALL, THIN_GLASS, mix
from client_demo.views.matchview import MatchView
from client_demo.views.replay import ReplayView
from client_demo.widgets.basic import Align, button, focus_ring, label, paragraph
from client_demo.widgets.ui import Ui
from gameserver.game.maps.tilemap import TILE_PX
from gameserver.ids import NO_SEAT, Seat

BAR: Final = pygame.Rect(EDGE, BASE[1] - 108, BASE[0] - 2 * EDGE, 96)
TRACK: Final = pygame.Rect(BAR.x + 218, BAR.y + 14, BAR.width - 438, 28)
PLAYERS: Final = pygame.Rect(EDGE, KILLS.bottom + 14, 252, 0)
ROW: Final = 26
MOVE_PX_S: Final = 900.0
"""Pixels a second by which a held key moves the free camera."""
JUMP_S: Final = 5
HINT: Final = (
    "Space plays and pauses  ·  ← → go 5 s  ·  , . one tick  ·  - + speed  ·  Tab next player"
    "  ·  drag or W A S D: free camera  ·  C scores  ·  Esc back"
)
_WAYS: Final = {
    pygame.KSCAN_W: (0, -1),
    pygame.KSCAN_S: (0, 1),
    pygame.KSCAN_A: (-1, 0),
    pygame.KSCAN_D: (1, 0),
}
_STEPS: Final = {
    pygame.K_SPACE: SteerReplay(toggle=True),
    pygame.K_LEFT: SteerReplay(seconds=-JUMP_S),
    pygame.K_RIGHT: SteerReplay(seconds=JUMP_S),
    pygame.K_COMMA: SteerReplay(ticks=-1),
    pygame.K_PERIOD: SteerReplay(ticks=1),
    pygame.K_MINUS: SteerReplay(faster=-1),
    pygame.K_PLUS: SteerReplay(faster=1),
    pygame.K_EQUALS: SteerReplay(faster=1),
    pygame.K_KP_MINUS: SteerReplay(faster=-1),
    pygame.K_KP_PLUS: SteerReplay(faster=1),
    pygame.K_HOME: SteerReplay(to=0),
    pygame.K_END: SteerReplay(to=1 << 40),
}


@attrs.define(eq=False)
class ReplayScreen:
    """Keeps the camera, the effects, and who is followed."""

    seat: Seat = NO_SEAT
    """The followed player; the leader until another is chosen."""
    free: tuple[float, float] | None = None
    """The place of the free camera, in pixels of the map; None while a player is followed."""
    scores: bool = False
    camera: Camera = attrs.field(factory=Camera)
    effects: FadingEffects = attrs.field(factory=FadingEffects)
    corner: tuple[int, int] = (0, 0)
    _last: float = 0.0
    _drag: tuple[int, int] | None = None
    _rows: int = 0
    """Rows of the list of players in the last frame."""

    def draw(self, ui: Ui, view: ReplayView, emit: Emit) -> None:
        """Draw a frame; emit what the player wants of the replay."""
        elapsed = min(0.1, max(0.0, ui.time - self._last))
        self._last = ui.time
        self._keys(ui, view.match, emit)
        match = self._followed(view.match)
        for cue in match.cues:
            self.effects.begin(cue, ui.theme, self.camera if self.free is None else Camera())
        if view.playing or view.seeks:
            self.effects.advance(elapsed)
        if view.seeks:
            self.effects = FadingEffects()
        self._look(ui, match, elapsed)
        draw_field(ui.surface, match, ui.theme, self.corner, view.at / view.tick_rate)
        self.effects.draw(ui.surface, self.corner)
        table = scoreboard.table_rect(match) if self.scores else pygame.Rect(0, 0, 0, 0)
        draw_minimap(ui, match)
        if not table.collidelistall([CLOCK, STANDING]):
            draw_clock(ui, match)
        kills.draw_kills(ui, match.kills, covered=table)
        if self.scores:
            scoreboard.draw_scores(ui, match)
        self._players(ui, match, table)
        _bar(ui, view, emit)

    def _keys(self, ui: Ui, match: MatchView, emit: Emit) -> None:
        for key, wanted in _STEPS.items():
            if ui.typed(key):
                emit(wanted)
        if ui.typed(pygame.K_ESCAPE):
            emit(CloseReplays())
        if ui.typed(pygame.K_c):
            self.scores = not self.scores
        if ui.typed(pygame.K_TAB):
            seats = sorted(line.seat for line in match.scores)
            if seats:
                at = seats.index(self.seat) + 1 if self.seat in seats else 0
                self.seat, self.free = seats[at % len(seats)], None

    def _followed(self, match: MatchView) -> MatchView:
        """Return the view with the followed player, or with the free camera's place."""
        if self.seat not in {line.seat for line in match.scores} and match.scores:
            self.seat = match.scores[0].seat
        if self.free is not None:
            return attrs.evolve(match, focus=self.free)
        found = next((f for f in match.fighters if f.seat == self.seat), None)
        place = (found.x, found.y) if found is not None else None
        return attrs.evolve(match, focus=place, watched=self.seat)

    def _look(self, ui: Ui, match: MatchView, elapsed: float) -> None:
        size = (match.map.width * TILE_PX, match.map.height * TILE_PX)
        target = match.focus or (size[0] / 2, size[1] / 2)
        target = self._moved(ui, target, size, elapsed)
        self.camera.follow(target, (-1, -1), size, elapsed)
        self.corner = self.camera.corner(ui.time)

    def _moved(
        self, ui: Ui, target: tuple[float, float], size: tuple[int, int], elapsed: float
    ) -> tuple[float, float]:
        """Return the place to look at after the free camera was dragged or moved by keys."""
        x, y = target
        for place, (dx, dy) in _WAYS.items():
            if ui.holds(place):
                step = MOVE_PX_S * elapsed
                x, y = x + dx * step, y + dy * step
        covered = [BAR, self._list_rect()]
        if ui.went_down and not any(rect.collidepoint(ui.mouse) for rect in covered):
            self._drag = ui.mouse
        if not ui.down:
            self._drag = None
        if self._drag is not None:
            x, y = x + self._drag[0] - ui.mouse[0], y + self._drag[1] - ui.mouse[1]
            self._drag = ui.mouse
        if (x, y) != target:
            x, y = max(0.0, min(x, float(size[0]))), max(0.0, min(y, float(size[1])))
            self.free = (x, y)
        return x, y

    def _list_rect(self) -> pygame.Rect:
        return pygame.Rect(PLAYERS.x, PLAYERS.y, PLAYERS.width, 12 + ROW * self._rows)

    def _players(self, ui: Ui, match: MatchView, table: pygame.Rect) -> None:
        room = (BAR.y - 12 - PLAYERS.y - 12) // ROW
        lines = match.scores[:room]
        self._rows = len(lines)
        rect = self._list_rect()
        if not lines or rect.colliderect(table):
            return
        box(ui.surface, rect, THIN_GLASS, edge=ui.theme.raised, radius=10)
        for index, line in enumerate(lines):
            row = pygame.Rect(rect.x + 6, rect.y + 6 + index * ROW, rect.width - 12, ROW - 2)
            followed = self.free is None and line.seat == self.seat
            if followed:
                box(ui.surface, row, mix(ui.theme.panel, ui.theme.accent, 0.35), radius=6)
            elif ui.over(row):
                box(ui.surface, row, ui.theme.raised, radius=6)
            colour = ui.theme.fighter(line.team, line.seat)
            ui.surface.blit(signs.mark(line.team, colour, 5), (row.x + 6, row.centery - 5))
            label(ui, (row.x + 22, row.centery), line.name, size=SMALL, room=178, bold=followed)
            place = (row.right - 8, row.centery)
            label(ui, place, str(line.score), size=SMALL, align=Align.RIGHT, bold=True)
            key = f"replay.player.{line.seat}"
            ui.reachable(key, row)
            focus_ring(ui, key, row, 6)
            if ui.clicked(key, row):
                self.seat, self.free = line.seat, None


def _bar(ui: Ui, view: ReplayView, emit: Emit) -> None:
    box(ui.surface, BAR, GLASS, edge=ui.theme.raised, radius=14)
    place = pygame.Rect(BAR.x + 12, BAR.y + 10, 84, 36)
    if button(ui, "replay.play", place, "Pause" if view.playing else "Play", size=SMALL + 1):
        emit(SteerReplay(toggle=True))
    here, whole = (clock(tick, view) for tick in (view.at, view.last))
    times = (BAR.x + 206, place.centery)
    label(ui, times, f"{here} / {whole}", size=SMALL + 1, bold=True, align=Align.RIGHT, room=104)
    _track(ui, view, emit)
    right = pygame.Rect(BAR.right - 208, place.y, 36, 36)
    if button(ui, "replay.slower", right, "-"):
        emit(SteerReplay(faster=-1))
    words = speed_words(view)
    label(ui, (right.right + 42, right.centery), words, bold=True, align=Align.MIDDLE, room=76)
    if button(ui, "replay.faster", right.move(120, 0), "+"):
        emit(SteerReplay(faster=1))
    words = f"tick {int(view.at)}"
    label(ui, (BAR.right - 12, BAR.bottom - 20), words, size=SMALL, colour=ui.theme.muted,
          align=Align.RIGHT, room=110)  # fmt: skip
    below = pygame.Rect(BAR.x + 12, BAR.y + 52, BAR.width - 150, 36)
    colour = ui.theme.warn if view.notice else ui.theme.muted
    paragraph(ui, below, view.notice or HINT, size=SMALL, colour=colour)


def _track(ui: Ui, view: ReplayView, emit: Emit) -> None:
    """Draw the seek bar with its key frames and holes; emit where it is pressed or dragged."""
    theme, key = ui.theme, "replay.seek"
    line = pygame.Rect(TRACK.x, TRACK.centery - 4, TRACK.width, 8)
    span = max(1, view.last)

    def spot(tick: float) -> int:
        return line.x + round(line.width * max(0.0, min(1.0, tick / span)))

    box(ui.surface, line, mix(theme.background, theme.line, 0.8), radius=4)
    full = pygame.Rect(line.x, line.y, max(8, spot(view.at) - line.x), line.height)
    box(ui.surface, full, theme.accent, radius=4)
    for tick in view.keys:
        ui.surface.fill(theme.muted, (spot(tick), line.bottom + 3, 1, 5))
    for first, last in view.holes:
        ui.surface.fill(theme.warn, (spot(first), line.y, max(2, spot(last) - spot(first)), 8))
    ui.surface.blit(disc(8, theme.text), (spot(view.at) - 8, line.centery - 8))
    ui.reachable(key, TRACK)
    focus_ring(ui, key, TRACK)
    if ui.over(TRACK) and ui.went_down:
        ui.active = ui.focus = key
    if ui.active == key and (ui.down or ui.went_down):
        share = (ui.mouse[0] - line.x) / line.width
        emit(SteerReplay(to=round(max(0.0, min(1.0, share)) * span)))


def clock(tick: float, view: ReplayView) -> str:
    """Return a moment of the match as minutes and seconds."""
    seconds = int(tick / view.tick_rate)
    return f"{seconds // 60}:{seconds % 60:02}"


def speed_words(view: ReplayView) -> str:
    """Return the speed, such as 0.25x, or that another place is being sought."""
    return "seeking" if view.seeks else f"{view.speed:g}x"
