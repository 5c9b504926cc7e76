"""The list of recorded matches on this computer."""

from datetime import UTC, datetime
from typing import Final

import attrs
import pygame

from client_demo.hud.clock import MODE_NAMES
from client_demo.intents import CloseReplays, OpenReplays, WatchReplay
from client_demo.recordings import ReplayRow
from client_demo.screens.base import Emit, backdrop, error_box, heading
from client_demo.shapes import box
from client_demo.text.runs import isolated
from client_demo.theme import SMALL, mix
from client_demo.views.replay import ReplaysView
from client_demo.widgets.basic import Align, ButtonKind, button, focus_ring, label, panel, paragraph
from client_demo.widgets.pick import scrolled
from client_demo.widgets.ui import Ui

ROW: Final = 56
COLUMNS: Final = (
    ("Date", 0, False),
    ("Map", 176, False),
    ("Players", 400, False),
    ("Length", 828, True),
    ("Result", 868, False),
)
NAMES_ROOM: Final = 36
"""Most letters of the names in a row; the first name is always shown."""
NOTHING: Final = (
    "A server that is started with --data DIR records each of its matches in DIR."
    " Start the client with --replays DIR to watch them."
)


@attrs.define(eq=False)
class ReplaysScreen:
    """Keeps the chosen replay."""

    chosen: str = ""

    def draw(self, ui: Ui, view: ReplaysView, emit: Emit) -> None:
        """Draw the list; emit `WatchReplay` for a row that is pressed twice, or by the button."""
        backdrop(ui)
        heading(ui, "Replays", view.folder, room=900)
        place = pygame.Rect(980, 28, 124, 40)
        if button(ui, "replays.again", place, "Read again", ButtonKind.QUIET, off=view.reading):
            emit(OpenReplays())
        back = button(ui, "replays.back", place.move(136, 0), "Back", ButtonKind.QUIET)
        if back or ui.typed(pygame.K_ESCAPE):
            emit(CloseReplays())
        count = f"{len(view.rows)} so far" if view.reading else str(len(view.rows) or "")
        inner = panel(ui, pygame.Rect(40, 108, 1200, 524), "Recorded matches", right=count)
        area = pygame.Rect(inner.x - 8, inner.y + 24, inner.width + 16, inner.height - 24)
        if view.rows:
            self._rows(ui, inner, area, view, emit)
        else:
            words = "Reading…" if view.reading else "No recorded match is here"
            x, y = area.center
            label(ui, (x, y - 30), words, size=20, align=Align.MIDDLE, room=area.width)
            below = pygame.Rect(x - 320, y - 10, 640, 60)
            hint = "" if view.reading else NOTHING
            paragraph(ui, below, hint, colour=ui.theme.muted, align=Align.MIDDLE)
        row = next((row for row in view.rows if str(row.path) == self.chosen), None)
        error_box(ui, pygame.Rect(40, 644, 980, 48), view.error or (row.fault if row else ""))
        place = pygame.Rect(1040, 644, 200, 48)
        off = row is None or bool(row.fault)
        if button(ui, "replays.watch", place, "Watch", ButtonKind.PRIMARY, off=off) and row:
            emit(WatchReplay(row.path))

    def _rows(
        self, ui: Ui, inner: pygame.Rect, area: pygame.Rect, view: ReplaysView, emit: Emit
    ) -> None:
        for name, x, right in COLUMNS:
            align = Align.RIGHT if right else Align.LEFT
            place = (inner.x + x, inner.y + 8)
            label(ui, place, name, size=SMALL, colour=ui.theme.faint, align=align)
        with scrolled(ui, "replays.list", area, len(view.rows) * ROW) as y:
            for index, row in enumerate(view.rows):
                at = pygame.Rect(area.x, y + index * ROW, area.width, ROW - 4)
                key = f"replays.row.{row.path.name}"
                if not at.colliderect(area):
                    ui.reachable(key, at)
                elif _row(ui, key, at, row, chosen=str(row.path) == self.chosen):
                    if str(row.path) == self.chosen and not row.fault:
                        emit(WatchReplay(row.path))
                    self.chosen = str(row.path)


def _row(ui: Ui, key: str, rect: pygame.Rect, row: ReplayRow, *, chosen: bool) -> bool:
    theme = ui.theme
    if chosen:
        fill = mix(theme.panel, theme.accent, 0.18)
        box(ui.surface, rect, fill, edge=mix(theme.panel, theme.accent, 0.7))
    elif ui.over(rect):
        box(ui.surface, rect, theme.raised)
    x, y = rect.x + 8, rect.centery
    if row.fault:
        label(ui, (x, y), row.path.name, colour=theme.muted, room=380)
        label(ui, (x + 400, y), "cannot be watched", colour=theme.warn, room=400)
    else:
        label(ui, (x, y), when(row.began_ms), room=168)
        label(ui, (x + 176, y - 9), row.map, bold=True, room=212)
        mode = MODE_NAMES.get(row.mode, row.mode)
        label(ui, (x + 176, y + 11), mode, size=SMALL, colour=theme.muted, room=212)
        words = pygame.Rect(x + 400, rect.y + 2, 350, rect.height - 4)
        paragraph(ui, words, players_in(row), size=SMALL + 1)
        place = (x + 828, y)
        label(ui, place, length(row.seconds), align=Align.RIGHT)
        words = pygame.Rect(x + 868, rect.y + 2, rect.right - x - 880, rect.height - 4)
        paragraph(ui, words, row.result, size=SMALL + 1)
    ui.reachable(key, rect)
    focus_ring(ui, key, rect)
    return ui.clicked(key, rect)


def when(unix_ms: int) -> str:
    """Return a moment in the computer's own time, by date and minute."""
    try:
        return f"{datetime.fromtimestamp(unix_ms / 1000, UTC).astimezone():%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):
        return "?"


def length(seconds: float) -> str:
    """Return a length as minutes and seconds: 9:05."""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02}"


def players_in(row: ReplayRow) -> str:
    """Return the players whose names have room, the number of the others, and that of the bots."""
    names: list[str] = []
    room = NAMES_ROOM
    for name in row.players:
        room -= len(name)
        if names and room < 0:
            break
        names.append(isolated(name))
    if len(row.players) > len(names):
        names.append(f"{len(row.players) - len(names)} more")
    if row.bots:
        names.append("1 bot" if row.bots == 1 else f"{row.bots} bots")
    return ", ".join(names)
