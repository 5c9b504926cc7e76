from itertools import pairwise
from typing import Any

import pygame
import pytest

from client_demo import fonts
from client_demo.art import field, figures, signs
from client_demo.gallery import NAMES, Picture, paint, pictures
from client_demo.hud import scoreboard
from client_demo.hud.layout import CHAT
from client_demo.theme import BASE, DEFAULT, SMALL, Colour, mix
from client_demo.views.matchview import MatchView
from client_demo.widgets.basic import SMALLEST
from client_demo.window import GameWindow
from gameserver.game.maps.shipped import shipped_maps
from gameserver.game.maps.tiled import load_maps

PICTURES = {picture.name: picture for picture in pictures(load_maps(shipped_maps()))}
MEANT = ("Coming back…", "Waiting for the others…")
LONGEST = NAMES[15][:4]
"""A name of the widest letters, as long as names may be: it alone may be cut."""


def letters_of(
    picture: Picture, window: GameWindow, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[str, int]]:
    """Return every text that a picture shows, with the size of its letters."""
    shown: list[tuple[str, int]] = []
    real = fonts.render

    def noting(text: str, size: int, colour: Colour, *, bold: bool = False) -> pygame.Surface:
        shown.append((text, size))
        return real(text, size, colour, bold=bold)

    monkeypatch.setattr(fonts, "render", noting)
    paint(window.canvas, picture)
    return shown


