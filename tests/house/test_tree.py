import re
import runpy
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.checkout import ROOT

SIZE = runpy.run_path(str(ROOT / "script" / "module_size.py"))

TEXT = {
    *(
        ".cfg",
        ".css",
        ".html",
        ".js",
        ".json",
        ".md",
        ".mjs",
        ".py",
        ".sh",
        ".tmj",
        ".toml",
        ".ts",
        ".tsj",
        ".tsx",
    ),
    *(".txt", ""),
}
BUILT = {"build", "dist", "node_modules"}
NPM = {"client_js", "client_web"}

# Put together here, so that this file does not hold them either.
REGISTRIES = ["py" + "pi.org", "python" + "hosted.org", "registry." + "npmjs", "proxy." + "golang"]
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:ho" + r"me|Us" + r"ers|ro" + r"ot)/\w")


def our_files() -> Iterator[Path]:
    """Yield the text files of the tree; what tools leave behind is in hidden folders."""
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        hidden = any(part.startswith(".") or part == "__pycache__" for part in parts[:-1])
        built = parts[0] in BUILT or (parts[0] in NPM and not BUILT.isdisjoint(parts))
        ours = parts[0] == ".ci" or not (hidden or built)
        if ours and path.is_file() and path.suffix in TEXT:
            yield path


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    assert SIZE["too_long"](ROOT) == {}


def test_a_module_one_line_too_long_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "gameserver"
    folder.mkdir()
    (folder / "full.py").write_text("pass\n" * 400, "utf-8")
    (folder / "long.py").write_text("pass\n" * 401, "utf-8")
    typed = tmp_path / "client_js" / "test"
    typed.mkdir(parents=True)
    (typed / "long.ts").write_text(";\n" * 402, "utf-8")
    found = {folder / "long.py": 401, typed / "long.ts": 402}
    assert SIZE["too_long"](tmp_path) == found


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    files = list(our_files())
    assert ROOT / "pyproject.toml" in files
    guilty = []
    for path in files:
        text = path.read_text("utf-8")
        found = [word for word in [*REGISTRIES, f"{ROOT}/"] if word in text]
        if found or MACHINE_PATH.search(text):
            guilty.append(path)
    assert guilty == []


@pytest.mark.parametrize(
    "script",
    [
        "script/server",
        "script/client",
        "script/test",
        "script/audit",
        "script/mutants",
        "script/simulate",
        ".ci/run",
    ],
)
def test_scripts_are_executable_and_bash_can_read_them(script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o111 == 0o111
    subprocess.run(["bash", "-n", str(path)], check=True)
