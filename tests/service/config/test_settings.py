"""Settings: flags before environment before file before defaults, and one line on what is wrong.

Law: whatever a name or value is wrong with, it is said before anything starts, in one line that
names it; nothing is passed over.
"""

import io
from pathlib import Path
from typing import Final

import attrs
import pytest
from rich.console import Console

from gameserver.cli import output
from gameserver.errors import ConfigError
from gameserver.game.loading.games import load_game
from gameserver.service.config.settings import DEFAULT_FILE, LogFormat, LogLevel, Settings
from gameserver.service.config.sources import loaders
from tests.cli.command import Ended, gameserver
from tests.service.config.served import Served

PORT_OF: Final = {"flag": 1111, "environment": 2222, "file": 3333, "default": 7777}


def toml(folder: Path, *lines: str, name: str = "my.toml") -> Path:
    path = folder / name
    path.write_text("\n".join(["[gameserver]", *lines, ""]), "utf-8")
    return path


def refused(ended: Ended) -> str:
    """Return the sentence of a run that ended before it began."""
    assert (ended.code, ended.out) == (2, "")
    return ended.sentence


# --- who wins -------------------------------------------------------------------------------------


@pytest.mark.parametrize("winner", PORT_OF)
def test_flags_override_environment_file_and_defaults_in_this_order(
    served: Served, tmp_path: Path, winner: str
) -> None:
    sources = list(PORT_OF)
    given = sources[sources.index(winner) :]
    flags = ["--port", str(PORT_OF["flag"])] if "flag" in given else []
    if "file" in given:
        flags += ["--config", str(toml(tmp_path, f"port = {PORT_OF['file']}"))]
    environ = {"GAMESERVER_PORT": str(PORT_OF["environment"])} if "environment" in given else {}
    ended = gameserver("serve", *flags, folder=tmp_path, **environ)
    assert (ended.code, ended.err) == (0, "")
    assert served.settings.port == PORT_OF[winner]


def test_settings_from_all_sources_are_put_together(served: Served, tmp_path: Path) -> None:
    path = toml(tmp_path, 'name = "Den"', "heartbeat_s = 2.5", 'log_level = "debug"')
    ended = gameserver("serve", "--seed", "9", "--config", str(path), GAMESERVER_LOG_FORMAT="json")
    assert (ended.code, ended.err) == (0, "")
    assert served.settings == Settings(
        name="Den", heartbeat_s=2.5, log_level=LogLevel.DEBUG, seed=9, log_format=LogFormat.JSON
    )


def test_a_flag_given_twice_makes_a_list(served: Served) -> None:
    origins = ["https://example.org", "https://example.net"]
    flags = [word for origin in origins for word in ("--allow-origin", origin)]
    assert gameserver("serve", *flags).code == 0
    assert served.settings.allow_origin == origins


def test_the_file_of_the_working_folder_is_read_when_none_is_named(
    served: Served, tmp_path: Path
) -> None:
    toml(tmp_path, "port = 3333", name=DEFAULT_FILE)
    assert gameserver("serve", folder=tmp_path).code == 0
    assert served.settings.port == 3333


def test_a_named_file_replaces_the_one_of_the_working_folder(
    served: Served, tmp_path: Path
) -> None:
    toml(tmp_path, "port = 3333", "seed = 5", name=DEFAULT_FILE)
    path = toml(tmp_path, "port = 4444")
    assert gameserver("serve", "--config", str(path), folder=tmp_path).code == 0
    assert (served.settings.port, served.settings.seed) == (4444, 0)


def test_the_environment_may_name_the_file_and_a_flag_overrides_it(
    served: Served, tmp_path: Path
) -> None:
    by_variable = toml(tmp_path, "port = 3333", name="a.toml")
    by_flag = toml(tmp_path, "port = 4444", name="b.toml")
    environ = {"GAMESERVER_CONFIG": str(by_variable)}
    assert gameserver("serve", **environ).code == 0
    assert served.settings.port == 3333
    assert gameserver("serve", f"--config={by_flag}", **environ).code == 0
    assert served.settings.port == 4444


# --- what is refused ------------------------------------------------------------------------------


def test_an_unknown_key_in_the_file_is_one_line_with_file_and_key(tmp_path: Path) -> None:
    path = toml(tmp_path, "port = 3333", "prot = 1")
    sentence = refused(gameserver("serve", "--config", str(path)))
    assert str(path) in sentence
    assert "prot" in sentence


def test_an_unknown_variable_is_one_line_with_the_nearest_name() -> None:
    sentence = refused(gameserver("serve", GAMESERVER_PROT="1"))
    assert sentence == (
        "error: GAMESERVER_PROT is no setting of this server; did you mean GAMESERVER_PORT?"
    )


