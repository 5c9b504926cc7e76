"""One direction of a connection in memory: pieces in flight, room, and the end."""

from collections.abc import Callable
from random import Random

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from gameserver.testing.memoryway import BUFFER_BYTES, GRAIN_S, Way, Weather


class Line:
    """Carries pieces of one way by hand; records what arrives."""

    def __init__(self, weather: Weather) -> None:
        self.weather = weather
        self.random = Random(3)
        self.carried: list[float] = []
        self.told: list[tuple[int, str, bytes]] = []
        self.way = Way(self, 5, "up")

    def carry(self, way: Way, when: float) -> None:
        assert way is self.way
        self.carried.append(when)

    def tell(self, number: int, way: str, data: bytes) -> None:
        self.told.append((number, way, bytes(data)))


async def test_pieces_arrive_in_order_at_multiples_of_a_grain(mock_clock: MockClock) -> None:
    line = Line(Weather(0.05, 0.1))
    for number in range(40):
        mock_clock.jump(0.01)
        line.way.write(bytes([number]))
        if number < 5:
            line.way.arrive()
            assert line.told == [], "too early"
    assert line.carried == sorted(line.carried)
    assert {round(when / GRAIN_S, 6) % 1 for when in line.carried} == {0.0}
    began = trio.current_time() - 0.39
    assert all(
        began + number * 0.01 + 0.05 <= when <= began + 0.39 + 0.15 + GRAIN_S
        for number, when in enumerate(line.carried)
    )
    assert max(when - began - number * 0.01 for number, when in enumerate(line.carried)) > 0.12
    mock_clock.jump(10.0)
    for _ in range(41):
        line.way.arrive()
    assert line.told == [(5, "up", bytes([number])) for number in range(40)]
    assert line.way.read(30) == bytes(range(30))
    assert line.way.read(30) == bytes(range(30, 40))


@pytest.mark.parametrize(("split", "least", "most"), [(0.0, 0, 0), (0.5, 60, 140), (1.0, 185, 200)])
async def test_as_many_pieces_are_split_as_the_weather_says(
    split: float, least: int, most: int, mock_clock: MockClock
) -> None:
    line = Line(Weather(0.0, 0.0, split))
    del mock_clock
    for _ in range(200):
        line.way.write(bytes(range(50)))
    halves = len(line.told) - 200
    assert least <= halves <= most
    assert b"".join(data for _, _, data in line.told) == bytes(range(50)) * 200
    assert all(data for _, _, data in line.told)
    sizes = {len(data) for _, _, data in line.told}
    assert sizes == {50} if split == 0 else len(sizes) > 40 and min(sizes) < 3


async def test_a_stalled_way_delivers_at_the_end_of_the_stall(mock_clock: MockClock) -> None:
    line = Line(Weather(0.0, 0.0))
    line.weather.delay_s = 0.5
    line.way.write(b"a")
    line.way.stalled_until = 2.0
    line.way.write(b"b")
    mock_clock.jump(1.0)
    line.way.arrive()
    assert (line.told, line.carried) == ([], [0.5, 2.0, 2.0])
    mock_clock.jump(1.0)
    line.way.arrive()
    line.way.arrive()
    assert [data for _, _, data in line.told] == [b"a", b"b"]


async def test_room_is_what_is_neither_in_flight_nor_unread(mock_clock: MockClock) -> None:
    line = Line(Weather(1.0, 0.0))
    way = line.way
    assert way.write(bytes(BUFFER_BYTES - 1)) == BUFFER_BYTES - 1
    assert way.write(b"xy") == 1
    with pytest.raises(BlockingIOError):
        way.write(b"z")
    mock_clock.jump(1.0)
    assert not way.readable
    with pytest.raises(BlockingIOError):
        way.read(1)
    way.arrive()
    with pytest.raises(BlockingIOError):
        way.write(b"z")
    assert line.way.readable
    assert way.read(10) == bytes(10)
    assert way.write(bytes(20)) == 10


async def test_who_waits_for_room_goes_on_when_there_is_some(autojump_clock: MockClock) -> None:
    del autojump_clock  # moves time by being there
    ends: list[Callable[[Way], object]] = [lambda way: way.read(1), Way.close, Way.break_off]
    for end in ends:
        way = Line(Weather(0.0, 0.0)).way
        await way.wait_room()
        way.write(bytes(BUFFER_BYTES))
        async with trio.open_nursery() as nursery:
            with trio.move_on_after(1.0):
                await way.wait_room()
                pytest.fail("there is no room")
            nursery.start_soon(way.wait_room)
            await wait_all_tasks_blocked()
            end(way)
            with trio.fail_after(1.0):
                await way.wait_room()


async def test_the_end_arrives_once_and_nothing_can_be_written_then() -> None:
    line = Line(Weather(0.0, 0.0))
    ready: list[bool] = []
    line.way.on_readable = lambda: ready.append(line.way.readable)
    line.way.write(b"last")
    line.way.close()
    line.way.close()
    assert ready == [True, True]
    with pytest.raises(BrokenPipeError):
        line.way.write(b"more")
    line.way.set_slow(slow=True)
    assert not line.way.readable
    line.way.set_slow(slow=False)
    assert ready == [True] * 3, "who has read on is told"
    assert (line.way.read(99), line.way.readable, line.way.read(99)) == (b"last", True, b"")


async def test_a_cut_loses_what_is_in_flight_and_what_is_unread(mock_clock: MockClock) -> None:
    line = Line(Weather(1.0, 0.0))
    line.way.write(b"unread")
    mock_clock.jump(1.0)
    line.way.arrive()
    line.way.write(b"in flight")
    line.way.break_off()
    mock_clock.jump(1.0)
    line.way.arrive()
    line.way.flow()
    assert line.told == [(5, "up", b"unread")]
    assert line.way.readable
    with pytest.raises(ConnectionResetError):
        line.way.read(9)
    with pytest.raises(BrokenPipeError):
        line.way.write(b"more")
