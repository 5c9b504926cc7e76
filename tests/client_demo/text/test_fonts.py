"""Text as pixels: no boxes, no letters backwards, and a caret where the letters are."""

import subprocess
from collections.abc import Iterator
from itertools import pairwise
from types import SimpleNamespace

import pygame
import pytest

from client_demo import fonts
from client_demo.text import fontfiles
from client_demo.theme import SMALL

WHITE = (255, 255, 255)
SCRIPTS = {
    "latin": "Hello",
    "cyrillic": "Привет",
    "greek": "Γειά",
    "hebrew": "שלום",
    "arabic": "مرحبا",
    "georgian": "გამარჯობა",
    "devanagari": "नमस्ते",
    "tamil": "வணக்கம்",
    "telugu": "నమస్తే",
    "khmer": "សួស្តី",
    "thai": "สวัสดี",
    "japanese": "こんにちは",
    "chinese": "你好吗",
    "korean": "안녕하세요",
    "emoji": "😀❤️👍🏽",
}


@pytest.fixture(autouse=True)
def _started() -> Iterator[None]:
    pygame.init()
    fonts.forget()
    yield
    fonts.forget()


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_has_a_font_with_all_its_letters(script: str) -> None:
    for cluster in SCRIPTS[script]:
        file = fontfiles.file_for(cluster, "Regular")
        assert file is not None
        assert all(fontfiles._has(file, [cluster])), (cluster, file.name)


def test_a_line_in_all_scripts_at_once_shows_no_box() -> None:
    line = " ".join(SCRIPTS.values())
    placed = fonts._laid_out(line, 20, bold=False)
    assert len({each.run.file for each in placed}) >= 8
    for each in placed:
        assert each.run.file is not None
        shown = each.run.text.replace(" ", "")
        assert all(fontfiles._has(each.run.file, [shown])), shown


def test_an_empty_text_or_one_with_a_nul_character_is_drawn() -> None:
    assert fonts.render("a\0b", 20, WHITE).get_width() == fonts.width("ab", 20)
    assert fonts.render("", 20, WHITE).get_width() <= 1
    assert fonts.render("\u200d", 20, WHITE).get_width() >= 0


def test_bold_letters_have_the_same_fonts() -> None:
    for script, text in SCRIPTS.items():
        assert fonts.render(text, 20, WHITE, bold=True).get_bounding_rect().width > 10, script


@pytest.mark.parametrize("script", ["thai", "khmer", "tamil", "telugu"])
def test_bold_adds_no_gap_behind_the_marks_of_letters(script: str) -> None:
    text = SCRIPTS[script]
    file = fontfiles.file_for(text[0], "Bold")
    assert file is not None
    assert fontfiles.lacks_bold(file), file
    assert fonts.width(text, 30, bold=True) == fonts.width(text, 30)
    plain, bold = (fonts.render(text, 30, WHITE, bold=bold) for bold in (False, True))
    ink = [pygame.mask.from_surface(picture).count() for picture in (plain, bold)]
    assert ink[1] > 1.1 * ink[0]
    small = [fonts.render(text, SMALL, WHITE, bold=bold) for bold in (False, True)]
    ink = [pygame.mask.from_surface(picture).count() for picture in small]
    assert ink[1] <= 1.2 * ink[0], "the holes of small letters are filled"


def test_arabic_is_joined_and_runs_to_the_left() -> None:
    joined = fonts.width("سلام", 40)
    assert joined < sum(fonts.width(letter, 40) for letter in "سلام")
    first = fonts.caret("سلام", 0, 40)
    last = fonts.caret("سلام", 4, 40)
    assert first == joined
    assert last == 0


def test_hebrew_is_drawn_with_its_first_letter_at_the_right() -> None:
    whole = fonts.render("שלל", 40, WHITE)
    first = fonts.render("ש", 40, WHITE)
    width = first.get_width()
    right = whole.subsurface((whole.get_width() - width, 0, width, whole.get_height()))
    assert pygame.mask.from_surface(right).count() == pygame.mask.from_surface(first).count()


