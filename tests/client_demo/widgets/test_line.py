"""Editing a line: by letters as they are seen, in both directions, with a selection."""

from collections.abc import Iterator
from typing import Any

import pygame
import pytest

from client_demo.widgets.line import MOST_INSERTED, TextLine
from client_demo.widgets.ui import Typed

PERSIAN = "می\u200cرود"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.fixture(autouse=True)
def _started() -> None:
    pygame.init()


def pressed(line: TextLine, key: int, mod: int = 0) -> TextLine:
    after = line.edited(Typed(key, mod))
    assert after is not None
    return after


def test_a_backspace_takes_a_whole_emoji_but_only_the_accent_of_a_letter() -> None:
    assert pressed(TextLine(f"a{FAMILY}", 6), pygame.K_BACKSPACE) == TextLine("a", 1)
    assert pressed(TextLine("e\u0301", 2), pygame.K_BACKSPACE) == TextLine("e", 1)


def test_delete_and_the_arrow_keys_go_by_grapheme_clusters() -> None:
    line = TextLine(f"{FAMILY}b", 0)
    assert pressed(line, pygame.K_RIGHT).at == 5
    assert pressed(line, pygame.K_DELETE) == TextLine("b", 0)
    assert pressed(TextLine(f"{FAMILY}b", 5), pygame.K_LEFT).at == 0


def test_in_a_right_to_left_line_the_left_arrow_moves_forward() -> None:
    assert pressed(TextLine("שלום", 0), pygame.K_LEFT).at == 1
    assert pressed(TextLine("שלום", 2), pygame.K_RIGHT).at == 1


def test_shift_selects_and_typing_replaces_the_selection() -> None:
    line = TextLine("hello", 5)
    for _ in range(3):
        line = pressed(line, pygame.K_LEFT, pygame.KMOD_SHIFT)
    assert line.copied() == "llo"
    assert line.insert("y", 64) == TextLine("hey", 3)
    assert pressed(line, pygame.K_BACKSPACE) == TextLine("he", 2)
    assert pressed(line, pygame.K_LEFT) == TextLine("hello", 2)
    assert pressed(line, pygame.K_RIGHT) == TextLine("hello", 5)


def test_the_whole_text_can_be_selected_at_once() -> None:
    assert pressed(TextLine("abc", 1), pygame.K_a, pygame.KMOD_CTRL).copied() == "abc"
    assert TextLine("abc", 1).edited(Typed(pygame.K_a, 0)) is None


def test_joiners_can_be_typed_and_control_characters_cannot() -> None:
    assert TextLine().insert(f"{PERSIAN}\x07\n", 64).text == PERSIAN


def test_the_limit_never_cuts_an_emoji_in_two() -> None:
    assert TextLine("ab", 2).insert(FAMILY, 6) == TextLine("ab", 2)
    assert TextLine("a", 1).insert(FAMILY, 6).text == f"a{FAMILY}"


class Counted(str):
    """A text that notes how much of it was looked at."""

    looked_at = 0

    def __iter__(self) -> Iterator[str]:
        for char in str(self):
            Counted.looked_at += 1
            yield char

    def __getitem__(self, index: Any) -> "Counted":
        return Counted(super().__getitem__(index))


def test_a_very_long_pasted_text_is_shortened_before_it_is_cleaned() -> None:
    assert TextLine("a", 1).insert(Counted("b" * 500_000), 240).text == "a" + 239 * "b"
    assert Counted.looked_at <= MOST_INSERTED
