"""The line at the start names addresses that clients here and on other machines can use."""

import pytest

from gameserver.arena import Arena
from gameserver.cli import ready
from gameserver.cli.output import out
from gameserver.cli.ready import UNKNOWN, reachable
from gameserver.service.config.settings import Settings


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
