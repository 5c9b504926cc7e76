"""Bounds of an address, its parts, and the forms in which it is sent and shown."""

import pytest

from gameserver.client import Address
from gameserver.client.link.address import LONGEST
from gameserver.errors import ConfigError

LONGEST_NAME = ".".join(["a" * 63] * 3 + ["a" * 61])


def refusal(typed: str) -> str:
    with pytest.raises(ConfigError) as refused:
        Address.parse(typed)
    return str(refused.value)


@pytest.mark.parametrize(
    ("typed", "header"),
    [
        ("ws://a.example:80", "a.example"),
        ("ws://a.example:443", "a.example:443"),
        ("wss://a.example:443", "a.example"),
        ("wss://a.example:80", "a.example:80"),
        ("wss://a.example", "a.example"),
        ("a.example", "a.example:7777"),
        ("10.0.0.1:81", "10.0.0.1:81"),
        ("[::1]:80", "[::1]"),
        ("ws://[::1]:80", "[::1]"),
        ("[fe80::1%eth0]:5", "[fe80::1]:5"),
    ],
)
def test_the_host_header_leaves_out_the_zone_and_a_default_port(typed: str, header: str) -> None:
    assert Address.parse(typed).host_header == header


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("a.example", ("a.example", 7777, "/", False)),
        ("a.example/", ("a.example", 7777, "/", False)),
        ("a.example:443/x/y?b=1#c?d", ("a.example", 443, "/x/y?b=1", True)),
        ("a.example:444", ("a.example", 444, "/", False)),
        ("ws://a.example:443", ("a.example", 443, "/", False)),
        ("wss://a.example:7777", ("a.example", 7777, "/", True)),
        ("http://a.example#top/x?y", ("a.example", 80, "/", False)),
        ("https://a.example?x#y?z", ("a.example", 443, "/?x", True)),
        ("[fe80::1%en0.1_~-]", ("fe80::1%en0.1_~-", 7777, "/", False)),
        ("BÜCHER.example", ("xn--bcher-kva.example", 7777, "/", False)),
        ("a.example:00080", ("a.example", 80, "/", False)),
        ("0.0.0.0", ("127.0.0.1", 7777, "/", False)),
        ("[0::0]:5", ("::1", 5, "/", False)),
        ("a.example/äb", ("a.example", 7777, "/%C3%A4b", False)),
    ],
)
def test_an_address_is_taken_apart(typed: str, parts: tuple[str, int, str, bool]) -> None:
    address = Address.parse(typed)
    assert (address.host, address.port, address.resource, address.tls) == parts
    again = Address.parse(address.url)
    assert again == address


def test_a_made_address_is_a_clear_one_without_a_path() -> None:
    address = Address("a.example", 5)
    assert (address.resource, address.tls, address.url) == ("/", False, "ws://a.example:5")


def test_texts_and_names_up_to_their_bounds_are_addresses() -> None:
    assert len(LONGEST_NAME) == 253
    for name in (LONGEST_NAME, "a", "a" * 63, "a_", "_a-b.c"):
        assert Address.parse(name).host == name
    whole = "a.example/" + "x" * (LONGEST - 10)
    assert len(Address.parse(whole).resource) == LONGEST - 9
    assert refusal(whole + "x").startswith(f"an address has at most {LONGEST} characters; write")
    assert "no host has such a name" in refusal(LONGEST_NAME + "a")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("[fe80::1%]", "behind % stands a network's name"),
        ("[fe80::1%a/b]", "write an IPv6 one as [::1]:7777"),
        ("[fe80::1%a$]", "behind % stands a network's name"),
        ("[fe80::1%" + "a" * 33 + "]", "behind % stands a network's name"),
        ("gopher://a.example", "'gopher://a.example': a game server is not reached by gopher://"),
        ("a\ud83d", "holds half a character; write HOST:PORT"),
        ("a:x", "'x' is no port number"),
        ("[::1]x", "write an IPv6 one as [::1]:7777"),
        ("1.2.3.4.5", "an IP address is four numbers up to 255, such as 192.168.1.5"),
        ("a b", "a space or break is in it"),
    ],
)
def test_each_part_that_is_wrong_is_named(typed: str, said: str) -> None:
    assert said in refusal(typed)


@pytest.mark.parametrize("port", ["65535", "1", "0000065535"])
def test_ports_up_to_their_bound_are_accepted(port: str) -> None:
    assert Address.parse(f"a:{port}").port == int(port)


@pytest.mark.parametrize("port", ["65536", "0", "00000", "99999", "100000", "1" + "0" * 60])
def test_ports_beyond_their_bound_are_refused(port: str) -> None:
    assert "a port is a number from 1 to 65535" in refusal(f"a:{port}")
