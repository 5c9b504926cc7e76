"""Every setting judges every value, wherever it is given, and says in one line what is wrong.

Law: the cases are made from the settings class, so a new setting is tested by standing there.
"""

import os
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from gameserver.cli import serve
from gameserver.errors import ConfigError
from gameserver.service.config.settings import Holds, InBounds, Settings
from gameserver.service.config.values import FIELDS, Field, judged
from tests.cli.command import gameserver

SOURCES: Final = ("flag", "variable", "file")

BAD_TEXTS: Final = {
    Holds.HOST: ["a..b", "300.1.1.1", "*", "ws://x:1", "127.0.0.1:7777", "-a", "[::1", "1.2.3"],
    Holds.DOMAIN: ["https://a.example", "a.example:443", "a/b", "*", "*.a.example", "0.0.0.0"],
    Holds.ORIGIN: ["https://*.a.example", "https://a..b", "http://a b", "https://caf\u00e9.example",
        "a.example", "*", "null", "https://a.example/", "ws://a", "https://a:x", "://"],
    Holds.FOLDER: ["/nowhere/at/all", __file__],
    Holds.STORE: ["/nowhere/at/all", __file__],
    Holds.FILE: ["/nowhere/at/all.pem", str(Path(__file__).parent)],
    Holds.TOKEN: ["two words", "tab\there"],
    Holds.SECRET: ["two words and more of them", "fifteen-letters", "sixteen-umlauts-\u00fc"],
    Holds.LINE: [" ", "two\nlines"],
    Holds.WORDS: ["bell \x07"],
}  # fmt: skip
"""By what a text setting holds: values that are none."""

NOT_SHOWN: Final = ("half an emoji \ud83d", "not UTF-8 \udcff", "escape \x1b[31m", "turn \u202e")


def no_server(settings: Settings) -> None:
    pytest.fail(f"served with {settings}")


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "serve", no_server)


def bad_values(field: Field) -> Iterator[str]:
    """Yield texts that are no value of this setting."""
    bounds = field.validator
    if isinstance(bounds, InBounds):
        yield from ("many", "tcp://10.0.0.1:1", "nan", "inf", "0x10", "9" * 5000)
        yield from (str(int(bounds.lo) - 1), str(int(bounds.hi) + 1))
        if field.type is int:
            yield "1.5"
        return
    if isinstance(field.type, type) and issubclass(field.type, StrEnum):
        yield from ("loud", "debugg", "1", "\x1b")
        return
    holds = Holds(field.metadata["holds"])
    yield from BAD_TEXTS[holds]
    yield "x" * (int(field.metadata["most"]) + 1)
    if holds not in (Holds.FILE, Holds.FOLDER, Holds.STORE):
        yield from NOT_SHOWN


def given(name: str, value: str, source: str, folder: Path) -> tuple[str, Any]:
    """Run the command with one bad value; return how the setting is called there."""
    if source == "flag":
        label = f"--{name.replace('_', '-')}"
        return label, gameserver("serve", f"{label}={value}", folder=folder)
    if source == "variable":
        label = f"GAMESERVER_{name.upper()}"
        return label, gameserver("serve", folder=folder, **{label: value})
    file = folder / "my.toml"
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    for character in "\x07\x1b\n\t":
        quoted = quoted.replace(character, f"\\u{ord(character):04x}")
    file.write_text(f'[gameserver]\n{name} = "{quoted}"\n', "utf-8")
    return name, gameserver("serve", "--config", str(file), folder=folder)


def can_stand(value: str, source: str) -> bool:
    """Tell whether a source can hold a text, and would be taken for ours with it."""
    if source == "variable" and "://1" in value:
        return False  # passed over: Kubernetes sets such a port
    surrogates = [character for character in value if "\ud800" <= character <= "\udfff"]
    as_bytes = all("\udc80" <= character <= "\udcff" for character in surrogates)
    return not surrogates or source == "flag" or (source == "variable" and as_bytes)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("name", FIELDS)
def test_every_bad_value_of_every_setting_is_one_line_that_names_it(
    tmp_path: Path, name: str, source: str
) -> None:
    for value in bad_values(FIELDS[name]):
        if not can_stand(value, source):
            continue
        label, ended = given(name, value, source, tmp_path)
        assert (ended.code, ended.out) == (2, ""), value
        assert f"{label} " in ended.sentence, ended.sentence
        assert len(ended.sentence) < 400
        assert ended.sentence.isprintable()


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("value", [True, {"a": 1}, 10**30, 1e400, [1]])
def test_a_value_of_another_kind_in_a_file_is_refused(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=rf"^my\.toml: {name} m"):
        judged(FIELDS[name], value, f"my.toml: {name}")


@pytest.mark.parametrize("name", FIELDS)
def test_every_default_is_a_valid_value(name: str) -> None:
    default = getattr(Settings(), name)
    assert judged(FIELDS[name], default, name) == default


