# ruff: noqa: RUF001  names that are taken for others are what is tested

import unicodedata
from types import SimpleNamespace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gameserver.errors import Code, RequestError
from gameserver.rooms.sessions import names
from gameserver.rooms.sessions.names import (
    _TRIES,
    NameBook,
    _Family,
    clean_name,
    clean_text,
    cut,
    skeleton,
)

nasty = st.text(
    st.characters() | st.sampled_from("a\u0301\u0327\u0323\u200d\u202e\u2066\ufeff\u00ad \t\u3164")
)


@given(nasty)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once


@given(nasty)
def test_cleaned_text_has_no_controls_no_bidi_and_no_invisible_characters(text: str) -> None:
    cleaned = clean_text(text)
    assert not any(unicodedata.category(char)[0] == "C" for char in cleaned)
    assert not set(cleaned) & set("\u202e\u2066\u200b\u200d\u3164\u2800\ufeff")
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == cleaned.strip()
    assert "  " not in cleaned


@given(nasty)
def test_no_letter_carries_more_than_four_marks(text: str) -> None:
    run = 0
    for char in clean_text(text):
        run = run + 1 if unicodedata.category(char)[0] == "M" else 0
        assert run <= 4


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("  Ann\t\nLee ", "Ann Lee"),
        ("e\u0301", "é"),
        ("e\u200b\u0301", "é"),
        ("z" + "\u0336" * 30, "z" + "\u0336" * 4),
        # A joiner with a meaning begins no new letter: the marks behind it count on.
        ("क\u094d\u0951\u0951\u200d\u0951\u0951\u0951", "क\u094d\u0951\u0951\u200d\u0951"),
        ("\u202eAnn\u202c", "Ann"),
        ("\x1b[31mred", "[31mred"),
        ("\u0301Ann", "Ann"),
        ("日本 한국 Ελ", "日本 한국 Ελ"),
    ],
)
def test_text_is_cleaned_to_readable_text(raw: str, shown: str) -> None:
    assert clean_text(raw) == shown


@pytest.mark.parametrize("raw", [" ", "!!!", "\u200b\u200b", "\u3164", "\u0301"])
def test_names_without_letter_or_digit_are_refused(raw: str) -> None:
    with pytest.raises(RequestError) as caught:
        clean_name(raw, 20)
    assert caught.value.code == Code.NAME_REFUSED


def test_an_empty_name_becomes_guest_and_long_names_are_shortened() -> None:
    assert clean_name("", 20) == "Guest"
    assert clean_name("a" * 19 + " bc", 20) == "a" * 19


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann", "ANN"),
        ("Paul", "Раul"),  # Cyrillic
        ("Bill", "B1ll"),
        ("Anna", "A n-n.a"),
        ("admin", "аdmіn"),
        ("Omega", "0mega"),
        ("corn", "com"),
        ("Zoe", "Zoë"),
        ("Ann", "Ａｎｎ"),
        ("Ann", "𝐀𝐧𝐧"),
        ("Nora", "Νοrа"),  # Greek and Cyrillic
    ],
)
def test_names_that_look_the_same_have_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


def test_names_that_look_different_have_different_skeletons() -> None:
    names = ["Ann", "Anne", "Bob", "Rob", "Иван", "Иванa2", "日本", "中国", "Max", "Mex"]
    assert len({skeleton(name) for name in names}) == len(names)


def test_a_used_name_gets_the_next_number_within_the_limit_of_length() -> None:
    book = NameBook(limit=8)
    assert book.take("Ann") == "Ann"
    assert book.take("АNN") == "АNN (2)"
    assert book.take("Ann") == "Ann (3)"
    assert book.take("Longname") == "Longname"
    assert book.take("Longname") == "Long (2)"


def test_a_numbered_name_that_is_in_use_is_skipped() -> None:
    book = NameBook(limit=20)
    book.take("Ann 2")
    book.take("Ann")
    assert book.take("Ann") == "Ann (3)"


def test_a_released_name_is_free_again() -> None:
    book = NameBook(limit=20)
    book.give_back(book.take("Ann"))
    assert len(book) == 0
    assert book.take("ann") == "ann"


@given(st.lists(st.sampled_from(["Ann", "ann", "А", "A", "A (2)", "Guest"]), max_size=30))
def test_no_two_names_in_use_look_the_same(wanted: list[str]) -> None:
    book = NameBook(limit=10)
    taken = [book.take(name) for name in wanted]
    assert len({skeleton(name) for name in taken}) == len(wanted) == len(book)
    assert all(len(name) <= 10 for name in taken)


def longest_row_of_marks(text: str) -> int:
    longest = run = 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        longest = max(longest, run)
    return longest


