"""A connection in memory behaves like one of sockets, with its delays, stalls and cuts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from gameserver.testing.clock import LeapClock
from gameserver.testing.memorynet import (
    FIRST_DESCRIPTOR,
    MemoryDrain,
    MemoryLink,
    MemoryNet,
)
from gameserver.testing.memoryway import BUFFER_BYTES, UNACKED_S, Weather
from gameserver.transports.drain import DRAIN_BYTES

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


async def test_closing_ends_both_directions_also_when_it_is_cancelled(
    autojump_clock: MockClock,
) -> None:
    async with link_in(autojump_clock) as (_, link), trio.open_nursery() as nursery:

        async def read() -> None:
            with pytest.raises(trio.ClosedResourceError):
                await link.client.receive_some()

        nursery.start_soon(read)
        await wait_all_tasks_blocked()
        with trio.CancelScope() as cancelled:
            cancelled.cancel()
            await link.client.aclose()
        assert cancelled.cancelled_caught
        assert link.client.closed
        assert await link.server.receive_some() == b""


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


# --- a connection and a drain ---------------------------------------------------------------------


async def test_a_connection_is_open_until_one_end_closes_or_it_is_cut(
    autojump_clock: MockClock,
) -> None:
    async with link_in(autojump_clock) as (net, first):
        links = [first, *(net.connect() for _ in range(3))]
        assert net.links == links
        links[1].client.close()
        await links[2].server.aclose()
        links[3].cut()
        assert [link.is_open for link in links] == [True, False, False, False]
        directs = [link.server.direct for link in links]
        numbers = [direct.descriptor for direct in directs if direct is not None]
        assert numbers == [FIRST_DESCRIPTOR + number for number in range(4)]
        assert [net.by_descriptor[number] for number in numbers] == [each.server for each in links]
        assert first.client.direct is None


async def test_a_closed_end_wakes_its_own_reader(autojump_clock: MockClock) -> None:
    async with link_in(autojump_clock) as (_, link):
        async with trio.open_nursery() as nursery:

            async def read() -> None:
                with pytest.raises(trio.ClosedResourceError):
                    await link.client.receive_some()

            nursery.start_soon(read)
            await trio.sleep(1.0)
            link.client.close()
        with pytest.raises(trio.ClosedResourceError):
            await link.client.send_all(b"x")


async def test_a_sender_waits_for_room_and_both_ends_of_a_half_closed_link_are_told(
    autojump_clock: MockClock,
) -> None:
    async with link_in(autojump_clock, Weather(0.0, 0.0)) as (_, link):
        with trio.fail_after(1.0):
            await link.client.wait_send_all_might_not_block()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(link.client.send_all, bytes(BUFFER_BYTES + 100))
            await wait_all_tasks_blocked()
            with trio.move_on_after(1.0) as waiting:
                await link.client.wait_send_all_might_not_block()
            assert waiting.cancelled_caught
            assert await read_all(link.server, BUFFER_BYTES + 100) == bytes(BUFFER_BYTES + 100)
        assert len(await received(link, b"abcdef", 4)) == 4
        assert await link.server.receive_some() == b"ef"
        await link.client.send_eof()
        assert await link.server.receive_some() == b""
        await link.server.send_all(b"still")
        assert await link.client.receive_some() == b"still"


async def received(link: MemoryLink, sent: bytes, most: int) -> bytes:
    await link.client.send_all(sent)
    return bytes(await link.server.receive_some(most))


class Reader:
    """A member of a drain that records what it is given, and may leave at once."""

    def __init__(self, leaves: tuple[MemoryDrain, int] | None = None) -> None:
        self.given: list[int] = []
        self.leaves = leaves

    def received_nowait(self, data: bytes) -> None:
        self.given.append(len(data))
        if self.leaves is not None:
            drain, descriptor = self.leaves
            drain.remove(descriptor)


async def test_a_drain_reads_each_readable_stream_once_in_order(autojump_clock: MockClock) -> None:
    async with link_in(autojump_clock, Weather(0.0, 0.0)) as (net, first):
        drain, links = net.drain(), [first, net.connect(), net.connect()]
        await links[2].client.send_all(bytes(DRAIN_BYTES + 7))  # readable before it is a member
        readers = [Reader(), Reader(), Reader()]
        for number, reader in enumerate(readers):
            assert drain.add(FIRST_DESCRIPTOR + number, reader)
        assert not drain.add(FIRST_DESCRIPTOR + 3, Reader())
        assert len(drain) == 3
        await links[0].client.send_all(bytes(2))
        await links[1].client.send_all(bytes(3))
        drain.drain(2)
        assert [reader.given for reader in readers] == [[2], [], [DRAIN_BYTES]]
        with trio.fail_after(1.0):
            assert await drain.wait_readable()
        drain.drain()
        drain.drain()
        assert [reader.given for reader in readers] == [[2], [3], [DRAIN_BYTES, 7]]
        with trio.move_on_after(1.0) as waited:
            await drain.wait_readable()
        assert waited.cancelled_caught, "nothing is left"


async def test_a_drain_wakes_when_a_member_becomes_readable_and_leaves_others_alone(
    autojump_clock: MockClock,
) -> None:
    async with link_in(autojump_clock, Weather(0.1, 0.0)) as (net, first):
        drain, second = net.drain(), net.connect()
        reader, gone = Reader(), Reader()
        drain.add(FIRST_DESCRIPTOR, reader)
        drain.add(FIRST_DESCRIPTOR + 1, gone)
        await second.client.send_all(b"xyz")
        await trio.sleep(1.0)
        drain.remove(FIRST_DESCRIPTOR + 1)
        drain.remove(FIRST_DESCRIPTOR + 1)
        await second.client.send_all(b"more")
        await trio.sleep(1.0)
        drain.drain()
        assert (gone.given, len(drain)) == ([], 1)
        assert await second.server.receive_some() == b"xyzmore"
        async with trio.open_nursery() as nursery:
            nursery.start_soon(drain.wait_readable)
            await first.client.send_all(b"x")
        drain.drain()
        assert reader.given == [1]
        drain.close()
        await first.client.send_all(b"y")
        await trio.sleep(1.0)
        drain.drain()
        assert (reader.given, len(drain)) == ([1], 0)


async def test_a_member_that_leaves_while_it_is_read_is_not_read_again(
    autojump_clock: MockClock,
) -> None:
    async with link_in(autojump_clock, Weather(0.0, 0.0)) as (net, link):
        drain = net.drain()
        assert isinstance(drain, MemoryDrain)
        reader = Reader((drain, FIRST_DESCRIPTOR))
        drain.add(FIRST_DESCRIPTOR, reader)
        await link.client.send_all(bytes(DRAIN_BYTES + 1))
        drain.drain()
        drain.drain()
        assert reader.given == [DRAIN_BYTES]
        drain.add(FIRST_DESCRIPTOR, reader)
        link.read_slowly(slow=False)
        net.connect()
        await link.server.receive_some()  # what was readable is read by somebody else
        drain.drain()
        assert reader.given == [DRAIN_BYTES]


async def test_a_member_that_another_one_removes_before_its_turn_is_not_read(
    autojump_clock: MockClock,
) -> None:
    async with link_in(autojump_clock, Weather(0.0, 0.0)) as (net, first):
        drain, second, third = net.drain(), net.connect(), net.connect()
        assert isinstance(drain, MemoryDrain)
        readers = [Reader((drain, FIRST_DESCRIPTOR + 1)), Reader(), Reader()]
        for number, reader in enumerate(readers):
            drain.add(FIRST_DESCRIPTOR + number, reader)
        for link in (first, second, third):
            await link.client.send_all(bytes(5))
        drain.drain()
        assert [reader.given for reader in readers] == [[5], [], [5]]


# --- half-open connections -----------------------------------------------------------------------


@pytest.mark.parametrize("client_knows", [True, False])
async def test_of_a_half_open_connection_one_end_learns_at_once_and_the_other_when_it_writes(
    mock_clock: MockClock, *, client_knows: bool
) -> None:
    mock_clock.autojump_threshold = 0
    net = MemoryNet(Random(1))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(net.run)
        link = net.connect()
        link.half_open(client_knows=client_knows)
        knows, other = (link.client, link.server) if client_knows else (link.server, link.client)
        assert not link.is_open
        with pytest.raises(trio.BrokenResourceError):
            await knows.receive_some()
        with pytest.raises(trio.BrokenResourceError):
            await knows.send_all(b"more")
        with trio.move_on_after(2 * UNACKED_S) as silence:
            await other.receive_some()
        assert silence.cancelled_caught, "nothing was written, so nobody waits for anything"
        await other.send_all(b"are you there?")
        began = trio.current_time()
        with pytest.raises(trio.BrokenResourceError):
            await other.receive_some()
        assert trio.current_time() - began == pytest.approx(UNACKED_S)
        nursery.cancel_scope.cancel()


async def test_who_writes_to_a_closed_end_learns_of_it_when_the_bytes_have_arrived(
    autojump_clock: MockClock,
) -> None:
    async with link_in(autojump_clock, Weather(0.5, 0.0)) as (_, link):
        link.client.close()
        await link.server.send_all(b"one")
        await trio.sleep(0.2)
        await link.server.send_all(b"two")
        await trio.sleep(0.4)
        with pytest.raises(trio.BrokenResourceError):
            await link.server.send_all(b"three")
