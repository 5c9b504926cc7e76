"""The digest of a game's code changes with the code that a match depends on, and with no other."""

import sys
from pathlib import Path

import pytest

from gameserver.game.game import Game
from gameserver.store.identity import code_digest, spec_of

RULES = "SPEED = 5\n"
GAME = "from {}rules import SPEED\nclass Chess:\n    speed = SPEED\n"


@pytest.fixture
def digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Digest":
    monkeypatch.syspath_prepend(str(tmp_path))
    return Digest(tmp_path)


class Digest:
    """Writes a game's files anew and returns the digest of its code."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, files: dict[str, str], module: str) -> str:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        for name in [each for each in sys.modules if each.startswith(("lone", "boxed"))]:
            del sys.modules[name]
        sys.dont_write_bytecode = True
        __import__(module)
        return code_digest(sys.modules[module].Chess)


def test_a_game_of_one_file_follows_the_files_beside_it(digest: Digest) -> None:
    files = {"lonegame.py": GAME.format("lone"), "lonerules.py": RULES, "loneother.py": ""}
    first = digest(files, "lonegame")
    assert digest(files, "lonegame") == first
    assert digest({"loneother.py": "CHANGED = 1\n"}, "lonegame") == first
    assert digest({"lonerules.py": "SPEED = 6\n"}, "lonegame") != first
    assert digest(files, "lonegame") == first
    assert digest({"lonegame.py": files["lonegame.py"] + "# more\n"}, "lonegame") != first


@pytest.mark.parametrize("form", [".", "boxed."])
def test_a_game_in_a_package_follows_the_package(digest: Digest, form: str) -> None:
    files = {
        "boxed/__init__.py": "",
        "boxed/game.py": GAME.format(form),
        "boxed/rules.py": "from boxed import more\nSPEED = 5\n",
        "boxed/more.py": "",
        "boxed/notes.py": "",
    }
    first = digest(files, "boxed.game")
    assert digest({"boxed/notes.py": "CHANGED = 1\n"}, "boxed.game") == first
    assert digest({"boxed/more.py": "CHANGED = 1\n"}, "boxed.game") != first


def test_a_game_is_named_by_module_and_class() -> None:
    class Chess(Game):
        """No game at all."""

    assert spec_of(Chess.__new__(Chess)).endswith(
        "test_identity:test_a_game_is_named_by_module_and_class.<locals>.Chess"
    )
