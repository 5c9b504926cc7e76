"""Lines in several scripts: which runs they are cut into, and in which order those stand."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from client_demo.text.clusters import clusters, shortened, stop_after, stop_before, stops
from client_demo.text.runs import closed, isolated, levels_of, runs

LATIN, HEBREW, PICTURES = Path("latin"), Path("hebrew"), Path("pictures")
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


def file_of(cluster: str) -> Path:
    if "\u0590" <= cluster[0] <= "\u05ff":
        return HEBREW
    return PICTURES if cluster[0] >= "\U0001f000" else LATIN


def cut(text: str) -> list[tuple[str, bool, Path | None]]:
    return [(run.text, run.rtl, run.file) for run in runs(text, file_of)]


def test_plain_text_is_one_run() -> None:
    assert cut("hello there") == [("hello there", False, LATIN)]
    assert cut("") == []


def test_hebrew_runs_from_right_to_left_as_one_run_with_its_spaces() -> None:
    assert cut("שלום עולם") == [("שלום עולם", True, HEBREW)]


def test_in_a_latin_line_hebrew_words_keep_their_place_and_run_from_right_to_left() -> None:
    assert cut("say שלום now") == [
        ("say ", False, LATIN),
        ("שלום", True, HEBREW),
        (" now", False, LATIN),
    ]


def test_in_a_hebrew_line_the_order_of_runs_is_reversed() -> None:
    texts = [text for text, _, _ in cut("שלום abc עולם")]
    assert texts == ["עולם", " ", "abc", "שלום "]


def test_brackets_have_the_direction_of_their_content() -> None:
    assert [text for text, _, _ in cut("שלום, abc? (yes)")] == ["abc? (yes)", ", ", "שלום"]
    assert [text for text, _, _ in cut("abc (שלום) d")] == ["abc (", "שלום", ") d"]


def test_numbers_in_hebrew_run_from_left_to_right() -> None:
    assert [(text, rtl) for text, rtl, _ in cut("יש לי 42 כאן")] == [
        ("כאן", True),
        (" ", True),
        ("42", False),
        ("יש לי ", True),
    ]


def test_a_family_of_emoji_is_one_cluster_in_one_font() -> None:
    assert clusters(f"a{FAMILY}b") == ("a", FAMILY, "b")
    assert cut(f"a{FAMILY}b") == [
        ("a", False, LATIN),
        (FAMILY, False, PICTURES),
        ("b", False, LATIN),
    ]


def test_a_caret_never_stands_within_a_grapheme_cluster() -> None:
    text = f"e\u0301{FAMILY}x"
    assert stops(text) == (0, 2, 7, 8)
    assert (stop_before(text, 7), stop_after(text, 2)) == (2, 7)
    assert (stop_before(text, 0), stop_after(text, 8)) == (0, 8)
    assert shortened(text, 6) == "e\u0301"


def test_letters_newer_than_this_pythons_unicode_are_laid_out_too() -> None:
    assert levels_of("a\U0001faef\U000e1000b") == (0, 0, 0, 0)
    assert [text for text, _, _ in cut("שלום \U0001faef")] == ["\U0001faef", "שלום "]


TEXTS = st.text(st.sampled_from("ab 1.,(שםعرब्क\u200c\u200d\u0301😀\U0001f3fd\ufe0f"), max_size=24)


@given(TEXTS)
def test_every_character_is_in_exactly_one_run(text: str) -> None:
    found = sorted(runs(text, file_of), key=lambda run: run.start)
    assert "".join(run.text for run in found) == text
    assert [run.start for run in found] == [
        sum(len(run.text) for run in found[:index]) for index in range(len(found))
    ]
    assert len(levels_of(text)) == len(text)


def test_an_unknown_character_joins_the_run_before_it() -> None:
    assert levels_of("\u05d0\u0378") == (1, 1)
    assert levels_of("e\u0378") == (0, 0)


def test_an_isolated_name_leaves_the_sentence_around_it_in_order() -> None:
    for name in ("שלום", "دانيال 7", "שלום abc"):
        texts = [text for text, _, _ in cut(f"signed in as {isolated(name)}, 2 online")]
        assert texts[0].startswith("signed in as ")
        assert texts[-1].endswith(", 2 online"), name
        assert levels_of(isolated(name) + " 2")[-2:] == (0, 0)
    assert isolated("Zoe") == "Zoe"


def test_an_unpaired_isolate_character_has_no_effect() -> None:
    for half in ("\u2068", "\u2069"):
        assert [text.strip(half) for text, _, _ in cut(f"say {half}שלום now")] == [
            text for text, _, _ in cut("say שלום now")
        ]


def test_an_isolated_text_stays_isolated_in_the_next_line() -> None:
    lines = list(closed(("\u2066say שלום", "and שלום", "now\u2069 or", "never")))
    assert lines == ["\u2066say שלום\u2069", "\u2066and שלום\u2069", "\u2066now\u2069 or", "never"]


def test_a_space_after_an_emoji_belongs_to_the_following_run() -> None:
    assert cut(f"{FAMILY} joined") == [(FAMILY, False, PICTURES), (" joined", False, LATIN)]
