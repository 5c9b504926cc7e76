"""The native implementation gives what the one in Python gives, whatever comes."""

import struct
from typing import Any

import attrs
import msgpack
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gameserver.accel import (
    BufferRules,
    HotPath,
    InputBuffer,
    LinkMeasure,
    LinkRules,
    pure,
)
from gameserver.game.command import Command, edge, level
from gameserver.game.fields import INTEGER_LIMIT
from gameserver.ids import NO_SEAT, PlayerId, Seat, Tick
from gameserver.messages.wire import Kind
from gameserver.protocol import limits
from gameserver.protocol.inputs import input_table

FAR = INTEGER_LIMIT - 1


@attrs.frozen
class Steering(Command):
    turn: int = level(-3, 300)
    fire: bool = edge()
    far: int = level(-FAR, FAR)
    jump: bool = edge()


@attrs.frozen
class Counted(Command):
    """Made with more than its fields: instances must be made by calling the class."""

    turn: int = level(0, 9)
    made = 0

    def __attrs_post_init__(self) -> None:
        type(self).made += 1


@attrs.frozen(slots=False)
class Loose(Command):
    turn: int = level(0, 9)
    fire: bool = edge()


# --- inputs -------------------------------------------------------------------------------------


def forms(number: int) -> list[bytes]:
    """Return an integer in every form that msgpack has for it, the usual one first."""
    made = [msgpack.packb(number)]
    for code, kind in zip(
        range(0xCC, 0xD4), [">B", ">H", ">I", ">Q", ">b", ">h", ">i", ">q"], strict=True
    ):
        try:
            made.append(bytes((code,)) + struct.pack(kind, number))
        except struct.error:
            continue
    return made


Number = st.one_of(
    st.integers(-40, 400),
    st.sampled_from([FAR, FAR + 1, -FAR - 1, 2**31 - 1, 2**31, 2**15, 2**63, 2**64 - 1, -(2**63)]),
)
Spelled = Number.flatmap(lambda number: st.sampled_from(forms(number)))
Other = st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=3), st.binary(max_size=3))
Item = st.one_of(*[Spelled] * 6, Other.map(msgpack.packb))


@st.composite
def arrays(draw: st.DrawFn) -> bytes:
    """Draw a message that is nearly an input."""
    size = draw(st.sampled_from([4, 5, 6, 7, 8, 9, 9, 9, 9, 10]))
    items = [draw(Item) for _ in range(size)]
    if draw(st.booleans()) and items:
        items[0] = bytes((Kind.INPUT,))
    header = draw(
        st.sampled_from(
            [
                bytes((0x90 | size,)),
                b"\xdc" + struct.pack(">H", size),
                b"\xdd" + struct.pack(">I", size),
                bytes((0x90 | (size + 1),)),
            ]
        )
    )
    return header + b"".join(items) + draw(st.sampled_from([b"", b"", b"", b"\x00"]))


def valid(seq: int, tick: int, seen: int, view: int, row: tuple[int, ...]) -> bytes:
    packed: bytes = msgpack.packb([Kind.INPUT, seq, tick, seen, view, *row])
    return packed


Row = st.tuples(st.integers(-3, 300), st.integers(0, 1), st.integers(-FAR, FAR), st.integers(0, 1))
Valid = st.builds(
    valid,
    st.integers(0, 80),
    st.one_of(st.just(0), st.integers(60, 200), st.integers(0, limits.TICK - 1)),
    st.integers(0, 110),
    st.integers(0, 400),
    Row,
)


@given(st.one_of(arrays(), Valid, st.binary(max_size=40)))
@settings(max_examples=500)
def test_any_message_is_read_alike(native: HotPath, message: bytes) -> None:
    table = input_table(Steering)
    assert native.input_reader(table)(message) == pure.input_reader(table)(message)


