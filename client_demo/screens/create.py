"""The form of a lobby, made from the `LobbyForm` that describes the game's options."""

from typing import Final

import attrs
import pygame

from client_demo.art.mappreview import preview
from client_demo.intents import CloseForm
from client_demo.screens.base import Emit, backdrop, error_box, heading
from client_demo.screens.formfield import draw_field
from client_demo.theme import SMALL
from client_demo.views.screens import CreateView
from client_demo.widgets.basic import (
    Align,
    ButtonKind,
    button,
    label,
    panel,
    paragraph,
    segments,
    switch,
)
from client_demo.widgets.entry import entry
from client_demo.widgets.pick import scrolled, slider, stepper
from client_demo.widgets.tip import explain
from client_demo.widgets.ui import Ui
from gameserver.client.forms import fitted, maps_for, mode_field, most_bots, seats_on
from gameserver.messages.lobby import ConfigureLobby, CreateLobby, LobbyConfig, Visibility

FIELD: Final = 68
SEEN_BY: Final = (Visibility.PUBLIC, Visibility.UNLISTED, Visibility.PASSWORD)
SEEN_WORDS: Final = ("Everyone", "By code", "Password")
SEEN_HELP: Final = {
    Visibility.PUBLIC: "Everybody sees the lobby in the list and may come in.",
    Visibility.UNLISTED: "The lobby is not in the list; its invite code lets people in.",
    Visibility.PASSWORD: "Everybody sees the lobby in the list; the password lets them in.",
}


@attrs.define(eq=False)
class CreateScreen:
    """Keeps the player's choices unchanged; they are fitted to map and mode only for display."""

    config: LobbyConfig | None = None
    password: str = ""
    asked: bool = False
    """Whether this form was sent to the server."""

    def draw(self, ui: Ui, view: CreateView, emit: Emit) -> None:
        """Draw the form; emit a request when the player submits it."""
        backdrop(ui)
        config = self.config or view.editing or view.form.default
        title = "Change the lobby" if view.editing else "Create a lobby"
        below = "for the next match" if view.editing else "you can change all this later"
        heading(ui, title, f"{view.form.title}  ·  {below}")
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
        wide, x, y = inner.width, inner.x, inner.y
        _caption(ui, (x, y + 8), "Title")
        place = pygame.Rect(x, y + 22, wide, 42)
        title = entry(ui, "create.title", place, config.title, hint="My lobby", limit=40)
        y += 76
        config = attrs.evolve(config, title=title)
        config = _crowd(ui, pygame.Rect(x, y, wide, 186), view, config)
        y += 184
        late = _switch(
            ui, "create.late", (x, y, 182), "Join a running match", on=config.join_in_progress
        )
        watch = _switch(ui, "create.watch", (x + 196, y, 140), "Watchers", on=config.spectators)
        y += 42
        _caption(ui, (x, y + 8), "Who can come in")
        place = pygame.Rect(x, y + 22, wide, 38)
        at = SEEN_BY.index(config.visibility)
        seen = SEEN_BY[segments(ui, "create.seen", place, SEEN_WORDS, at, size=SMALL + 1)]
        explain(ui, place, SEEN_HELP[seen])
        y += 68
        if seen is Visibility.PASSWORD:
            hint = "Empty: the old one stays" if _had_password(view) else "Choose a password"
            place = pygame.Rect(x, y, wide, 40)
            self.password = entry(
                ui, "create.password", place, self.password, hint=hint, limit=64, secret=True
            )
        return attrs.evolve(config, visibility=seen, join_in_progress=late, spectators=watch)

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
        fault = refusal_words(view) if self.asked and not view.busy else ""
        error_box(ui, pygame.Rect(40, 614, 780, 72), fault)
        place = pygame.Rect(840, 634, 150, 52)
        if button(ui, "create.cancel", place, "Cancel") or ui.typed(pygame.K_ESCAPE):
            emit(CloseForm())
        place = pygame.Rect(1002, 634, 238, 52)
        missing = self._missing(view, config)
        text = "Save" if view.editing else "Create"
        text = "Asking the server…" if view.busy else text
        off = bool(missing) or view.busy
        explain(ui, place, missing)
        if button(ui, "create.go", place, text, ButtonKind.PRIMARY, off=off, size=20):
            secret = self.password if config.visibility is Visibility.PASSWORD else ""
            make = ConfigureLobby if view.editing else CreateLobby
            self.asked = True
            emit(make(fitted(view.form, config, seated=view.seated), secret))

    def _missing(self, view: CreateView, config: LobbyConfig) -> str:
        """Return what is still missing; empty if the form can be sent."""
        if not config.title.strip():
            return "Give the lobby a title first."
        secret = config.visibility is Visibility.PASSWORD
        if secret and not self.password and not _had_password(view):
            return "Choose a password first."
        if not maps_for(view.form, config.options):
            return "This server has no map for this mode: choose another mode."
        return ""


