"""One field of a form that somebody else described."""

import pygame

from client_demo.theme import SMALL
from client_demo.widgets.basic import Align, label, segments, switch
from client_demo.widgets.entry import entry
from client_demo.widgets.pick import slider, stepper
from client_demo.widgets.ui import Ui
from gameserver.game.options import TEXT_LIMIT, FieldKind, FormField

Value = int | bool | str
SEGMENTS_AT_MOST = 3
"""With more choices than these there are arrows instead of all words side by side."""


def draw_field(ui: Ui, rect: pygame.Rect, field: FormField, value: Value) -> Value:
    """Draw a field with its label; return its value."""
    key = f"option.{field.name}"
    area = pygame.Rect(rect.x, rect.y + 20, rect.width, 34)
    name = pygame.Rect(rect.x, rect.y, rect.width, 20)
    if field.kind is not FieldKind.BOOL:
        label(ui, (name.x, name.centery), field.label, size=SMALL + 1, colour=ui.theme.muted)
    result = value
    match field.kind:
        case FieldKind.BOOL:
            line = pygame.Rect(rect.x, rect.y + 12, 44, 34)
            result = switch(ui, key, line, on=bool(value))
            label(ui, (line.right + 12, line.centery), field.label, room=rect.width - 60)
        case FieldKind.INT:
            lo, hi = field.lo or 0, field.hi if field.hi is not None else 100
            now = slider(ui, key, area, int(value), lo, hi, step=field.step)
            shown = f"{now} {field.unit}".strip()
            label(ui, (name.right, name.centery), shown, bold=True, align=Align.RIGHT)
            result = now
        case FieldKind.CHOICE:
            result = _choice(ui, key, area, field, str(value))
        case FieldKind.TEXT:
            result = entry(ui, key, area, str(value), limit=TEXT_LIMIT)
    if field.help and ui.over(name):
        place = (name.right, name.centery)
        label(
            ui, place, field.help, size=SMALL, colour=ui.theme.faint, align=Align.RIGHT,
            room=rect.width - 130,
        )  # fmt: skip
    return result


def _choice(ui: Ui, key: str, area: pygame.Rect, field: FormField, value: str) -> str:
    at = field.choices.index(value) if value in field.choices else 0
    if len(field.choices) <= SEGMENTS_AT_MOST:
        return field.choices[segments(ui, key, area, field.choice_labels, at, size=SMALL)]
    step = stepper(ui, key, area, field.choice_labels[at])
    return field.choices[(at + step) % len(field.choices)]
