"""One field of a form, drawn from its description by the server."""

import pygame

from client_demo.theme import SMALL
from client_demo.widgets.basic import Align, label, paragraph, switch
from client_demo.widgets.entry import entry
from client_demo.widgets.pick import one_of, slider
from client_demo.widgets.tip import explain
from client_demo.widgets.ui import Ui
from gameserver.game.options import TEXT_LIMIT, FieldKind, FormField

Value = int | bool | str


def amount_words(value: Value, unit: str) -> str:
    """Return a number with its unit; seconds from a minute on as minutes: 4 min, 4:30 min."""
    if unit == "s" and isinstance(value, int) and value >= 60:
        minutes, seconds = divmod(value, 60)
        return f"{minutes}:{seconds:02} min" if seconds else f"{minutes} min"
    return f"{value} {unit}".strip()


def value_words(field: FormField, value: Value) -> str:
    """Return the value of an option that is a number, with its unit; a limit of 0 is none."""
    if value == 0 and field.lo == 0 and "limit" in field.label.lower().split():
        return "none"
    return amount_words(value, field.unit)


def draw_field(ui: Ui, rect: pygame.Rect, field: FormField, value: Value) -> Value:
    """Draw a field with its label, by its kind; return its new value."""
    key = f"option.{field.name}"
    area = pygame.Rect(rect.x, rect.y + 22, rect.width, 38)
    name = pygame.Rect(rect.x, rect.y - 2, rect.width, 20)
    if field.kind is not FieldKind.BOOL:
        label(
            ui, (name.x, name.centery), field.label, size=SMALL + 1, colour=ui.theme.muted, room=220
        )
    result = value
    match field.kind:
        case FieldKind.BOOL:
            line = pygame.Rect(rect.x, rect.y + 12, 44, 34)
            result = switch(ui, key, line, on=bool(value))
            name = pygame.Rect(line.right + 12, line.y, rect.width - 60, 34)
            paragraph(ui, name, field.label)
        case FieldKind.INT:
            lo, hi = field.lo or 0, field.hi if field.hi is not None else 100
            line = pygame.Rect(rect.x, rect.y + 18, rect.width, 28)
            now = slider(ui, key, line, int(value), lo, hi, step=field.step)
            place = (name.right, name.centery)
            shown = value_words(field, now)
            label(ui, place, shown, bold=True, align=Align.RIGHT, room=110)
            result = now
        case FieldKind.CHOICE:
            result = _choice(ui, key, area, field, str(value))
        case FieldKind.TEXT:
            result = entry(ui, key, area, str(value), limit=TEXT_LIMIT)
    explain(ui, name, field.help)
    return result


def _choice(ui: Ui, key: str, area: pygame.Rect, field: FormField, value: str) -> str:
    at = field.choices.index(value) if value in field.choices else 0
    return field.choices[one_of(ui, key, area, field.choice_labels, at, size=SMALL)]
