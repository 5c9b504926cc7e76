"""The digest of the code that a match is a function of.

Law: a journal is never replayed by other code than that which recorded it: it would lead to another
match, without anybody noticing. The code is the game's own modules, followed by their imports, and
the framework's `game` package.
"""

import ast
import hashlib
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import gameserver.game
import gameserver.match.simulation
from gameserver.game.codegen.perclass import per_class
from gameserver.game.game import Game

_FRAMEWORK: Final = "gameserver.game"
DIGEST_BYTES: Final = 16


def spec_of(game: Game) -> str:
    """Return a game as ``module:Class``."""
    kind = type(game)
    return f"{kind.__module__}:{kind.__qualname__}"


@per_class
def code_digest(kind: type[Any]) -> str:
    """Return the digest of a game's code and the framework's, as hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for source in _sources(kind.__module__):
        digest.update(hashlib.blake2b(source).digest())
    return digest.hexdigest()


def _sources(module: str) -> list[bytes]:
    game = gameserver.game.__path__[0]
    framework = [*sorted(Path(game).rglob("*.py")), Path(gameserver.match.simulation.__file__)]
    own = _followed(module)
    return [path.read_bytes() for path in (*framework, *(own[name] for name in sorted(own)))]


def _followed(module: str) -> dict[str, Path]:
    """Return the files of a module and of what it imports from its own top package, by name."""
    found: dict[str, Path] = {}
    left = [module]
    while left:
        name = left.pop()
        path = _file_of(name)
        if name in found or path is None or name.startswith(_FRAMEWORK):
            continue
        found[name] = path
        top = module.rpartition(".")[0]
        left += [other for other in _imported(name, path) if _near(other, top, path)]
    return found


def _near(other: str, top: str, path: Path) -> bool:
    """Tell whether a module belongs to the game: same package, or same folder for a lone file."""
    if top:
        return other == top or other.startswith(f"{top}.")
    found = _file_of(other)
    return found is not None and found.parent == path.parent


def _imported(name: str, path: Path) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _file_of(name: str) -> Path | None:
    loaded = sys.modules.get(name)
    if loaded is not None:
        file = getattr(loaded, "__file__", None)
        return Path(file) if file and file.endswith(".py") else None
    try:
        spec = find_spec(name) if name else None
    except (ImportError, ValueError, AttributeError):
        return None
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None
