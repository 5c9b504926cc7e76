"""Where settings come from: flags, then ``GAMESERVER_*`` variables, then a file, then defaults.

Law: nothing that was meant for this server is passed over in silence, and nothing that others put
into its environment stops it. An empty variable counts as unset.

The file is what ``--config`` or ``GAMESERVER_CONFIG`` names, or ``gameserver.toml`` in the working
folder. Paths in it are relative to the file.
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
"""A settings file has a few hundred bytes; what is larger is another file."""

_INJECTED_NAMES: Final = re.compile(
    ENV_PREFIX + r"(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?|ENV_\w+)"
)
"""What Kubernetes sets for a Service, and Docker for a link, called ``gameserver`` or
``gameserver-NAME``."""

_INJECTED_ADDRESS: Final = re.compile(r"(tcp|udp|sctp)://\S*", re.IGNORECASE)
"""The value of such a ``..._PORT``."""

_LINK_NAME: Final = re.compile(r"/[^/]+/[^/]+")
"""The value of the ``..._NAME`` that comes with a Docker link."""


def loaders(config: str = "", environ: Mapping[str, str] = os.environ) -> list[Any]:
    """Return typed-settings loaders for file and environment; every value in them is judged.

    Args:
        config: The settings file; else the one that ``GAMESERVER_CONFIG`` names, else
            ``gameserver.toml`` if it is there.
        environ: The environment.

    Raises:
        ConfigError: Something in either of them is wrong, or the file named is not there.
    """
    variables = own_variables(environ)
    by_variable = variables.pop(CONFIG_VARIABLE, "")
    named = config or by_variable
    source = "--config" if config else CONFIG_VARIABLE if by_variable else "settings"
    given = {**_from_file(named, source), **_from_variables(variables)}
    return [_Judged(given)]


def defaults_alone() -> list[Any]:
    """Return loaders that find nothing: every setting is at its default."""
    return [_Judged({})]


class _Judged(ts.loaders.EnvLoader):
    """Gives what was judged before; tells the help the names of the variables."""

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
    """Return what turns judged values into settings; commas part a list in a text."""
    made = ts.converters.get_default_cattrs_converter()
    ts.converters.register_strlist_hook(made, ",")
    return made


# --- the environment ------------------------------------------------------------------------------


def own_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that were set for this server and hold something."""
    return {
        name: value
        for name, value in environ.items()
        if name.startswith(ENV_PREFIX) and value and not injected(name, value)
    }


def injected(name: str, value: str) -> bool:
    """Tell whether Kubernetes or Docker set a variable, because of another thing's name."""
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

    Such as ``gameserver_port`` or ``GAMESEVER_PORT``: they may be another program's, so they do not
    end the start, as those do that begin with the right prefix.
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
    """Tell whether the working folder has a settings file, as far as it may be looked at."""
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
    except RecursionError:
        raise ConfigError(f"{file} is no settings file: it is nested too deeply") from None


def _decoded(file: Path, data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:4]:
        raise ConfigError(f"{file} is written in UTF-16: save it as UTF-8")
    try:
        return data.decode("utf-8-sig")  # an editor may have put a mark in front
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{file} is not UTF-8 (at line {line}): save it as UTF-8") from None


def _toml_hint(text: str, error: tomllib.TOMLDecodeError) -> str:
    """Offer what is most often meant: TOML wants quotes around a text."""
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
    """Return the table that is read; what stands outside it would be passed over in silence."""
    for key in content:
        if key != SECTION:
            known = key.replace("-", "_") in attrs.fields_dict(Settings)
            hint = f"; move it below [{SECTION}]" if known else meant(key, [SECTION])
            raise ConfigError(f"{file}: {key} is outside the table [{SECTION}]{hint}")
    table = content.get(SECTION, {})
    if not isinstance(table, dict):
        raise ConfigError(f"{file}: {SECTION} must be a table: [{SECTION}]")
    return table
