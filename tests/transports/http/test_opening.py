import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.transports.answers import HttpAnswer
from gameserver.transports.http.opening import Opening, OpeningReader, RoadHead
from gameserver.transports.http.requests import Road, SocketProfile
from gameserver.transports.settings import ListenSettings
from tests.transports.peers import KEY, request_head

SETTINGS = ListenSettings(
    allowed_origins=("https://play.example", "http://dev.example:3000"),
    names=("game.example", "g.example"),
)


def verdict(head: bytes) -> Opening | HttpAnswer | RoadHead | None:
    return OpeningReader(SETTINGS).feed(head)


def status(head: bytes) -> int:
    answer = verdict(head)
    assert isinstance(answer, HttpAnswer), answer
    return answer.status


def test_a_valid_request_is_accepted() -> None:
    assert verdict(request_head()) == Opening(KEY, "gameserver.v1")


def test_a_valid_request_is_accepted_byte_by_byte_too() -> None:
    reader = OpeningReader(SETTINGS)
    head = request_head()
    for i in range(len(head) - 1):
        assert reader.feed(head[i : i + 1]) is None
    assert reader.feed(head[-1:]) == Opening(KEY, "gameserver.v1")


@pytest.mark.parametrize("profile", [None, False, True])
def test_compression_on_a_road_is_for_its_profile_to_allow(profile: bool | None) -> None:
    async def serve(*_: object) -> None:
        raise AssertionError("nothing is served here")

    limits = (
        None
        if profile is None
        else SocketProfile(
            message_bytes=1, fragments=1, receive_bytes=1, control_burst=1, deflate=profile
        )
    )
    roads = {"/there": Road(serve, accept=serve, profile=limits)}
    head = request_head(target="/there", extra={"Sec-WebSocket-Extensions": "permessage-deflate"})
    opened = OpeningReader(SETTINGS, roads=roads).feed(head)
    assert isinstance(opened, Opening)
    assert opened.road is roads["/there"]
    assert bool(opened.deflate_bits) is bool(profile)


def test_the_rebuilt_request_holds_no_header_of_the_peer_except_the_key() -> None:
    opened = verdict(request_head(extra={"X-Odd": "\x80", "Cookie": "c=1"}))
    assert isinstance(opened, Opening)
    assert b"Cookie" not in opened.encode()
    assert opened.encode().count(KEY) == 1


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (request_head(Host="gäme.example"), 400),
        (request_head(Host="a b"), 400),
        (request_head(Host="x" * 300), 400),
        (request_head(Host=""), 400),
        (request_head(Host=None), 400),
        (request_head()[:-2] + b"Host: other\r\n\r\n", 400),
        (request_head(Connection="keep-alive"), 400),
        (request_head(method="POST"), 400),
        (request_head(**{"Sec-WebSocket-Version": "8"}), 426),
        (request_head(**{"Sec-WebSocket-Version": None}), 426),
        (request_head(**{"Sec-WebSocket-Key": None}), 400),
        (request_head(**{"Sec-WebSocket-Key": "short"}), 400),
        (request_head(**{"Sec-WebSocket-Key": base64.b64encode(bytes(17)).decode()}), 400),
        (request_head(**{"Sec-WebSocket-Protocol": None}), 400),
        (request_head(**{"Sec-WebSocket-Protocol": "chat, gameserver.v2"}), 400),
        (request_head(Upgrade=None), 426),
        (request_head(Upgrade="h2c"), 426),
        (b"PROXY TCP4 192.0.2.1 192.0.2.2 5 6\r\n" + request_head(), 400),
        (request_head() + b"\x82", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40), 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (request_head(extra={"X": "y" * 20_000}), 431),
    ],
)
def test_invalid_requests_are_refused_with_a_status(head: bytes, expected: int) -> None:
    assert status(head) == expected


def test_a_stream_that_ends_before_its_request_is_answered_with_400() -> None:
    assert status(b"") == 400


@pytest.mark.parametrize("size", [1, 100])
def test_a_head_above_the_limit_is_refused_with_431_in_pieces_of_any_size(size: int) -> None:
    reader, answer = OpeningReader(SETTINGS), None
    head = request_head(extra={"X": "y" * 20_000})
    for at in range(0, len(head), size):
        if (answer := reader.feed(head[at : at + size])) is not None:
            break
    assert isinstance(answer, HttpAnswer)
    assert answer.status == 431


