"""The state between frames that widgets share: pointer, keys, focus.

Law: a widget is a function called once a frame; it is known by its key. Whatever the pointer can
press, the keyboard can reach (Tab and arrows, Enter) and a program can (`Ui.press`).
"""

from collections.abc import Callable
from typing import Final

import attrs
import pygame

from client_demo.theme import DEFAULT, Theme

CARET_BLINK_S: Final = 0.53

_ARROWS: Final = {
    pygame.K_LEFT: (-1, 0),
    pygame.K_RIGHT: (1, 0),
    pygame.K_UP: (0, -1),
    pygame.K_DOWN: (0, 1),
}


_ONCE: Final = frozenset({pygame.K_RETURN, pygame.K_KP_ENTER, pygame.K_ESCAPE, pygame.K_SPACE})
"""Keys that decide something: whoever holds one down decides once."""


@attrs.define
class Typed:
    """One key press; a widget that used it marks it, so that nobody else does."""

    key: int
    """What it prints here: for text and menus."""
    mod: int
    used: bool = False
    scancode: int = 0
    """Where it is: for what a player has bound; 0 for what a gamepad or a program presses."""
    again: bool = False
    """The key is still down, and the system repeats it."""


@attrs.frozen
class DrawnText:
    """One line of text as it came to be on the canvas."""

    rect: pygame.Rect
    shown: str
    meant: str
    """What it would say with room enough."""
    window: pygame.Rect
    """The part of the canvas that it may be seen in; a scrolled list has its own."""
    layer: int
    """0 for the screen, rising with each box that lies over it."""


