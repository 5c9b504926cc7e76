"""The messages of every tick: the largest and smallest values, and just beyond."""

from collections.abc import Callable
from typing import Any

import msgpack
import pytest

from gameserver.errors import Code, ProtocolError
from gameserver.ids import Tick
from gameserver.messages.wire import Kind, Ping, Pong, Section, Seen, Snapshot
from gameserver.protocol import hot, limits


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (b"", 0),
        (b"\x91", 0),
        (b"\x91\x01", 1),
        (b"\x9f\x7f", 0x7F),
        (b"\x90\x01", 0),
        (b"\xa0\x01", 0),
        (b"\x92\x80", 0),
        (b"\x92\xff", 0),
        (b"\xdc\x00\x10", 0),
        (b"\xdc\x00\x10\x02", 2),
        (b"\xdc\x00\x10\x80", 0),
        (b"\xdd\x00\x10\x02", 0),
    ],
)
def test_the_kind_of_a_message_is_read_from_its_first_bytes(message: bytes, kind: int) -> None:
    assert hot.peek_kind(message) == kind


TOP = limits.INTEGER - 1


@pytest.mark.parametrize(
    ("row", "sign"),
    [
        ([4, 0], Ping(0)),
        ([4, TOP], Ping(TOP)),
        ([5, 0, 0], Pong(0, 0)),
        ([5, TOP, TOP], Pong(TOP, TOP)),
        ([4, -1], None),
        ([4, TOP + 1], None),
        ([5, 1, TOP + 1], None),
        ([5, 1, -1], None),
        ([4, True], None),
        ([4, "a"], None),
        ([5, 1], None),
        ([4, 1, 1], None),
        ([5, 1, 1, 1], None),
        ([6, 1], None),
        ([], None),
    ],
)
def test_a_sign_of_life_has_whole_numbers_of_53_bits(
    row: list[Any], sign: Ping | Pong | None
) -> None:
    assert hot.sign_of_life(msgpack.packb(row)) == sign
    assert hot.sign_of_life(msgpack.packb(row) + b"\x00") is None


def taken(shape: Callable[[Any], object], row: object) -> bool:
    try:
        shape(row)
    except ProtocolError as error:
        assert error.code is Code.BAD_MESSAGE  # noqa: PT017
        return False
    return True


BEFORE = [int(Kind.INPUT), 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("place", "least", "most"),
    [
        (0, 1, 1),
        (1, 0, TOP),
        (2, 0, limits.TICK - 1),
        (3, 0, limits.TICK - 1),
        (4, 0, limits.VIEW - 1),
        (5, -TOP, TOP),
        (6, -TOP, TOP),
    ],
)
def test_each_number_of_an_input_has_its_bounds(place: int, least: int, most: int) -> None:
    def with_it(value: object) -> list[object]:
        row: list[object] = [*BEFORE, 0, 0]
        row[place] = value
        return row

    good, bad = [least, most], [least - 1, most + 1, True, 1.0, None]
    assert [taken(hot.input_of, with_it(value)) for value in good] == [True] * 2
    assert [taken(hot.input_of, with_it(value)) for value in bad] == [False] * 5


def test_an_input_has_its_head_and_a_bounded_number_of_fields() -> None:
    longest = [*BEFORE, *[0] * limits.INPUT_FIELDS]
    assert taken(hot.input_of, BEFORE)
    assert taken(hot.input_of, longest)
    assert not taken(hot.input_of, BEFORE[:-1])
    assert not taken(hot.input_of, [*longest, 0])
    assert not taken(hot.input_of, tuple(BEFORE))


