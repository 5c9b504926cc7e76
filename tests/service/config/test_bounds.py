"""Bounds and sentences of setting values: lengths, numbers, lists, names and origins."""

from pathlib import Path

import pytest

from gameserver.errors import ConfigError
from gameserver.service.config.names import domain, host, origin
from gameserver.service.config.settings import InBounds, Settings
from gameserver.service.config.sources import injected, misspelt
from gameserver.service.config.values import FIELDS, MAX_FILE_BYTES, judged, meant, quoted

LONGEST_NAME = ".".join(["a" * 63] * 3 + ["a" * 61])


def refusal(name: str, given: object, base: Path | None = None) -> str:
    with pytest.raises(ConfigError) as refused:
        judged(FIELDS[name], given, name, base)
    return str(refused.value)


# --- numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [("port", 0, 65535), ("heartbeat_s", 0.5, 60.0), ("resume_grace_s", 1.0, 3600.0)],
)
def test_both_bounds_of_a_number_are_valid_values(name: str, lowest: float, highest: float) -> None:
    for bound in (lowest, highest):
        for given in (bound, str(bound)):
            value = judged(FIELDS[name], given, name)
            assert value == bound
            assert type(value) is type(bound)


def test_a_number_out_of_bounds_is_refused_with_the_bounds_in_their_shortest_form() -> None:
    assert refusal("port", 65536) == "port must be a whole number from 0 to 65535, not 65536"
    assert refusal("port", "-1") == "port must be a whole number from 0 to 65535, not '-1'"
    assert refusal("heartbeat_s", 0.4) == "heartbeat_s must be a number from 0.5 to 60, not 0.4"
    assert refusal("heartbeat_s", True) == "heartbeat_s must be a number from 0.5 to 60, not True"
    assert refusal("port", 7777.0) == "port must be a whole number from 0 to 65535, not 7777.0"
    assert refusal("port", "x") == "port must be a whole number from 0 to 65535, not 'x'"
    assert "from 0 to 9007199254740992, not -1" in refusal("seed", -1)
    assert judged(FIELDS["heartbeat_s"], 7, "heartbeat_s") == 7.0


def test_the_settings_class_checks_its_bounds_itself() -> None:
    for port in (0, 65535):
        assert Settings(port=port).port == port
    for port in (-1, 65536):
        with pytest.raises(ValueError, match=f"port must be from 0 to 65535, not {port}"):
            Settings(port=port)
    bounds = InBounds(1, 2)
    for value in (0.9, 2.1, float("nan")):
        with pytest.raises(ValueError, match="must be from 1 to 2"):
            bounds(None, FIELDS["port"], value)


# --- texts ----------------------------------------------------------------------------------------


def test_a_text_may_be_as_long_as_its_limit() -> None:
    assert judged(FIELDS["name"], "x" * 64, "name") == "x" * 64
    assert refusal("name", "x" * 65) == "name may have 64 characters, not 65"


def test_a_wrong_value_is_quoted_up_to_sixty_characters() -> None:
    assert quoted("x" * 60) == f"'{'x' * 60}'"
    assert quoted("x" * 61) == f"'{'x' * 60}...'"
    assert quoted(7) == "7"
    assert quoted(["x" * 80]) == f"['{'x' * 58}..."


def test_a_token_is_never_shown_and_other_texts_are() -> None:
    for given in (7, "a\x1bb"):
        assert "(not shown here)" in refusal("stats_token", given)
    assert "not 7" in refusal("name", 7)
    assert "'a\\x1bb'" in refusal("name", "a\x1bb")
    assert judged(FIELDS["stats_token"], "t" * 256, "x") == "t" * 256
    assert "may hold no spaces" in refusal("stats_token", "a b")


def test_only_a_message_may_have_several_lines() -> None:
    assert judged(FIELDS["message"], "one\n\ttwo", "message") == "one\n\ttwo"
    assert judged(FIELDS["message"], "", "message") == ""
    assert "(\\n)" in refusal("name", "one\ntwo")
    assert "(\\r)" in refusal("message", "one\r\ntwo")
    assert refusal("name", "  ").endswith("must be a line of text: it is empty")


