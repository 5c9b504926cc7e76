"""Inputs reach the buffers of their seats, as a plain implementation of the rules decides."""

import tracemalloc
from collections import deque
from typing import Any

import attrs
import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.accel import BufferRules, HotPath, InputQueue, LinkMeasure, LinkRules, Outlet
from gameserver.ids import NO_SEAT, PlayerId, Seat, Tick
from gameserver.protocol.inputs import input_table
from gameserver.testing.skirmish import SkirmishCommand

TABLE = input_table(SkirmishCommand)
BUFFER = BufferRules(ahead=30, repeat=15, margins=90)
LINK = LinkRules(window=90, drawing=4, max_rtt=6, max_jitter=3, max_view=192, view_units=16)
NOW = Tick(100)


@attrs.define
class Outlets:
    """Takes messages until it is full."""

    room: int = 1000
    taken: list[bytes] = attrs.field(factory=list)

    def offer(self, message: bytes) -> bool:
        if len(self.taken) >= self.room:
            return False
        self.taken.append(message)
        return True


@attrs.define(eq=False)
class Watcher:
    """A viewer that keeps what it was told."""

    hot: HotPath
    seat: Seat
    outlet: Outlet = attrs.field(factory=Outlets)
    seen: Tick = attrs.field(default=Tick(90))
    last_sent: Tick = attrs.field(default=NOW)
    in_sync: bool = True
    patience: int = 60
    sender: None = None
    link: LinkMeasure = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.link = self.hot.link_measure(LINK)

    def saw(self, now: Tick, seen: Tick) -> None:
        if self.seen < seen <= self.last_sent:
            self.seen = seen
        self.link.saw(now, self.seen)


def message(seq: int, tick: int, *, seen: int = 95, view: int = 0, move: int = 1) -> bytes:
    row = SkirmishCommand(move=move).to_row()
    packed: bytes = msgpack.packb([1, seq, tick, seen, view, *row])
    return packed


def taken_in(viewer: Watcher, *messages: bytes) -> tuple[Any, Any, list[bytes]]:
    """Return what one tick made of a viewer's messages: result, the seat's buffer, odd messages."""
    hot = viewer.hot
    buffers = {Seat(0): hot.input_buffer(TABLE, BUFFER)}
    odd: list[bytes] = []
    player = PlayerId("p")
    result = hot.take_in(
        hot.input_reader(TABLE),
        [(player, m) for m in messages],
        {player: viewer},
        buffers,
        NOW,
        lambda whose, given: odd.append(given) if whose is viewer else odd.append(b"of nobody"),
    )
    return result, buffers[Seat(0)], odd


def test_an_input_reaches_its_tick_and_acknowledges(hot: HotPath) -> None:
    viewer = Watcher(hot, Seat(0))
    result, buffer, odd = taken_in(viewer, message(1, 102, move=3))
    assert (result, odd) == ((1, 0, 0), [])
    assert (viewer.seen, viewer.link.rtt, viewer.link.heard) == (95, 5, NOW)
    assert [buffer.take(Tick(tick)).move for tick in (101, 102)] == [0, 3]


def test_a_view_is_clamped_before_the_input_is_stored(hot: HotPath) -> None:
    result, buffer, _ = taken_in(Watcher(hot, Seat(0)), message(1, 101, view=1 << 14))
    assert result[1] == 1
    # The round trip of 5 ticks that was measured with this message, and 4 of drawing.
    assert buffer.take(Tick(101)).view == 16 * (5 + 4)


def test_the_margin_is_that_of_the_latest_input_and_tick_0_has_none(hot: HotPath) -> None:
    messages = [message(1, 105), message(2, 99), message(3, 0)]
    assert taken_in(Watcher(hot, Seat(0)), *messages)[0][0] == -2
    assert taken_in(Watcher(hot, Seat(0)), message(1, 0))[0][0] is None


def test_a_spectator_acknowledges_but_gives_no_input(hot: HotPath) -> None:
    viewer = Watcher(hot, NO_SEAT)
    result, buffer, _ = taken_in(viewer, message(1, 101, move=3))
    assert result[2] == 1
    assert (viewer.seen, viewer.link.rtt, viewer.link.heard) == (95, 5, NOW)
    assert buffer.last_seq == 0


