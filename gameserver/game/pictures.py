"""Where a game's own pictures lie: files of its author, for pages that draw any game.

Law: a picture's name is its file's name without the ending, and has no sign of a path.
"""

import re
import sys
from pathlib import Path
from typing import Final

NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
ENDINGS: Final = (".svg", ".webp", ".png")


def pictures_folder(game: type) -> Path | None:
    """Return the folder beside a game's module, which need not exist; None without a file."""
    file = getattr(sys.modules.get(game.__module__), "__file__", None)
    return Path(file).parent / "pictures" if file else None


def has_picture(game: type, name: str) -> bool:
    """Tell whether there is a file for a picture of this name."""
    folder = pictures_folder(game)
    return folder is not None and any((folder / f"{name}{each}").is_file() for each in ENDINGS)