def refusal_words(view: CreateView) -> str:
    """Return why the server refused the form, with the fields' labels; empty if it did not."""
    refused = view.refused
    if refused is None:
        return ""
    faults = refused.details.get("fields")
    if not isinstance(faults, dict) or not faults:
        return refused.sentence
    names = {"size": "Players", "bots": "Bots", "bot_level": "Bots are", "map": "Map"}
    names |= {"password": "The password", "title": "The title"}
    names |= {field.name: field.label for field in view.form.options}
    return "; ".join(f"{names.get(name, name)} {fault}" for name, fault in faults.items()) + "."


def _had_password(view: CreateView) -> bool:
    return view.editing is not None and view.editing.visibility is Visibility.PASSWORD


def _crowd(ui: Ui, rect: pygame.Rect, view: CreateView, config: LobbyConfig) -> LobbyConfig:
    """Draw the numbers of seats and bots, limited by map and mode, and the level of bots."""
    form, x, y, wide = view.form, rect.x, rect.y, rect.width
    shown = fitted(form, config, seated=view.seated)
    lo, hi = seats_on(form, shown.map, seated=view.seated)
    value = str(shown.size) if lo < hi else f"{shown.size}, as the map has it"
    _caption(ui, (x, y + 8), "Players", value, rect.right)
    size = slider(ui, "create.size", pygame.Rect(x, y + 18, wide, 28), shown.size, lo, hi)
    y += 58
    most = most_bots(form, size)
    value = str(min(shown.bots, most)) if form.bot_levels else "this game has none"
    _caption(ui, (x, y + 8), "Bots, at most", value, rect.right)
    bots = slider(ui, "create.bots", pygame.Rect(x, y + 18, wide, 28), shown.bots, 0, most)
    y += 58
    level = shown.bot_level
    if form.bot_levels:
        _caption(ui, (x, y + 8), "Bots are")
        at = form.bot_levels.index(level) if level in form.bot_levels else 0
        names = tuple(name.capitalize() for name in form.bot_levels)
        place = pygame.Rect(x, y + 22, wide, 38)
        level = form.bot_levels[segments(ui, "create.level", place, names, at, size=SMALL + 1)]
    # An unchanged choice is kept as it was, not as limited by this map: the next map may allow it.
    return attrs.evolve(
        config,
        size=config.size if size == shown.size else size,
        bots=config.bots if bots == min(shown.bots, most) else bots,
        bot_level=level,
    )


def _caption(ui: Ui, place: tuple[int, int], text: str, value: str = "", right: int = 0) -> None:
    end = label(ui, place, text, size=SMALL + 1, colour=ui.theme.muted)
    if value:
        room = right - place[0] - end - 16
        label(ui, (right, place[1]), value, bold=True, align=Align.RIGHT, room=room)


def _switch(ui: Ui, key: str, place: tuple[int, int, int], text: str, *, on: bool) -> bool:
    rect = pygame.Rect(place[0], place[1], 44, 32)
    now = switch(ui, key, rect, on=on)
    words = pygame.Rect(rect.right + 10, rect.y - 2, place[2] - 54, 36)
    paragraph(ui, words, text, size=SMALL)
    return now


def _map(ui: Ui, inner: pygame.Rect, view: CreateView, config: LobbyConfig) -> LobbyConfig:
    fitting = maps_for(view.form, config.options)
    place = pygame.Rect(inner.x, inner.y, inner.width, 42)
    if not fitting:
        paragraph(ui, place, "No map here fits this mode", colour=ui.theme.warn)
        return config
    names = [choice.name for choice in fitting]
    at = names.index(config.map) if config.map in names else 0
    step = stepper(ui, "create.map", place, fitting[at].title)
    chosen = fitting[(at + step) % len(fitting)]
    frame = pygame.Rect(inner.x, inner.y + 56, inner.width, 300)
    found = view.maps.get(chosen.name)
    if found is not None:
        picture = preview(found, frame.size, ui.theme)
        ui.surface.blit(picture, picture.get_rect(center=frame.center))
    else:
        words = "No picture: this client does not have the map. It is sent when the match starts."
        paragraph(ui, frame.inflate(-60, 0), words, colour=ui.theme.faint, align=Align.MIDDLE)
    lo, hi = seats_on(view.form, chosen.name)
    text = f"For {lo} to {hi} players" if lo < hi else f"For {lo} players"
    row = pygame.Rect(inner.x, inner.y + 364, inner.width, 40)
    paragraph(ui, row, text, colour=ui.theme.muted)
    labels = _mode_labels(view)
    modes = "  ·  ".join(labels.get(name, name) for name in chosen.modes)
    row = pygame.Rect(inner.x, inner.y + 400, inner.width, 44)
    paragraph(ui, row, modes, size=SMALL, colour=ui.theme.faint, top=True)
    return attrs.evolve(config, map=chosen.name) if step else config


def _mode_labels(view: CreateView) -> dict[str, str]:
    field = mode_field(view.form)
    return dict(zip(field.choices, field.choice_labels, strict=True)) if field else {}
