"""A polled link as an event stream over real sockets: no cut loses or doubles a message."""

from base64 import b64decode
from contextlib import suppress
from typing import Any

import msgpack
import pytest
import trio
import trio.testing

from gameserver.errors import ConnectionLostError
from gameserver.transports import Link, ListenSettings
from gameserver.transports.polling import following, repeats
from tests.transports.harness import echo, serving
from tests.transports.polling.poller import Caller, body, post

ACCEPT = b"Accept: text/event-stream"


class Stream:
    """A connection whose request asks for a stream."""

    def __init__(self, caller: Caller) -> None:
        self._stream = caller.stream
        self._read = b""

    @classmethod
    async def open(cls, port: int, content: bytes) -> "Stream":
        caller = await Caller.dial(port)
        await caller.stream.send_all(post(content, ACCEPT))
        stream = cls(caller)
        head = await stream._until(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        assert b"content-type: text/event-stream" in head
        assert b"x-accel-buffering: no" in head
        return stream

    async def _until(self, end: bytes) -> bytes:
        while end not in self._read:
            data = await self._stream.receive_some()
            if not data:
                raise EOFError
            self._read += bytes(data)
        found, _, self._read = self._read.partition(end)
        return found

    async def said(self) -> bytes:
        """Return the next event, or the next comment."""
        return (await self._until(b"\n\n")).rpartition(b"\r\n")[2]

    async def row(self) -> list[Any]:
        """Return what the next event holds."""
        while (said := await self.said()).startswith(b":"):
            pass
        kind, _, text = said.partition(b": ")
        assert kind == b"data"
        row: list[Any] = msgpack.unpackb(b64decode(text, validate=True))
        return row

    async def messages(self, count: int) -> list[bytes]:
        found: list[bytes] = []
        while len(found) < count:
            found += (await self.row())[2]
        return found

    async def assert_ended(self) -> None:
        with pytest.raises(EOFError):
            await self.row()
        await self.aclose()

    async def aclose(self) -> None:
        await trio.aclose_forcefully(self._stream)


async def test_the_first_event_comes_at_once_and_messages_as_they_are_said() -> None:
    async with serving() as port:
        stream = await Stream.open(port, body(1))
        assert await stream.row() == [1, 1, [], None]
        caller = await Caller.dial(port)
        for number in range(2, 5):
            row = await caller.exchange(body(number, b"%d" % number, confirmed=max(0, number - 3)))
            assert row[0] == number
            assert row[2:] == [[], None], "other responses bring no messages"
            assert await stream.row() == [number, number - 1, [b"%d" % number], None]
        await caller.aclose()
        await stream.aclose()


async def test_a_request_that_would_wait_returns_at_once_beside_a_stream() -> None:
    async with serving() as port:
        stream = await Stream.open(port, body(1, b"hello"))
        assert (await stream.row())[0] == 1
        caller = await Caller.dial(port)
        with trio.fail_after(5):
            assert (await caller.exchange(body(2, wait_ms=20_000)))[2] == []
        await caller.aclose()
        await stream.aclose()


async def test_a_stream_cut_anywhere_and_asked_for_again_loses_and_doubles_nothing() -> None:
    said = [b"message %d" % number for number in range(30)]

    async def tell(link: Link) -> None:
        await link.receive()
        link.post_all(said)
        await trio.sleep_forever()

    async with serving(tell) as port:
        heard: list[bytes] = []
        stream = await Stream.open(port, body(1, b"begin"))
        number = 1
        while len(heard) < len(said):
            _, first, messages, _ = await stream.row()
            # What came behind these few was cut.
            heard += messages[len(heard) + 1 - first :][:7]
            await stream.aclose()
            number += 1
            stream = await Stream.open(port, body(number, confirmed=len(heard)))
        await stream.aclose()
    assert heard == said


async def test_a_newer_stream_ends_the_older_one_and_a_late_older_one_ends_itself() -> None:
    async with serving() as port:
        old = await Stream.open(port, body(1, b"a"))
        await old.messages(1)
        new = await Stream.open(port, body(2))
        assert (await new.row())[:3] == [2, 1, [b"a"]]
        await old.assert_ended()
        late = await Stream.open(port, body(1, b"a"))
        await late.assert_ended()
        caller = await Caller.dial(port)
        await caller.exchange(body(3, b"b"))
        assert await new.messages(1) == [b"b"], "the newest goes on"
        await caller.aclose()
        await new.aclose()


async def test_a_stream_request_that_has_overtaken_another_waits_for_it() -> None:
    async with serving() as port:
        first = await Stream.open(port, body(1, b"a"))
        await first.messages(1)
        async with trio.open_nursery() as nursery:
            opened: list[Stream] = []

            async def later() -> None:
                opened.append(await Stream.open(port, body(3, b"c", confirmed=1)))

            nursery.start_soon(later)
            await trio.testing.wait_all_tasks_blocked(0.05)
            caller = await Caller.dial(port)
            await caller.exchange(body(2, b"b"))
        assert await opened[0].messages(2) == [b"b", b"c"]
        await caller.aclose()
        for each in (first, *opened):
            await each.aclose()


async def test_silence_is_filled_with_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "BEAT_S", 0.02)
    async with serving() as port:
        stream = await Stream.open(port, body(1, b"x"))
        await stream.messages(1)
        with trio.fail_after(20):
            for _ in range(2):
                assert (await stream.said()).startswith(b":")
        await stream.aclose()


