"""The line at the start names addresses that clients here and on other machines can use."""

import re
from types import SimpleNamespace

import pytest

from gameserver import accel
from gameserver.arena import Arena
from gameserver.cli import ready
from gameserver.cli.output import out
from gameserver.cli.ready import UNKNOWN, reachable
from gameserver.service.config.settings import Settings
from gameserver.testing.skirmish import Bout


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> dict[int, str]:
    """Stand for what the system knows of itself, by version of IP."""
    known = {4: "192.0.2.2", 6: "fd00::2"}
    monkeypatch.setattr(ready, "own_address", lambda version: known.get(version, ""))
    return known


@pytest.mark.usefixtures("addresses")
@pytest.mark.parametrize(
    ("hosts", "here", "others", "alone"),
    [
        (["127.0.0.1"], ["127.0.0.1"], [], True),
        (["localhost", "::1"], ["localhost", "[::1]"], [], True),
        (["0.0.0.0"], ["127.0.0.1"], ["192.0.2.2"], False),
        (["::"], ["127.0.0.1"], ["192.0.2.2", "[fd00::2]"], False),
        (["0:0:0:0:0:0:0:0"], ["127.0.0.1"], ["192.0.2.2", "[fd00::2]"], False),
        (["0.0.0.0", "::"], ["127.0.0.1"], ["192.0.2.2", "[fd00::2]"], False),
        (["192.0.2.2"], ["192.0.2.2"], [], False),
        (["127.0.0.1", "192.0.2.2"], ["127.0.0.1", "192.0.2.2"], [], False),
        (["fe80::1%eth0"], ["[fe80::1%eth0]"], [], False),
    ],
)
def test_every_shown_address_can_be_connected_to(
    hosts: list[str], here: list[str], others: list[str], alone: bool
) -> None:
    reached = reachable(hosts, f"wss://{hosts[0]}:7777")
    assert reached.here == tuple(f"wss://{each}:7777" for each in here)
    assert reached.others == tuple(f"wss://{each}:7777" for each in others)
    assert reached.alone is alone


def test_an_unknown_own_address_is_shown_as_a_placeholder(addresses: dict[int, str]) -> None:
    addresses.clear()
    assert reachable(["0.0.0.0"], "ws://0.0.0.0:7777").others == (f"ws://{UNKNOWN}:7777",)


