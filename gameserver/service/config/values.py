"""Check the value of one setting from any source: flag, variable or key of a file.

Law: a fault is one sentence that begins with the name of the flag, variable or key, says which
values are valid, and suggests the nearest one if there is one.
"""

import difflib
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from gameserver.errors import ConfigError, UnreadableFileError
from gameserver.files import kind_of, read_file
from gameserver.plain import printable
from gameserver.service.config.names import domain, host, origin
from gameserver.service.config.settings import Holds, InBounds, Settings

Field: TypeAlias = "attrs.Attribute[Any]"

FIELDS: Final = attrs.fields_dict(Settings)

MAX_FILE_BYTES: Final = 1 << 20
"""Largest certificate chain or key; usual ones have a few thousand bytes."""

LEAST_SECRET: Final = 16
"""Fewest characters of a secret that opens the console (23)."""

_SHOWN: Final = 60
"""Characters of a wrong value that are quoted."""


def judged(field: Field, given: object, label: str, base: Path | None = None) -> Any:
    """Return the checked and converted value of a setting.

    Args:
        field: The setting's field of `Settings`.
        given: A text from a flag or variable; a value of any type from a file.
        label: Name of the flag, variable or key, for the sentence.
        base: Folder for relative paths; the working folder if None.

    Raises:
        ConfigError: The value is wrong.
    """
    kind = field.type
    if kind == list[str]:
        return _list(field, given, label)
    if kind is int or kind is float:
        return _number(field, kind, given, label)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _choice(kind, given, label)
    return _text(field, given, label, base)


def quoted(given: object) -> str:
    """Return a value for a sentence: in one line, at most `_SHOWN` characters, texts in quotes."""
    shown = printable(given) if isinstance(given, str) else printable(repr(given))
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
    return f"'{shown}'" if isinstance(given, str) else shown


# --- numbers and choices --------------------------------------------------------------------------


def _number(field: Field, kind: type[int] | type[float], given: object, label: str) -> int | float:
    bounds = field.validator
    assert isinstance(bounds, InBounds)
    what = "a whole number" if kind is int else "a number"
    sentence = (
        f"{label} must be {what} from {_plain(bounds.lo)} to {_plain(bounds.hi)},"
        f" not {quoted(given)}"
    )
    allowed = (int, str) if kind is int else (float, int, str)
    if not isinstance(given, allowed) or isinstance(given, bool):
        raise ConfigError(sentence)
    try:
        value = kind(given)
    except (ValueError, OverflowError):
        raise ConfigError(sentence) from None
    if not bounds.lo <= value <= bounds.hi:
        raise ConfigError(sentence)
    return value


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else f"{number:g}"


def _choice(kind: type[StrEnum], given: object, label: str) -> StrEnum:
    choices = [str(each) for each in kind]
    lower = given.strip().lower() if isinstance(given, str) else ""
    if lower in choices:
        return kind(lower)
    raise ConfigError(
        f"{label} must be one of {', '.join(choices)}, not {quoted(given)}{meant(lower, choices)}"
    )


def meant(given: str, choices: list[str]) -> str:
    """Return the end of a sentence that suggests the nearest of the choices; "" if none is near."""
    near = difflib.get_close_matches(
        _folded(given), plain := {_folded(each): each for each in choices}, 1
    )
    return f"; did you mean {plain[near[0]]}?" if near else ""


def _folded(name: str) -> str:
    return name.casefold().replace("-", "_")


# --- texts ----------------------------------------------------------------------------------------


def _list(field: Field, given: object, label: str) -> list[str]:
    """Return a list from a list, or from a text split at commas; a comma at its end is ignored."""
    parts = given.strip().removesuffix(",").split(",") if isinstance(given, str) else given
    if not isinstance(parts, list | tuple):
        raise ConfigError(f"{label} must be a list of texts, not {quoted(given)}")
    found = [_text(field, part, label, None) for part in parts]
    default: Any = field.default
    usual = default.factory() if hasattr(default, "factory") else default
    if not found and usual:
        raise ConfigError(f"{label} names nothing; leave it out for {', '.join(usual)}")
    return list(dict.fromkeys(found))


