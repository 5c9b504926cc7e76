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


def test_imports_are_followed_wherever_they_stand_and_however_they_are_written(
    digest: Digest,
) -> None:
    files = {
        "boxed/__init__.py": "",
        "boxed/game.py": "import boxed.plain\nfrom . import sub\nclass Chess:\n"
        "    def later(self):\n        from boxed import late\n",
        "boxed/plain.py": "",
        "boxed/late.py": "",
        "boxed/above.py": "",
        "boxed/beside.py": "",
        "boxed/sub/__init__.py": "from ..above import *\nfrom .deep import *\n",
        "boxed/sub/deep.py": "from ..beside import *\n",
        "boxed/sub/unused.py": "",
    }
    first = digest(files, "boxed.game")
    for name in ("plain", "late", "above", "beside", "sub/__init__", "sub/deep"):
        text = files[f"boxed/{name}.py"] + "# more\n"
        assert digest({f"boxed/{name}.py": text}, "boxed.game") != first, name
        assert digest(files, "boxed.game") == first
    assert digest({"boxed/sub/unused.py": "# more\n"}, "boxed.game") == first


def test_what_a_game_may_import_and_is_not_there_or_no_python_is_passed_over(
    digest: Digest,
) -> None:
    text = "import math, json\nclass Chess:\n    def later(self):\n        import lone_nowhere\n"
    first = digest({"lonegame.py": text}, "lonegame")
    assert digest({"lone_nowhere.py": ""}, "lonegame") != first


def test_a_game_is_named_by_module_and_class() -> None:
    class Chess(Game):
        """No game at all."""

    assert spec_of(Chess.__new__(Chess)).endswith(
        "test_identity:test_a_game_is_named_by_module_and_class.<locals>.Chess"
    )
