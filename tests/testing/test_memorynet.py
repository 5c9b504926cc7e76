"""A connection in memory behaves like one of sockets, with its delays, stalls and cuts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest
import trio
from trio.testing import MockClock

from gameserver.testing.clock import LeapClock
from gameserver.testing.memorynet import MemoryLink, MemoryNet
from gameserver.testing.memoryway import BUFFER_BYTES, Weather

SENT = bytes(range(256)) * 4


@asynccontextmanager
async def link_in(
    clock: MockClock, weather: Weather | None = None
) -> AsyncIterator[tuple[MemoryNet, MemoryLink]]:
    assert isinstance(clock, MockClock)
    net = MemoryNet(Random(3), weather=weather)
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(net.run)
            yield net, net.connect()
            nursery.cancel_scope.cancel()


async def read_all(stream: trio.abc.ReceiveStream, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = await stream.receive_some()
        assert piece
        data += piece
    return data


async def test_bytes_arrive_in_order_in_pieces_of_any_size(autojump_clock: MockClock) -> None:
    weather = Weather(0.05, 0.2, split=1.0)
    async with link_in(autojump_clock, weather) as (net, link):
        came: list[bytes] = []
        net.told = lambda _number, _way, data: came.append(data)
        for begin in range(0, len(SENT), 64):
            await link.client.send_all(SENT[begin : begin + 64])
        assert await read_all(link.server, len(SENT)) == SENT
        assert len(came) > len(SENT) // 64, "some pieces came in two"


async def test_without_delay_all_bytes_arrive_at_once_and_a_drain_reads_them(
    autojump_clock: MockClock,
) -> None:
    async with link_in(autojump_clock, Weather(0.0, 0.0)) as (net, link):
        taken: list[bytes] = []

        class Taker:
            def received_nowait(self, data: bytes) -> None:
                taken.append(data)

        drain = net.drain()
        assert link.server.direct is not None
        assert drain.add(link.server.direct.descriptor, Taker())
        drain.drain()
        assert taken == [], "nothing has come"
        await link.client.send_all(b"one")
        drain.drain()
        link.cut()
        drain.drain()
        assert taken == [b"one", b""], "a cut is the end"


async def test_a_peer_that_does_not_read_gets_no_more_than_the_buffer_holds(
    autojump_clock: MockClock,
) -> None:
    async with link_in(autojump_clock) as (_, link):
        link.read_slowly(slow=True)
        direct = link.server.direct
        assert direct is not None
        assert direct.write(bytes(BUFFER_BYTES + 1)) == BUFFER_BYTES
        with pytest.raises(BlockingIOError):
            direct.write(b"x")
        with trio.move_on_after(5) as waited:
            await link.client.receive_some()
        assert waited.cancelled_caught
        link.read_slowly(slow=False)
        await read_all(link.client, BUFFER_BYTES)
        assert direct.write(b"x") == 1


async def test_a_stalled_link_loses_nothing_and_a_cut_link_the_bytes_in_transit(
    autojump_clock: MockClock,
) -> None:
    async with link_in(autojump_clock) as (_, link):
        began = trio.current_time()
        link.stall(3.0)
        await link.client.send_all(b"late")
        assert await link.server.receive_some() == b"late"
        assert trio.current_time() - began >= 3.0
        link.stall(30.0)
        await link.client.send_all(b"sooner")
        link.flow()
        assert await link.server.receive_some() == b"sooner"
        assert trio.current_time() - began < 30.0
        await link.client.send_all(b"lost")
        link.cut()
        with pytest.raises(trio.BrokenResourceError):
            await link.server.receive_some()
        with pytest.raises(trio.BrokenResourceError):
            await link.client.send_all(b"more")


async def test_what_is_sent_after_a_stall_ended_early_takes_its_own_time(
    autojump_clock: MockClock,
) -> None:
    async with link_in(autojump_clock, Weather(1.0, 0.0)) as (_, link):
        link.stall(2.5)
        await link.client.send_all(b"stalled")
        link.flow()
        assert await link.server.receive_some() == b"stalled"
        began = trio.current_time()
        await link.client.send_all(b"at once")
        assert await link.server.receive_some() == b"at once"
        assert trio.current_time() - began == pytest.approx(1.0)
        await trio.sleep(0.2)
        began = trio.current_time()
        await link.client.send_all(b"later")  # "stalled" would have arrived in the meantime
        assert await link.server.receive_some() == b"later"
        assert trio.current_time() - began == pytest.approx(1.0, abs=0.02)


async def test_the_end_of_a_stream_arrives_after_all_sent_bytes(autojump_clock: MockClock) -> None:
    async with link_in(autojump_clock) as (_, link):
        await link.server.send_all(b"last words")
        await link.server.aclose()
        assert await link.client.receive_some() == b"last words"
        assert await link.client.receive_some() == b""
        with pytest.raises(trio.ClosedResourceError):
            await link.server.receive_some()


@pytest.mark.parametrize("clocked", [False, True])
def test_pieces_arrive_at_the_same_times_by_a_task_and_by_the_clock(clocked: bool) -> None:
    net = MemoryNet(Random(3), weather=Weather(0.05, 0.0), clocked=clocked)

    async def main() -> list[tuple[bytes, float]]:
        link = net.connect()
        came: list[tuple[bytes, float]] = []
        async with trio.open_nursery() as nursery:
            nursery.start_soon(net.run)
            for text in (b"one", b"two"):
                await link.client.send_all(text)
                data = await link.server.receive_some()
                came.append((bytes(data), round(trio.current_time(), 6)))
            nursery.cancel_scope.cancel()
        return came

    came = trio.run(main, clock=LeapClock(net if clocked else None))
    assert came == [(b"one", 0.05), (b"two", 0.1)]