def test_a_caret_between_two_directions_follows_the_letter_before_it() -> None:
    text = "ab שם"
    latin = fonts.width("ab ", 20)
    assert fonts.caret(text, 2, 20) == fonts.width("ab", 20)
    assert fonts.caret(text, 3, 20) == latin
    assert fonts.caret(text, 5, 20) == latin  # behind the last Hebrew letter: at its left
    assert latin < fonts.caret(text, 4, 20) < fonts.width(text, 20)


@pytest.mark.parametrize("text", ["plain", "ab שם cd", "سلام 42", "a😀b"])
def test_the_index_at_the_position_of_a_caret_is_that_caret(text: str) -> None:
    for at in (0, 1, len(text)):
        x = fonts.caret(text, at, 20)
        assert fonts.caret(text, fonts.index_at(text, x, 20), 20) == x


def test_a_selection_of_two_directions_covers_its_drawn_letters() -> None:
    text = "ab שם"
    (only,) = fonts.marked(text, 0, 2, 20)
    assert only == (0, fonts.width("ab", 20))
    parts = fonts.marked(text, 1, 4, 20)
    assert len(parts) == 2
    assert parts[1][1] == fonts.width(text, 20)  # the first Hebrew letter stands at the right end


def test_a_shortened_text_never_ends_within_a_letter() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    text = family * 8
    short = fonts.fit(text, 20, fonts.width(family * 3, 20) + fonts.width("…", 20))
    assert short == family * 3 + "…"
    assert fonts.wrap(text, 20, fonts.width(family * 3, 20)) == (family * 3, family * 3, family * 2)


def test_lines_of_every_script_have_the_same_baseline() -> None:
    plain = fonts.render("Hello", 20, WHITE)
    mixed = fonts.render("Hello שם", 20, WHITE)
    assert mixed.get_height() - plain.get_height() in range(13)
    over = (mixed.get_height() - plain.get_height()) // 2
    part = mixed.subsurface((0, over, plain.get_width() - 2, plain.get_height()))
    same = pygame.mask.from_surface(plain.subsurface((0, 0, *part.get_size())))
    assert pygame.mask.from_surface(part).overlap_area(same, (0, 0)) == same.count()


def test_a_first_row_may_have_another_width_and_wrapping_adds_no_spaces() -> None:
    text = "https://example.org/" + "a" * 60
    rows = fonts.wrap(text, 14, 200, first=80)
    assert "".join(rows) == text
    assert fonts.width(rows[0], 14) <= 80 < fonts.width(rows[1], 14) <= 200
    assert fonts.wrap("understanding it", 14, 200, first=40) == ("", "understanding it")


@pytest.mark.parametrize("text", ["iiiiWWWW" * 20, "你好吗" * 60, "x", "שלום" * 20])
def test_a_wrapped_row_holds_as_many_letters_as_fit(text: str) -> None:
    rows = fonts.wrap(text, 15, 150)
    assert "".join(rows) == text
    for row, following in pairwise(rows):
        assert fonts.width(row, 15) <= 150
        assert fonts.width(row + following[0], 15) > 150


def test_looking_for_fonts_of_unknown_letters_has_a_time_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, asked = 0.0, []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        nonlocal now
        now += 0.3
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, b"", b"")

    monkeypatch.setattr(fontfiles, "_asked_s", 0.0)
    monkeypatch.setattr(fontfiles, "shutil", SimpleNamespace(which=lambda _: "fc-list"))
    program = SimpleNamespace(run=run, TimeoutExpired=subprocess.TimeoutExpired)
    monkeypatch.setattr(fontfiles, "subprocess", program)
    monkeypatch.setattr(fontfiles, "time", SimpleNamespace(monotonic=lambda: now))
    fonts.width("".join(chr(0x16A40 + n) for n in range(30)), 20)
    assert len(asked) == 4