def test_a_choice_may_be_written_in_capitals_and_with_spaces_around_it() -> None:
    assert judged(FIELDS["log_format"], " JSON ", "log_format") == "json"
    assert refusal("log_format", "jsonn") == (
        "log_format must be one of pretty, json, not 'jsonn'; did you mean json?"
    )
    assert refusal("log_format", 7) == "log_format must be one of pretty, json, not 7"


def test_a_similar_name_is_suggested_regardless_of_case_and_separators() -> None:
    names = ["log_level", "log_format", "port"]
    assert meant("LOG-LEVEL", names) == "; did you mean log_level?"
    assert meant("prt", names) == "; did you mean port?"
    assert meant("zzz", names) == ""


# --- lists ----------------------------------------------------------------------------------------


def test_a_list_is_split_at_commas_and_holds_each_value_once_in_order() -> None:
    for given in ("::1, 127.0.0.1,::1", " ::1,127.0.0.1,", ["::1", "127.0.0.1", "::1"],
                  ("::1", "127.0.0.1")):  # fmt: skip
        assert judged(FIELDS["host"], given, "host") == ["::1", "127.0.0.1"]
    assert "must be a list of texts, not 7" in refusal("host", 7)
    assert "must be a text in quotes, not 7" in refusal("host", ["::1", 7])
    assert refusal("host", []) == "host names nothing; leave it out for 127.0.0.1"
    assert judged(FIELDS["domain"], (), "domain") == []


# --- files and folders ----------------------------------------------------------------------------


def test_a_file_may_be_as_long_as_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(b"x" * MAX_FILE_BYTES)
    assert judged(FIELDS["tls_key"], "key.pem", "tls_key", tmp_path) == str(path)
    path.write_bytes(b"x" * (MAX_FILE_BYTES + 1))
    assert "larger than 1 MiB" in refusal("tls_key", str(path))
    assert judged(FIELDS["tls_key"], "", "tls_key", tmp_path) == ""


def test_a_folder_is_found_from_its_base_or_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "maps").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert judged(FIELDS["maps"], "maps", "maps", tmp_path) == str(tmp_path / "maps")
    assert judged(FIELDS["maps"], "~/maps", "maps") == str(tmp_path / "maps")
    assert judged(FIELDS["maps"], "", "maps", tmp_path) == ""
    assert refusal("maps", "none", tmp_path).endswith(f"{tmp_path / 'none'} is not there")


def test_a_folder_for_data_may_be_made_later_in_one_that_is_there(tmp_path: Path) -> None:
    assert judged(FIELDS["data"], "new", "data", tmp_path) == str(tmp_path / "new")
    assert not (tmp_path / "new").exists(), "it is made when something is written"
    (tmp_path / "old").mkdir()
    assert judged(FIELDS["data"], "old", "data", tmp_path) == str(tmp_path / "old")
    assert judged(FIELDS["data"], "", "data", tmp_path) == ""
    far = tmp_path / "nowhere" / "new"
    assert refusal("data", str(far)).endswith("is not there, so nothing can be made in it")
    (tmp_path / "file").write_text("")
    words = "is a file; name the folder it is in, so nothing can be made in it"
    assert refusal("data", str(tmp_path / "file" / "new")).endswith(words)


# --- names ----------------------------------------------------------------------------------------


def fault(check: object, given: str) -> str:
    assert callable(check)
    with pytest.raises(ValueError, match=r".") as raised:
        check(given, f"'{given}'")
    return str(raised.value)


@pytest.mark.parametrize("check", [host, domain])
def test_names_have_bounded_lengths(check: object) -> None:
    assert callable(check)
    assert len(LONGEST_NAME) == 253
    for name in (LONGEST_NAME, "a", "a" * 63, "a_b.example.", "1a.example", "a-b.2c", "[::1]"):
        assert check(name, "x") == name.strip("[]")
    for name in (f"{LONGEST_NAME}a", "a" * 64, "a-.example", "-a.example", "a..b", "1.2", ""):
        fault(check, name)


