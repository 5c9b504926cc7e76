"""Settings of a server: one attrs class, filled from flags, environment and a TOML file.

Law: every setting has a default that is right for a first run on one machine, and whatever is
wrong with a value is said in one line before anything starts.

Precedence: flags, then ``GAMESERVER_*`` variables, then the file (``--config FILE``, or
``gameserver.toml`` in the working directory), then the defaults.
"""

import difflib
import os
import tomllib
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import attrs
import typed_settings as ts

from gameserver.errors import ConfigError

ENV_PREFIX: Final = "GAMESERVER_"
CONFIG_VARIABLE: Final = "GAMESERVER_CONFIG"
DEFAULT_FILE: Final = "gameserver.toml"
SECTION: Final = "gameserver"
"""The table of the file that is read."""


class LogFormat(StrEnum):
    """How logs are written."""

    PRETTY = "pretty"
    """For people at a terminal."""
    JSON = "json"
    """One object a line, for machines."""


class LogLevel(StrEnum):
    """The least important lines that are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def _between(lo: float, hi: float) -> "Callable[[Any, attrs.Attribute[Any], Any], None]":
    def check(_instance: object, attribute: "attrs.Attribute[Any]", value: float) -> None:
        if not lo <= value <= hi:
            message = f"{attribute.name} must be from {lo:g} to {hi:g}, not {value:g}"
            raise ValueError(message)

    return check


@ts.settings(frozen=True)
class Settings:
    """Everything an operator can set; `serve --help` lists it."""

    host: str = ts.option(default="127.0.0.1", help="Address to listen on; 0.0.0.0 for all.")
    port: int = ts.option(
        default=7777, help="Port to listen on; 0 picks a free one.", validator=_between(0, 65535)
    )
    game: str = ts.option(default="arena", help="Name of an installed game, or module:Class.")
    maps: str = ts.option(default="", help="Folder of maps; empty for those that are shipped.")
    name: str = ts.option(default="gameserver", help="Name of this server, shown to players.")
    message: str = ts.option(default="", help="Message of the day.")
    max_connections: int = ts.option(
        default=4096, help="Connections in all.", validator=_between(1, 100_000)
    )
    max_per_address: int = ts.option(
        default=64,
        help="Connections from one address (or IPv6 /64); loopback is exempt.",
        validator=_between(1, 100_000),
    )
    max_matches: int = ts.option(
        default=512, help="Matches at the same time.", validator=_between(1, 10_000)
    )
    tls_cert: str = ts.option(
        default="", help="Certificate chain (PEM) to speak TLS with (wss://); needs --tls-key."
    )
    tls_key: str = ts.option(default="", help="The certificate's key (PEM), without a password.")
    allow_origin: list[str] = ts.option(
        factory=list,
        help="Web origin that may connect besides the server's own, such as https://example.org.",
    )
    resume_grace_s: float = ts.option(
        default=60.0,
        help="How long a dropped player's seat is held, in seconds.",
        validator=_between(1, 3600),
    )
    heartbeat_s: float = ts.option(
        default=4.5, help="A peer silent for twice this is gone.", validator=_between(0.5, 60)
    )
    stop_after_s: float = ts.option(
        default=4.0, help="Longest orderly stop, in seconds.", validator=_between(0.5, 600)
    )
    stats_token: str = ts.secret(
        default="",
        help="Who shows this may read the server's figures; empty lets this machine alone.",
    )
    seed: int = ts.option(
        default=0,
        help="Seed of all matches, to repeat a run; 0 takes fresh entropy.",
        validator=_between(0, 2**53),
    )
    log_level: LogLevel = ts.option(default=LogLevel.INFO, help="Least important lines written.")
    log_format: LogFormat = ts.option(default=LogFormat.PRETTY, help="For people, or for machines.")


_KINDS: Final = {int: (int,), float: (float, int), str: (str,), list[str]: (list,)}
_TOML_KINDS: Final = {
    field.name: _KINDS.get(field.type or str, (str,)) for field in attrs.fields(Settings)
}
"""The types that a setting's value may have in a file; nothing is converted silently."""


def loaders(config: str = "", environ: Mapping[str, str] = os.environ) -> list[Any]:
    """Return typed-settings loaders for file and environment.

    Args:
        config: The settings file; else the one that ``GAMESERVER_CONFIG`` names, else
            ``gameserver.toml`` if it is there.
        environ: The environment.

    Raises:
        ConfigError: A ``GAMESERVER_*`` variable is no setting, or the file named is not there.
    """
    _refuse_unknown_variables(environ)
    named = config or environ.get(CONFIG_VARIABLE, "")
    if named and not Path(named).is_file():
        raise ConfigError(f"there is no settings file {named}")
    files = [named or DEFAULT_FILE]
    _refuse_foreign_keys(Path(files[0]))
    return [
        ts.FileLoader(formats={"*": ts.TomlFormat(section=SECTION)}, files=files),
        ts.EnvLoader(prefix=ENV_PREFIX),
    ]


def _refuse_foreign_keys(file: Path) -> None:
    """Refuse what stands outside the table that is read: it would be passed over in silence."""
    if not file.is_file():
        return
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is no TOML: {error}") from None
    for key in content:
        if key != SECTION:
            hint = f"; move it below [{SECTION}]" if key in attrs.fields_dict(Settings) else ""
            raise ConfigError(f"{file}: {key} is outside the table [{SECTION}]{hint}")
    table = content.get(SECTION, {})
    if not isinstance(table, dict):
        raise ConfigError(f"{file}: {SECTION} must be a table: [{SECTION}]")
    for key, value in table.items():
        wanted = _TOML_KINDS.get(key.replace("-", "_"))
        if wanted is not None and type(value) not in wanted:
            kinds = " or ".join(kind.__name__ for kind in wanted)
            raise ConfigError(f"{file}: {key} = {value!r} is not of the kind {kinds}")


def converter() -> Any:
    """Return what turns text into settings; commas part a list, since origins have ``:``."""
    made = ts.converters.get_default_cattrs_converter()
    ts.converters.register_strlist_hook(made, ",")
    return made


def _refuse_unknown_variables(environ: Mapping[str, str]) -> None:
    known = {ENV_PREFIX + name.upper() for name in attrs.fields_dict(Settings)}
    known.add(CONFIG_VARIABLE)
    for variable in sorted(environ):
        if variable.startswith(ENV_PREFIX) and variable not in known:
            near = difflib.get_close_matches(
                variable.removeprefix(ENV_PREFIX), [name.removeprefix(ENV_PREFIX) for name in known]
            )
            hint = f"; did you mean {ENV_PREFIX}{near[0]}?" if near else ""
            raise ConfigError(f"{variable} is no setting of this server{hint}")