async def test_a_stream_beats_while_what_it_repeats_must_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following, "BEAT_S", 0.02)
    monkeypatch.setattr(repeats, "REPEATED_BURST_BYTES", 30_000)
    message = bytes(28_000)

    async def tell(link: Link) -> None:
        await link.receive()
        link.post(message)
        await trio.sleep_forever()

    async with serving(tell) as port:
        for number in (1, 2, 3):
            stream = await Stream.open(port, body(number, b"x"))
            assert await stream.messages(1) == [message]
            await stream.aclose()
        stream = await Stream.open(port, body(4, b"x"))
        for _ in range(3):
            assert (await stream.said()).startswith(b":")
        caller = await Caller.dial(port)
        await caller.exchange(body(5, confirmed=1))
        assert (await stream.row())[1:] == [2, [], None], "it begins with an event all the same"
        await caller.aclose()
        await stream.aclose()


async def test_a_client_that_follows_is_not_silent_and_one_whose_stream_ended_is() -> None:
    ended = trio.Event()

    async def listen(link: Link) -> None:
        assert link.transport == "sse"
        await link.receive()
        with pytest.raises(ConnectionLostError):
            await link.receive()
        ended.set()

    settings = ListenSettings(link_silence_s=0.1, close_s=0.1)
    async with serving(listen, settings) as port:
        stream = await Stream.open(port, body(1, b"x"))
        await stream.row()
        await trio.sleep(1.3)
        assert not ended.is_set()
        await stream.aclose()
        await ended.wait()


async def test_the_end_comes_behind_the_last_messages_and_again_after_a_cut() -> None:
    async def part(link: Link) -> None:
        await link.receive()
        link.post(b"last words")
        link.close_soon("enough")

    async with serving(part) as port:
        for number in (1, 2):
            stream = await Stream.open(port, body(number, b"x"))
            while not (row := await stream.row())[2]:
                pass
            assert row[2:] == [[b"last words"], "enough"]
            await stream.assert_ended()


async def test_a_client_that_leaves_ends_its_stream() -> None:
    left = trio.Event()

    async def listen(link: Link) -> None:
        await link.receive()
        with pytest.raises(ConnectionLostError):
            await link.receive()
        left.set()

    async with serving(listen) as port:
        stream = await Stream.open(port, body(1, b"x"))
        await stream.row()
        caller = await Caller.dial(port)
        await caller.exchange(body(2, wait_ms=-1))
        await left.wait()
        with suppress(EOFError):
            while True:
                await stream.row()
        await caller.aclose()
        await stream.aclose()


async def test_a_stream_without_a_message_ends_with_its_link(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gameserver.transports.polling.road.FIRST_S", 0.1)
    async with serving() as port:
        stream = await Stream.open(port, body(1))
        assert (await stream.row())[3] is None
        assert "no message came" in (await stream.row())[3]
        await stream.assert_ended()


async def test_a_reader_that_stalls_costs_its_link_and_delays_nobody() -> None:
    async def flood(link: Link) -> None:
        if await link.receive() == b"fair":
            await echo(link)
        try:
            while True:
                link.post(bytes(2_000))
                await trio.lowlevel.checkpoint()
        finally:
            ended.set()

    ended = trio.Event()
    async with serving(flood) as port:
        stalled = await Stream.open(port, body(1, b"x"))
        fair = await Stream.open(port, body(1, b"fair", link=b"y" * 16))
        await ended.wait()
        caller = await Caller.dial(port)
        await caller.exchange(body(2, b"x", link=b"y" * 16))
        assert await fair.messages(1) == [b"x"]
        await caller.aclose()
        for each in (fair, stalled):
            await each.aclose()