@attrs.define(eq=False)
class Ui:
    """Collects a frame's events, then is handed to the widgets drawn in it."""

    surface: pygame.Surface
    theme: Theme = DEFAULT
    on_click: Callable[[], None] = lambda: None
    """Called when a widget is pressed; plays a sound."""
    time: float = 0.0
    mouse: tuple[int, int] = (-1, -1)
    down: bool = False
    """The left button is held."""
    went_down: bool = False
    went_up: bool = False
    wheel: int = 0
    keys: list[Typed] = attrs.field(factory=list)
    text: str = ""
    focus: str = ""
    focus_shown: bool = False
    """The keyboard is in use, so the focus is worth a ring."""
    active: str = ""
    """The widget the button went down on."""
    enabled: bool = True
    """False while something modal lies above what is being drawn."""
    covered: bool = False
    """True while the application's own box lies over the whole screen, its dialogs included."""
    edits_text: bool = False
    """The focused widget takes letters, so they are no short cuts."""
    memory: dict[str, object] = attrs.field(factory=dict)
    """What widgets remember: scroll positions, carets."""
    texts: list[DrawnText] | None = None
    """What was written in this frame, for those who want to know; None notes nothing."""
    layer: int = 0
    dialog: str = ""
    """The box that lies over the screen in this frame; see `widgets.modal`."""
    tip: tuple[pygame.Rect, str] | None = None
    """A sentence about what the pointer or the keyboard is at; see `widgets.tip`."""
    _settled_at: float = 0.0
    _last_dialog: str = ""
    _focus_below: str = ""
    """Where the focus was when a dialog came."""
    _pressed: set[str] = attrs.field(factory=set)
    _held: set[int] = attrs.field(factory=set)
    """Places of keys that are down."""
    _order: list[tuple[str, pygame.Rect]] = attrs.field(factory=list)
    _last_order: list[tuple[str, pygame.Rect]] = attrs.field(factory=list)

    def take(self, event: pygame.Event, position: tuple[int, int]) -> None:
        """Note an event; ``position`` is the pointer's place on the canvas."""
        match event.type:
            case pygame.MOUSEMOTION:
                self.mouse = position
            case pygame.MOUSEBUTTONDOWN if event.button == 1:
                self.mouse = position
                self.down = self.went_down = True
                self.focus_shown = False
            case pygame.MOUSEBUTTONUP if event.button == 1:
                self.mouse = position
                self.down, self.went_up = False, True
            case pygame.MOUSEWHEEL:
                self.wheel += event.y
            case pygame.KEYDOWN:
                place = getattr(event, "scancode", 0)
                again = place in self._held
                self.keys.append(Typed(event.key, event.mod, scancode=place, again=again))
                self._held |= {place} - {0}
            case pygame.KEYUP:
                self._held.discard(getattr(event, "scancode", 0))
            case pygame.WINDOWFOCUSLOST:
                self._held.clear()
            case pygame.TEXTINPUT:
                self.text += event.text
            case _:
                pass

    def begin(self, time: float) -> None:
        """Start drawing a frame."""
        self.time = time
        self._last_order, self._order = self._order, []
        self.enabled, self.covered = True, False
        self.edits_text = False
        self.layer = 0
        self._last_dialog, self.dialog = self.dialog, ""
        self.tip = None
        if self.texts is not None:
            self.texts.clear()
        if self.went_down and not any(r.collidepoint(self.mouse) for _, r in self._last_order):
            self.focus = ""

    def end(self) -> None:
        """Finish a frame: move the focus by what keys are left, forget the frame's events."""
        if self._last_dialog and not self.dialog:
            self.focus = self._focus_below
        for typed in self.keys:
            if not typed.used:
                self._move_focus(typed)
        if self.went_up or not self.down:
            self.active = ""
        self.went_down = self.went_up = False
        self.wheel = 0
        self.keys.clear()
        self.text = ""
        self._pressed.clear()

    def settle(self, seconds: float) -> None:
        """Press nothing by pointer or keyboard for a while, since all has just changed."""
        self._settled_at = self.time + seconds

    def press(self, key: str) -> None:
        """Press a widget in the next frame, as a click would."""
        self._pressed.add(key)

    def shown(self) -> frozenset[str]:
        """Return the keys of the widgets that could be pressed in the last whole frame."""
        return frozenset(key for key, _ in self._order)

    def open_dialog(self, name: str, first: str) -> None:
        """Say that a dialog lies over the screen; a new one puts the focus on its first widget."""
        if name != self._last_dialog:
            if not self._last_dialog:
                self._focus_below = self.focus
            self.focus = first
        self.dialog = name

    @property
    def reached(self) -> int:
        """How many widgets have been drawn in this frame that the keyboard can reach."""
        return len(self._order)

    def focus_since(self, count: int) -> pygame.Rect | None:
        """Return where the focused widget is, if it is none of the first ``count``."""
        return next((rect for key, rect in self._order[count:] if key == self.focus), None)

    # --- for widgets ----------------------------------------------------------------------------

    @property
    def usable(self) -> bool:
        """Whether what is being drawn can be pressed and typed into."""
        return self.enabled and not self.covered

    def note_text(self, rect: pygame.Rect, shown: str, meant: str) -> None:
        """Note what was written where, if anybody wants to know."""
        if self.texts is not None and meant:
            window = self.surface.get_clip()
            self.texts.append(DrawnText(rect, shown, meant, window, self.layer))

    def reachable(self, key: str, rect: pygame.Rect) -> None:
        """Let the keyboard reach a widget."""
        if self.usable:
            self._order.append((key, rect))

    def over(self, rect: pygame.Rect) -> bool:
        """Tell whether the pointer is on something that can be used and be seen there."""
        return self.usable and rect.clip(self.surface.get_clip()).collidepoint(self.mouse)

    def clicked(self, key: str, rect: pygame.Rect) -> bool:
        """Tell whether a widget is pressed now, by whichever way."""
        if not self.usable:
            return False
        pressed = key in self._pressed
        if self.time < self._settled_at:
            return pressed
        if self.over(rect) and self.went_down:
            self.active = self.focus = key
        pressed |= self.active == key and self.went_up and self.over(rect)
        if self.focused(key):
            pressed |= self.typed(pygame.K_RETURN) or self.typed(pygame.K_KP_ENTER)
            pressed |= not self.edits_text and self.typed(pygame.K_SPACE)
        if pressed:
            self.on_click()
        return pressed

    def focused(self, key: str) -> bool:
        """Tell whether the keyboard is at a widget."""
        return self.usable and self.focus == key

    def typed(self, key: int) -> bool:
        """Use a key press, if there is one that nobody used."""
        for typed in self.keys:
            once = typed.again and key in _ONCE
            if typed.key == key and not once and not typed.used and self.usable:
                typed.used = True
                return True
        return False

    def typed_at(self, place: int) -> bool:
        """Use a press of the key at a place, if there is one that nobody used."""
        for typed in self.keys:
            if typed.scancode == place and not typed.again and not typed.used and self.usable:
                typed.used = True
                return True
        return False

    def _move_focus(self, typed: Typed) -> None:
        keys = [key for key, _ in self._order]
        if not keys:
            return
        if typed.key == pygame.K_TAB:
            step = -1 if typed.mod & pygame.KMOD_SHIFT else 1
            at = keys.index(self.focus) + step if self.focus in keys else (0 if step > 0 else -1)
            self.focus = keys[at % len(keys)]
            self.focus_shown = True
        elif typed.key in _ARROWS:
            known = self.focus in keys
            way = _ARROWS[typed.key]
            self.focus = nearest(self._order, self.focus, way) if known else keys[0]
            self.focus_shown = True


def nearest(order: list[tuple[str, pygame.Rect]], start: str, direction: tuple[int, int]) -> str:
    """Return the widget that lies next in a direction, or the one it starts from."""
    here = dict(order)[start]
    best, best_cost = start, float("inf")
    for key, rect in order:
        dx, dy = rect.centerx - here.centerx, rect.centery - here.centery
        along = dx * direction[0] + dy * direction[1]
        across = abs(dx * direction[1]) + abs(dy * direction[0])
        if key != start and along > 4 and along + 2 * across < best_cost:
            best, best_cost = key, along + 2 * across
    return best
