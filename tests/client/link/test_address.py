"""Every text typed as an address is accepted, or refused in one sentence."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gameserver.client import Address
from gameserver.errors import ConfigError


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("ws://192.168.1.5:7777", "ws://192.168.1.5:7777"),
        ("192.168.1.5:7777", "ws://192.168.1.5:7777"),
        ("192.168.1.5", "ws://192.168.1.5:7777"),
        ("192.168.1.5:1", "ws://192.168.1.5:1"),
        ("192.168.1.5:65535", "ws://192.168.1.5:65535"),
        ("192.168.1.5:007777", "ws://192.168.1.5:7777"),
        ("  play.example.org \n", "ws://play.example.org:7777"),
        ("http://play.example.org:7777/", "ws://play.example.org:7777"),
        ("HTTP://Play.Example.org", "ws://play.example.org:80"),
        ("https://play.example.org/game", "wss://play.example.org:443/game"),
        ("wss://play.example.org", "wss://play.example.org:443"),
        ("play.example.org:443", "wss://play.example.org:443"),
        ("ws:/10.0.0.1:7777", "ws://10.0.0.1:7777"),
        ("//10.0.0.1:7777", "ws://10.0.0.1:7777"),
        ("ws:\\\\10.0.0.1:7777", "ws://10.0.0.1:7777"),
        ('"10.0.0.1:7777"', "ws://10.0.0.1:7777"),
        ("<ws://10.0.0.1:7777>", "ws://10.0.0.1:7777"),
        ("[::1]:7777", "ws://[::1]:7777"),
        ("[::1]", "ws://[::1]:7777"),
        ("::1", "ws://[::1]:7777"),
        ("fe80::1%eth0", "ws://[fe80::1%eth0]:7777"),
        ("ws://0.0.0.0:7777", "ws://127.0.0.1:7777"),
        ("ws://[::]:7777", "ws://[::1]:7777"),
        ("localhost", "ws://localhost:7777"),
        ("my_pc.local.", "ws://my_pc.local.:7777"),
        ("bücher.example:7777", "ws://xn--bcher-kva.example:7777"),
        ("\u0645\u062b\u0627\u0644.example", "ws://xn--mgbh0fb.example:7777"),
        ("１９２．１６８．１．５：７７７７", "ws://192.168.1.5:7777"),  # noqa: RUF001  a wide keyboard's
        ("10.0.0.1:007777", "ws://10.0.0.1:7777"),
        ("10.0.0.1:7777/é", "ws://10.0.0.1:7777/%C3%A9"),
        ("10.0.0.1:7777?room=1#top", "ws://10.0.0.1:7777/?room=1"),
        ("\ufeffws://10.0.0.1:7777\u200b", "ws://10.0.0.1:7777"),
    ],
)
def test_addresses_as_players_type_them_are_accepted(typed: str, url: str) -> None:
    assert Address.parse(typed).url == url


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "address is missing"),
        ("   ", "address is missing"),
        ("ws://", "host is missing"),
        ("ws://:7777", "host is missing"),
        ("ws://192.168.1..5:7777", "no host has such a name"),
        ("ws://.example.org", "no host has such a name"),
        ("ws://-a.example.org", "no host has such a name"),
        ("a" * 64 + ".example.org", "no host has such a name"),
        ("192.168.1.300", "four numbers up to 255"),
        ("192.168.1", "four numbers up to 255"),
        ("1234", "four numbers up to 255"),
        ("192.168.1.5 : 7777", "a space or break"),
        ("play.example.org\n7777", "a space or break"),
        ("host:port", "no port number"),
        ("host:-1", "no port number"),
        ("host:0", "1 to 65535"),
        ("host:65536", "1 to 65535"),
        ("host:" + "9" * 1500, "1 to 65535"),
        ("[::1", "IPv6"),
        ("[::1]7777", "IPv6"),
        ("[zz::1]:7777", "IPv6"),
        ("1:2:3", "IPv6"),
        ("ann@host", "before the @"),
        ("ftp://host", "not reached by ftp"),
        ("mailto:/ann", "not reached by mailto"),
        ("host\ud83d", "half a character"),
        ("x" * 3000, "at most"),
        ("host\x00name", "no address"),
        ("☃" * 100, "no host has such a name"),
    ],
)
def test_an_invalid_address_is_refused_in_one_sentence(typed: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as refused:
        Address.parse(typed)
    sentence = str(refused.value)
    assert sentence.isprintable()
    assert len(sentence) < 300


PIECES = st.sampled_from([
    "ws", "http", "://", ":", "/", "//", "[", "]", "::1", "192.168.1", ".", "..", "7777", "@", "%",
    "#", "?", " ", "\\", "é", "。", "\u200d", "\ud83d", "xn--", "localhost", "99999", "\x1b[31m",
])  # fmt: skip


@given(st.one_of(st.text(st.characters()), st.lists(PIECES).map("".join)))
@example("xn--a")
@example("[::ffff:1.2.3.4%]")
@example("a\u0300.b")
def test_any_text_gives_an_address_that_parses_to_itself_or_one_kind_of_error(text: str) -> None:
    try:
        address = Address.parse(text)
    except ConfigError as refused:
        sentence = str(refused)
    else:
        sentence = ""
        _check(address)
    assert sentence.isprintable()


def _check(address: Address) -> None:
    assert 1 <= address.port <= 65535
    assert address.host.isascii()
    assert address.resource.isascii()
    assert address.resource.startswith("/")
    assert Address.parse(address.url) == address