@pytest.fixture
def normalized(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the texts that are put into normal order, as they come."""
    seen: list[str] = []

    def normalize(form: str, text: str) -> str:
        seen.append(text)
        return unicodedata.normalize(form, text)

    spy = SimpleNamespace(**{**vars(unicodedata), "normalize": normalize})
    monkeypatch.setattr(names, "unicodedata", spy)
    return seen


@pytest.mark.parametrize(
    "raw", ["a" + "\u0301\u0327" * 1000, "\u0301" * 2000, "e\u0323\u0301" * 600]
)
def test_long_rows_of_combining_marks_are_shortened_before_they_are_normalised(
    raw: str, normalized: list[str]
) -> None:
    clean_text(raw)
    skeleton(raw)
    assert normalized
    assert max(map(longest_row_of_marks, normalized)) <= 64


def test_a_long_name_is_shortened_before_it_is_cleaned(normalized: list[str]) -> None:
    assert clean_name("ж" * 2000, 20) == "ж" * 20
    assert max(map(len, normalized)) <= 20 * 16


@given(nasty)
def test_shortening_rows_of_combining_marks_first_does_not_change_the_result(text: str) -> None:
    assert clean_text(text) == clean_text(names._few_marks(text))


@pytest.mark.parametrize("by_hand", [False, True], ids=["same name", "numbers chosen by hand"])
def test_a_free_number_is_found_without_trying_all(
    by_hand: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = NameBook(limit=20)
    for number in range(2, 2000):
        book.take(f"Kid{number}" if by_hand else "Kid")
    book.give_back("Kid")
    book.take("Kid")
    looked: list[str] = []

    def counted(name: str) -> str:
        looked.append(name)
        return skeleton(name)

    monkeypatch.setattr(names, "skeleton", counted)
    for _ in range(10):
        book.give_back(book.take("Kid"))
    assert len(looked) <= 10 * 25


def test_a_released_number_is_used_again() -> None:
    book = NameBook(limit=20)
    taken = [book.take("Kid") for _ in range(5)]
    book.give_back(taken[2])
    assert book.take("Kid") == taken[2]
    for name in taken:
        book.give_back(name)
    assert len(book) == 0
    assert [book.take("Kid") for _ in range(5)] == taken


# --- joiners ------------------------------------------------------------------------------------

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    "text",
    [
        "\u0645\u06cc\u200c\u0631\u0648\u062f",  # Persian: two letters that must not join
        "\u0915\u094d\u200c\u0937",  # Hindi: a virama that is to be seen
        "\u0928\u092e\u0938\u094d\u200d\u0924\u0947",  # Hindi: half a letter
        FAMILY,
        "\U0001f469\U0001f3fd\u200d\U0001f680",  # an astronaut with a colour of skin
        "\u2764\ufe0f\u200d\U0001f525",  # a heart on fire
        "\U0001f3f3\ufe0f\u200d\U0001f308",  # a flag of a rainbow
        ENGLAND,
    ],
)
def test_joiners_that_a_script_or_an_emoji_needs_are_kept(text: str) -> None:
    assert clean_text(text) == text


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\u200db", "ab"),
        ("ad\u200cmin", "admin"),
        ("\u0628\u200c", "\u0628"),
        ("\u200d\U0001f468", "\U0001f468"),
        ("\U0001f468\u200d\u200d\U0001f469", "\U0001f468\U0001f469"),
        ("\U0001f468\u200d a", "\U0001f468 a"),
        ("a\U000e0067\U000e007f", "a"),
        (ENGLAND[:-1], "\U0001f3f4"),
    ],
)
def test_joiners_without_effect_are_removed(raw: str, clean: str) -> None:
    assert clean_text(raw) == clean


def test_a_shortened_name_never_ends_within_an_emoji() -> None:
    assert cut(f"a{FAMILY}", 3) == "a\U0001f468"
    assert cut(ENGLAND, 4) == "\U0001f3f4"


def test_names_that_differ_by_joiners_alone_look_the_same() -> None:
    persian = "\u0645\u06cc\u200c\u0631\u0648\u062f"
    assert skeleton(persian) == skeleton(persian.replace("\u200c", ""))


JOINED = (
    "ab \u0645\u06cc\u0915\u094d\u200c\u200d\U0001f468\ufe0f\u0301\U0001f3fd\U0001f3f4\U000e0067"
)


@given(st.text(st.sampled_from(f"{JOINED}\U0001f3f4\U000e0067\U000e007f"), max_size=30))
@example("a\u0645\u0301\u0301\u0301\u200c\u094d\u0645")
def test_cleaning_text_with_joiners_again_changes_nothing(raw: str) -> None:
    once = clean_text(raw)
    assert clean_text(once) == once
    assert clean_text(cut(once, 7)) == cut(once, 7)


def test_after_some_numbers_that_were_chosen_by_hand_the_next_one_is_doubled() -> None:
    book = NameBook(limit=20)
    for number in range(2, 10):
        book.take(f"Ann ({number})")
    assert [book.take("Ann") for _ in range(4)] == ["Ann", "Ann (10)", "Ann (20)", "Ann (21)"]


def test_a_returned_number_is_given_again_unless_too_many_were_tried() -> None:
    family = _Family(next=50, free=[3, 4])
    assert NameBook._next_number(family, _TRIES - 1) == 3
    assert NameBook._next_number(family, _TRIES) == 50
    assert (family.next, family.free) == (100, [4])
    assert NameBook._next_number(_Family(next=50), _TRIES - 1) == 50


def test_the_smallest_returned_number_is_given_first() -> None:
    book = NameBook(limit=20)
    given = [book.take("Ann") for _ in range(5)]
    for name in (given[3], given[1]):
        book.give_back(name)
    assert [book.take("Ann") for _ in range(3)] == ["Ann (2)", "Ann (4)", "Ann (6)"]
