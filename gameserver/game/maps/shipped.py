"""The folder of the maps that come with the program."""

from pathlib import Path

import gameserver


def shipped_maps() -> Path:
    """Return the folder: inside the installed package, or at the top of a checkout."""
    package = Path(gameserver.__file__).parent
    installed = package / "maps"
    return installed if installed.is_dir() else package.parent / "maps"
