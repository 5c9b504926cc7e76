"""The colours of texts against the grounds on which they are drawn.

Source: Web Content Accessibility Guidelines 2.2, contrast ratio: at least 4.5 for
small letters.
"""

import pytest

from client_demo.theme import COLOUR_BLIND, DEFAULT, Colour, Theme, mix

READABLE = 4.5


def _luminance(colour: Colour) -> float:
    def linear(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(value) for value in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(ink: Colour, ground: Colour) -> float:
    dark, light = sorted((_luminance(ink), _luminance(ground)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [DEFAULT, COLOUR_BLIND])
def test_quiet_words_are_readable_on_every_ground_of_theirs(theme: Theme) -> None:
    for ground in (theme.background, theme.panel, theme.raised):
        assert contrast(theme.faint, ground) >= READABLE
    for share in (0.14, 0.18, 0.22):  # the player's own row, and chosen ones
        ground = mix(theme.panel, theme.accent, share)
        assert contrast(theme.muted, ground) >= READABLE
        assert contrast(theme.accent, ground) >= READABLE


@pytest.mark.parametrize("theme", [DEFAULT, COLOUR_BLIND])
def test_the_words_of_buttons_are_readable(theme: Theme) -> None:
    assert contrast(theme.on_accent, theme.accent) >= READABLE
    assert contrast(theme.text, theme.raised) >= READABLE
    assert contrast(theme.text, mix(theme.panel, theme.bad, 0.34)) >= READABLE
