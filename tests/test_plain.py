"""Text from outside on a terminal, and any text on any console."""

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.plain import colours_wanted, make_safe, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("two\r\nlines\t", "two\\r\\nlines\\t"),
        ("turn\u202eed", "turn\\u202eed"),
        ("\u2028", "\\u2028"),
        ("half \ud83d", "half \\ud83d"),
        ("raw \udcff", "raw \\udcff"),
        ("Zoë שלום مرحبا สวัสดี", "Zoë שלום مرحبا สวัสดี"),
        ("👩\u200d🚀 می\u200cخواهم", "👩\u200d🚀 می\u200cخواهم"),  # noqa: RUF001  texts of many scripts
    ],
)
def test_control_characters_are_escaped_and_scripts_are_unchanged(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters(), max_size=50))
def test_printable_text_contains_no_control_sequences(text: str) -> None:
    shown = printable(text)
    assert not any(unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp") for each in shown)
    assert printable(shown) == shown


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "cp437", "koi8-r", "utf-8"])
@given(text=st.text(st.characters(), max_size=50))
def test_a_safe_stream_of_any_encoding_accepts_any_text(encoding: str, text: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding)
    make_safe(stream)
    stream.write(f"✓ ✗ … {text}")
    stream.flush()


def test_symbols_of_the_program_are_readable_in_ascii() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, "ascii")
    make_safe(stream)
    stream.write("✓ 5 µs…")
    stream.flush()
    assert raw.getvalue() == b"ok 5 us..."


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
    ],
)
def test_colours_are_used_on_capable_terminals_without_no_color(
    environ: dict[str, str], wanted: bool
) -> None:
    assert colours_wanted(environ) is wanted
