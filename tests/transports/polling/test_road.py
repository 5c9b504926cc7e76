"""Long polling over real sockets: each request is applied once, and nothing is lost at a cut."""

import msgpack
import pytest
import trio
from trio.testing import MockClock

from gameserver.errors import ConnectionLostError
from gameserver.transports import ConnectionLimits, Link, ListenSettings
from gameserver.transports.http.headers import HeaderFields
from gameserver.transports.http.requests import HttpRequest
from gameserver.transports.polling.polled import RESPONSE_BYTES
from gameserver.transports.polling.repeats import (
    HEAD_BYTES,
    REPEATED_BURST_BYTES,
    REPEATED_PER_BYTE,
    REPEATED_PER_S,
)
from gameserver.transports.polling.road import LongPolling
from tests.transports.harness import Bytes, echo, serving
from tests.transports.polling.poller import LINK, Caller, body, post

OTHER = bytes(16)


async def test_messages_come_back_until_they_are_confirmed() -> None:
    async with serving() as port:
        caller = await Caller.dial(port)
        async with caller.stream:
            await caller.exchange(body(1, b"a", b"b", wait_ms=500))
            assert await caller.exchange(body(2, wait_ms=0)) == [2, 1, [b"a", b"b"], None]
            assert await caller.exchange(body(3, confirmed=1)) == [3, 2, [b"b"], None]
            assert await caller.exchange(body(4, confirmed=2)) == [4, 3, [], None]


async def test_a_repeated_request_is_applied_once_and_answered_at_once() -> None:
    heard: list[bytes] = []

    async def listen(link: Link) -> None:
        while True:
            heard.append(await link.receive())

    async with serving(listen) as port:
        caller = await Caller.dial(port)
        async with caller.stream:
            for _ in range(3):
                assert await caller.exchange(body(1, b"once")) == [1, 1, [], None]
            began = trio.current_time()
            await caller.exchange(body(1, b"once", wait_ms=5_000))
            assert trio.current_time() < began + 1, "what the cut response held may wait for it"
            await caller.exchange(body(2, b"twice"))
    assert heard == [b"once", b"twice"]


@pytest.mark.parametrize("cuts_response", [False, True])
async def test_a_request_cut_at_any_byte_and_sent_again_loses_and_doubles_nothing(
    cuts_response: bool,
) -> None:
    heard: list[bytes] = []

    async def say_again(link: Link) -> None:
        while True:
            heard.append(await link.receive())
            link.post(heard[-1])

    expected: list[bytes] = []
    returned: list[bytes] = []
    async with serving(say_again) as port:
        size = len(post(body(1, b"first", b"second")))
        for number, cut in enumerate(range(1, size, 7), start=1):
            messages = [b"first %d" % number, b"second %d" % number]
            request = post(body(number, *messages, confirmed=len(returned), wait_ms=1000))
            expected += messages
            broken = await Caller.dial(port)
            await broken.stream.send_all(request if cuts_response else request[:cut])
            if cuts_response:
                await broken.stream.receive_some(1 + cut % 40)
            await broken.aclose()
            caller = await Caller.dial(port)
            async with caller.stream:
                row = await caller.exchange(
                    body(number, *messages, confirmed=len(returned), wait_ms=1000)
                )
                assert row[0] == number
                assert row[1] == len(returned) + 1
                returned += row[2]
        caller = await Caller.dial(port)
        async with caller.stream:
            while len(returned) < len(expected):
                number += 1
                returned += (
                    await caller.exchange(body(number, confirmed=len(returned), wait_ms=99))
                )[2]
    assert heard == expected
    assert returned == expected


async def test_a_newer_request_lets_the_older_one_return() -> None:
    async with serving(_wait) as port:
        one, two = await Caller.dial(port), await Caller.dial(port)
        async with one.stream, two.stream, trio.open_nursery() as nursery:
            await one.exchange(body(1))
            await one.stream.send_all(post(body(2, wait_ms=20_000)))
            await trio.sleep(0.05)
            nursery.start_soon(two.exchange, body(3, wait_ms=300))
            with trio.fail_after(0.25):
                assert (await one.response())[0] == 200


