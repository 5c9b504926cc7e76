"""A line of text that can be edited, and the pure editor behind it."""

import attrs
import pygame

from client_demo import fonts
from client_demo.shapes import box
from client_demo.theme import BODY, RADIUS, mix
from client_demo.widgets.basic import focus_ring, label
from client_demo.widgets.ui import CARET_BLINK_S, Typed, Ui


@attrs.frozen
class Line:
    """Text with a caret before its ``at``-th character."""

    text: str = ""
    at: int = 0

    def insert(self, text: str, limit: int) -> "Line":
        """Type printable letters at the caret, as far as the limit allows."""
        clean = "".join(letter for letter in text if letter.isprintable())
        clean = clean[: max(0, limit - len(self.text))]
        return Line(self.text[: self.at] + clean + self.text[self.at :], self.at + len(clean))

    def edited(self, typed: Typed) -> "Line | None":
        """Return the line after an editing key, or None if the key is none."""
        text, at = self.text, self.at
        whole_word = bool(typed.mod & pygame.KMOD_CTRL)
        match typed.key:
            case pygame.K_BACKSPACE:
                start = self._word_start() if whole_word else max(0, at - 1)
                return Line(text[:start] + text[at:], start)
            case pygame.K_DELETE:
                return Line(text[:at] + text[at + 1 :], at)
            case pygame.K_LEFT:
                return Line(text, self._word_start() if whole_word else max(0, at - 1))
            case pygame.K_RIGHT:
                return Line(text, min(len(text), at + 1))
            case pygame.K_HOME:
                return Line(text, 0)
            case pygame.K_END:
                return Line(text, len(text))
            case _:
                return None

    def _word_start(self) -> int:
        before = self.text[: self.at].rstrip()
        return before.rfind(" ") + 1


def entry(
    ui: Ui,
    key: str,
    rect: pygame.Rect,
    text: str,
    *,
    hint: str = "",
    limit: int = 64,
    secret: bool = False,
) -> str:
    """Draw a text field; return its text. Letters go to it while it has the focus."""
    theme = ui.theme
    ui.reachable(key, rect)
    if ui.over(rect) and ui.went_down:
        ui.focus = key
        ui.memory[key] = len(text)
    has_focus = ui.focused(key)
    line = Line(text, _caret(ui, key, text))
    if has_focus:
        ui.edits_text = True
        line = _edit(ui, line, limit)
        ui.memory[key] = line.at
    edge = theme.accent if has_focus else theme.line
    box(ui.surface, rect, mix(theme.background, theme.panel, 0.35), edge=edge, radius=RADIUS)
    focus_ring(ui, key, rect)
    _show(ui, rect, Line("•" * len(line.text), line.at) if secret else line, hint, has_focus)
    return line.text


def entered(ui: Ui, key: str) -> bool:
    """Tell whether Enter was pressed in a text field."""
    return ui.focused(key) and (ui.typed(pygame.K_RETURN) or ui.typed(pygame.K_KP_ENTER))


def _caret(ui: Ui, key: str, text: str) -> int:
    known = ui.memory.get(key)
    return min(known, len(text)) if isinstance(known, int) else len(text)


def _edit(ui: Ui, line: Line, limit: int) -> Line:
    for typed in ui.keys:
        if typed.used:
            continue
        if typed.key == pygame.K_v and typed.mod & pygame.KMOD_CTRL:
            line, typed.used = line.insert(_clipboard(), limit), True
        elif (after := line.edited(typed)) is not None:
            line, typed.used = after, True
    if ui.text:
        line = line.insert(ui.text, limit)
        ui.text = ""
    return line


def _clipboard() -> str:
    try:
        return pygame.scrap.get_text()
    except pygame.error:
        return ""


def _show(ui: Ui, rect: pygame.Rect, line: Line, hint: str, has_focus: bool) -> None:
    room = rect.inflate(-24, 0)
    before = ui.surface.get_clip()
    ui.surface.set_clip(room.clip(before))
    caret = fonts.width(line.text[: line.at], BODY)
    shift = max(0, caret - room.width + 4)
    if line.text:
        made = fonts.render(line.text, BODY, ui.theme.text)  # scrolls: may be longer than the field
        ui.surface.blit(made, (room.x - shift, room.centery - made.get_height() // 2))
    elif hint:
        label(ui, (room.x, room.centery), hint, colour=ui.theme.faint, room=room.width)
    if has_focus and int(ui.time / CARET_BLINK_S) % 2 == 0:
        x = min(room.right - 2, room.x + caret - shift)
        pygame.draw.rect(ui.surface, ui.theme.accent, (x, room.centery - 10, 2, 20))
    ui.surface.set_clip(before)
