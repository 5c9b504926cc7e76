"""What an options class declares can be shown and sent."""

import attrs
import pytest

from gameserver.errors import GameDefinitionError
from gameserver.game.options import form_of, option

HALF = "Zo\ud800"
"""Half an emoji: no text that can be sent."""


@pytest.mark.parametrize("text", [HALF, "two\nlines", "\x1b[2J"])
@pytest.mark.parametrize("place", ["label", "help", "unit", "choice", "choice label", "default"])
def test_a_text_that_cannot_be_shown_is_told_with_class_and_field(place: str, text: str) -> None:
    declared = {
        "label": option(default=True, label=text),
        "help": option(default=True, label="Rain", help=text),
        "unit": option(3, "Length", lo=1, hi=9, unit=text),
        "choice": option("a", "Mode", choices={"a": "All", text: "Teams"}),
        "choice label": option("a", "Mode", choices={"a": text}),
        "default": option(text, "Greeting"),
    }
    spoilt = attrs.make_class("Spoilt", {"rain": declared[place]}, frozen=True)
    with pytest.raises(GameDefinitionError, match=r"Spoilt\.rain"):
        form_of(spoilt)