def test_messages_of_a_player_who_is_no_viewer_are_ignored(hot: HotPath) -> None:
    odd: list[bytes] = []
    result = hot.take_in(
        hot.input_reader(TABLE),
        [(PlayerId("gone"), message(1, 101)), (PlayerId("gone"), b"junk")],
        {},
        {},
        NOW,
        lambda _, given: odd.append(given),
    )
    assert (result, odd) == ((None, 0, 0), [])


Sent = st.one_of(
    st.builds(
        message,
        st.integers(1, 30),
        st.one_of(st.just(0), st.integers(60, 160)),
        seen=st.integers(0, 110),
        view=st.integers(0, 400),
        move=st.integers(0, 8),
    ),
    st.binary(max_size=20),
)


@given(st.lists(Sent, max_size=12))
def test_each_message_is_taken_as_an_input_or_passed_on_in_order(
    hot: HotPath, messages: list[bytes]
) -> None:
    viewer = Watcher(hot, Seat(0))
    result, buffer, odd = taken_in(viewer, *messages)
    read = hot.input_reader(TABLE)
    inputs = [given for given in map(read, messages) if given is not None]
    assert odd == [m for m in messages if read(m) is None]
    sent = [given[2] for given in inputs if given[2] <= NOW]
    assert viewer.seen == max([90, *sent])
    margins = [given[1] - NOW - 1 for given in inputs if given[1]]
    assert result[0] == (min(margins) if margins else None)
    counts = buffer.counts
    rising = 0
    for seq, *_ in inputs:
        rising = max(rising, seq)
    assert buffer.last_seq == rising
    assert counts.late + counts.early + counts.doubled <= len(inputs)


def test_only_viewers_in_sync_without_congestion_get_the_shared_message(hot: HotPath) -> None:
    fresh, stale, behind = Watcher(hot, Seat(0)), Watcher(hot, Seat(1)), Watcher(hot, Seat(2))
    stale.in_sync = False
    behind.seen = Tick(10)
    full = Watcher(hot, Seat(3), outlet=Outlets(room=0))
    edge = Watcher(hot, Seat(4), seen=Tick(40))
    taken, others = hot.send_batch().fan_out(
        b"snapshot", [fresh, stale, behind, full, edge], Tick(101)
    )
    assert taken == 2
    assert others == [stale, behind, full]
    assert [viewer.last_sent for viewer in (fresh, edge, stale, behind, full)] == [
        101,
        101,
        100,
        100,
        100,
    ]
    assert fresh.outlet.taken == [b"snapshot"]  # type: ignore[attr-defined]


def queue_of(hot: HotPath, *messages: bytes, most: int = 10) -> InputQueue:
    queue = hot.input_queue(most)
    for message in messages:
        queue(message)
    return queue


def test_queues_are_emptied_in_order_and_floods_are_counted(hot: HotPath) -> None:
    ann, bob, cat = PlayerId("ann"), PlayerId("bob"), PlayerId("cat")
    queues = {
        ann: queue_of(hot, b"1", b"2"),
        bob: queue_of(hot),
        cat: queue_of(hot, b"2", b"3", b"4", b"5", most=3),
    }
    assert [len(queue) for queue in queues.values()] == [2, 0, 3]
    messages, floods = hot.collect(queues, 2)
    assert list(messages) == [(ann, b"1"), (ann, b"2"), (cat, b"3"), (cat, b"4"), (cat, b"5")]
    assert floods == [(cat, 3)]
    assert not any(len(queue) for queue in queues.values())
    nothing, floods = hot.collect(queues, 0)
    assert (list(nothing), floods) == ([], [])
    queues[bob](b"6")
    messages, floods = hot.collect(queues, 0)
    assert (list(messages), floods) == ([(bob, b"6")], [(bob, 1)])


Rounds = st.lists(st.lists(st.binary(max_size=300), max_size=40), max_size=8)


