"""Files as editors leave them, and an environment that is not ours alone."""

from pathlib import Path

import pytest

from gameserver.service.config.settings import Settings
from gameserver.service.config.sources import (
    MAX_FILE_BYTES,
    defaults_alone,
    loaders,
    misspelt,
    own_variables,
)
from tests.cli.command import Ended, gameserver
from tests.service.config.served import Served


def with_file(folder: Path, content: bytes) -> Ended:
    file = folder / "my.toml"
    file.write_bytes(content)
    return gameserver("serve", "--config", str(file), folder=folder)


# --- files ----------------------------------------------------------------------------------------


def test_a_byte_order_mark_in_a_settings_file_is_ignored(served: Served, tmp_path: Path) -> None:
    assert with_file(tmp_path, b"\xef\xbb\xbf[gameserver]\r\nport = 3333\r\n").code == 0
    assert served.settings.port == 3333


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[gameserver]\nport = 1\n".encode("utf-16"), "written in UTF-16: save it as UTF-8"),
        ("[gameserver]\nport = 1\n".encode("utf-16-le"), "written in UTF-16: save it as UTF-8"),
        (b"a=1\n\x00", "is no TOML"),
        (b'[gameserver]\nname = "caf\xe9"\n', "is not UTF-8 (at line 2): save it as UTF-8"),
        (b"[gameserver]\nname = Den\n", 'a text has quotes: name = "Den"'),
        (b"[gameserver]\nport = 1\nport = 2\n", "line 3"),
        (b"[gameserver]\nhost = [\n", "is no TOML: Invalid value (at end of document)"),
        (b"[gameserver]\nprot = 1\n", "prot is no setting of this server; did you mean port?"),
        (b"[gameserver]\nlog-fromat = 'json'\n", "did you mean log_format?"),
        (b"[gameserver]\nlog-format='json'\nlog_format='json'\n", "log_format stands there twice"),
        (b"[gameserver]\nPORT = 1\n", "did you mean port?"),
        (b"[gameserver]\nLogFormat = 'json'\n", "did you mean log_format?"),
        (b"[gamserver]\nport = 1\n", "did you mean gameserver?"),
        (b"[GAMESERVER]\nport = 1\n", "did you mean gameserver?"),
        (b"a = " + b"[" * 5000 + b"]" * 5000, "nested too deeply"),
        (b"a = " + b"9" * 5000, "no settings file"),
        (b"#" * (MAX_FILE_BYTES + 1), "larger than 1 MiB"),
    ],
)
def test_each_fault_of_a_file_is_one_line_with_its_name(
    tmp_path: Path, content: bytes, words: str
) -> None:
    ended = with_file(tmp_path, content)
    assert (ended.code, ended.out) == (2, "")
    assert str(tmp_path / "my.toml") in ended.sentence
    assert words in ended.sentence


@pytest.mark.parametrize("named", [".", "/nowhere/my.toml", "/dev/null/my.toml"])
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, named: str) -> None:
    ended = gameserver("serve", "--config", named, folder=tmp_path)
    assert (ended.code, ended.out) == (2, "")
    assert named in ended.sentence


@pytest.mark.parametrize("arguments", [("--config",), ("--config=",), ("--config", "")])
def test_a_flag_that_names_a_missing_file_is_reported(arguments: tuple[str, ...]) -> None:
    ended = gameserver("serve", *arguments)
    assert (ended.code, ended.sentence) == (2, "error: --config must name a settings file")


