"""Types of command-line flags: a flag that is a setting is checked as in a settings file.

Law: the same wrong value gets the same sentence from a flag, a variable and a settings file.
"""

import errno
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import click

from gameserver.files import IS_FOLDER, kind_of
from gameserver.plain import printable
from gameserver.service.config.settings import InBounds
from gameserver.service.config.values import FIELDS, Field, judged


class SettingType(click.ParamType[Any]):
    """The click type of one setting's flag."""

    def __init__(self, field: Field) -> None:
        """Use the type, bounds and metadata of a field of `Settings`."""
        self._field = field
        self._is_list = field.type == list[str]
        self.name: str = _METAVARS.get(field.type, "text")

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,  # noqa: ARG002  click's signature
        ctx: click.Context | None,  # noqa: ARG002
    ) -> Any:
        """Check and convert a value.

        Raises:
            ConfigError: The value is wrong; the sentence names the flag.
        """
        found = judged(self._field, value, f"--{self._field.name.replace('_', '-')}")
        return ",".join(found) if self._is_list else found

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:  # noqa: ARG002
        """Return the choices or bounds for the help; None for click's default."""
        kind = self._field.type
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return f"[{'|'.join(kind)}]"
        bounds = self._field.validator
        if isinstance(bounds, InBounds):
            return f"{self.name.upper()} {bounds.lo:g}..{bounds.hi:.16g}"
        return None


_METAVARS: Final[dict[Any, str]] = {int: "integer", float: "number"}


def judge_flags(command: click.Command) -> click.Command:
    """Give each flag of a command that is a setting the type `SettingType`; return the command."""
    for param in command.params:
        field = FIELDS.get(param.name or "")
        if field is None or not isinstance(param, click.Option):
            continue
        param.type = SettingType(field)
        if field.type == list[str]:
            _part(param)
    return command


def _part(param: click.Option) -> None:
    """Let one flag hold several values, separated by commas."""
    inner = param.callback
    assert inner is not None

    def parted(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
        return inner(ctx, param, [part for each in value for part in each.split(",")])

    param.callback = parted


class Folder(click.Path):
    """The click type of a path to an existing, readable folder."""

    def __init__(self) -> None:
        """Convert values to `Path`."""
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path of a folder.

        Raises:
            click.BadParameter: The path is missing, cannot be read, or is not a folder.
        """
        path = Path(value)
        try:
            kind = kind_of(path) or "is a file; name the folder it is in"
            if kind == IS_FOLDER:
                next(path.iterdir(), None)  # raises if it is unreadable, which would look empty
        except OSError as error:
            there = error.errno not in (errno.ENOENT, errno.ENOTDIR)
            kind = f"cannot be read: {error.strerror}" if there else "is not there"
        except ValueError as error:
            kind = f"cannot be read: {error}"
        if kind != IS_FOLDER:
            self.fail(f"{printable(str(path))} {kind}", param, ctx)
        return path
