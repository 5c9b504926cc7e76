"""Colours, spacing and font sizes of all screens.

Law: the colours of widgets are defined here only. Teams differ in lightness as well as in hue, and
no information is given by colour alone: a shape or a word gives it, too.
"""

from typing import Final

import attrs

Colour = tuple[int, int, int]
BASE: Final = (1280, 720)
"""Size in pixels of the canvas for which all screens are laid out; the window shows it scaled, with
its aspect ratio kept."""

RADIUS: Final = 10
"""Pixels; rounding of the corners of a box."""

_GLASS: Final[Colour] = (16, 21, 29)
GLASS: Final = (*_GLASS, 215)
"""Translucent background of the display over the field."""
THIN_GLASS: Final = (*_GLASS, 205)
"""Background of the kill feed, the net graph and the minimap."""
THICK_GLASS: Final = (*_GLASS, 225)
"""Background of sentences that must be readable on any field."""

SMALL: Final = 13
BODY: Final = 16
LEAD: Final = 20
TITLE: Final = 30
DISPLAY: Final = 60

SPARE_SEAT_COLOURS: Final[tuple[Colour, ...]] = (
    (64, 196, 187),
    (245, 177, 66),
    (150, 140, 255),
    (240, 118, 130),
    (126, 206, 96),
    (96, 170, 250),
    (236, 132, 214),
    (214, 214, 120),
)


@attrs.frozen
class Theme:
    """One set of colours."""

    background: Colour = (15, 19, 26)
    panel: Colour = (24, 30, 40)
    raised: Colour = (35, 43, 56)
    hover: Colour = (46, 56, 72)
    line: Colour = (53, 64, 82)
    text: Colour = (233, 238, 244)
    muted: Colour = (160, 172, 188)
    faint: Colour = (133, 146, 164)
    accent: Colour = (64, 196, 187)
    on_accent: Colour = (8, 24, 26)
    good: Colour = (118, 208, 132)
    warn: Colour = (245, 177, 66)
    bad: Colour = (242, 104, 104)
    teams: tuple[Colour, ...] = ((176, 186, 200), (64, 196, 187), (245, 177, 66))
    team_names: tuple[str, ...] = ("", "Teal", "Amber")

    def team(self, number: int) -> Colour:
        """Return the colour of a team; 0 stands for no team."""
        return self.teams[number] if 0 <= number < len(self.teams) else self._spare(number)

    def team_name(self, number: int) -> str:
        """Return the name of a team."""
        return self.team_names[number] if number < len(self.team_names) else f"Team {number}"

    def fighter(self, team: int, seat: int) -> Colour:
        """Return the colour of a fighter: the team's, or without teams a colour of its seat."""
        return self.team(team) if team else self._spare(seat)

    @staticmethod
    def _spare(number: int) -> Colour:
        return SPARE_SEAT_COLOURS[number % len(SPARE_SEAT_COLOURS)]


DEFAULT: Final = Theme()

COLOUR_BLIND: Final = Theme(
    accent=(96, 182, 240),
    on_accent=(6, 20, 34),
    good=(96, 182, 240),
    warn=(240, 210, 90),
    bad=(244, 128, 62),
    teams=((176, 186, 200), (96, 182, 240), (244, 128, 62)),
    team_names=("", "Sky", "Orange"),
)
"""Blue and orange, which people with the common colour deficiencies can distinguish."""


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """Blend two colours; ``share`` is the part of ``b``, from 0 to 1."""
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )
