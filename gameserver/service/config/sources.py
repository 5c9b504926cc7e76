"""Sources of settings, by precedence: flags, ``GAMESERVER_*`` variables, a file, defaults.

Law: no value that was meant for this server is ignored silently, and variables of other programs do
not prevent its start. An empty variable counts as unset.

The file is the one that ``--config`` or ``GAMESERVER_CONFIG`` names, else ``gameserver.toml`` in
the working folder if it exists. Paths in it are relative to its folder.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import typed_settings as ts
from typed_settings.types import LoadedSettings, LoaderMeta, OptionList, SettingsClass

from gameserver.accel import VARIABLE as HOT_PATH
from gameserver.errors import ConfigError, UnreadableFileError
from gameserver.files import read_file
from gameserver.protocol.nearest import Nearest
from gameserver.service.config.settings import (
    CONFIG_VARIABLE,
    DEFAULT_FILE,
    ENV_PREFIX,
    SECTION,
    Settings,
)
from gameserver.service.config.values import FIELDS, judged, meant

MAX_FILE_BYTES: Final = 1 << 20
"""Largest settings file; a usual one has a few hundred bytes."""

_NO_SETTINGS: Final = frozenset({HOT_PATH, "GAMESERVER_NATIVE"})
"""Variables that are read before there are settings: by the choice of the hot path when it is
imported, and by its build (``hatch_build.py``)."""

_INJECTED_NAMES: Final = re.compile(
    ENV_PREFIX + r"(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?|ENV_\w+)"
)
"""Names of variables that Kubernetes sets for a Service, and Docker for a link, whose name is
``gameserver`` or ``gameserver-NAME``."""

_INJECTED_ADDRESS: Final = re.compile(r"(tcp|udp|sctp)://\S*", re.IGNORECASE)
"""Value of an injected ``..._PORT``."""

_LINK_NAME: Final = re.compile(r"/[^/]+/[^/]+")
"""Value of the ``..._NAME`` that Docker injects for a link."""


def loaders(config: str = "", environ: Mapping[str, str] = os.environ) -> list[Any]:
    """Return typed-settings loaders for file and environment; all of their values are checked.

    Args:
        config: Path of the settings file; if empty, the one that ``GAMESERVER_CONFIG`` names, else
            ``gameserver.toml`` if it exists.
        environ: The environment variables.

    Raises:
        ConfigError: A key or value is wrong, or a file that was named cannot be read.
    """
    in_file, in_variables = _sources(config, environ)
    return [_Judged({**in_file, **in_variables})]


def held_by_file(config: str = "", environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the checked values of the settings file that no variable overrides, as it is now.

    Raises:
        ConfigError: As `loaders`.
    """
    in_file, in_variables = _sources(config, environ)
    return {name: value for name, value in in_file.items() if name not in in_variables}


