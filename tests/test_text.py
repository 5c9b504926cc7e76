"""Foreign text on its way to a screen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.text import LONGEST_SHOWN, fits_utf8, quoted, shown


@pytest.mark.parametrize(
    ("raw", "out"),
    [
        ("plain text, 3 € 4", "plain text, 3 € 4"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]0;title\x07x", "]0;titlex"),
        ("\x9b31mred", "31mred"),
        ("two\r\nlines", "two  lines"),
        ("a\u202eb\u2066c", "abc"),
        ("a\u200bb\ufeffc", "abc"),
        ("e\u0301\u0301\u0301\u0301\u0301\u0301", "e\u0301\u0301\u0301\u0301"),
        ("\u0301a", "a"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("a\u200d\u200d\u200db", "a\u200db"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e007f", "\U0001f3f4\U000e0067\U000e0062\U000e007f"),
        ("a\U000e0067", "a"),
        ("half \ud83d", "half "),
        ("\0", ""),
    ],
)
def test_any_text_becomes_one_line(raw: str, out: str) -> None:
    assert shown(raw) == out


@given(st.text(st.characters()), st.integers(1, 50))
def test_shown_text_is_bounded_and_encodable_and_showing_it_again_changes_nothing(
    text: str, most: int
) -> None:
    once = shown(text, most)
    assert len(once) <= most
    assert fits_utf8(once)
    assert shown(once, most) == once
    assert not set(once) & set("\x1b\x9b\n\r\x07\x00\u202e")


def test_very_long_text_is_shortened() -> None:
    assert len(shown("x" * 10**6)) == LONGEST_SHOWN
    assert len(shown("e" + "\u0301" * 10**6)) < 10
    assert len(quoted("x" * 10**6)) < 70