@given(Valid, st.data())
def test_a_message_with_one_byte_changed_is_read_alike(
    native: HotPath, message: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(message) - 1))
    changed = message[:at] + bytes((data.draw(st.integers(0, 255)),)) + message[at + 1 :]
    table = input_table(Steering)
    for given_bytes in (changed, message[:at]):
        assert native.input_reader(table)(given_bytes) == pure.input_reader(table)(given_bytes)


def test_a_message_longer_than_the_longest_input_is_none(native: HotPath) -> None:
    table = attrs.evolve(input_table(Steering), longest=20)
    for hot in (native, pure):
        assert hot.input_reader(table)(valid(1, 1, 1, 1, (0, 0, 0, 0))) is not None
        assert hot.input_reader(table)(valid(1, 1, 1, 1, (0, 0, FAR, 0)) + bytes(20)) is None
        assert hot.input_reader(table)(valid(1, FAR >> 30, 1, 1, (0, 0, FAR, 0))) is None


# --- buffers ------------------------------------------------------------------------------------


def counts(buffer: InputBuffer) -> tuple[int, ...]:
    names = [field.name for field in attrs.fields(pure_counts())]
    return tuple(getattr(buffer.counts, name) for name in names)


def pure_counts() -> Any:
    return type(pure.input_buffer(input_table(Steering), BufferRules(5, 3, 8)).counts)


Put = st.tuples(st.integers(1, 60), st.integers(0, 40), Row, st.integers(0, 300))


@given(st.lists(st.lists(Put, max_size=5), max_size=40), st.sampled_from([0, 1, 5]))
@example([[(1, 1, (3, 1, 2, 0), 4), (2, 0, (5, 0, 6, 1), 7)]], 0)
@settings(max_examples=300)
def test_buffers_give_the_same_commands_counts_and_margins(
    native: HotPath, ticks: list[list[Any]], ahead: int
) -> None:
    rules = BufferRules(ahead=ahead, repeat=3, margins=8)
    both = [hot.input_buffer(input_table(Steering), rules) for hot in (native, pure)]
    for now, puts in enumerate(ticks):
        for seq, tick, row, view in puts:
            answers = [b.put(Tick(now), seq, Tick(tick), row, view) for b in both]
            assert answers[0] is answers[1]
        if now % 7 == 6:
            for buffer in both:
                buffer.forget_margins()
        assert len({buffer.smallest_margin(Tick(now)) for buffer in both}) == 1
        taken = [buffer.take(Tick(now + 1)) for buffer in both]
        assert taken[0] == taken[1]
        assert [type(value) for value in attrs.astuple(taken[0])] == [int, int, bool, int, bool]
        assert both[0].last_seq == both[1].last_seq
        assert counts(both[0]) == counts(both[1])


@pytest.mark.parametrize("command", [Counted, Loose])
def test_commands_that_are_more_than_their_slots_are_made_by_their_class(
    native: HotPath, command: type[Counted | Loose]
) -> None:
    both = [hot.input_buffer(input_table(command), BufferRules(5, 3, 8)) for hot in (native, pure)]
    before = Counted.made
    for buffer in both:
        buffer.put(Tick(0), 1, Tick(1), command(turn=7).to_row(), 9)
    taken = [buffer.take(Tick(1)) for buffer in both]
    assert taken == [command(turn=7, view=9)] * 2
    assert (Counted.made > before) == (command is Counted)


def test_a_count_can_be_raised_from_outside(native: HotPath) -> None:
    buffer = native.input_buffer(input_table(Steering), BufferRules(5, 3, 8))
    buffer.counts.malformed += 2
    assert buffer.counts.malformed == 2


# --- links --------------------------------------------------------------------------------------


def rules_of_links() -> LinkRules:
    return LinkRules(window=20, drawing=4, max_rtt=6, max_jitter=3, max_view=192, view_units=16)


Heard = st.tuples(st.integers(0, 3), st.integers(0, 60), st.integers(0, 400), st.integers(-40, 40))


