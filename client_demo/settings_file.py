"""The player's own settings, in a JSON file in the platform's configuration folder.

Law: a damaged file costs the damaged settings, never the start of the client; a save replaces the
file whole or not at all.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import pygame

FILE_LIMIT: Final = 64 * 1024
"""Bytes read at most: the file may be anything."""
MAX_NAME: Final = 24

DEFAULT_KEYS: Final[Mapping[str, int]] = {
    "up": pygame.K_w,
    "left": pygame.K_a,
    "down": pygame.K_s,
    "right": pygame.K_d,
    "dash": pygame.K_LSHIFT,
    "rocket": pygame.K_SPACE,
    "chat": pygame.K_RETURN,
    "scores": pygame.K_TAB,
    "net_graph": pygame.K_F3,
}


@attrs.frozen
class Settings:
    """What a player can choose."""

    name: str = ""
    url: str = "ws://127.0.0.1:7777"
    volume: int = 70
    """Percent."""
    extrapolate: bool = False
    """Draw others where they probably are, instead of smoothly a little in the past."""
    net_graph: bool = False
    colour_blind: bool = False
    fullscreen: bool = False
    shake: bool = True
    learned: str = ""
    """Names of the controls that were used once, with spaces between."""
    keys: Mapping[str, int] = DEFAULT_KEYS


def settings_path() -> Path:
    """Return where the file is kept on this platform."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    return base / "gameserver" / "client.json"


def load_settings(path: Path) -> Settings:
    """Return the saved settings; whatever cannot be read has its default."""
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(FILE_LIMIT))
    except (OSError, ValueError, RecursionError):
        return Settings()
    return settings_from(found)


def settings_from(found: object) -> Settings:
    """Take from any value what is a valid setting."""
    if not isinstance(found, dict):
        return Settings()
    good: dict[str, Any] = {}
    for field in attrs.fields(Settings):
        value = found.get(field.name)
        if field.name != "keys" and type(value) is type(field.default):
            good[field.name] = value
    if "name" in good:
        good["name"] = good["name"][:MAX_NAME]
    if "volume" in good:
        good["volume"] = max(0, min(100, good["volume"]))
    good["keys"] = _keys_from(found.get("keys"))
    return Settings(**good)


def _keys_from(found: object) -> dict[str, int]:
    keys = dict(DEFAULT_KEYS)
    if isinstance(found, dict):
        for action, key in found.items():
            if action in keys and type(key) is int and 0 < key < 2**31:
                keys[action] = key
    return keys


def save_settings(path: Path, settings: Settings) -> None:
    """Write the file.

    Raises:
        OSError: It cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(attrs.asdict(settings), indent=2, ensure_ascii=False)
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def bound(settings: Settings, action: str, key: int) -> Settings:
    """Return the settings with a key on an action; an action that had it gets the other one."""
    keys = dict(settings.keys)
    for other, used in keys.items():
        if used == key:
            keys[other] = keys[action]
    keys[action] = key
    return attrs.evolve(settings, keys=keys)
