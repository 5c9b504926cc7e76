"""Import the object that ``module:Class`` names, or say in one sentence why that fails.

Law: an author's module may raise anything while it is imported. The result is one exception type;
its sentence names file and line if known, and the nearest correct spelling.
"""

import ast
import difflib
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

from gameserver.errors import ConfigError, UnreadableFileError
from gameserver.files import read_file
from gameserver.game.loading.frames import own_place

_NAMED: Final = {
    "game": "Class",
    "namespace": "Class",
    "middleware": "function",
    "application": "object",
}
"""Word for the object, by the kind of thing that is imported."""

MAX_SOURCE_BYTES: Final = 1 << 20
"""Largest file that is searched for classes to suggest."""


def import_named(spec: str, kind: str = "game") -> object:
    """Return the object that ``spec``, ``module:Class``, names.

    Args:
        spec: Module and class.
        kind: The word for the object in error sentences, one of `_NAMED`.

    Raises:
        ConfigError: There is no such module or class, or importing it failed.
    """
    module_name, _, attribute = spec.partition(":")
    _refuse_path(spec, module_name)
    if not module_name or not attribute:
        raise ConfigError(
            f"{spec!r} names no {kind}; write module:{_NAMED[kind]}{_offer(module_name)}"
        )
    parts = [*module_name.split("."), attribute]
    if not all(part.isidentifier() for part in parts):
        raise ConfigError(
            f"{spec!r} names no {kind}; write module:{_NAMED[kind]}, such as examples.tag:Tag"
        )
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))  # as ``python -m`` does, to find an author's module
    module = _imported(spec, module_name, kind)
    try:
        return getattr(module, attribute)
    except AttributeError:
        names = [name for name, value in vars(module).items() if callable(value)]
        hint = _hidden(module) or _meant(attribute, names)
        raise ConfigError(f"{kind} {spec}: module {module_name} has no {attribute}{hint}") from None


def _hidden(module: ModuleType) -> str:
    """Return why the module is not the file of this name in this folder; empty if it is."""
    file = Path(*module.__name__.split(".")).with_suffix(".py")
    taken = getattr(module, "__file__", None)
    if not file.is_file() or (taken and Path(taken).resolve() == file.resolve()):
        return ""
    return f"; it is not the one of {file}, which needs another name: that one is taken"


def failed(error: BaseException, module_file: str = "") -> str:
    """Return in one line the exception of an import, and its place in the author's code."""
    if isinstance(error, SyntaxError):
        where = f"{error.filename}, line {error.lineno}" if error.filename else module_file
        return f"{where}: {error.msg}" if where else str(error.msg)
    words = " ".join(str(error).split())[:200]
    what = f"{type(error).__name__}: {words}" if words else type(error).__name__
    place = own_place(error)
    return f"{place[0]}, line {place[1]}: {what}" if place else what


def file_hint(text: str) -> str:
    """Return a hint for a game that was named by its file; empty if ``text`` names no file."""
    path = Path(text.partition(":")[0])
    looks = path.suffix == ".py" or "/" in text or "\\" in text
    dotted = Path(*text.split(".")).with_suffix(".py") if text and not looks else path
    file = path if looks else dotted
    try:
        there = file.is_file() and file.stat().st_size < MAX_SOURCE_BYTES
    except (OSError, ValueError):
        there = False
    if not there or file.suffix != ".py":
        return "; write module:Class, with dots and without .py" if looks else ""
    module = ".".join(_relative(file).with_suffix("").parts)
    names = _games_in(file) or ["Class"]
    return f"; did you mean {' or '.join(f'{module}:{name}' for name in names[:3])}?"


def _refuse_path(spec: str, module_name: str) -> None:
    if module_name.endswith(".py") or "/" in module_name or "\\" in module_name:
        raise ConfigError(f"{spec!r} is a file, not a game{file_hint(module_name)}")


def _offer(module_name: str) -> str:
    return file_hint(module_name) if module_name else ""


def _imported(spec: str, module_name: str, kind: str) -> ModuleType:
    try:
        return import_module(module_name)
    except ModuleNotFoundError as error:
        missing = error.name or module_name
        if module_name == missing or module_name.startswith(f"{missing}."):
            hint = _meant(missing.rpartition(".")[2], _modules_beside(missing))
            raise ConfigError(f"{kind} {spec}: there is no module {missing}{hint}") from error
        raise ConfigError(
            f"{kind} {spec} needs the module {missing}, which is not there"
        ) from error
    except (Exception, SystemExit) as error:  # an author's module may raise anything
        raise ConfigError(f"{kind} {spec} cannot be imported: {failed(error)}") from error


def _modules_beside(missing: str) -> list[str]:
    folder = Path.cwd().joinpath(*missing.split(".")[:-1])
    try:
        found = list(folder.iterdir())
    except OSError:
        return []
    return [path.stem for path in found if path.suffix == ".py" or path.is_dir()]


def _relative(file: Path) -> Path:
    try:
        return file.resolve().relative_to(Path.cwd())
    except ValueError:
        return Path(file.name)


def _games_in(file: Path) -> list[str]:
    """Return the classes of a file with a base whose name ends in Game; the file is not run."""
    try:
        tree = ast.parse(read_file(file, MAX_SOURCE_BYTES))
    except (SyntaxError, ValueError, UnreadableFileError, RecursionError):
        return []
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return [node.name for node in classes if any(_names_game(base) for base in node.bases)]


def _names_game(base: ast.expr) -> bool:
    return ast.unparse(base).rpartition(".")[2].endswith("Game")


def _meant(given: str, names: Iterable[str]) -> str:
    lower = {name.lower(): name for name in names}
    near = difflib.get_close_matches(given.lower(), lower, 1)
    return f"; did you mean {lower[near[0]]}?" if near else ""
