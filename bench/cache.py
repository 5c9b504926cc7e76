"""The cache folder for programs built and installed for measuring, outside version control.

Law: everything in it can be deleted at any time and is made again when needed; a hash of its
sources says whether it is up to date. Packages are installed by name, through the ordinary clients.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import attrs

from bench.errors import BenchError

ROOT: Final = Path(__file__).resolve().parent.parent
CACHE: Final = Path(os.environ.get("BENCH_CACHE") or ROOT / ".cache" / "bench")
"""The environment variable ``BENCH_CACHE`` names another folder."""

INSTALL_S: Final = 600.0
"""Longest an installation or a build may take."""


def cache_folder(name: str) -> Path:
    """Return a folder of the cache, made and kept out of version control."""
    folder = CACHE / name
    folder.mkdir(parents=True, exist_ok=True)
    ignore = CACHE.parent / ".gitignore"
    if CACHE.is_relative_to(ROOT) and not ignore.exists():
        ignore.write_text("*\n", "utf-8")
    return folder


def built(name: str, *more: str) -> Path:
    """Compile the C program whose sources are in ``bench/NAME``; return its path.

    ``more`` are further options of the compiler.

    Raises:
        BenchError: gcc is missing, or it reports an error.
    """
    sources = sorted((ROOT / "bench" / name).glob("*.[ch]"))
    program = cache_folder("bin") / f"{name}-{digest(sources)}"
    if not program.exists():
        gcc = shutil.which("gcc")
        if gcc is None:
            raise BenchError(f"gcc is needed to build bench/{name}; install gcc")
        fresh = program.with_suffix(".new")
        files = [str(path) for path in sources if path.suffix == ".c"]
        run([gcc, "-O2", "-std=gnu11", *more, "-o", str(fresh), *files, "-lm"], program.parent)
        fresh.replace(program)
    return program


@attrs.frozen
class NodePeers:
    """The folder of the Node peers, and the Node that was installed for them."""

    folder: Path
    node: str


def node_peers() -> NodePeers:
    """Install the Node peers, and a version of Node that all of them support.

    Raises:
        BenchError: npm is missing or cannot install.
    """
    runtime = _npm_folder("runtime", os.environ["PATH"])
    programs = sorted(runtime.glob("node_modules/node-linux-*/bin/node"))
    if not programs:
        raise BenchError("npm has no Node for this machine among the pinned ones")
    node = programs[0]
    # Under that Node npm also takes the prebuilt packages that fit it.
    return NodePeers(_npm_folder("node", f"{node.parent}:{os.environ['PATH']}"), str(node))


def _npm_folder(name: str, path: str) -> Path:
    folder = cache_folder(name)
    for source in sorted((ROOT / "bench" / "peers" / name).iterdir()):
        shutil.copy2(source, folder / source.name)
    manifest = folder / "package.json"
    if not fresh(folder, manifest):
        npm = shutil.which("npm")
        if npm is None:
            raise BenchError("npm is needed to install the peers under Node; install npm")
        shutil.rmtree(folder / "node_modules", ignore_errors=True)
        flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
        run([npm, "install", *flags], folder, path)
        stamp(folder, manifest)
    return folder


def python_peers() -> Path:
    """Install the Python peers; return the interpreter of their environment.

    Raises:
        BenchError: pip cannot install.
    """
    return _environment("python")


def python_tools() -> Path:
    """Install the Python tools for measuring; return the interpreter of their environment.

    Raises:
        BenchError: pip cannot install.
    """
    return _environment("tools")


def _environment(name: str) -> Path:
    folder = cache_folder(name)
    python = folder / "venv" / "bin" / "python"
    requirements = ROOT / "bench" / "peers" / name / "requirements.txt"
    if not fresh(folder, requirements):
        run([sys.executable, "-m", "venv", "--clear", str(folder / "venv")], folder)
        pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        run([*pip, "--no-input", "-r", str(requirements)], folder)
        stamp(folder, requirements)
    return python


def digest(files: Iterable[Path]) -> str:
    """Return a short name for the contents of these files."""
    whole = hashlib.sha256()
    for path in files:
        whole.update(path.name.encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


def fresh(folder: Path, source: Path) -> bool:
    """Tell whether a folder was made from the present contents of this file."""
    mark = folder / ".stamp"
    return mark.exists() and mark.read_text("utf-8") == digest([source])


def stamp(folder: Path, source: Path) -> None:
    """Write the hash of the file from which a folder was made."""
    (folder / ".stamp").write_text(digest([source]), "utf-8")


def run(command: Sequence[str], folder: Path, path: str = "") -> None:
    """Run an installation or a build to its end, with another ``PATH`` where one is given.

    Raises:
        BenchError: It failed or took too long; the text holds the end of its output.
    """
    environment = {**os.environ, "PATH": path} if path else None
    try:
        subprocess.run(
            command,
            cwd=folder,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=INSTALL_S,
        )
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"{Path(command[0]).name} took longer than {INSTALL_S:.0f} s") from error
    except subprocess.CalledProcessError as error:
        last = "\n".join((error.stderr or error.stdout or "").strip().splitlines()[-15:])
        raise BenchError(f"{Path(command[0]).name} failed:\n{last}") from error