def test_paths_in_a_file_are_relative_to_the_file(served: Served, tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "etc", tmp_path / "elsewhere"
    (folder / "our-maps").mkdir(parents=True)
    elsewhere.mkdir()
    for name in ("cert.pem", "key.pem"):
        (folder / name).write_text("", "utf-8")
    file = folder / "my.toml"
    lines = ('maps = "our-maps"', 'tls-cert = "cert.pem"', 'tls-key = "./key.pem"')
    file.write_text("\n".join(["[gameserver]", *lines]), "utf-8")
    ended = gameserver("serve", "--config", str(file), folder=elsewhere)
    assert (ended.code, ended.err) == (0, "")
    found = served.settings
    assert Path(found.maps) == folder / "our-maps"
    assert Path(found.tls_cert) == folder / "cert.pem"
    assert Path(found.tls_key) == folder / "key.pem"


def test_a_host_in_a_file_may_be_a_string_or_a_list(served: Served, tmp_path: Path) -> None:
    assert with_file(tmp_path, b'[gameserver]\nhost = "0.0.0.0"\n').code == 0
    assert served.settings.host == ["0.0.0.0"]
    assert with_file(tmp_path, b'[gameserver]\nhost = ["127.0.0.1", "::1"]\n').code == 0
    assert served.settings.host == ["127.0.0.1", "::1"]


# --- the environment ------------------------------------------------------------------------------

KUBERNETES = {
    "GAMESERVER_SERVICE_HOST": "10.96.12.7",
    "GAMESERVER_SERVICE_PORT": "7777",
    "GAMESERVER_SERVICE_PORT_GAME": "7777",
    "GAMESERVER_PORT": "tcp://10.96.12.7:7777",
    "GAMESERVER_PORT_7777_TCP": "tcp://10.96.12.7:7777",
    "GAMESERVER_PORT_7777_TCP_PROTO": "tcp",
    "GAMESERVER_PORT_7777_TCP_PORT": "7777",
    "GAMESERVER_PORT_7777_TCP_ADDR": "10.96.12.7",
    "GAMESERVER_PORT_53_UDP": "udp://10.96.12.7:53",
    "GAMESERVER_PORT_9_SCTP_ADDR": "fd00::7",
    "GAMESERVER_STATS_SERVICE_HOST": "10.96.12.8",
    "GAMESERVER_STATS_SERVICE_PORT_HTTP": "80",
    "GAMESERVER_STATS_PORT": "tcp://[fd00::7]:80",
    "GAMESERVER_STATS_PORT_80_TCP_ADDR": "10.96.12.8",
}
DOCKER_LINK = {
    "GAMESERVER_NAME": "/web/gameserver",
    "GAMESERVER_PORT": "tcp://172.17.0.5:7777",
    "GAMESERVER_PORT_7777_TCP": "tcp://172.17.0.5:7777",
    "GAMESERVER_ENV_PYTHON_VERSION": "3.13.1",
    "GAMESERVER_ENV_LANG": "C.UTF-8",
}


@pytest.mark.parametrize("injected", [KUBERNETES, DOCKER_LINK])
def test_variables_injected_for_a_service_of_this_name_are_ignored(
    served: Served, injected: dict[str, str]
) -> None:
    ended = gameserver("serve", **injected)
    assert (ended.code, ended.err) == (0, "")
    assert served.settings == Settings()


def test_own_variables_are_used_beside_injected_ones(served: Served) -> None:
    environ = {**KUBERNETES, "GAMESERVER_NAME": "Den", "GAMESERVER_HOST": "0.0.0.0,::1"}
    assert gameserver("serve", "--port", "4444", **environ).code == 0
    assert served.settings == Settings(name="Den", host=["0.0.0.0", "::1"], port=4444)


def test_every_empty_variable_counts_as_unset(served: Served) -> None:
    names = [f"GAMESERVER_{name.upper()}" for name in ("CONFIG", "NONSENSE", *vars_of_settings())]
    ended = gameserver("serve", **dict.fromkeys(names, ""))
    assert (ended.code, ended.err) == (0, "")
    assert served.settings == Settings()


def vars_of_settings() -> list[str]:
    return [name.upper() for name in Settings.__annotations__]


@pytest.mark.parametrize(
    ("variable", "value"),
    [("GAMESERVER_PORT", "7777/tcp"), ("GAMESERVER_PROT", "tcp"), ("GAMESERVER_PASSWORD", "x")],
)
def test_variables_that_only_resemble_injected_ones_are_not_ignored(
    variable: str, value: str
) -> None:
    assert own_variables({variable: value}) == {variable: value}
    ended = gameserver("serve", **{variable: value})
    assert ended.code == 2
    assert ended.sentence.startswith(f"error: {variable} ")


@pytest.mark.parametrize("name", ["GAMESERVER_HOT_PATH", "GAMESERVER_NATIVE"])
def test_variables_that_are_read_before_there_are_settings_are_none(name: str) -> None:
    assert own_variables({name: "pure", "GAMESERVER_PORT": "1"}) == {"GAMESERVER_PORT": "1"}


@pytest.mark.parametrize("name", ["GAMESERVER_port", "GAMESERVER_Port", "GAMESERVER_PROT"])
def test_an_unknown_variable_is_answered_with_the_nearest_setting(name: str) -> None:
    ended = gameserver("serve", **{name: "1"})
    assert ended.code == 2
    assert ended.sentence.endswith("is no setting of this server; did you mean GAMESERVER_PORT?")


@pytest.mark.parametrize("name", ["GAMESERVER_log-level", "GAMESERVER_loglevel"])
def test_the_nearest_variable_is_found_with_any_separator_of_words(name: str) -> None:
    ended = gameserver("serve", **{name: "info"})
    assert ended.sentence.endswith("; did you mean GAMESERVER_LOG_LEVEL?")


def test_a_variable_whose_name_resembles_a_setting_is_not_read_and_reported() -> None:
    assert misspelt(
        {
            "gameserver_port": "1",
            "GAMESEVER_PORT": "1",
            "GAMESERVER_PORT": "1",
            "GAMESERVERS_PORT": "tcp://10.0.0.7:7777",
            "GAMESERVERNAME": "",
            "GAME_SERVER_CONFIG": "a.toml",
            "PORT": "1",
            "SERVER_PORT": "1",
        }
    ) == {
        "GAMESEVER_PORT": "GAMESERVER_PORT",
        "GAME_SERVER_CONFIG": "GAMESERVER_CONFIG",
        "gameserver_port": "GAMESERVER_PORT",
    }


def test_without_faults_of_file_and_environment_every_setting_has_its_default() -> None:
    (loader,) = defaults_alone()
    assert loader(Settings, ()).settings == {}


def test_a_working_folder_that_cannot_be_read_has_no_settings_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(_: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "exists", refused)
    (loader,) = loaders(environ={"GAMESERVER_PORT": "7000"})
    assert loader(Settings, ()).settings == {"port": 7000}
