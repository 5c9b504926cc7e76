from itertools import pairwise

import pygame
import pytest

from client_demo import fonts
from client_demo.art import figures, signs
from client_demo.gallery import NAMES, Picture, paint, pictures
from client_demo.theme import BASE, Colour
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
        ("teams", "You: 11 points, 4th of 8  ·  Best: Aleksandra, 14 points"),
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
        ("hurt", "Low ammunition"),
        ("results-deathmatch", "you"),
        ("results-deathmatch", "bot"),
    ],
)
def test_a_picture_contains_its_text(
    name: str, text: str, window: GameWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert text in texts_of(PICTURES[name], window, monkeypatch)


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