@given(st.lists(Heard, max_size=60))
def test_links_are_measured_alike(native: HotPath, heard: list[tuple[int, int, int, int]]) -> None:
    both: list[LinkMeasure] = [hot.link_measure(rules_of_links()) for hot in (native, pure)]
    now = 0
    for later, behind, view, margin in heard:
        now += later
        for link in both:
            link.saw(Tick(now), Tick(now - behind))
        assert len({(link.heard, link.rtt, link.jitter) for link in both}) == 1
        assert len({link.clamp_view(view, margin) for link in both}) == 1


# --- intake and sending -------------------------------------------------------------------------


@attrs.define(eq=False)
class Watcher:
    link: LinkMeasure
    seat: Seat
    outlet: Any
    seen: Tick = attrs.field(default=Tick(90))
    last_sent: Tick = attrs.field(default=Tick(100))
    in_sync: bool = True
    patience: int = 30
    sender: None = None

    def saw(self, now: Tick, seen: Tick) -> None:
        if self.seen < seen <= self.last_sent:
            self.seen = seen
        self.link.saw(now, self.seen)


class UnslottedWatcher:
    """The same without slots."""

    def __init__(self, link: LinkMeasure, seat: Seat, outlet: Any) -> None:
        self.link, self.seat, self.outlet = link, seat, outlet
        self.seen, self.last_sent, self.in_sync, self.patience = Tick(90), Tick(100), True, 30

    sender = None
    saw = Watcher.saw


Whose = st.sampled_from(["ann", "bob", "eve", "gone"])


@given(st.lists(st.tuples(Whose, st.one_of(Valid, arrays())), max_size=12), st.booleans())
@settings(max_examples=200)
def test_messages_are_taken_in_alike(
    native: HotPath, messages: list[tuple[PlayerId, bytes]], slotted: bool
) -> None:
    table, results = input_table(Steering), []
    kind = Watcher if slotted else UnslottedWatcher
    for hot in (native, pure):
        seats = {"ann": Seat(0), "bob": Seat(1), "eve": NO_SEAT}
        viewers = {
            PlayerId(name): kind(hot.link_measure(rules_of_links()), seat, None)
            for name, seat in seats.items()
        }
        buffers = {Seat(n): hot.input_buffer(table, BufferRules(30, 15, 90)) for n in (0, 1)}
        odd: list[tuple[Seat, bytes]] = []
        taken = hot.take_in(
            hot.input_reader(table),
            messages,
            viewers,
            buffers,
            Tick(100),
            lambda viewer, message, odd=odd: odd.append((viewer.seat, message)),  # type: ignore[misc]
        )
        seen = [(v.seen, v.link.rtt, v.link.jitter, v.link.heard) for v in viewers.values()]
        results.append(
            (
                taken,
                odd,
                seen,
                [counts(b) for b in buffers.values()],
                [
                    [attrs.astuple(b.take(Tick(101 + n))) for n in range(32)]
                    for b in buffers.values()
                ],
            )
        )
    assert results[0] == results[1]


def test_an_odd_message_may_end_its_viewer(native: HotPath) -> None:
    table = input_table(Steering)
    viewers = {PlayerId("ann"): Watcher(native.link_measure(rules_of_links()), Seat(0), None)}
    messages = [(PlayerId("ann"), b"odd"), (PlayerId("ann"), valid(1, 101, 95, 0, (0, 0, 0, 0)))]
    taken = native.take_in(
        native.input_reader(table), messages, viewers, {}, Tick(100), lambda *_: viewers.clear()
    )
    assert taken[2] == 0


def test_what_an_odd_message_raises_is_passed_on(native: HotPath) -> None:
    def raise_it(_viewer: Any, message: bytes) -> None:
        raise LookupError(message)

    viewers = {PlayerId("ann"): Watcher(native.link_measure(rules_of_links()), Seat(0), None)}
    with pytest.raises(LookupError):
        native.take_in(
            native.input_reader(input_table(Steering)),
            [(PlayerId("ann"), b"odd")],
            viewers,
            {},
            Tick(100),
            raise_it,
        )
