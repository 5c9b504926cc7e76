"""The screen of the player's settings; a change takes effect at once."""

from typing import Final

import attrs
import pygame

from client_demo.controls.keynames import key_name
from client_demo.screens.base import backdrop, heading
from client_demo.settings_file import MAX_NAME, PlayerSettings, bound
from client_demo.shapes import box
from client_demo.theme import SMALL, mix
from client_demo.widgets.basic import (
    Align,
    ButtonKind,
    button,
    focus_ring,
    label,
    panel,
    segments,
    switch,
)
from client_demo.widgets.entry import entry
from client_demo.widgets.pick import slider
from client_demo.widgets.tip import explain
from client_demo.widgets.ui import Ui

ACTIONS: Final = {
    "up": "Move up",
    "left": "Move left",
    "down": "Move down",
    "right": "Move right",
    "dash": "Dash",
    "rocket": "Rocket",
    "chat": "Chat",
    "scores": "Scoreboard",
    "net_graph": "Net graph",
    "report": "Save the last 30 s",
}

OTHERS_HELP: Final = (
    "Smooth: others are drawn a moment late, exactly where they were.",
    "Ahead: others are drawn where they probably are now; they may jump.",
)
"""What each choice of drawing the other players means."""


@attrs.define(eq=False)
class SettingsScreen:
    """Keeps the action that waits for its key.

    Attributes:
        waiting: Name of the action; empty for none.
        done: Set when the player leaves the screen; the application resets it.
    """

    waiting: str = ""
    done: bool = False

    def draw(self, ui: Ui, settings: PlayerSettings) -> PlayerSettings:
        """Draw the settings; return them with the player's changes."""
        backdrop(ui)
        heading(ui, "Settings", "Changes take effect at once and are kept on this computer")
        settings = self._bind_typed(ui, settings)
        settings = self._left(ui, panel(ui, pygame.Rect(40, 108, 580, 500), "Game"), settings)
        inner = panel(ui, pygame.Rect(660, 108, 580, 500), "Keys", right="Press one, then a key")
        self._keys(ui, inner, settings)
        place = pygame.Rect(1002, 634, 238, 52)
        done = button(ui, "settings.done", place, "Done", ButtonKind.PRIMARY, size=20)
        if done or (not self.waiting and ui.typed(pygame.K_ESCAPE)):
            self.done = True
        return settings

    def _left(self, ui: Ui, inner: pygame.Rect, settings: PlayerSettings) -> PlayerSettings:
        x, right = inner.x + 210, inner.right
        rows = [pygame.Rect(x, inner.y + 8 + i * 55, right - x, 42) for i in range(8)]
        for row, text in zip(
            rows,
            (
                "Name",
                "Sound",
                "Other players",
                "Colours",
                "Screen shake",
                "Net graph",
                "Full screen",
            ),
            strict=False,
        ):
            label(ui, (inner.x, row.centery), text, colour=ui.theme.muted)
        name = entry(ui, "settings.name", rows[0], settings.name, hint="Guest", limit=MAX_NAME)
        bar = pygame.Rect(x, rows[1].y, right - x - 64, 42)
        volume = slider(ui, "settings.volume", bar, settings.volume, 0, 100, step=5)
        place = (right, rows[1].centery)
        label(ui, place, f"{volume} %", bold=True, align=Align.RIGHT)
        others = ("Smooth", "Ahead")
        ahead = segments(ui, "settings.others", rows[2], others, int(settings.extrapolate))
        explain(ui, rows[2], OTHERS_HELP[ahead])
        colours = ("Teal and amber", "Sky and orange")
        blind = segments(ui, "settings.colours", rows[3], colours, int(settings.colour_blind))
        shake = switch(ui, "settings.shake", rows[4], on=settings.shake)
        graph = switch(ui, "settings.graph", rows[5], on=settings.net_graph)
        full = switch(ui, "settings.full", rows[6], on=settings.fullscreen)
        hints = {
            4: "When something explodes near you",
            5: "Ping, jitter and corrections, also on its key",
            6: "The picture keeps its shape",
        }
        for number, text in hints.items():
            label(ui, (x + 60, rows[number].centery), text, size=SMALL, colour=ui.theme.faint)
        return attrs.evolve(
            settings, name=name, volume=volume, extrapolate=bool(ahead), shake=shake,
            colour_blind=bool(blind), net_graph=graph, fullscreen=full,
        )  # fmt: skip

    def _keys(self, ui: Ui, inner: pygame.Rect, settings: PlayerSettings) -> None:
        theme = ui.theme
        for index, (action, text) in enumerate(ACTIONS.items()):
            row = pygame.Rect(inner.x, inner.y + index * 44, inner.width, 42)
            label(ui, (row.x, row.centery), text, colour=theme.muted)
            cap = pygame.Rect(row.right - 200, row.y + 2, 200, 38)
            waits = self.waiting == action
            fill = mix(theme.panel, theme.accent, 0.25) if waits else theme.raised
            box(ui.surface, cap, theme.hover if ui.over(cap) and not waits else fill,
                edge=theme.accent if waits else theme.line)  # fmt: skip
            shown = "press a key…" if waits else key_name(settings.places[action])
            label(ui, cap.center, shown, bold=not waits, align=Align.MIDDLE, room=180)
            key = f"settings.key.{action}"
            ui.reachable(key, cap)
            focus_ring(ui, key, cap)
            if not self.waiting and ui.clicked(key, cap):
                self.waiting = action

    def _bind_typed(self, ui: Ui, settings: PlayerSettings) -> PlayerSettings:
        if not self.waiting:
            return settings
        for typed in ui.keys:
            typed.used = True
            if typed.key == pygame.K_ESCAPE:
                self.waiting = ""
            elif self.waiting and typed.scancode and not typed.again:  # a gamepad's are 0
                settings, self.waiting = bound(settings, self.waiting, typed.scancode), ""
        return settings