async def test_a_request_that_has_overtaken_another_waits_for_it() -> None:
    async with serving() as port:
        one, two = await Caller.dial(port), await Caller.dial(port)
        async with one.stream, two.stream, trio.open_nursery() as nursery:
            await one.exchange(body(1))
            found: list[bytes] = []

            async def later() -> None:
                found.extend((await two.exchange(body(3, b"b", wait_ms=500)))[2])

            nursery.start_soon(later)
            await trio.sleep(0.05)
            await one.exchange(body(2, b"a"))
        async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
            assert (await Caller(stream).exchange(body(4, wait_ms=200)))[2] == [b"a", b"b"]


async def _wait(link: Link) -> None:
    await link.receive()


@pytest.mark.parametrize(
    ("request_bytes", "status", "words"),
    [
        (post(body(2)), 410, "begin a new one"),
        (post(b""), 400, "one msgpack array"),
        (post(b"\x91\x01"), 400, "must be \\[link"),
        (post(body(0)), 400, "number"),
        (post(body(1, link=b"short")), 400, "16 random bytes"),
        (post(body(1, confirmed=-1)), 400, "confirmed"),
        (post(body(1, confirmed=1)), 400, "no message yet"),
        (post(body(1, wait_ms=-2)), 400, "wait_ms"),
        (post(msgpack.packb([LINK, 1, 0, 0, b"ab"])), 400, "messages"),
        (post(msgpack.packb([LINK, 1, 0, 0, [b"a", 7]])), 400, "messages"),
        (post(body(1, confirmed=1), b"Accept: text/event-stream"), 400, "no message yet"),
        (post(body(1, bytes(5000))), 400, "at most 4096 bytes"),
        (post(body(1, *[b"x"] * 65)), 400, "at most 64"),
        (post(bytes(70_000)), 413, "65536 bytes"),
        (post(b"", method=b"GET"), 405, "POST"),
        (post(b"", b"Transfer-Encoding: chunked").replace(b"Content-Length: 0\r\n", b""), 400, ""),
    ],
)
async def test_a_wrong_request_gets_a_status_and_a_sentence(
    request_bytes: bytes, status: int, words: str
) -> None:
    async with serving(_wait) as port:
        caller = await Caller.dial(port)
        async with caller.stream:
            if b"chunked" in request_bytes:
                request_bytes += b"zz\r\n"
            found, _, content = await caller.call(request_bytes)
            assert found == status
            if words:
                with pytest.raises(AssertionError, match=words):
                    raise AssertionError(content.decode())
        following = await Caller.dial(port)
        async with following.stream:
            await following.exchange(body(1, link=OTHER))


async def test_a_peer_that_falls_silent_has_left() -> None:
    ended = trio.Event()

    async def listen(link: Link) -> None:
        assert link.transport == "long-polling"
        assert await link.receive() == b"hello"
        with pytest.raises(ConnectionLostError):
            await link.receive()
        ended.set()

    async with serving(listen, ListenSettings(link_silence_s=0.1, close_s=0.1)) as port:
        caller = await Caller.dial(port)
        async with caller.stream:
            await caller.exchange(body(1, b"hello", wait_ms=1_500))
            assert not ended.is_set(), "a request that waits is no silence"
            await ended.wait()
            await trio.sleep(0.5)
            assert (await caller.call(post(body(2))))[0] == 410


async def test_links_count_as_connections_of_their_address() -> None:
    async with serving(_wait, ListenSettings(max_connections=3, close_s=0.2)) as port:
        caller = await Caller.dial(port)
        async with caller.stream:
            for number in range(2):
                row = await caller.exchange(body(1, link=bytes([number]) * 16))
                assert row[3] is None
            row = await caller.exchange(body(1, link=OTHER[:-1] + b"x", wait_ms=500))
            assert row[3] == "this server is full; try again later"
            assert row[0] == 0, "nothing was applied"