@pytest.mark.parametrize("version", ["0.9", "1.2", "2.0"])
def test_another_version_of_http_is_refused_with_a_sentence(version: str) -> None:
    answer = verdict(f"GET / HTTP/{version}\r\nHost: a\r\n\r\n".encode())
    assert isinstance(answer, HttpAnswer)
    assert (answer.status, "HTTP" in answer.sentence) == (400, True)


def test_the_subprotocol_is_found_among_others() -> None:
    head = request_head(**{"Sec-WebSocket-Protocol": "chat, gameserver.v1"})
    assert isinstance(verdict(head), Opening)


@pytest.mark.parametrize(
    "head",
    [
        request_head(Host=None),
        request_head(Connection="keep-alive"),
        request_head(**{"Sec-WebSocket-Version": "8"}),
        request_head(**{"Sec-WebSocket-Key": "short"}),
        request_head(**{"Sec-WebSocket-Protocol": "chat"}),
        request_head() + b"\x82",
    ],
)
def test_the_refusal_names_the_page_about_the_right_request(head: bytes) -> None:
    answer = verdict(head)
    assert isinstance(answer, HttpAnswer)
    assert answer.sentence.endswith("; see docs/protocol.md, section 1")


def test_a_refused_subprotocol_is_answered_with_the_right_one() -> None:
    answer = verdict(request_head(**{"Sec-WebSocket-Protocol": "chat"}))
    assert isinstance(answer, HttpAnswer)
    assert "gameserver.v1" in answer.sentence


def test_a_proxy_that_drops_upgrades_is_named() -> None:
    answer = verdict(request_head(Upgrade=None, Connection="close"))
    assert isinstance(answer, HttpAnswer)
    assert "a proxy in front of this server must pass upgrades on" in answer.sentence


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "without TLS"),
        (b"PROXY TCP4 192.0.2.1 192.0.2.2 5 6\r\n", "PROXY protocol"),
        (b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c", "PROXY protocol"),
    ],
)
def test_a_peer_with_another_protocol_is_told_which_one_was_recognised(
    first: bytes, words: str
) -> None:
    answer = verdict(first)
    assert isinstance(answer, HttpAnswer)
    assert words in answer.sentence


def test_a_browser_gets_a_page_that_explains_how_to_play() -> None:
    answer = verdict(b"GET / HTTP/1.1\r\nHost: game.example:7777\r\n\r\n")
    assert isinstance(answer, HttpAnswer)
    assert "ws://game.example:7777" in answer.sentence
    head, _, body = answer.encode().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert f"Content-Length: {len(body)}".encode() in head


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        (None, True),
        ("http://game.example:7777", True),
        ("https://game.example:7777", True),
        ("HTTP://GAME.example:7777", True),
        ("https://play.example", True),
        ("https://play.example:443", True),
        ("http://dev.example:3000", True),
        ("null", False),
        ("", False),
        ("http://play.example", False),
        ("https://play.example:444", False),
        ("https://play.example.evil.example", False),
        ("https://evilplay.example", False),
        ("http://game.example", False),
        ("http://game.example:7778", False),
        ("http://game.example:7777.evil.example", False),
        ("https://play.example/", False),
        ("https://plây.example", False),
    ],
)
def test_only_own_and_allowed_origins_may_connect(origin: str | None, may: bool) -> None:
    found = verdict(request_head(Host="game.example:7777", Origin=origin))
    assert isinstance(found, Opening) is may, found


def test_two_origin_headers_are_refused() -> None:
    head = (
        request_head(Origin="https://play.example")[:-2] + b"Origin: https://play.example\r\n\r\n"
    )
    assert status(head) == 403


def test_the_default_port_may_be_left_out() -> None:
    assert isinstance(
        verdict(request_head(Host="g.example", Origin="http://g.example:80")), Opening
    )
    assert isinstance(
        verdict(request_head(Host="g.example:443", Origin="https://g.example")), Opening
    )


def test_the_limit_of_bytes_of_a_head_is_exact() -> None:
    def head_of(size: int) -> bytes:
        return request_head(extra={"X": "y" * (size - len(request_head(extra={"X": ""})))})

    limit = SETTINGS.opening_bytes
    assert len(head_of(limit)) == limit
    assert isinstance(verdict(head_of(limit - 1)), Opening)
    assert isinstance(verdict(head_of(limit)), Opening)
    assert status(head_of(limit + 1)) == 431


@given(st.binary(min_size=1, max_size=300), st.integers(0, 200))
def test_random_bytes_at_any_place_give_a_verdict_and_no_exception(junk: bytes, at: int) -> None:
    head = request_head()
    found = verdict(head[:at] + junk + head[at:])
    assert found is None or isinstance(found, Opening | HttpAnswer)
