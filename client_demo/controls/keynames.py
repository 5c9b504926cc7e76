"""What stands on a key of the player's own keyboard.

Law: keys are bound by their place (SDL's scancode, named after a US keyboard); only what is shown
asks the layout. pygame has no call for that, so SDL itself is asked; where its library is not
found, presses tell what stands on a key, and until one came, the US name is shown.
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
"""What stands on each place of a US keyboard."""

_seen: dict[int, int] = {}
"""Key code last seen for each scancode."""


def learn(event: pygame.Event) -> None:
    """Remember what a pressed key is called here."""
    scancode = getattr(event, "scancode", 0)
    if scancode:
        _seen[scancode] = event.key


def forget() -> None:
    """Forget what was seen: the layout has changed."""
    _seen.clear()


def key_name(scancode: int) -> str:
    """Return what stands on the key at a place, on the layout in use."""
    asked = _asker()
    code = asked(scancode) if asked else _seen.get(scancode, 0)
    name = _name_of(code) if code else _US_NAMES.get(scancode, "")
    return (name or f"key {scancode}").capitalize()


def _name_of(code: int) -> str:
    """Return a key code's name; pygame has none for the letters of most scripts."""
    letter = chr(code) if 0 < code < 0x110000 else ""
    return pygame.key.name(code) or (letter if letter.isprintable() else "")


@cache
def _asker() -> Callable[[int], int] | None:
    """Return SDL's own answer to which key code a scancode has, if SDL can be asked."""
    for path in _libraries():
        try:
            ask = ctypes.CDLL(str(path)).SDL_GetKeyFromScancode
        except (OSError, AttributeError):
            continue
        ask.argtypes, ask.restype = [ctypes.c_int], ctypes.c_int32
        return lambda scancode: int(ask(scancode))
    return None


def _libraries() -> Iterator[Path]:
    """Yield the SDL that pygame has loaded: opening it again gives the same one."""
    maps = Path("/proc/self/maps")
    if maps.exists():
        loaded = {line.split()[-1] for line in maps.read_text().splitlines() if "libSDL2-2" in line}
        yield from map(Path, sorted(loaded))
    here = Path(pygame.__file__).parent
    if sys.platform == "win32":
        yield here / "SDL2.dll"
    if sys.platform == "darwin":
        yield from sorted((here / ".dylibs").glob("libSDL2-2*.dylib"))
