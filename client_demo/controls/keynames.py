"""The labels of keys in the player's keyboard layout.

Law: keys are bound by place (SDL's scancode); the layout affects only the displayed label. pygame
has no function for it, so SDL is called directly. If its library is not found, the label is learned
from the first press of a key; until then the label of a US keyboard is shown.
"""

import ctypes
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pygame

_US_NAMES: Final = {
    getattr(pygame, name): name.removeprefix("KSCAN_").replace("_", " ").lower()
    for name in dir(pygame)
    if name.startswith("KSCAN_")
}
"""Label of each scancode on a US keyboard."""

_seen: dict[int, int] = {}
"""Key code of the last press, by scancode."""


def learn(event: pygame.Event) -> None:
    """Record the key code of a pressed key; events without a scancode are ignored."""
    scancode = getattr(event, "scancode", 0)
    if scancode:
        _seen[scancode] = event.key


def forget() -> None:
    """Drop the recorded key codes; needed after a change of the layout."""
    _seen.clear()


def key_name(scancode: int) -> str:
    """Return the label of a scancode's key in the layout in use."""
    asked = _asker()
    code = asked(scancode) if asked else _seen.get(scancode, 0)
    name = _name_of(code) if code else _US_NAMES.get(scancode, "")
    return (name or f"key {scancode}").capitalize()


def _name_of(code: int) -> str:
    """Return the name of a key code; for letters without a name in pygame, the letter."""
    letter = chr(code) if 0 < code < 0x110000 else ""
    return pygame.key.name(code) or (letter if letter.isprintable() else "")


@cache
def _asker() -> Callable[[int], int] | None:
    """Return SDL's function from scancode to key code; None if the library is not found."""
    for path in _libraries():
        try:
            ask = ctypes.CDLL(str(path)).SDL_GetKeyFromScancode
        except (OSError, AttributeError):
            continue
        ask.argtypes, ask.restype = [ctypes.c_int], ctypes.c_int32
        return lambda scancode: int(ask(scancode))
    return None


def _libraries() -> Iterator[Path]:
    """Yield paths of the SDL library that pygame has loaded.

    Opening the same path again gives the loaded library; another copy would know no layout.
    """
    maps = Path("/proc/self/maps")
    if maps.exists():
        loaded = {line.split()[-1] for line in maps.read_text().splitlines() if "libSDL2-2" in line}
        yield from map(Path, sorted(loaded))
    here = Path(pygame.__file__).parent
    if sys.platform == "win32":
        yield here / "SDL2.dll"
    if sys.platform == "darwin":
        yield from sorted((here / ".dylibs").glob("libSDL2-2*.dylib"))