def _sources(config: str, environ: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values of the file and those of the variables."""
    variables = own_variables(environ)
    by_variable = variables.pop(CONFIG_VARIABLE, "")
    named = config or by_variable
    source = "--config" if config else CONFIG_VARIABLE if by_variable else "settings"
    return _from_file(named, source), _from_variables(variables)


def defaults_alone() -> list[Any]:
    """Return loaders without values, so that every setting has its default."""
    return [_Judged({})]


class _Judged(ts.loaders.EnvLoader):
    """Returns values that were checked before; as an `EnvLoader` it names variables in the help."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        super().__init__(ENV_PREFIX)
        self._given = dict(given)

    def __call__(
        self,
        settings_cls: SettingsClass,  # noqa: ARG002  typed-settings' signature
        options: OptionList,  # noqa: ARG002
    ) -> LoadedSettings:
        return LoadedSettings(self._given, LoaderMeta(self))


def converter() -> Any:
    """Return the converter from checked values to `Settings`; it splits lists at commas."""
    made = ts.converters.get_default_cattrs_converter()
    ts.converters.register_strlist_hook(made, ",")
    return made


# --- the environment ------------------------------------------------------------------------------


def own_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of this server that are not empty."""
    return {
        name: value
        for name, value in environ.items()
        if name.startswith(ENV_PREFIX)
        and name not in _NO_SETTINGS
        and value
        and not injected(name, value)
    }


def injected(name: str, value: str) -> bool:
    """Return whether Kubernetes or Docker set a variable for a service named ``gameserver``."""
    if _INJECTED_NAMES.fullmatch(name):
        return True
    if name.endswith("PORT"):
        return _INJECTED_ADDRESS.fullmatch(value) is not None
    return name.endswith("NAME") and _LINK_NAME.fullmatch(value) is not None


def _from_variables(variables: Mapping[str, str]) -> dict[str, Any]:
    known = {ENV_PREFIX + name.upper(): name for name in FIELDS}
    found = {}
    for variable, value in sorted(variables.items()):
        if variable not in known:
            raise ConfigError(
                f"{variable} is no setting of this server{_variable_hint(variable, known)}"
            )
        name = known[variable]
        found[name] = judged(FIELDS[name], value, variable)
    return found


def _variable_hint(variable: str, known: Mapping[str, str]) -> str:
    names = [name.removeprefix(ENV_PREFIX) for name in (*known, CONFIG_VARIABLE)]
    typed = variable.removeprefix(ENV_PREFIX).upper().replace("-", "_")
    near = difflib.get_close_matches(typed, names, 1)
    return f"; did you mean {ENV_PREFIX}{near[0]}?" if near else ""


def misspelt(environ: Mapping[str, str]) -> dict[str, str]:
    """Return variables whose names are nearly those of settings, each with the right name.

    Examples are ``gameserver_port`` and ``GAMESEVER_PORT``. They may belong to another program, so
    the server only warns; an unknown variable with the right prefix prevents the start.
    """
    names = Nearest([*(ENV_PREFIX + name.upper() for name in FIELDS), CONFIG_VARIABLE])
    others = [
        name
        for name, value in environ.items()
        if value and not name.startswith(ENV_PREFIX) and not _INJECTED_ADDRESS.fullmatch(value)
    ]
    found = {name: names.find(name) for name in sorted(others)}
    return {name: right for name, right in found.items() if right is not None}


# --- the file -------------------------------------------------------------------------------------


def _from_file(named: str, source: str) -> dict[str, Any]:
    file = Path(named or DEFAULT_FILE)
    if not named and not _is_there(file):
        return {}
    table = _table(file, _parsed(file, source))
    found: dict[str, Any] = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        if name not in FIELDS:
            hint = meant(name, list(FIELDS))
            raise ConfigError(f"{file}: {key} is no setting of this server{hint}")
        if name in found:
            raise ConfigError(f"{file}: {name} stands there twice, with - and with _")
        found[name] = judged(FIELDS[name], value, f"{file}: {key}", file.parent)
    return found


def _is_there(file: Path) -> bool:
    """Return whether the default settings file exists; False if the folder cannot be read."""
    try:
        return file.exists()
    except OSError:
        return False


def _parsed(file: Path, source: str) -> dict[str, Any]:
    try:
        text = _decoded(file, read_file(file, MAX_FILE_BYTES))
    except UnreadableFileError as error:
        raise ConfigError(f"{source}: the settings file {file} {error}") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file} is no TOML: {error}{_toml_hint(text, error)}") from None
    except ValueError as error:  # such as a number of thousands of digits
        raise ConfigError(f"{file} is no settings file: {error}") from None
    except RecursionError:
        raise ConfigError(f"{file} is no settings file: it is nested too deeply") from None


def _decoded(file: Path, data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:4]:
        raise ConfigError(f"{file} is written in UTF-16: save it as UTF-8")
    try:
        return data.decode("utf-8-sig")  # an editor may have written a byte order mark
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{file} is not UTF-8 (at line {line}): save it as UTF-8") from None


def _toml_hint(text: str, error: tomllib.TOMLDecodeError) -> str:
    """Return a hint for the most frequent mistake: a text without quotes."""
    at = re.search(r"line (\d+)", str(error))
    try:
        line = text.splitlines()[int(at.group(1)) - 1] if at else ""
    except IndexError:
        return ""
    key, equals, value = (part.strip() for part in line.partition("="))
    if equals and re.fullmatch(r"[A-Za-z0-9_-]+", key) and re.match(r"[A-Za-z/.~]", value):
        return f'; a text has quotes: {key} = "{value}"'
    return ""


def _table(file: Path, content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the server's table of the file.

    Raises:
        ConfigError: A key is outside the table and would be ignored, or the table is no table.
    """
    for key in content:
        if key != SECTION:
            known = key.replace("-", "_") in attrs.fields_dict(Settings)
            hint = f"; move it below [{SECTION}]" if known else meant(key, [SECTION])
            raise ConfigError(f"{file}: {key} is outside the table [{SECTION}]{hint}")
    table = content.get(SECTION, {})
    if not isinstance(table, dict):
        raise ConfigError(f"{file}: {SECTION} must be a table: [{SECTION}]")
    return table