async def test_a_link_that_was_cut_off_tells_its_end_whatever_was_confirmed() -> None:
    async def cut_off(link: Link) -> None:
        await link.receive()
        link.post_all([b"a", b"b"])
        await link.receive()
        link.abort()
        await trio.sleep_forever()

    async with serving(cut_off) as port:
        caller = await Caller.dial(port)
        async with caller.stream:
            assert (await caller.exchange(body(1, b"hello", wait_ms=500)))[1:3] == [1, [b"a", b"b"]]
            await caller.exchange(body(2, b"go"))
            row = await caller.exchange(body(3, confirmed=2, wait_ms=500))
            assert row[1:] == [3, [], ""]


async def test_a_refused_link_is_not_kept() -> None:
    polling = LongPolling(ListenSettings(max_per_address=2), _wait, Bytes(), ConnectionLimits(9, 2))
    async with trio.open_nursery() as nursery:
        await nursery.start(polling.run)
        for number in range(100):
            content = body(1, link=number.to_bytes(16, "big"))
            answer = await polling.answer(
                HttpRequest("POST", "/poll", "", HeaderFields(()), content, "192.0.2.1")
            )
            row = msgpack.unpackb(answer.body)
            assert (row[3] is None) == (number < 2)
        assert len(polling) == 2
        honest = HttpRequest("POST", "/poll", "", HeaderFields(()), body(1), "192.0.2.2")
        assert msgpack.unpackb((await polling.answer(honest)).body)[3] is None
        nursery.cancel_scope.cancel()


async def test_a_client_that_confirms_nothing_is_repeated_no_more_than_it_pays_for(
    autojump_clock: MockClock,
) -> None:
    async def tell(link: Link) -> None:
        link.post_all([bytes(10_000)] * 12)
        await trio.sleep_forever()

    polling = LongPolling(ListenSettings(), tell, Bytes(), ConnectionLimits(9, 9))
    got = asked = 0

    async def ask_again() -> None:
        nonlocal got, asked
        while True:
            content = body(1, b"hello", wait_ms=1000)
            request = HttpRequest("POST", "/poll", "", HeaderFields(()), content, "")
            answer = await polling.answer(request)
            got += len(answer.body)
            asked += len(content) + HEAD_BYTES
            paid = trio.current_time() * REPEATED_PER_S + REPEATED_PER_BYTE * asked
            assert got < paid + REPEATED_BURST_BYTES + 22 * 12 * 10_100

    async with trio.open_nursery() as nursery:
        await nursery.start(polling.run)
        for _ in range(20):
            nursery.start_soon(ask_again)
        await trio.sleep(600)
        nursery.cancel_scope.cancel()
    assert autojump_clock.current_time() < 700
    assert got > 600 * REPEATED_PER_S / 2, "it is repeated, though later"


async def test_a_long_backlog_comes_in_several_responses() -> None:
    count = 40

    async def flood(link: Link) -> None:
        link.post_all([bytes([number]) * 10_000 for number in range(count)])
        await trio.sleep_forever()

    async with serving(flood) as port:
        caller = await Caller.dial(port)
        found: list[bytes] = []
        async with caller.stream:
            number = 0
            while len(found) < count:
                number += 1
                row = await caller.exchange(
                    body(number, b"more", confirmed=len(found), wait_ms=1000)
                )
                assert sum(map(len, row[2])) <= RESPONSE_BYTES
                found += row[2]
        assert [each[0] for each in found] == list(range(count))


async def test_the_end_is_told_again_to_a_client_whose_response_was_cut() -> None:
    async def part(link: Link) -> None:
        link.post(b"last words")
        link.close_soon("enough")

    async with serving(part) as port:
        caller = await Caller.dial(port)
        async with caller.stream:
            await caller.exchange(body(1, b"hello", wait_ms=1000))
            for _ in range(2):
                row = await caller.exchange(body(1, wait_ms=1000))
                assert row[2:] == [[b"last words"], "enough"]


async def test_an_echo_over_one_connection_is_as_long_lived_as_it_must_be() -> None:
    async with serving(echo) as port:
        caller = await Caller.dial(port)
        async with caller.stream:
            for number in range(1, 200):
                row = await caller.exchange(body(number, b"x", confirmed=number - 1, wait_ms=1000))
                assert row == [number, number, [b"x"], None]
