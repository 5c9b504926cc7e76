"""Misspelled games, and modules that fail while they are imported: one sentence each."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gameserver.errors import ConfigError
from gameserver.game.loading.games import load_game
from gameserver.game.loading.modules import MAX_SOURCE_BYTES, import_named

GAME = "from gameserver.game import Game\n\n\nclass Duel(Game):\n    pass\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working folder with an author's files; nothing of it stays imported."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)
    (tmp_path / "theirgames").mkdir()
    (tmp_path / "theirgames" / "duel.py").write_text(GAME, "utf-8")
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith(("theirgames", "broken")):
            del sys.modules[name]


def refusal(spec: str) -> str:
    with pytest.raises(ConfigError) as refused:
        load_game(spec)
    sentence = str(refused.value)
    assert sentence.isprintable(), sentence
    return sentence


@pytest.mark.parametrize(
    ("spec", "offered"),
    [
        ("arean", "did you mean arena? (installed: "),
        ("Arena", "did you mean arena? (installed: "),
        ("theirgames/duel.py", "did you mean theirgames.duel:Duel?"),
        ("./theirgames/duel.py", "did you mean theirgames.duel:Duel?"),
        ("theirgames/duel.py:Duel", "did you mean theirgames.duel:Duel?"),
        ("theirgames.duel", "did you mean theirgames.duel:Duel?"),
        ("theirgames.duel:", "did you mean theirgames.duel:Duel?"),
        ("theirgames.duel:duel", "did you mean Duel?"),
        ("theirgames.deul:Duel", "there is no module theirgames.deul; did you mean duel?"),
        ("theirgame.duel:Duel", "there is no module theirgame; did you mean theirgames?"),
        ("theirgames.duel:annotations", "has no annotations"),
        ("gone/duel.py", "write module:Class, with dots and without .py"),
        ("gone.py:Duel", "write module:Class, with dots and without .py"),
        (".duel:Duel", "write module:Class, such as examples.tag:Tag"),
        ("a b:C", "write module:Class, such as examples.tag:Tag"),
        ("a:b:c", "write module:Class, such as examples.tag:Tag"),
        ("os:path", "os:path is not a game"),
        ("\x1b[31m", "write module:Class"),
    ],
)
def test_a_wrongly_written_name_of_a_game_is_answered_with_the_right_form(
    folder: Path,  # noqa: ARG001
    spec: str,
    offered: str,
) -> None:
    assert offered in refusal(spec)


@pytest.mark.parametrize("spec", ["theirgames/duel.py:", "theirgames/duel.py:Duel", "gone.py:C"])
def test_a_file_in_the_place_of_a_game_is_named_as_it_was_given(
    folder: Path,  # noqa: ARG001
    spec: str,
) -> None:
    assert refusal(spec).startswith(f"'{spec}' is a file, not a game")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("class Duel(:\n", "broken.py, line 1: "),
        ("x = 1\n  y = 2\n", "broken.py, line 2: unexpected indent"),
        ("x = 1\n\n1 / 0\n", "broken.py, line 3: ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)\n", "broken.py, line 1: SystemExit: 3"),
        ("import json\njson.loads('x')\n", "broken.py, line 2: JSONDecodeError"),
        ("import no_such_thing\n", "needs the module no_such_thing, which is not there"),
        (
            "from os import no_such\n",
            "broken.py, line 1: ImportError: cannot import name 'no_such'",
        ),
        ("raise ValueError('two\\nlines')\n", "ValueError: two lines"),
        ("class Duel:\n    pass\n", "broken:Duel is not a game"),
        ("\x00", "source code string cannot contain null bytes"),
    ],
)
def test_a_file_that_raises_is_reported_with_file_and_line(
    folder: Path, source: str, words: str
) -> None:
    (folder / "broken.py").write_text(source, "utf-8")
    assert words in refusal("broken:Duel")


def test_for_a_class_that_is_no_game_the_games_of_its_module_are_suggested(folder: Path) -> None:
    (folder / "broken.py").write_text(f"{GAME}\n\nclass Ship:\n    pass\n", "utf-8")
    assert "did you mean broken:Duel?" in refusal("broken:Ship")


def test_a_file_whose_name_belongs_to_another_module_is_reported(folder: Path) -> None:
    (folder / "random.py").write_text(GAME, "utf-8")
    assert "not the one of random.py, which needs another name" in refusal("random:Duel")


def test_at_most_three_games_of_a_file_are_offered_and_classes_of_other_kinds_are_not(
    folder: Path,
) -> None:
    classes = [
        "Helper(object)",
        "Alone",
        "One(Game)",
        "Two(gs.Game)",
        "Three(CardGame)",
        "Four(Game)",
    ]
    (folder / "broken.py").write_text(
        "\n".join(f"class {each}:\n    pass" for each in classes), "utf-8"
    )
    assert "; did you mean broken:One or broken:Two or broken:Three?" in refusal("broken.py")
    (folder / "broken.py").write_text("x = 1\n", "utf-8")
    assert "; did you mean broken:Class?" in refusal("broken")
    (folder / "broken.py").write_text("class (\n", "utf-8")
    assert "; did you mean broken:Class?" in refusal("broken.py")


def test_a_file_elsewhere_is_offered_by_its_name_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    assert "; did you mean duel:Duel?" in refusal("../theirgames/duel.py")


def test_what_is_no_file_or_too_large_for_a_module_is_not_offered(folder: Path) -> None:
    (folder / "broken.py").mkdir()
    assert "did you mean" not in refusal("broken.py")
    large = folder / "theirgames" / "large.py"
    large.write_text(GAME.ljust(MAX_SOURCE_BYTES - 1), "utf-8")
    assert "; did you mean theirgames.large:Duel?" in refusal("theirgames/large.py")
    large.write_text(GAME.ljust(MAX_SOURCE_BYTES), "utf-8")
    assert "did you mean" not in refusal("theirgames/large.py")
    (folder / "theirgames" / "notes.txt").write_text("", "utf-8")
    assert "did you mean" not in refusal("theirgames/notes.txt")


def test_a_name_that_no_file_can_have_is_answered_with_the_right_form(folder: Path) -> None:
    del folder
    assert refusal(f"{'x' * 300}.py:Duel").endswith("write module:Class, with dots and without .py")


def test_a_missing_part_of_a_package_that_lies_elsewhere_is_named(folder: Path) -> None:
    del folder
    assert refusal("json.nothing:Duel") == "game json.nothing:Duel: there is no module json.nothing"


def test_the_working_folder_is_searched_once_and_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = [each for each in sys.path if each not in ("", str(folder))]
    for before, after in (
        (elsewhere, [str(folder), *elsewhere]),
        ([*elsewhere, str(folder)], [*elsewhere, str(folder)]),
        (["", *elsewhere], ["", *elsewhere]),
    ):
        monkeypatch.setattr(sys, "path", list(before))
        assert isinstance(import_named("theirgames.duel:Duel"), type)
        assert sys.path == after


def test_a_class_that_its_own_file_lacks_is_not_blamed_on_the_file_name(folder: Path) -> None:
    del folder
    sentence = refusal("theirgames.duel:Ship")
    assert sentence == "game theirgames.duel:Ship: module theirgames.duel has no Ship"
    assert refusal("random:Duel").endswith("module random has no Duel")
