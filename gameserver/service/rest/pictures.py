"""Pictures of a game: files of its author, in the folder ``pictures`` beside the game's module.

Law: they are read once, before the server listens. A file that is not what its ending says, is too
large, or lies elsewhere behind a link is left out, and the log says why. A request chooses among
those that were read, by its path, and reaches no other file.

    GET, HEAD /pictures       which there are: {"ship": "/pictures/ship.svg", …}
    GET, HEAD /pictures/FILE  one of them

Source: the W3C's Portable Network Graphics and Scalable Vector Graphics; Google's WebP container.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from gameserver.errors import UnreadableFileError
from gameserver.files import read_file
from gameserver.game.pictures import NAME
from gameserver.service.logging.logs import get_logger
from gameserver.service.rest.replies import JSON, tag_of
from gameserver.service.rest.webpages import AGAIN, ASSET_HEADERS, PICTURES, WebFile

log: Final = get_logger()

MOST_FILES: Final = 256
MOST_BYTES_EACH: Final = 512 << 10
MOST_BYTES: Final = 8 << 20
"""Of all pictures together, which the server holds in memory and a player's browser loads."""

SVG_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""``Content-Security-Policy`` of an SVG that somebody opens by itself: it is a document then, and
no script of it runs (threat 30)."""

_KINDS: Final[Mapping[str, tuple[str, Callable[[bytes], bool]]]] = {
    ".svg": ("image/svg+xml", lambda data: b"<svg" in data[:4096]),
    ".webp": ("image/webp", lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP"),
    ".png": ("image/png", lambda data: data.startswith(b"\x89PNG\r\n\x1a\n")),
}
"""Content type and test of the first bytes, by the ending of the file's name."""


def read_pictures(folder: Path | None) -> dict[str, WebFile]:
    """Return the pictures of a folder by their paths, and the list of them at `PICTURES`."""
    files: dict[str, WebFile] = {}
    named: dict[str, str] = {}
    left = MOST_BYTES
    for path in _candidates(folder):
        try:
            data = _read(path, named, left)
        except UnreadableFileError as error:
            log.warning("picture left out", file=str(path), fault=str(error))
            continue
        left -= len(data)
        named[path.stem] = f"{PICTURES}/{path.name}"
        files[named[path.stem]] = _picture(data, path.suffix)
    listed = json.dumps(named).encode()
    return {PICTURES: _file(listed, JSON, ()), **files}


def _candidates(folder: Path | None) -> list[Path]:
    """Return what has the ending of a picture, in the order of the names."""
    try:
        if folder is None or not folder.is_dir():
            return []
        return sorted(path for path in folder.iterdir() if path.suffix in _KINDS)
    except OSError as error:
        log.warning("picture left out", file=str(folder), fault=f"cannot be read: {error.strerror}")
        return []


def _read(path: Path, named: Mapping[str, str], left: int) -> bytes:
    """Return the bytes of a picture; ``left`` is how many all that follow may have.

    Raises:
        UnreadableFileError: It is none; the sentence continues the file's name.
    """
    if path.stem in named:
        raise UnreadableFileError(f"has the name of {named[path.stem]}")
    if not NAME.fullmatch(path.stem):
        raise UnreadableFileError("has a name of other signs than letters, digits, - and _")
    try:
        real = path.resolve()
    except (OSError, RuntimeError):  # before Python 3.13 a loop is a RuntimeError
        raise UnreadableFileError("is a link that leads nowhere") from None
    if real.parent != path.parent.resolve():
        raise UnreadableFileError("is a link to a file elsewhere")
    data = read_file(path, MOST_BYTES_EACH)
    if not _KINDS[path.suffix][1](data):
        raise UnreadableFileError(f"is no picture of the kind {path.suffix}")
    if len(data) > left or len(named) == MOST_FILES:
        raise UnreadableFileError("is beyond what all pictures may be together")
    return data


def _picture(data: bytes, suffix: str) -> WebFile:
    policy = (("Content-Security-Policy", SVG_POLICY),) if suffix == ".svg" else ()
    return _file(data, _KINDS[suffix][0], policy)


def _file(data: bytes, kind: str, more: tuple[tuple[str, str], ...]) -> WebFile:
    return WebFile(kind, AGAIN, (*ASSET_HEADERS, *more), {"": (data, tag_of(data))})
