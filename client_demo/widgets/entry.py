"""The text field: drawing, pointer and clipboard. `line` holds the editor."""

from contextlib import suppress

import pygame

from client_demo import fonts
from client_demo.shapes import box
from client_demo.theme import BODY, RADIUS, mix
from client_demo.widgets.basic import focus_ring, label
from client_demo.widgets.line import TextLine
from client_demo.widgets.ui import CARET_BLINK_S, Typed, Ui

EDGE = 12
"""Pixels between a field's edge and its text."""


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
    """Draw a text field; return its text, changed by what was typed if it has the focus.

    Args:
        ui: The canvas, the events and the memory of the caret.
        key: Name of the widget.
        rect: The field on the canvas.
        text: The present text.
        hint: Shown while the text is empty.
        limit: Most characters.
        secret: Whether bullets are shown instead of the text; it cannot be copied then.
    """
    theme = ui.theme
    ui.reachable(key, rect)
    known = ui.memory.get(key)
    line = TextLine(text, len(text))  # the caret is at the end if the program has set the text
    if isinstance(known, TextLine) and known.text == text:
        line = known
    shown = "•" * len(text) if secret else text
    if ui.over(rect) and ui.went_down:
        drawn_at = line.at if ui.focused(key) else 0
        ui.focus = ui.active = key
        line = line.pointed(_pointed_at(ui, rect, shown, drawn_at), drags=False)
    elif ui.active == key and ui.down:
        line = line.pointed(_pointed_at(ui, rect, shown, line.at), drags=True)
    has_focus = ui.focused(key)
    if has_focus:
        ui.edits_text = True
        line = edit(ui, line, limit, secret=secret)
        ui.memory[key] = line
    edge = theme.accent if has_focus else theme.line
    box(ui.surface, rect, mix(theme.background, theme.panel, 0.35), edge=edge, radius=RADIUS)
    focus_ring(ui, key, rect)
    hidden = TextLine("•" * len(line.text), line.at, line.mark)
    _show(ui, rect, hidden if secret else line, hint, has_focus)
    return line.text


def entered(ui: Ui, key: str) -> bool:
    """Tell whether Enter was pressed in a text field; uses the key press up."""
    return ui.focused(key) and (ui.typed(pygame.K_RETURN) or ui.typed(pygame.K_KP_ENTER))


def edit(ui: Ui, line: TextLine, limit: int, *, secret: bool = False) -> TextLine:
    """Return a line as edited by the keys and text of this frame, which are used up."""
    for typed in ui.keys:
        if typed.used:
            continue
        command = typed.mod & (pygame.KMOD_CTRL | pygame.KMOD_META)
        if command and typed.key in (pygame.K_v, pygame.K_c, pygame.K_x):
            line, typed.used = _with_clipboard(line, typed, limit, secret=secret), True
        elif (after := line.edited(typed)) is not None:
            line, typed.used = after, True
    if ui.text:
        line = line.insert(ui.text, limit)
        ui.text = ""
    return line


def _with_clipboard(line: TextLine, typed: Typed, limit: int, *, secret: bool) -> TextLine:
    """Paste, copy or cut; a secret text is neither copied nor cut."""
    if typed.key == pygame.K_v:
        return line.insert(_clipboard(), limit)
    if secret or not line.copied():
        return line
    with suppress(pygame.error):
        pygame.scrap.put_text(line.copied())
    return line.insert("", limit) if typed.key == pygame.K_x else line


def _clipboard() -> str:
    try:
        return pygame.scrap.get_text()
    except pygame.error:
        return ""


def _shift(rect: pygame.Rect, text: str, at: int) -> int:
    """Return by how many pixels a long text is moved to the left, so that its caret is visible."""
    room = rect.width - 2 * EDGE
    return max(0, fonts.caret(text, at, BODY) - room + 4)


def _pointed_at(ui: Ui, rect: pygame.Rect, text: str, at: int) -> int:
    x = ui.mouse[0] - rect.x - EDGE + _shift(rect, text, at)
    return fonts.index_at(text, x, BODY)


def _show(ui: Ui, rect: pygame.Rect, line: TextLine, hint: str, has_focus: bool) -> None:
    room = rect.inflate(-2 * EDGE, 0)
    before = ui.surface.get_clip()
    ui.surface.set_clip(room.clip(before))
    # The beginning of an address or a title tells more than its end.
    shift = _shift(rect, line.text, line.at) if has_focus else 0
    if has_focus:
        for left, right in fonts.marked(line.text, *line.selected, BODY):
            area = (room.x - shift + left, room.centery - 12, right - left, 24)
            pygame.draw.rect(ui.surface, mix(ui.theme.panel, ui.theme.accent, 0.45), area)
    if line.text:
        # Not `label`, which would shrink or cut a text that is longer than the field.
        made = fonts.render(line.text, BODY, ui.theme.text)
        ui.surface.blit(made, (room.x - shift, room.centery - made.get_height() // 2))
    elif hint:
        label(ui, (room.x, room.centery), hint, colour=ui.theme.faint, room=room.width)
    if has_focus and int(ui.time / CARET_BLINK_S) % 2 == 0:
        x = min(room.right - 2, room.x + fonts.caret(line.text, line.at, BODY) - shift)
        pygame.draw.rect(ui.surface, ui.theme.accent, (x, room.centery - 10, 2, 20))
    ui.surface.set_clip(before)