def test_addresses_that_no_page_can_have_are_no_domains() -> None:
    for address in ("0.0.0.0", "::", "224.0.0.1", "ff02::1"):
        assert "no address that a page can have" in fault(domain, address)
    for address in ("127.0.0.1", "10.0.0.1", "::1", "fd00::7"):
        assert domain(address, "x") == address
        assert host(address, "x") == address
    for address in ("0.0.0.0", "::", "224.0.0.1"):
        assert host(address, "x") == address


@pytest.mark.parametrize(
    ("given", "end"),
    [
        ("", "is none; 0.0.0.0 is every IPv4 address, :: every address"),
        ("*", "is none; 0.0.0.0 is every IPv4 address, :: every address"),
        ("play.example:80", "the port is a setting of its own: play.example and port 80"),
        ("[::1]:80", "the port is a setting of its own: [::1] and port 80"),
        ("a b:80", "is none; 127.0.0.1 is this machine alone, 0.0.0.0 every IPv4 address"),
        ("a b", "is none; 127.0.0.1 is this machine alone, 0.0.0.0 every IPv4 address"),
        ("1:2:3", "is none; 127.0.0.1 is this machine alone, 0.0.0.0 every IPv4 address"),
        ("play.example:http", "is none; did you mean play.example?"),
        ("ws://play.example:80/x", "is none; did you mean play.example?"),
        ("ws://[::1", "is none; 127.0.0.1 is this machine alone, 0.0.0.0 every IPv4 address"),
        (".a..example.", "is none; did you mean a.example?"),
    ],
)
def test_a_host_that_is_none_is_answered_with_a_hint(given: str, end: str) -> None:
    assert fault(host, given) == f"'{given}' {end}" or fault(host, given).endswith(f"; {end}")


@pytest.mark.parametrize(
    ("given", "end"),
    [
        ("play.example", "is none; did you mean https://play.example?"),
        ("/play.example:8443/", "is none; write it as https://example.org"),
        ("play.example:8443", "is none; did you mean https://play.example:8443?"),
        ("ws://play.example", "is none; write it as https://example.org"),
        ("", "is none; write it as https://example.org"),
        ("a b", "is none; write it as https://example.org"),
        ("https://me@play.example", "is none; write it as https://example.org"),
        ("https://", "is none; write it as https://example.org"),
        ("https://a..b", "is none: no host has such a name; did you mean https://a.b?"),
        ("https://-", "is none: no host has such a name; write it as https://example.org"),
        ("https://-..b", "is none: no host has such a name; write it as https://example.org"),
        ("https://[::1]/x", "has a path; did you mean https://[::1]?"),
        ("https://a.b#x", "has a path; did you mean https://a.b?"),
        ("https://a.b:", "is not in the form that browsers send; did you mean https://a.b?"),
    ],
)
def test_an_origin_that_is_none_is_answered_with_a_hint(given: str, end: str) -> None:
    assert fault(origin, given) == f"'{given}' {end}"


# --- variables ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "ours"),
    [
        ("GAMESERVER_PORT", "7777", True),
        ("GAMESERVER_PORT", "tcp://10.0.0.1:1", False),
        ("GAMESERVER_PORT", "x tcp://10.0.0.1:1", True),
        ("GAMESERVER_NAME", "/a/b", False),
        ("GAMESERVER_NAME", "/a/b/c", True),
        ("GAMESERVER_MESSAGE", "/a/b", True),
        ("GAMESERVER_MESSAGE", "tcp://10.0.0.1:1", True),
        ("GAMESERVER_SERVICE_HOST", "x", False),
        ("GAMESERVER_SERVICE_HOSTS", "x", True),
    ],
)
def test_injected_variables_are_recognised_by_name_or_value(
    name: str, value: str, ours: bool
) -> None:
    assert injected(name, value) == (not ours)


def test_misspelt_variables_are_found_in_order_and_empty_ones_ignored() -> None:
    assert list(misspelt({"gameserver_port": "1", "GAMESEVER_HOST": "x"})) == [
        "GAMESEVER_HOST", "gameserver_port",
    ]  # fmt: skip
    assert misspelt({"GAMESEVER_HOST": "", "GAMESEVER_PORT": "udp://10.0.0.1:1"}) == {}