def _text(field: Field, given: object, label: str, base: Path | None) -> str:
    holds, most = Holds(field.metadata["holds"]), int(field.metadata["most"])
    hidden = holds in (Holds.TOKEN, Holds.SECRET)
    shown = "what is set (not shown here)" if hidden else quoted(given)
    if not isinstance(given, str):
        raise ConfigError(f"{label} must be a text in quotes, not {shown}")
    if len(given) > most:
        raise ConfigError(f"{label} may have {most} characters, not {len(given)}")
    many_lines = holds is Holds.WORDS
    bad = next((each for each in given if not _is_text(each, many_lines=many_lines)), None)
    if bad is not None and holds not in (Holds.FILE, Holds.FOLDER, Holds.STORE):
        raise ConfigError(
            f"{label} holds a character that cannot be shown ({printable(bad)}):"
            f" write it in UTF-8, without control characters, not {shown}"
        )
    try:
        return _CHECKS[holds](given, base)
    except ValueError as error:
        raise ConfigError(f"{label} must be {holds}: {error}") from None


def _is_text(character: str, *, many_lines: bool) -> bool:
    return printable(character) == character or (many_lines and character in "\n\t")


def _any(given: str, _base: Path | None) -> str:
    return given


def _line(given: str, _base: Path | None) -> str:
    if not given.strip():
        raise ValueError("it is empty")
    return given


def _token(given: str, _base: Path | None) -> str:
    if any(each.isspace() for each in given):
        raise ValueError("it may hold no spaces")
    return given


def _secret(given: str, base: Path | None) -> str:
    if given and len(given) < LEAST_SECRET:
        raise ValueError(f"it may have no fewer than {LEAST_SECRET} characters")
    if not given.isascii():
        raise ValueError("it may hold ASCII characters alone")
    return _token(given, base)


def _folder(given: str, base: Path | None) -> str:
    if not given:
        return ""
    path = _path(given, base)
    if not path.is_dir():
        raise ValueError(f"{path} {_no_folder(path)}")
    try:
        next(path.iterdir(), None)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    return str(path)


def _store(given: str, base: Path | None) -> str:
    if not given:
        return ""
    path = _path(given, base)
    if path.exists():
        return _folder(given, base)
    if not path.parent.is_dir():
        raise ValueError(f"{path.parent} {_no_folder(path.parent)}, so nothing can be made in it")
    return str(path)


def _no_folder(path: Path) -> str:
    try:
        return kind_of(path) or "is a file; name the folder it is in"
    except OSError:
        return "is not there"


def _file(given: str, base: Path | None) -> str:
    if not given:
        return ""
    path = _path(given, base)
    try:
        read_file(path, MAX_FILE_BYTES)
    except UnreadableFileError as error:
        raise ValueError(f"{path} {error}") from None
    return str(path)


def _path(given: str, base: Path | None) -> Path:
    try:
        path = Path(given).expanduser()
        path = path if base is None else base / path
        path.exists()
    except OSError as error:
        raise ValueError(f"{quoted(given)} cannot be looked at: {error.strerror}") from None
    except (RuntimeError, ValueError) as error:
        raise ValueError(f"{quoted(given)} is no path: {error}") from None
    return path


def _web(check: Callable[[str, str], str]) -> Callable[[str, Path | None], str]:
    return lambda given, _base: check(given.strip(), quoted(given))


_CHECKS: Final = MappingProxyType[Holds, Callable[[str, Path | None], str]](
    {
        Holds.HOST: _web(host),
        Holds.DOMAIN: _web(domain),
        Holds.ORIGIN: _web(origin),
        Holds.FOLDER: _folder,
        Holds.STORE: _store,
        Holds.FILE: _file,
        Holds.TOKEN: _token,
        Holds.SECRET: _secret,
        Holds.LINE: _line,
        Holds.WORDS: _any,
    }
)