@pytest.mark.usefixtures("addresses")
@pytest.mark.parametrize("terminal", [False, True])
def test_a_server_on_all_addresses_shows_one_for_this_machine_and_one_for_others(
    monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    monkeypatch.setattr(out, "_force_terminal", terminal)
    monkeypatch.setattr(out, "width", 120)
    said = ready.ready("ws://[::]:7777", Settings(host=["::"]), Arena(), 3)
    assert "ws://127.0.0.1:7777" in said
    assert "--url ws://127.0.0.1:7777" in said
    assert "ws://192.0.2.2:7777" in said
    assert "ws://[fd00::2]:7777" in said
    assert "[::]" not in said


@pytest.mark.usefixtures("addresses")
def test_plain_lines_name_every_address_and_a_command_to_play(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(out, "_force_terminal", False)
    monkeypatch.setattr(ready, "client_command", lambda: "run-client")
    settings = Settings(host=["0.0.0.0", "192.0.2.9"])
    assert ready.ready("ws://0.0.0.0:7777", settings, Arena(), 3).splitlines() == [
        "ready: ws://127.0.0.1:7777",
        "also: ws://192.0.2.9:7777",
        "for others: ws://192.0.2.2:7777",
        "to play: run-client --url ws://127.0.0.1:7777",
        *([f"note: {ready.WITHOUT_NATIVE}"] if accel.hot.name == "pure" else []),
    ]


@pytest.mark.usefixtures("addresses")
@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize(
    ("port", "address", "page"),
    [
        (0, "ws://0.0.0.0:7777", "http://127.0.0.1:7777/console"),
        (7900, "wss://0.0.0.0:7777", "https://127.0.0.1:7900/console"),
        (7900, "ws://[::]:7777", "http://127.0.0.1:7900/console"),
    ],
)
def test_the_console_is_named_where_it_is(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, port: int, address: str, page: str
) -> None:
    monkeypatch.setattr(out, "_force_terminal", terminal)
    monkeypatch.setattr(out, "width", 120)
    hosts = [address.partition("://")[2].rpartition(":")[0].strip("[]")]
    settings = Settings(host=hosts, console_port=port)
    assert page in ready.ready(address, settings, Arena(), 3, console=True)
    assert "console" not in ready.ready(address, settings, Arena(), 3)


@pytest.mark.usefixtures("addresses")
@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("name", ["pure", "native"])
def test_a_server_without_its_native_part_says_so(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, name: str
) -> None:
    monkeypatch.setattr(out, "_force_terminal", terminal)
    monkeypatch.setattr(out, "width", 120)
    monkeypatch.setattr(accel, "hot", SimpleNamespace(name=name))
    said = ready.ready("ws://127.0.0.1:7777", Settings(), Arena(), 3)
    assert (ready.WITHOUT_NATIVE in said) == (name == "pure")


@pytest.mark.usefixtures("addresses")
@pytest.mark.parametrize(
    ("spec", "levels", "line"),
    [
        ("a.b:Bout", ("easy",), "run-it bots --url ws://127.0.0.1:7 --game a.b:Bout"),
        ("bout", ("easy",), "run-it bots --url ws://127.0.0.1:7"),
        ("bout", (), "with a client of your own"),
    ],
)
def test_another_game_is_played_by_bots_or_a_client_of_its_own(
    monkeypatch: pytest.MonkeyPatch, spec: str, levels: tuple[str, ...], line: str
) -> None:
    monkeypatch.setattr(out, "_force_terminal", False)
    monkeypatch.setattr(ready, "server_command", lambda: "run-it")
    monkeypatch.setattr(Bout, "bot_levels", levels)
    said = ready.ready("ws://127.0.0.1:7", Settings(game=spec), Bout(), 1)
    assert said.splitlines() == ["ready: ws://127.0.0.1:7", f"to play: {line}"]


@pytest.mark.usefixtures("addresses")
@pytest.mark.parametrize(
    ("hosts", "alone"),
    [(["127.0.0.1"], True), (["192.0.2.9"], False), (["192.0.2.9", "192.0.2.10"], False)],
)
def test_the_box_has_a_row_for_each_thing_to_know(
    monkeypatch: pytest.MonkeyPatch, hosts: list[str], alone: bool
) -> None:
    host, *more = hosts
    monkeypatch.setattr(out, "_force_terminal", True)
    monkeypatch.setattr(out, "width", 120)
    monkeypatch.setattr(out, "no_color", True)
    monkeypatch.setattr(ready, "server_command", lambda: "run-it")
    settings = Settings(host=hosts, name="Our [red] server", game="a.b:Bout")
    said = re.sub(r"\x1b\[[0-9;]*m", "", ready.ready(f"ws://{host}:7", settings, Bout(), 5))
    assert said.splitlines()[1].startswith(f"│ address  ws://{host}:7 "), "two apart"
    rows = [" ".join(line.strip(" │").split()) for line in said.splitlines()]
    assert "Our [red] server is ready" in rows[0]
    assert rows[1:-1] == [
        f"address ws://{host}:7",
        *(f"also ws://{other}:7" for other in more),
        "game Bout, 5 maps, 20 ticks a second",
        f"play run-it bots --url ws://{host}:7 --game a.b:Bout",
        *(["friends start with --host 0.0.0.0 to let others in"] if alone else []),
        "stop Ctrl-C",
    ]


@pytest.mark.usefixtures("addresses")
@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("ws://127.0.0.1:7777", "http://127.0.0.1:7777/"),
        ("wss://[::1]:7", "https://[::1]:7/"),
    ],
)
def test_where_the_pages_were_built_the_address_for_a_browser_is_told(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, address: str, page: str
) -> None:
    monkeypatch.setattr(out, "_force_terminal", terminal)
    monkeypatch.setattr(out, "width", 120)
    settings = Settings(host=["::1" if "::1" in address else "127.0.0.1"])
    said = ready.ready(address, settings, Arena(), 3, pages=True)
    assert f" {page}" in said
    assert "http" not in ready.ready(address, settings, Arena(), 3)
