"""A list of the controls, shown to a new player until each control was used.

Law: a control that was used once is not shown again; the settings file keeps its name.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Final

import attrs
import pygame

from client_demo.hud.layout import LESSON
from client_demo.intents import Hold
from client_demo.shapes import box
from client_demo.theme import GLASS, SMALL, mix
from client_demo.widgets.basic import Align, fitting, label
from client_demo.widgets.ui import Ui

ROW: Final = 30
TEXTS: Final = {
    "move": "Run",
    "fire": "Aim and fire",
    "rocket": "Launch a rocket",
    "dash": "Dash",
    "scores": "Scores, while held",
    "chat": "Chat",
}


@attrs.define
class Lessons:
    """The names of the controls that the player has used."""

    known: set[str] = attrs.field(factory=set)

    def use(self, held: Hold, *, scores: bool, chat: bool) -> bool:
        """Record the controls used in this frame; return whether any of them is new."""
        used = {
            "move": held.move != 0,
            "fire": held.fire,
            "rocket": held.rocket,
            "dash": held.dash,
            "scores": scores,
            "chat": chat,
        }
        fresh = {name for name, now in used.items() if now} - self.known
        self.known |= fresh
        return bool(fresh)

    def left(self) -> list[str]:
        """Return the names of the controls never used, in the order of display."""
        return [name for name in TEXTS if name not in self.known]

    def saved(self) -> str:
        """Return the used controls as the text for the settings file."""
        return " ".join(name for name in TEXTS if name in self.known)


def from_saved(text: str) -> Lessons:
    """Return the lessons of a text from `Lessons.saved`."""
    return Lessons(set(text.split()) & set(TEXTS))


PAD_WORDS: Final = {
    "move": "Left stick",
    "fire": "Right stick, trigger",
    "rocket": "Left trigger",
    "dash": "A or cross",
}


def key_words(
    keys: Mapping[str, int], name: Callable[[int], str], *, by_pad: bool = False
) -> dict[str, str]:
    """Return the words for the key, stick or button of each control.

    Args:
        keys: The player's key bindings, by action.
        name: Returns the label of a key.
        by_pad: Whether the player uses a gamepad.
    """
    return {
        "move": " ".join(name(keys[way]) for way in ("up", "left", "down", "right")),
        "fire": "Mouse",
        "rocket": name(keys["rocket"]),
        "dash": name(keys["dash"]),
        "scores": name(keys["scores"]),
        "chat": name(keys["chat"]),
        **(PAD_WORDS if by_pad else {}),
    }


def draw_lesson(ui: Ui, left: Collection[str], keys: Mapping[str, str]) -> None:
    """Draw the controls in ``left``; ``keys`` are the words of `key_words`."""
    shown = [name for name in TEXTS if name in left]
    if not shown:
        return
    high = 40 + ROW * len(shown)
    rect = pygame.Rect(LESSON.x, LESSON.bottom - high, LESSON.width, high)
    box(ui.surface, rect, GLASS, edge=mix(ui.theme.panel, ui.theme.line, 0.7), radius=12)
    place = (rect.x + 16, rect.y + 18)
    label(ui, place, "TRY IT", size=SMALL, bold=True, colour=ui.theme.muted)
    for index, name in enumerate(shown):
        y = rect.y + 46 + index * ROW
        words = keys.get(name, "")
        size = fitting(words, SMALL + 1, 130, bold=True)
        label(ui, (rect.x + 16, y), words, size=size, bold=True, colour=ui.theme.accent, room=130)
        label(ui, (rect.right - 16, y), TEXTS[name], size=SMALL + 1, align=Align.RIGHT)