def test_every_setting_describes_its_valid_values() -> None:
    for field in attrs.fields(Settings):
        bounded = isinstance(field.validator, InBounds)
        chosen = isinstance(field.type, type) and issubclass(field.type, StrEnum)
        assert bounded or chosen or "holds" in field.metadata, field.name


@pytest.mark.parametrize(
    ("name", "value", "offered"),
    [
        ("host", "a..b", "did you mean a.b?"),
        ("host", "http://play.example", "did you mean play.example?"),
        ("host", "127.0.0.1:7777", "127.0.0.1 and port 7777"),
        ("host", "*", "0.0.0.0 is every IPv4 address"),
        ("allow_origin", "play.example", "did you mean https://play.example?"),
        ("allow_origin", "https://play.example:8443/x", "did you mean https://play.example:8443?"),
        ("host", "caf\u00e9.example", "did you mean xn--caf-dma.example?"),
        ("domain", "https://play.example/x", "did you mean play.example?"),
        ("domain", "play.example:443", "did you mean play.example?"),
        ("domain", "[::1]:443", "did you mean ::1?"),
        ("domain", "*.example", "each name is given in full"),
        ("domain", "0.0.0.0", "what the server listens on counts anyway"),
        ("domain", "a b", "write it as play.example, without scheme, port and path"),
        ("allow_origin", "null", "serve the page from a web server"),
        ("allow_origin", "NULL", "serve the page from a web server"),
        ("allow_origin", "https://*.example", "each origin is given in full"),
        ("allow_origin", "https://a..example:8443", "did you mean https://a.example:8443?"),
        ("allow_origin", "https://caf\u00e9.example", "did you mean https://xn--caf-dma.example?"),
        ("allow_origin", "https://play.example:99999", "its host or port cannot be read"),
        ("allow_origin", "https://play.example:", "did you mean https://play.example?"),
        ("allow_origin", "https://play.example?", "did you mean https://play.example?"),
        ("allow_origin", "https://play.example:08443", "did you mean https://play.example:8443?"),
        ("allow_origin", "http://[0:0::1]:80", "did you mean http://[::1]:80?"),
        ("log_level", "warnin", "did you mean warning?"),
        ("log_format", "jsno", "did you mean json?"),
        ("maps", __file__, "name the folder it is in"),
    ],
)
def test_the_nearest_valid_value_is_suggested(name: str, value: str, offered: str) -> None:
    with pytest.raises(ConfigError) as refused:
        judged(FIELDS[name], value, name)
    assert offered in str(refused.value)


@pytest.mark.parametrize("name", ["maps", "tls_cert"])
@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("~nobody-has-this-name/x", "is no path: "),
        ("x" * 300, "cannot be looked at: File name too long"),
    ],
)
def test_an_inaccessible_path_is_refused_with_the_reason(name: str, path: str, why: str) -> None:
    with pytest.raises(ConfigError, match=f"^{name} must be .*{path[:20]}.* {why}"):
        judged(FIELDS[name], path, name)


@pytest.mark.parametrize(
    "value",
    ["https://Play.Example", "HTTPS://play.example:443", "http://[::1]", "http://10.0.0.1:80"],
)
def test_a_valid_origin_is_accepted_unchanged(value: str) -> None:
    assert judged(FIELDS["allow_origin"], [value], "allow_origin") == [value]


@pytest.mark.parametrize(
    ("value", "hosts"),
    [
        ("::", ["::"]),
        ("[::1]", ["::1"]),
        ("127.0.0.1, ::1", ["127.0.0.1", "::1"]),
        ("localhost,localhost", ["localhost"]),
        ("127.0.0.1,", ["127.0.0.1"]),
        ("fe80::1%eth0", ["fe80::1%eth0"]),
        ("my_host.example.", ["my_host.example."]),
    ],
)
def test_hosts_are_accepted_in_common_forms(value: str, hosts: list[str]) -> None:
    assert judged(FIELDS["host"], value, "host") == hosts


@pytest.mark.parametrize(
    ("name", "where", "call"), [("maps", Path, "iterdir"), ("tls_key", os, "open")]
)
def test_a_path_without_read_permission_is_not_taken_for_an_empty_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, where: object, call: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path if name == "maps" else tmp_path / "key.pem"
    path.touch()
    monkeypatch.setattr(where, call, refuse)
    with pytest.raises(ConfigError, match=f"^{name} must be .* cannot be read: Permission denied"):
        judged(FIELDS[name], str(path), name)


def test_choices_may_be_written_in_capitals() -> None:
    assert judged(FIELDS["log_level"], "INFO", "x") == "info"


def test_an_empty_list_is_refused_for_settings_that_need_a_value(tmp_path: Path) -> None:
    path = tmp_path / "empty.toml"
    path.write_text("[gameserver]\nhost = []\n")
    ended = gameserver("serve", "--config", str(path))
    assert ended.code == 2
    assert "host names nothing; leave it out for 127.0.0.1" in ended.sentence
    assert judged(FIELDS["domain"], [], "domain") == []
