"""The player's own settings, in a JSON file in the platform's configuration folder.

Law: invalid settings are replaced by their defaults, so that the client always starts. A save
replaces the file atomically.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import pygame

from gameserver.errors import UnreadableFileError
from gameserver.files import read_file
from gameserver.text import shown

FILE_LIMIT: Final = 64 * 1024
"""Most bytes that are read: the path may name any file."""
MAX_NAME: Final = 20
"""Most characters of a name; the server cuts a longer one without an error."""

DEFAULT_KEYS: Final[Mapping[str, int]] = {
    "up": pygame.KSCAN_W,
    "left": pygame.KSCAN_A,
    "down": pygame.KSCAN_S,
    "right": pygame.KSCAN_D,
    "dash": pygame.KSCAN_LSHIFT,
    "rocket": pygame.KSCAN_SPACE,
    "chat": pygame.KSCAN_RETURN,
    "scores": pygame.KSCAN_TAB,
    "net_graph": pygame.KSCAN_F3,
    "report": pygame.KSCAN_F8,
}
"""Scancodes, named after the US layout: the same places in every layout."""

PLACES: Final = 512
"""Scancodes are below this."""


@attrs.frozen
class PlayerSettings:
    """The settings that a player can change."""

    name: str = ""
    url: str = "ws://127.0.0.1:7777"
    volume: int = 70
    """Percent."""
    extrapolate: bool = False
    """Draw other players extrapolated to the present, instead of interpolated in the past."""
    net_graph: bool = False
    colour_blind: bool = False
    fullscreen: bool = False
    shake: bool = True
    learned: str = ""
    """Names of the controls that the player has used, separated by spaces."""
    places: Mapping[str, int] = DEFAULT_KEYS
    """Scancode of the key for each action."""


def settings_path() -> Path | None:
    """Return the path of the file on this platform; None if the user has no home folder."""
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    return base / "gameserver" / "client.json"


def load_settings(path: Path | None) -> PlayerSettings:
    """Return the saved settings; a setting that cannot be read has its default."""
    if path is None:
        return PlayerSettings()
    try:
        found = json.loads(read_file(path, FILE_LIMIT))
    except (UnreadableFileError, ValueError, RecursionError):
        return PlayerSettings()
    return settings_from(found)


def settings_from(found: object) -> PlayerSettings:
    """Return settings from decoded JSON; a missing or invalid one has its default."""
    if not isinstance(found, dict):
        return PlayerSettings()
    good: dict[str, Any] = {}
    for field in attrs.fields(PlayerSettings):
        value = found.get(field.name)
        if field.name != "places" and type(value) is type(field.default):
            good[field.name] = shown(value) if isinstance(value, str) else value
    if "name" in good:
        good["name"] = shown(good["name"], MAX_NAME)
    if "volume" in good:
        good["volume"] = max(0, min(100, good["volume"]))
    good["places"] = _places_from(found.get("places"), _places_of_letters(found.get("keys")))
    return PlayerSettings(**good)


def _places_from(found: object, before: Mapping[str, int]) -> dict[str, int]:
    places = {**DEFAULT_KEYS, **before}
    if isinstance(found, dict):
        for action, place in found.items():
            if action in places and type(place) is int and 0 < place < PLACES:
                places[action] = place
    return places


def _places_of_letters(found: object) -> dict[str, int]:
    """Return the scancodes of an older file, which holds key codes of a US keyboard."""
    places: dict[str, int] = {}
    for action, code in found.items() if isinstance(found, dict) else ():
        if action in DEFAULT_KEYS and type(code) is int and 0 < code & ~_BY_PLACE < PLACES:
            place = code ^ _BY_PLACE if code & _BY_PLACE else _US_PLACES.get(code, 0)
            if place:
                places[action] = place
    return places


_BY_PLACE: Final = 1 << 30
_US_PLACES: Final = {
    **{ord("a") + index: pygame.KSCAN_A + index for index in range(26)},
    **{ord("1") + index: pygame.KSCAN_1 + index for index in range(9)},
    ord("0"): pygame.KSCAN_0,
    pygame.K_SPACE: pygame.KSCAN_SPACE,
    pygame.K_RETURN: pygame.KSCAN_RETURN,
    pygame.K_TAB: pygame.KSCAN_TAB,
    pygame.K_BACKSPACE: pygame.KSCAN_BACKSPACE,
}


def save_settings(path: Path, settings: PlayerSettings) -> None:
    """Write the file; its folder is created if needed.

    Raises:
        OSError: The file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(attrs.asdict(settings), indent=2, ensure_ascii=False)
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def bound(settings: PlayerSettings, action: str, place: int) -> PlayerSettings:
    """Return the settings with an action bound to a key.

    An action that had this key gets the other key in exchange.
    """
    places = dict(settings.places)
    for other, used in places.items():
        if used == place:
            places[other] = places[action]
    places[action] = place
    return attrs.evolve(settings, places=places)