def test_an_unknown_variable_that_resembles_no_other_is_refused_too() -> None:
    with pytest.raises(ConfigError, match=r"^GAMESERVER_ is no setting of this server"):
        loaders(environ={"GAMESERVER_": "1"})


def test_every_setting_has_a_variable_and_unrelated_variables_are_ignored() -> None:
    known = {f"GAMESERVER_{name.upper()}": "" for name in attrs.fields_dict(Settings)}
    assert loaders(environ={**known, "PATH": "/bin", "GAMES": "1"})


@pytest.mark.parametrize("by", ["flag", "variable"])
def test_a_missing_file_is_one_line_with_its_name(tmp_path: Path, by: str) -> None:
    gone = str(tmp_path / "gone.toml")
    flags = ["--config", gone] if by == "flag" else []
    environ = {"GAMESERVER_CONFIG": gone} if by == "variable" else {}
    sentence = refused(gameserver("serve", *flags, **environ))
    named = "--config" if by == "flag" else "GAMESERVER_CONFIG"
    assert sentence == f"error: {named}: the settings file {gone} is not there"


def test_an_invalid_toml_file_is_one_line_with_the_place(tmp_path: Path) -> None:
    path = toml(tmp_path, "port")
    sentence = refused(gameserver("serve", "--config", str(path)))
    assert "line 2" in sentence


@pytest.mark.parametrize("by", ["flag", "environment", "file"])
def test_a_value_out_of_bounds_is_one_line_wherever_it_comes_from(tmp_path: Path, by: str) -> None:
    path = toml(tmp_path, *(["port = 99999"] if by == "file" else []))
    flags = ["--port", "99999"] if by == "flag" else []
    environ = {"GAMESERVER_PORT": "99999"} if by == "environment" else {}
    sentence = refused(gameserver("serve", "--config", str(path), *flags, **environ))
    assert "port must be a whole number from 0 to 65535, not " in sentence.lower()
    assert "99999" in sentence


@pytest.mark.parametrize(
    ("key", "value"),
    [("port", '"many"'), ("heartbeat_s", '"often"'), ("log_level", '"loud"'), ("seed", "[1]")],
)
def test_a_value_of_the_wrong_kind_is_one_line_with_key_and_value(
    tmp_path: Path, key: str, value: str
) -> None:
    path = toml(tmp_path, f"{key} = {value}")
    sentence = refused(gameserver("serve", "--config", str(path)))
    assert key in sentence
    assert value.strip('"') in sentence


@pytest.mark.parametrize("value", ["many", "1.5", " "])
def test_a_variable_of_the_wrong_kind_is_one_line_with_the_setting(value: str) -> None:
    sentence = refused(gameserver("serve", GAMESERVER_PORT=value))
    assert "port" in sentence.lower()
    assert value in sentence


# --- files and lists ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("port = 7962\n", "port is outside the table [gameserver]; move it below [gameserver]"),
        ("[gamserver]\nport = 1\n", "gamserver is outside the table [gameserver]"),
        ("gameserver = 1\n", "gameserver must be a table: [gameserver]"),
        ("[gameserver]\nport = true\n", "port must be a whole number from 0 to 65535, not True"),
        ("[gameserver]\nport = 1.5\n", "port must be a whole number from 0 to 65535, not 1.5"),
        ("[gameserver]\nname = 3\n", "name must be a text in quotes, not 3"),
        ("[gameserver]\nallow_origin = 3\n", "allow_origin must be a list of texts, not 3"),
        ("[gameserver\n", "is no TOML"),
    ],
)
def test_an_error_in_a_file_is_reported_with_the_name_of_the_file(
    tmp_path: Path, content: str, complaint: str
) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(content, "utf-8")
    sentence = refused(gameserver("serve", "--config", str(file)))
    assert str(file) in sentence
    assert complaint in sentence


def test_origins_may_come_from_the_environment(served: Served) -> None:
    environ = {"GAMESERVER_ALLOW_ORIGIN": "https://a.example,https://b.example:8443"}
    assert gameserver("serve", **environ).code == 0
    assert served.settings.allow_origin == ["https://a.example", "https://b.example:8443"]


@pytest.mark.parametrize("game", ["[/red]", "a:b", "[x]:y"])
def test_markup_in_a_wrong_value_is_printed_unchanged(game: str) -> None:
    # The stand-in of this module takes any settings; finding a game is asked of the real one.
    with pytest.raises(ConfigError) as refusal:
        load_game(game)
    buffer = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(output, "err", Console(file=buffer, emoji=False, width=200))
        output.fail(str(refusal.value))
    assert str(refusal.value) in buffer.getvalue()
