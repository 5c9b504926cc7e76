"""The form of a lobby, made from the game's own description of its options."""

from typing import Final

import attrs
import pygame

from client_demo.art.mappreview import preview
from client_demo.intents import CloseForm
from client_demo.screens.base import Emit, backdrop, error_line, heading
from client_demo.screens.formfield import draw_field
from client_demo.theme import SMALL
from client_demo.views import CreateView
from client_demo.widgets.basic import Align, Kind, button, label, panel, segments, switch
from client_demo.widgets.entry import entry
from client_demo.widgets.pick import scrolled, slider, stepper
from client_demo.widgets.ui import Ui
from gameserver.messages.lobby import ConfigureLobby, CreateLobby, LobbyConfig, Visibility

FIELD: Final = 62
SEEN_BY: Final = (Visibility.PUBLIC, Visibility.UNLISTED, Visibility.PASSWORD)


@attrs.define(eq=False)
class CreateScreen:
    """Keeps the configuration while it is being chosen."""

    config: LobbyConfig | None = None
    password: str = ""

    def draw(self, ui: Ui, view: CreateView, emit: Emit) -> None:
        """Draw the form; emit it when it is done."""
        backdrop(ui)
        config = self.config or view.editing or view.form.default
        title = "Change the lobby" if view.editing else "Create a lobby"
        heading(ui, title, f"{view.form.title}  ·  the host can change all this later")
        inner = panel(ui, pygame.Rect(40, 108, 380, 500), "Lobby")
        config = self._lobby(ui, inner, view, config)
        inner = panel(ui, pygame.Rect(440, 108, 380, 500), "Rules")
        config = self._rules(ui, inner, view, config)
        inner = panel(ui, pygame.Rect(840, 108, 400, 500), "Map")
        self.config = _map(ui, inner, view, config)
        self._foot(ui, view, emit)

    def _lobby(
        self, ui: Ui, inner: pygame.Rect, view: CreateView, config: LobbyConfig
    ) -> LobbyConfig:
        form = view.form
        wide, x, y = inner.width, inner.x, inner.y
        _caption(ui, (x, y + 8), "Title")
        place = pygame.Rect(x, y + 22, wide, 42)
        title = entry(ui, "create.title", place, config.title, hint="My lobby", limit=40)
        y += 80
        _caption(ui, (x, y + 8), "Players", str(config.size), inner.right)
        place = pygame.Rect(x, y + 18, wide, 28)
        size = slider(ui, "create.size", place, config.size, form.min_size, form.max_size)
        y += 60
        _caption(ui, (x, y + 8), "Bots, at most", str(min(config.bots, size)), inner.right)
        bots = slider(ui, "create.bots", pygame.Rect(x, y + 18, wide, 28), config.bots, 0, size)
        y += 60
        level = config.bot_level
        if form.bot_levels:
            _caption(ui, (x, y + 8), "Bots are")
            at = form.bot_levels.index(level) if level in form.bot_levels else 0
            names = tuple(name.capitalize() for name in form.bot_levels)
            place = pygame.Rect(x, y + 22, wide, 38)
            level = form.bot_levels[segments(ui, "create.level", place, names, at, size=SMALL + 1)]
        y += 76
        _caption(ui, (x, y + 8), "Who can come in")
        place = pygame.Rect(x, y + 22, wide, 38)
        names = ("Everyone", "By code", "Password")
        at = SEEN_BY.index(config.visibility)
        seen = SEEN_BY[segments(ui, "create.seen", place, names, at, size=SMALL + 1)]
        y += 68
        if seen is Visibility.PASSWORD:
            keeps = view.editing and view.editing.visibility is Visibility.PASSWORD
            hint = "Leave empty to keep the old one" if keeps else "Choose a password"
            place = pygame.Rect(x, y, wide, 40)
            self.password = entry(
                ui, "create.password", place, self.password, hint=hint, limit=64, secret=True
            )
        y += 46
        late = _switch(
            ui, "create.late", (x, y), "Join a running match", on=config.join_in_progress
        )
        watch = _switch(ui, "create.watch", (x + 200, y), "Watchers", on=config.spectators)
        return attrs.evolve(
            config, title=title, size=size, bots=min(bots, size), bot_level=level,
            visibility=seen, join_in_progress=late, spectators=watch,
        )  # fmt: skip

    def _rules(
        self, ui: Ui, inner: pygame.Rect, view: CreateView, config: LobbyConfig
    ) -> LobbyConfig:
        options = dict(config.options)
        area = pygame.Rect(inner.x - 4, inner.y, inner.width + 8, inner.height + 8)
        with scrolled(ui, "create.rules", area, len(view.form.options) * FIELD) as top:
            for index, field in enumerate(view.form.options):
                place = pygame.Rect(inner.x, top + index * FIELD, inner.width, FIELD)
                value = options.get(field.name, field.default)
                options[field.name] = draw_field(ui, place, field, value)
        return attrs.evolve(config, options=options)

    def _foot(self, ui: Ui, view: CreateView, emit: Emit) -> None:
        config = self.config or view.form.default
        error_line(ui, pygame.Rect(40, 636, 640, 44), view.error)
        place = pygame.Rect(840, 634, 150, 52)
        if button(ui, "create.cancel", place, "Cancel") or ui.typed(pygame.K_ESCAPE):
            emit(CloseForm())
        place = pygame.Rect(1002, 634, 238, 52)
        text = "Save" if view.editing else "Create"
        missing = config.visibility is Visibility.PASSWORD and not self.password
        missing &= not (view.editing and view.editing.visibility is Visibility.PASSWORD)
        off = not config.title.strip() or missing
        if button(ui, "create.go", place, text, Kind.PRIMARY, off=off, size=20):
            secret = self.password if config.visibility is Visibility.PASSWORD else ""
            make = ConfigureLobby if view.editing else CreateLobby
            emit(make(config, secret))


