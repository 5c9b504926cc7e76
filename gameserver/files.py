"""Read a file that somebody named, whatever it is.

Law: only a regular file is opened, and no more of it is read than its kind may have. Opening a pipe
would wait for a writer, and reading a device may never end: either would hold the start for ever.
Of what is compressed no more is unpacked than its kind may have.
"""

import os
import stat
import zlib
from pathlib import Path
from typing import Any, Final

from gameserver.errors import JournalError, UnreadableFileError

IS_FOLDER: Final = "is a folder"

_KINDS: Final = (
    (stat.S_ISDIR, IS_FOLDER),
    (stat.S_ISFIFO, "is a pipe, not a file: save what comes out of it in a file"),
    (stat.S_ISSOCK, "is a socket, not a file"),
    (stat.S_ISCHR, "is a device, not a file"),
    (stat.S_ISBLK, "is a device, not a file"),
)

_UNITS: Final = ((1 << 20, "MiB"), (1 << 10, "KiB"), (1, "bytes"))


_NO_WAIT: Final = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_AS_IT_IS: Final = getattr(os, "O_BINARY", 0)  # on Windows


def read_file(path: Path, most: int) -> bytes:
    """Return the content of a regular file of at most ``most`` bytes.

    Raises:
        UnreadableFileError: It is none; the sentence continues the file's name.
    """
    try:
        refusal = _not_regular(path.stat().st_mode)  # before opening, which acts on some devices
        if refusal:
            raise UnreadableFileError(refusal)
        # Without waiting, since a pipe may have taken the file's place meanwhile.
        with open(os.open(path, os.O_RDONLY | _NO_WAIT | _AS_IT_IS), "rb") as file:  # noqa: PTH123  by its number
            refusal = _not_regular(os.fstat(file.fileno()).st_mode)
            if refusal:
                raise UnreadableFileError(refusal)
            content = file.read(most + 1)
    except FileNotFoundError:
        raise UnreadableFileError("is not there") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UnreadableFileError(f"cannot be read: {reason}") from None
    if len(content) > most:
        size, unit = next(each for each in _UNITS if most >= each[0])
        raise UnreadableFileError(f"is larger than {most // size} {unit}")
    return content


def begins_with(path: Path, magic: bytes) -> bool:
    """Tell whether a path is a regular file whose first bytes are these.

    Raises:
        OSError: It is there and cannot be read.
    """
    if not path.is_file():
        return False  # opening a pipe would wait for its other end
    with path.open("rb") as file:
        return file.read(len(magic)) == magic


def kind_of(path: Path) -> str:
    """Return why a path is no regular file, as the end of a sentence; empty where it is one.

    Raises:
        OSError: It is not there, or cannot be looked at.
    """
    return _not_regular(path.stat().st_mode)


def inflated(data: bytes, most: int) -> bytes:
    """Return what zlib has compressed, of at most ``most`` bytes.

    Raises:
        JournalError: It is damaged, cut off, or larger.
    """
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(data, most)
    except zlib.error:
        raise JournalError("it is damaged") from None
    if not inflater.eof:
        raise JournalError("it is cut off, or larger than it can be")
    return plain


def shaped(values: Any, types: tuple[type, ...]) -> list[Any]:
    """Return a row of a file, which is to be a list of values of these types.

    Raises:
        JournalError: It is none.
    """
    if type(values) is not list or [*map(type, values)] != [*types]:
        raise JournalError("a record has the wrong shape")
    return values


def _not_regular(mode: int) -> str:
    if stat.S_ISREG(mode):
        return ""
    return next((words for matches, words in _KINDS if matches(mode)), "is not a file")
