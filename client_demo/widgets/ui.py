"""The state that widgets share: pointer, keys, focus, and memory from frame to frame.

Law: a widget is a function that is called once a frame; its key identifies it. A widget that the
pointer can press can also be pressed by keyboard (Tab or arrows, then Enter) and by `Ui.press`.
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
"""Keys that decide something: the repetitions of a held key are ignored."""


@attrs.define
class Typed:
    """One key press; the widget that uses it sets ``used``, so that no other widget does."""

    key: int
    """Key code by the layout in use: for text and menus."""
    mod: int
    used: bool = False
    scancode: int = 0
    """Place of the key: for key bindings; 0 for a press by gamepad or program."""
    again: bool = False
    """The key is still down, and the system repeats it."""


@attrs.frozen
class DrawnText:
    """One line of text as drawn on the canvas."""

    rect: pygame.Rect
    shown: str
    meant: str
    """The text before it was cut."""
    window: pygame.Rect
    """The clip area in which it was drawn; a scrolled list has its own."""
    layer: int
    """0 for the screen; each box over it is one higher."""


@attrs.frozen
class Tip:
    """A tooltip, and what it belongs to."""

    anchor: pygame.Rect
    """The visible part of the widget that it explains."""
    text: str
    layer: int
    """The layer of the widget; see `DrawnText`."""
    dialog: pygame.Rect | None = None
    """The border of the widget's dialog; None on a screen."""


@attrs.define(eq=False)
class Ui:
    """Collects the events of a frame; the widgets read and use them while they are drawn."""

    surface: pygame.Surface
    theme: Theme = DEFAULT
    on_click: Callable[[], None] = lambda: None
    """Called when a widget is pressed; plays a sound."""
    time: float = 0.0
    mouse: tuple[int, int] = (-1, -1)
    down: bool = False
    """The left mouse button is held."""
    went_down: bool = False
    went_up: bool = False
    wheel: int = 0
    keys: list[Typed] = attrs.field(factory=list)
    text: str = ""
    focus: str = ""
    focus_shown: bool = False
    """The keyboard is in use, so the focused widget gets a ring."""
    active: str = ""
    """The widget on which the mouse button was pressed."""
    enabled: bool = True
    """False while widgets below a dialog are drawn."""
    covered: bool = False
    """True while the box for a lost connection covers the screen and all its dialogs."""
    edits_text: bool = False
    """The focused widget is a text field, so letters and Space are text."""
    memory: dict[str, object] = attrs.field(factory=dict)
    """State of widgets by key: scroll positions, carets."""
    texts: list[DrawnText] = attrs.field(factory=list)
    """The texts drawn so far in this frame: a tooltip covers none, and tests read them."""
    layer: int = 0
    dialog: str = ""
    """The title of the open dialog in this frame; see `widgets.modal`."""
    dialog_box: pygame.Rect | None = None
    """The border of the open dialog."""
    tip: Tip | None = None
    """The tooltip of this frame; see `widgets.tip`."""
    _settled_at: float = 0.0
    _last_dialog: str = ""
    _focus_below: str = ""
    """The focused widget before a dialog opened."""
    _pressed: set[str] = attrs.field(factory=set)
    _held: set[int] = attrs.field(factory=set)
    """Scancodes of held keys."""
    _order: list[tuple[str, pygame.Rect]] = attrs.field(factory=list)
    _last_order: list[tuple[str, pygame.Rect]] = attrs.field(factory=list)

    def take(self, event: pygame.Event, position: tuple[int, int]) -> None:
        """Record an event for this frame; ``position`` is the pointer's place on the canvas."""
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
        self._last_dialog, self.dialog, self.dialog_box = self.dialog, "", None
        self.tip = None
        self.texts.clear()
        if self.went_down and not any(r.collidepoint(self.mouse) for _, r in self._last_order):
            self.focus = ""

    def end(self) -> None:
        """Finish a frame: move the focus by the keys that no widget used; drop the events."""
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
        """Ignore presses by pointer and keyboard for a time, after the screen has changed."""
        self._settled_at = self.time + seconds

    def press(self, key: str) -> None:
        """Press a widget in the next frame, as a click would."""
        self._pressed.add(key)

    def shown(self) -> frozenset[str]:
        """Return the keys of the widgets that could be pressed in the last frame."""
        return frozenset(key for key, _ in self._order)

    def open_dialog(self, name: str, first: str, border: pygame.Rect) -> None:
        """Record that a dialog is drawn; a new one moves the focus to its widget ``first``."""
        if name != self._last_dialog:
            if not self._last_dialog:
                self._focus_below = self.focus
            self.focus = first
        self.dialog, self.dialog_box = name, border

    @property
    def reached(self) -> int:
        """Number of widgets drawn so far in this frame that can get the focus."""
        return len(self._order)

    def focus_since(self, count: int) -> pygame.Rect | None:
        """Return the rect of the focused widget; None if it is one of the first ``count``."""
        return next((rect for key, rect in self._order[count:] if key == self.focus), None)

    # --- for widgets ----------------------------------------------------------------------------

    @property
    def usable(self) -> bool:
        """Whether the widgets being drawn can be pressed and get the focus."""
        return self.enabled and not self.covered

    def note_text(self, rect: pygame.Rect, shown: str, meant: str) -> None:
        """Record a drawn text."""
        if meant:
            window = self.surface.get_clip()
            self.texts.append(DrawnText(rect, shown, meant, window, self.layer))

    def reachable(self, key: str, rect: pygame.Rect) -> None:
        """Add a widget to the order in which Tab moves the focus."""
        if self.usable:
            self._order.append((key, rect))

    def over(self, rect: pygame.Rect) -> bool:
        """Tell whether the pointer is on the visible part of a rect that can be used."""
        return self.usable and rect.clip(self.surface.get_clip()).collidepoint(self.mouse)

    def clicked(self, key: str, rect: pygame.Rect) -> bool:
        """Tell whether a widget is pressed: by pointer, key, or `press`; uses a key press up."""
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
        """Tell whether a widget has the keyboard focus and can be used."""
        return self.usable and self.focus == key

    def typed(self, key: int) -> bool:
        """Tell whether a key was pressed, and use the press up."""
        for typed in self.keys:
            once = typed.again and key in _ONCE
            if typed.key == key and not once and not typed.used and self.usable:
                typed.used = True
                return True
        return False

    def typed_at(self, place: int) -> bool:
        """Tell whether the key with a scancode was pressed, and use the press up."""
        for typed in self.keys:
            if typed.scancode == place and not typed.again and not typed.used and self.usable:
                typed.used = True
                return True
        return False

    def holds(self, place: int) -> bool:
        """Tell whether the key with a scancode is held down."""
        return self.usable and place in self._held

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
    """Return the key of the nearest widget in a direction; ``start`` if there is none."""
    here = dict(order)[start]
    best, best_cost = start, float("inf")
    for key, rect in order:
        dx, dy = rect.centerx - here.centerx, rect.centery - here.centery
        along = dx * direction[0] + dy * direction[1]
        across = abs(dx * direction[1]) + abs(dy * direction[0])
        if key != start and along > 4 and along + 2 * across < best_cost:
            best, best_cost = key, along + 2 * across
    return best