def _caption(ui: Ui, place: tuple[int, int], text: str, value: str = "", right: int = 0) -> None:
    label(ui, place, text, size=SMALL + 1, colour=ui.theme.muted)
    if value:
        label(ui, (right, place[1]), value, bold=True, align=Align.RIGHT)


def _switch(ui: Ui, key: str, place: tuple[int, int], text: str, *, on: bool) -> bool:
    rect = pygame.Rect(*place, 44, 32)
    now = switch(ui, key, rect, on=on)
    label(ui, (rect.right + 10, rect.centery), text, size=SMALL)
    return now


def _map(ui: Ui, inner: pygame.Rect, view: CreateView, config: LobbyConfig) -> LobbyConfig:
    mode = config.options.get("mode")
    fitting = [m for m in view.form.maps if not mode or mode in m.modes] or list(view.form.maps)
    names = [choice.name for choice in fitting]
    at = names.index(config.map) if config.map in names else 0
    place = pygame.Rect(inner.x, inner.y, inner.width, 42)
    at = (at + stepper(ui, "create.map", place, fitting[at].title)) % len(fitting)
    chosen = fitting[at]
    frame = pygame.Rect(inner.x, inner.y + 56, inner.width, 300)
    found = view.maps.get(chosen.name)
    if found is not None:
        picture = preview(found, frame.size, ui.theme)
        ui.surface.blit(picture, picture.get_rect(center=frame.center))
    text = f"For {chosen.min_players} to {chosen.max_players} players"
    label(ui, (inner.x, inner.y + 382), text, colour=ui.theme.muted)
    modes = "  ·  ".join(name.upper() for name in chosen.modes)
    label(
        ui,
        (inner.right, inner.y + 382),
        modes,
        size=SMALL,
        colour=ui.theme.faint,
        align=Align.RIGHT,
    )
    return attrs.evolve(config, map=chosen.name)
