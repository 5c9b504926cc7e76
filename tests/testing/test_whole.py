"""A whole server in memory: what it takes from its process is the same in each run."""

from random import Random

import attrs
import pytest
import trio
from trio.testing import MockClock

from gameserver.client.link.address import Address
from gameserver.rooms.calls import Moment
from gameserver.service.config.settings import Settings
from gameserver.testing.memorynet import MemoryNet
from gameserver.testing.memoryway import Weather
from gameserver.testing.simulate import ROOM
from gameserver.testing.skirmish import Bout
from gameserver.testing.trace import Trace
from gameserver.testing.whole import EPOCH_MS, URL, running, simulated_runtime

ANYWHERE = Address.parse(URL)


async def test_everything_that_a_simulated_server_reads_follows_from_its_seed(
    mock_clock: MockClock,
) -> None:
    net = MemoryNet(Random(1))
    one, same, other = (simulated_runtime(seed, net) for seed in (5, 5, 6))
    assert one.wall_ms() == EPOCH_MS
    mock_clock.jump(1.25)
    assert (one.wall_ms(), one.now()) == (EPOCH_MS + 1250, 1.25)
    drawn = [runtime.entropy(16) for runtime in (one, same, other)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert one.entropy(16) != drawn[0]
    assert [one.stopwatch(), one.stopwatch(), one.thread_s(), one.process_s()] == [0.0] * 4
    assert one.memory_bytes() == 64 * 1024 * 1024
    most, used = one.descriptors()
    assert (most > 100_000, used) == (True, 0)
    assert (one.order, other.order) == (5, 6)
    assert net.by_descriptor == {}
    drain = one.drain()
    assert drain.add(net.connect().server.direct.descriptor, Ignoring())  # type: ignore[union-attr]
    told: list[str] = []
    one.collector.settle()
    one.collector.tune(3)
    with one.collector.watching(told.append):
        assert told == []


class Ignoring:
    def received_nowait(self, data: bytes) -> None:
        del data


def test_each_reading_of_a_stopwatch_takes_the_given_time() -> None:
    runtime = simulated_runtime(1, MemoryNet(Random(1)), 0.5)
    assert [runtime.stopwatch() for _ in range(3)] == [0.0, 0.5, 1.0]
    assert [runtime.thread_s() for _ in range(2)] == [0.0, 0.5]
    assert runtime.process_s() == 0.0


async def test_a_server_in_memory_answers_and_after_it_has_stopped_nobody_can_connect(
    autojump_clock: MockClock,
) -> None:
    net = MemoryNet(Random(1), weather=Weather(0.1, 0.0))
    runtime = simulated_runtime(1, net)
    assert isinstance(autojump_clock, MockClock)
    with trio.fail_after(60):
        async with running(
            Bout(), {ROOM.name: ROOM}, runtime=runtime, net=net, settings=Settings()
        ) as whole:
            link = whole.connect()
            await link.client.send_all(b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n")
            assert bytes(await link.client.receive_some()).startswith(b"HTTP/1.1 ")
            async with await whole.open_stream(ANYWHERE) as stream:
                await stream.send_all(b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n")
                assert bytes(await stream.receive_some()).startswith(b"HTTP/1.1 404")
            assert not whole.closed
            await whole.stop()
            with pytest.raises(OSError, match="no way there"):
                whole.connect()
            with pytest.raises(OSError, match="no way there"):
                await whole.open_stream(ANYWHERE)


# --- the trace ------------------------------------------------------------------------------------


@attrs.frozen
class Called:
    """A call into the hall, of which only the text matters."""

    what: str


BEGIN = [(0, "down", b"HTTP/1.1 101\r\n\r\n")]


async def digest(clock: MockClock, *steps: tuple[int, str, bytes] | float | Called) -> str:
    trace = Trace()
    for step in steps:
        if isinstance(step, float):
            clock.jump(step)
        elif isinstance(step, Called):
            trace.called(Moment(0.0, 0, b"entropy" + step.what[-1:].encode()), step)
        else:
            trace.arrived(*step)
    assert trace.pieces == sum(isinstance(step, tuple) for step in steps)
    return trace.hexdigest()


@pytest.mark.parametrize(
    ("steps", "others"),
    [
        ([(0, "down", b"one")], [(0, "down", b"two")]),
        ([(0, "down", b"one")], [(1, "down", b"one")]),
        ([(0, "down", b"one")], [(0, "up", b"one")]),
        ([(0, "up", b"one")], [(0, "up", b"more")]),
        ([(0, "up", b"one")], [(0, "up", b"one"), (0, "up", b"one")]),
        ([(0, "up", b"a"), (1, "up", b"")], [(1, "up", b""), (0, "up", b"a")]),
        ([Called("a")], [Called("b")]),
        ([Called("aa")], [Called("ba")]),
        ([Called("a")], [Called("a"), Called("a")]),
        ([], [Called("a")]),
    ],
)
async def test_another_order_number_way_or_text_is_another_trace(
    steps: list[tuple[int, str, bytes] | Called],
    others: list[tuple[int, str, bytes] | Called],
    mock_clock: MockClock,
) -> None:
    one = await digest(mock_clock, *BEGIN, *steps)
    assert one == await digest(mock_clock, *BEGIN, *steps)
    assert one != await digest(mock_clock, *BEGIN, *others)


async def test_times_are_part_of_the_trace_but_masked_bytes_are_not(
    mock_clock: MockClock,
) -> None:
    early = await digest(mock_clock, (0, "up", b"one"), (0, "up", b"two"))
    masked = await digest(mock_clock, (0, "up", b"two"), (0, "up", b"one"))
    later = await digest(mock_clock, (0, "up", b"one"), 0.001, (0, "up", b"two"))
    assert early == masked != later
