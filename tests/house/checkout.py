"""A checkout of the scripts alone, whose environment is made of programs that tell what they get.

Law: nothing here reaches a network or an environment outside the temporary folder.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import attrs

ROOT = Path(__file__).resolve().parents[2]

TOOLS = (
    "bash",
    "cat",
    "cksum",
    "dirname",
    "find",
    "flock",
    "grep",
    "id",
    "mktemp",
    "readlink",
    "rm",
    "sort",
    "tail",
    "tee",
    "xargs",
)

PYTHON = """#!/bin/sh
case "$*" in
    -c*) exec "{real}" "$@" ;;
    *"pip install"*) echo "$@" >>"{calls}"; echo "pip says no"; exit ${{PIP_STATUS:-0}} ;;
    *module_size*|*typed.py*) exit 0 ;;
    *) echo "$$|$PWD|$*" ;;
esac
"""

CHECK = """#!/bin/sh
echo "{name} $*"
test "$FAILING" != {name} && test "$FAILING" != "{name} $1"
"""


@attrs.frozen
class Checkout:
    """Where it lies; its name has a space, as people's folders do."""

    root: Path
    tools: Path
    """The only programs that the scripts find: no Python, no uv, no apt-get."""

    @property
    def calls(self) -> list[str]:
        """Return what was asked of pip, in order."""
        file = self.tools.parent / "calls"
        return file.read_text("utf-8").splitlines() if file.exists() else []

    def start(
        self, script: str, *args: str, cwd: Path | None = None, **env: str
    ) -> subprocess.Popen[str]:
        """Start a script of this checkout."""
        return subprocess.Popen(
            [str(self.root / "script" / script), *args],
            cwd=cwd or self.root,
            env={"PATH": str(self.tools), **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self, script: str, *args: str, cwd: Path | None = None, **env: str
    ) -> tuple[int, str, str]:
        """Run a script to its end and return exit code, output and errors."""
        process = self.start(script, *args, cwd=cwd, **env)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err


def make_checkout(folder: Path) -> Checkout:
    """Copy the scripts and what they read, and lay an environment beside them."""
    root, tools = folder / "my games", folder / "tools"
    shutil.copytree(ROOT / "script", root / "script")
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, root)
    tools.mkdir()
    for name in TOOLS:
        (tools / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    programs = root / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "activate").write_text(f'VIRTUAL_ENV="{root / ".venv"}"\n', "utf-8")
    # As in a real environment, Python itself lies elsewhere.
    calls = folder / "calls"
    make_program(folder / "python", PYTHON.format(real=sys.executable, calls=calls))
    (programs / "python").symlink_to(folder / "python")
    for name in ("ruff", "mypy", "lint-imports", "pytest", "coverage", "sphinx-build"):
        make_program(programs / name, CHECK.format(name=name))
    return Checkout(root, tools)


def make_program(path: Path, text: str) -> None:
    """Write an executable file."""
    path.write_text(text, "utf-8")
    path.chmod(0o755)