@given(Rounds, st.integers(1, 30), st.integers(0, 6))
def test_a_queue_gives_the_newest_messages_back_whatever_their_length(
    hot: HotPath, rounds: list[list[bytes]], most: int, later: int
) -> None:
    player, queue = PlayerId("ann"), hot.input_queue(most)
    kept: deque[bytes] = deque(maxlen=most)
    for number, messages in enumerate(rounds):
        for message in messages:
            queue(message)
            kept.append(message)
        assert len(queue) == len(kept)
        if number % (later + 1) == 0:
            given, floods = hot.collect({player: queue}, 0)
            assert [message for _, message in given] == list(kept)
            assert floods == ([(player, len(kept))] if kept else [])
            kept.clear()


def test_a_flooded_queue_gives_its_memory_back(native: HotPath) -> None:
    tracemalloc.start()
    try:
        queues = {PlayerId(f"p{number}"): native.input_queue(300) for number in range(4)}
        for queue in queues.values():
            for _ in range(300):
                queue(b"x" * 10_000)
        held = tracemalloc.get_traced_memory()[0]
        native.collect(queues, 300)
        assert tracemalloc.get_traced_memory()[0] < held / 100
    finally:
        tracemalloc.stop()


def test_collected_messages_are_taken_in_as_listed_ones_are(hot: HotPath) -> None:
    results = []
    for as_listed in (False, True):
        viewer, odd = Watcher(hot, Seat(0)), list[bytes]()
        buffers, player = {Seat(0): hot.input_buffer(TABLE, BUFFER)}, PlayerId("p")
        sent = [message(1, 102, move=3), b"odd", message(2, 99), message(3, 0, view=9)]
        messages, _ = hot.collect(
            {player: queue_of(hot, *sent), PlayerId("q"): queue_of(hot, b"")}, 9
        )
        taken = hot.take_in(
            hot.input_reader(TABLE),
            list(messages) if as_listed else messages,
            {player: viewer},
            buffers,
            NOW,
            lambda _viewer, given, odd=odd: odd.append(given),  # type: ignore[misc]
        )
        counts = buffers[Seat(0)].counts
        results.append((taken, odd, viewer.seen, counts.late, buffers[Seat(0)].last_seq))
    assert results[0] == results[1] == ((-2, 0, 0), [b"odd"], 95, 1, 3)


def test_a_tap_fills_a_queue(hot: HotPath) -> None:
    queue = hot.input_queue(2)
    tap = hot.tap(frozenset([b"ab", b"abcd"]), queue)
    tap.ready = True
    frames = [
        bytes([0x82, 0x80 | len(text), 0, 0, 0, 0]) + text for text in (b"ab1", b"abc", b"ab")
    ]
    assert [tap.take(frame) for frame in frames] == [len(frame) for frame in frames]
    assert tap.take(bytes([0x82, 0x82, 0, 0, 0, 0]) + b"xy") == 0
    messages, _ = hot.collect({PlayerId("p"): queue}, 9)
    assert [message for _, message in messages] == [b"abc", b"ab"]


class Scripted:
    """A source of commands that is no buffer."""

    def __init__(self, *commands: Any) -> None:
        self.commands = list(commands)
        self.asked: list[Tick] = []

    def take(self, tick: Tick) -> Any:
        self.asked.append(tick)
        return self.commands.pop(0)


def test_each_source_is_asked_for_its_command_in_order(hot: HotPath) -> None:
    buffer, bot = hot.input_buffer(TABLE, BUFFER), Scripted("first", "second")
    buffer.put(NOW, 1, Tick(NOW + 1), (1, 0, 0, 0))
    sources = [(Seat(3), bot), (Seat(1), buffer)]
    first = hot.commands(sources, Tick(NOW + 1))
    assert (list(first), first[Seat(3)], first[Seat(1)].move) == ([3, 1], "first", 1)
    second = hot.commands(sources, Tick(NOW + 2))
    assert (second[Seat(3)], second[Seat(1)].move, bot.asked) == ("second", 1, [NOW + 1, NOW + 2])
    assert hot.commands((), NOW) == {}


def test_a_source_that_raises_leaves_no_commands(hot: HotPath) -> None:
    with pytest.raises(IndexError):
        hot.commands([(Seat(0), Scripted()), (Seat(1), Scripted("unasked"))], NOW)
