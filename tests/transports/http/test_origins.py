"""Hosts and origins: only names that were set or are listened on are the server's own."""

import pytest

from gameserver.transports.answers import HttpAnswer
from gameserver.transports.http.opening import Opening, OpeningReader
from gameserver.transports.settings import ListenSettings
from tests.transports.peers import request_head

LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "LOCALHOST", "localhost.", "127.0.0.2")
FOREIGN = (
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil.localhost.example",
    "192.0.2.9",
    "[2001:db8::9]",
    "0.0.0.0",
    "gäme.example",
)


def opens(host: str, origin: str | None, local: str = "", **settings: object) -> bool:
    reader = OpeningReader(ListenSettings(**settings), local or "127.0.0.1", local)
    verdict = reader.feed(request_head(Host=host, Origin=origin))
    assert isinstance(verdict, Opening | HttpAnswer)
    return isinstance(verdict, Opening)


def own(host: str, local: str = "", **settings: object) -> bool:
    """Tell whether a page that was loaded from this host may connect to it."""
    found = {opens(host, f"{scheme}://{host}", local, **settings) for scheme in ("http", "https")}
    (may,) = found
    return may


@pytest.mark.parametrize("local", ["", "127.0.0.1", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("port", ["", ":7777"])
def test_loopback_has_loopback_names_and_no_others(local: str, port: str) -> None:
    assert all(own(host + port, local) for host in LOOPBACK)
    assert not any(own(host + port, local) for host in FOREIGN)


@pytest.mark.parametrize("hosts", [("0.0.0.0",), ("::",), ("192.0.2.5",)])
def test_a_public_address_has_its_own_name_and_no_loopback_names(hosts: tuple[str, ...]) -> None:
    assert own("192.0.2.5:7777", "192.0.2.5", hosts=hosts)
    assert own("192.0.2.5", "::ffff:192.0.2.5", hosts=hosts)
    assert not any(own(host, "192.0.2.5", hosts=hosts) for host in LOOPBACK)
    assert not any(own(host, "192.0.2.5", hosts=hosts) for host in FOREIGN)


def test_an_own_address_is_recognised_in_any_form() -> None:
    assert own("[2001:DB8:0::5]:7777", "2001:db8::5", hosts=("::",))
    assert own("2001:db8::5", "2001:db8::5", hosts=("::",))
    assert not own("[2001:db8::6]:7777", "2001:db8::5", hosts=("::",))
    for host in ("localhost:x", "localhost:", ":7777", "127.0.0.1:77:77"):
        assert not own(host, "127.0.0.1")


def test_configured_names_are_own_names_at_every_address() -> None:
    names = {"names": ("Play.Example", "b.example:8443"), "hosts": ("0.0.0.0",)}
    for host in ("play.example", "PLAY.example:7777", "b.example", "b.example:8443"):
        assert own(host, "192.0.2.5", **names)
        assert own(host, "127.0.0.1", **names)
    assert not own("evil.play.example", "192.0.2.5", **names)
    assert not own("play.example.evil.example", "192.0.2.5", **names)


def test_a_name_that_is_listened_on_is_an_own_name() -> None:
    assert own("game.lan:7777", "192.0.2.5", hosts=("game.lan",))


def test_a_page_of_another_port_or_name_is_foreign_even_at_an_own_name() -> None:
    for origin in ("http://localhost:3000", "http://evil.example", "null", "http://127.0.0.1"):
        assert not opens("localhost:7777", origin, "127.0.0.1")


@pytest.mark.parametrize("host", [*LOOPBACK, "evil.example", "192.0.2.9"])
def test_programs_and_allowed_origins_may_connect_by_any_host_name(host: str) -> None:
    assert opens(host, None, "127.0.0.1")
    allowed = {"allowed_origins": ("https://play.example",)}
    assert opens(host, "https://play.example", "127.0.0.1", **allowed)


def test_the_refusal_names_the_settings_that_would_allow_the_page() -> None:
    reader = OpeningReader(ListenSettings(), "127.0.0.1", "127.0.0.1")
    answer = reader.feed(request_head(Host="evil.example", Origin="http://evil.example"))
    assert isinstance(answer, HttpAnswer)
    assert answer.status == 403
    assert "allow-origin" in answer.sentence
    assert "domain" in answer.sentence


@pytest.mark.parametrize(
    ("header", "direct"),
    [
        ({}, True),
        ({"Origin": "http://127.0.0.1"}, False),
        ({"X-Forwarded-For": "192.0.2.9"}, False),
        ({"Forwarded": "for=192.0.2.9"}, False),
        ({"Via": "1.1 proxy"}, False),
        ({"X-Real-IP": "192.0.2.9"}, False),
    ],
)
def test_a_request_of_a_page_or_through_a_proxy_is_recognised(
    header: dict[str, str], direct: bool
) -> None:
    verdict = OpeningReader(ListenSettings()).feed(request_head(extra=header))
    assert isinstance(verdict, Opening)
    assert verdict.direct is direct