def texts_of(picture: Picture, window: GameWindow, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return every text that a picture shows."""
    return [text for text, _ in letters_of(picture, window, monkeypatch)]


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_no_text_of_the_match_screen_is_cut_or_too_small(
    name: str, window: GameWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = letters_of(PICTURES[name], window, monkeypatch)
    assert letters
    # In a window of 960 x 540 these are 8 pixels high.
    assert [text for text, size in letters if size < SMALLEST] == []
    texts = [text for text, _ in letters]
    cut = [text for text in texts if text.endswith("…") and text not in MEANT]
    assert [text for text in cut if not text.startswith(LONGEST)] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("deathmatch", "You: 4th of 6"),
        ("deathmatch", "Leader"),
        ("crowd-scores", "2:07  ·  Deathmatch to 15"),
        ("others-silent-scores", "Dash ready"),
        ("teams", "You: 11 points, 4th of 8  ·  Best: Aleksandra, 14 points"),
        ("teams", "opponents"),
        ("team-scores", "bot"),
        ("destroyed", "Destroyed by"),
        ("victory", "Victory"),
        ("victory", "Teal wins  12 : 9"),
        ("teams-colour-blind", "Sky"),
        ("overtime", "Overtime: the next point wins"),
        ("no-limit", "No limit"),
        ("stall-mark", "No answer for 0.7 s"),
        ("stall-banner", "No answer for 2 s. The picture waits for the server."),
        ("others-silent-scores", "not answering"),
        ("others-silent-scores", "connection lost"),
        ("spectator", "Watching"),
        ("flags", "Aleksandra took the Teal flag"),
        ("warm-up-lesson", "W A S D"),
        ("warm-up-lesson", "You: 1st of 6"),
        ("scripts", "สมชาย ใจดี"),
        ("hurt", "Low ammunition"),
        ("results-deathmatch", "you"),
        ("results-deathmatch", "bot"),
    ],
)
def test_a_picture_contains_its_text(
    name: str, text: str, window: GameWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert text in texts_of(PICTURES[name], window, monkeypatch)


@pytest.mark.parametrize("name", ["crowd-scores", "team-scores"])
def test_a_tall_table_of_scores_leaves_no_cut_text_beside_it(
    name: str, window: GameWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = texts_of(PICTURES[name], window, monkeypatch)
    assert {"Dash ready", "Over", "2:07", "your team", "Leader"}.isdisjoint(texts)
    # What has room beside the table stays.
    assert "Bo: good luck everybody" in texts
    assert "Kwame" in texts
    width = {text: fonts.width(text, SMALL + 1) for text in texts if "behind" in text}
    assert width
    assert max(width.values()) + CHAT.x < (BASE[0] - scoreboard.WIDTH) // 2
    assert [text for text in texts if text.startswith(LONGEST) and text.endswith("…")] == []


def test_without_teams_no_line_is_marked_as_team_chat(
    window: GameWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = texts_of(PICTURES["deathmatch"], window, monkeypatch)
    assert [text for text in texts if text.startswith("[team]")] == []


@pytest.mark.parametrize(
    ("name", "title", "colour"),
    [("victory", "Victory", DEFAULT.good), ("defeat", "Defeat", DEFAULT.bad)],
)
def test_a_result_has_the_same_colour_in_the_match_as_on_the_screen_of_results(
    name: str, title: str, colour: Colour, window: GameWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    inks: dict[str, Colour] = {}
    real = fonts.render

    def noting(text: str, size: int, colour: Colour, *, bold: bool = False) -> pygame.Surface:
        inks[text] = colour
        return real(text, size, colour, bold=bold)

    monkeypatch.setattr(fonts, "render", noting)
    paint(window.canvas, PICTURES[name])
    assert inks[title] == colour


class Noting(pygame.Surface):
    """A surface that keeps what is drawn on it, and where."""

    def __init__(self) -> None:
        super().__init__(BASE)
        self.drawn: list[tuple[pygame.Surface, pygame.Rect]] = []

    def blit(self, source: pygame.Surface, *args: Any, **more: Any) -> pygame.Rect:
        rect = super().blit(source, *args, **more)
        self.drawn.append((source, rect))
        return rect


@pytest.mark.usefixtures("window")
def test_a_name_does_not_lie_on_the_flag_that_its_fighter_carries() -> None:
    view = PICTURES["flags"].view
    assert isinstance(view, MatchView)
    carried = next(flag for flag in view.flags if flag.carrier is not None)
    carrier = next(f for f in view.fighters if f.seat == carried.carrier)
    surface = Noting()
    corner = (round(640 - carrier.x), round(360 - carrier.y))
    field.draw_field(surface, view, DEFAULT, corner, 0.0)
    ink = mix(DEFAULT.team(carrier.team), DEFAULT.text, 0.45)
    name = fonts.render(carrier.name, field.NAME_SIZE, ink, bold=True)
    flag = figures.flag(DEFAULT.team(carried.team))
    (name_at,) = [rect for drawn, rect in surface.drawn if drawn is name]
    (flag_at,) = [rect for drawn, rect in surface.drawn if drawn is flag]
    assert not name_at.inflate(0, -8).colliderect(flag_at)


def test_being_hit_tints_the_border_and_leaves_the_middle_clear() -> None:
    veil = signs.vignette(BASE, (255, 0, 0), 190)
    row = [veil.get_at((x, BASE[1] // 2))[3] for x in range(BASE[0] // 2)]
    assert row[-1] == 0
    assert row[0] > 40
    assert max(abs(a - b) for a, b in pairwise(row)) <= 3


def test_teams_differ_by_shape_as_well_as_by_colour() -> None:
    grey = (160, 160, 160)
    for one, two in (
        (signs.mark(1, grey, 8), signs.mark(2, grey, 8)),
        (figures.fighter(grey, 0, team=1), figures.fighter(grey, 0, team=2)),
        (signs.weapon("rifle"), signs.weapon("rocket")),
    ):
        first, second = (pygame.image.tobytes(picture, "RGBA") for picture in (one, two))
        differing = sum(a != b for a, b in zip(first, second, strict=True))
        assert differing > len(first) // 20


def test_scaled_signs_are_kept_for_later_frames(
    window: GameWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    paint(window.canvas, PICTURES["flags"])
    scaled: list[object] = []
    monkeypatch.setattr(pygame.transform, "smoothscale", lambda *args: scaled.append(args))
    paint(window.canvas, PICTURES["flags"])
    assert not scaled
