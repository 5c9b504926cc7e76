"""The generated reader of inputs, against the general decoder as its judge."""

from typing import Any

import attrs
import msgpack
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gameserver import game as gs
from gameserver.errors import ProtocolError
from gameserver.messages.wire import Input
from gameserver.protocol import limits
from gameserver.protocol.codec import decode_client
from gameserver.protocol.inputs import input_reader


@attrs.frozen
class Stick(gs.Command):
    """Two levels and an edge."""

    x: int = gs.level(-1, 1)
    angle: int = gs.level(0, 1023)
    jump: bool = gs.edge()


@attrs.frozen
class Nothing(gs.Command):
    """A game that only watches."""


READ = input_reader(Stick)
GOOD = [1, 5, 6, 4, 40, -1, 1023, 1]
BOUNDS = ((-1, 1), (0, 1023), (0, 1))


def judged(message: bytes) -> object:
    """Return what the general decoder makes of a message, with the bounds of `Stick`."""
    try:
        items = decode_client(message)
    except ProtocolError:
        return None
    match items:
        case (Input() as item,) if len(item.row) == len(BOUNDS):
            fits = all(lo <= v <= hi for v, (lo, hi) in zip(item.row, BOUNDS, strict=True))
            return (item.seq, item.tick, item.seen, item.view, item.row) if fits else None
        case _:
            return None


Value = st.one_of(
    st.sampled_from([-1, 0, 1, 1023, 1024, limits.VIEW, limits.TICK, limits.INTEGER]),
    st.integers(-(2**63), 2**64 - 1),
    st.booleans(),
    st.floats(),
    st.none(),
    st.sampled_from(["", "ab"]),
    st.binary(max_size=3),
    st.lists(st.integers(-9, 9), max_size=2),
)


@given(st.dictionaries(st.integers(0, len(GOOD)), Value, max_size=3))
@example({})
def test_the_input_reader_accepts_exactly_what_the_general_decoder_accepts(
    changes: dict[int, Any],
) -> None:
    row = [*GOOD]
    for place, value in changes.items():
        row[place : place + 1] = [value]
    message = msgpack.packb(row)
    assert READ(message) == judged(message)


@given(st.binary(max_size=60))
@example(b"\xa8\x01\x01\x01\x01\x01\x01\x01\x01")
@example(msgpack.packb({str(number): number for number in range(8)}))
@example(msgpack.packb(bytes((1, 5, 6, 4, 40, 0, 7, 1))))
@example(msgpack.packb(GOOD) + b"\x00")
@example(msgpack.packb(GOOD)[:-1])
@example(b"\xc1")
@example(b"\x91" * 60)
@example(b"\x81\x91\x01\x01")
def test_the_input_reader_and_the_general_decoder_agree_on_any_bytes(message: bytes) -> None:
    assert READ(message) == judged(message)


@pytest.mark.parametrize("size", [0, 1, 1 << 12])
def test_an_input_with_further_values_is_refused(size: int) -> None:
    assert READ(msgpack.packb([*GOOD, bytes(size)])) is None


def test_a_command_without_fields_has_an_empty_row() -> None:
    read = input_reader(Nothing)
    assert read(msgpack.packb([1, 5, 6, 4, 40])) == (5, 6, 4, 40, ())
    assert read(msgpack.packb(GOOD)) is None