@pytest.mark.parametrize(
    ("shape", "row", "place", "least", "most"),
    [
        (hot.seen_of, [Kind.SEEN, 1], 0, Kind.SEEN, Kind.SEEN),
        (hot.seen_of, [Kind.SEEN, 1], 1, 0, limits.TICK - 1),
        (hot.steer_of, [Kind.STEER, 1, 1], 0, Kind.STEER, Kind.STEER),
        (hot.steer_of, [Kind.STEER, 1, 1], 1, 0, limits.TICK - 1),
        (hot.steer_of, [Kind.STEER, 1, 1], 2, -32_768, 32_767),
        (hot.shift_of, [Kind.SHIFT, 1, 1], 0, Kind.SHIFT, Kind.SHIFT),
        (hot.shift_of, [Kind.SHIFT, 1, 1], 1, 0, limits.TICK - 1),
        (hot.shift_of, [Kind.SHIFT, 1, 1], 2, 0, limits.TICK - 1),
        (hot.snapshot_of, [Kind.SNAPSHOT, 1], 0, Kind.SNAPSHOT, Kind.SNAPSHOT),
        (hot.snapshot_of, [Kind.SNAPSHOT, 1], 1, 0, limits.TICK - 1),
        (hot.snapshot_of, [Kind.SNAPSHOT, 1, 2, b""], 2, 0, 2 * limits.SERVER_ITEMS - 1),
    ],
)
def test_each_number_of_what_a_server_sends_has_its_bounds(
    shape: Callable[[Any], object], row: list[Any], place: int, least: int, most: int
) -> None:
    def with_it(value: object) -> list[object]:
        return [*row[:place], value, *row[place + 1 :]]

    assert [taken(shape, with_it(value)) for value in (least, most)] == [True, True]
    assert [taken(shape, with_it(value)) for value in (least - 1, most + 1)] == [False, False]
    assert not taken(shape, [*row, 0])
    assert not taken(shape, row[:-1])
    assert not taken(shape, tuple(row))


def test_the_sections_of_a_snapshot_are_read_in_order_and_each_stands_there_once() -> None:
    row = [int(Kind.SNAPSHOT), 9, 2, b"a", 5, b"b", 0, b""]
    sections = (Section(1, False, b"a"), Section(2, True, b"b"), Section(0, False, b""))
    assert hot.snapshot_of(row) == Snapshot(Tick(9), sections)
    assert not taken(hot.snapshot_of, [*row, 3, b""])
    assert not taken(hot.snapshot_of, [*row, 8, "text"])


@pytest.mark.parametrize("count", [0, 1, 6, 7, 8, 200, 33_000])
def test_joined_sections_are_the_bytes_of_the_whole_snapshot(count: int) -> None:
    tick = Tick(70_000)
    sections = [hot.encode_section(n, b"x", keyframe=n % 2 == 1) for n in range(count)]
    whole = hot.encode_snapshot(tick, [(2 * n + n % 2, b"x") for n in range(count)])
    if count < 32_000:
        assert hot.join_sections(tick, sections) == whole
    else:
        with pytest.raises(OverflowError):
            hot.join_sections(tick, sections)


def test_an_acknowledgement_is_told_what_is_wrong() -> None:
    assert hot.decode_seen(hot.encode_seen(Seen(Tick(7)))) == Seen(Tick(7))
    for message, said in (
        (bytes(hot.LONGEST + 1), "too long for an input"),
        (bytes(hot.LONGEST), "an input is one flat array of integers"),
        (msgpack.packb([6, "a"]), "an input is one flat array of integers"),
        (msgpack.packb([6, 1, 1]), "a seen is [6, tick]"),
    ):
        with pytest.raises(ProtocolError) as refused:
            hot.decode_seen(message)
        assert refused.value.sentence == said


@pytest.mark.parametrize(
    ("bounds", "row"),
    [([], ()), ([(-1, 300)], (300,)), ([(-300, 1)], (-300,)), ([(0, 1), (-129, 127)], (1, -129))],
)
def test_the_longest_input_has_the_longest_value_of_each_field(
    bounds: list[tuple[int, int]], row: tuple[int, ...]
) -> None:
    head = [Kind.INPUT, TOP, limits.TICK - 1, limits.TICK - 1, limits.VIEW - 1]
    assert hot.longest_input(bounds) == len(msgpack.packb([*head, *row]))
