"""Deltas: what is joined is decoded, byte for byte as it is drawn; hostile bytes are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.errors import ProtocolError
from gameserver.ids import Tick
from gameserver.messages.wire import Delta, Section, Snapshot
from gameserver.protocol import limits
from gameserver.protocol.codec import decode_server, encode
from gameserver.protocol.deltas import (
    MOST_TICKS,
    SnapshotSequence,
    decode_delta,
    encode_change,
    encode_delta,
    is_delta,
    join_delta,
    with_changes,
)

BODIES = st.binary(max_size=300)
CHANGES = st.dictionaries(st.integers(1, limits.SERVER_ITEMS - 1), BODIES, max_size=12)
TICKS = st.integers(1, limits.TICK - 1)


def joined(tick: int, since: int, public: bytes, changes: dict[int, bytes]) -> bytes:
    told = [encode_change(number, body) for number, body in changes.items()]
    return join_delta(Tick(tick), Tick(since), public, told)


@given(tick=TICKS, ticks=st.integers(0, 70), public=BODIES, changes=CHANGES)
def test_a_delta_tells_its_tick_and_its_sections(
    tick: int, ticks: int, public: bytes, changes: dict[int, bytes]
) -> None:
    since = max(0, tick - ticks)
    message = joined(tick, since, public, changes)
    assert is_delta(message)
    sequence = SnapshotSequence(Tick(since))
    delta = decode_delta(message)
    found = sequence.next([delta])
    head = [Section(0, False, public)] if public else []
    rest = [Section(number, False, body) for number, body in changes.items()]
    assert found == Snapshot(Tick(tick), tuple(head + rest))
    assert sequence.newest == tick
    assert (delta.tick is None) == (1 <= tick - since <= MOST_TICKS)
    assert encode_delta(delta) == encode(delta) == message
    assert decode_server(message, lambda _: None) == (delta,)


@given(tick=TICKS, ticks=st.integers(0, 40), public=BODIES, first=CHANGES, more=CHANGES)
def test_further_changes_stand_before_those_that_a_delta_has(
    tick: int, ticks: int, public: bytes, first: dict[int, bytes], more: dict[int, bytes]
) -> None:
    since = max(0, tick - ticks)
    own = {number: body for number, body in more.items() if number not in first}
    delta = joined(tick, since, public, first)
    told = [encode_change(number, body) for number, body in own.items()]
    assert with_changes(delta, told) == joined(tick, since, public, {**own, **first})


@pytest.mark.parametrize(
    ("message", "drawn"),
    [
        (join_delta(Tick(8), Tick(7), b""), "01"),
        (join_delta(Tick(300), Tick(297), b"ab"), "03 6162"),
        (join_delta(Tick(300), Tick(268), b"ab"), "00 ac02 6162"),
        (join_delta(Tick(8), Tick(7), b"ab", [encode_change(1, b"xyz")]), "21 01 03 78797a 6162"),
        (join_delta(Tick(8), Tick(7), b"", [encode_change(4100, b"")]), "21 8420 00"),
        (
            join_delta(Tick(40), Tick(0), b"p", [encode_change(n, b"x") for n in (1, 2, 3)]),
            "60 28 03 010178 020178 030178 70",
        ),
    ],
)
def test_the_bytes_of_a_delta(message: bytes, drawn: str) -> None:
    assert message == bytes.fromhex(drawn)


@pytest.mark.parametrize(
    ("hostile", "sentence"),
    [
        ("00", "cut off"),
        ("00 80", "cut off"),
        ("00 8080808080", "too long"),
        ("00 8080808008", "tick of a delta is too large"),
        ("60", "cut off"),
        ("61 02 0100 0200", "too many or too few"),
        ("61 81 80 04", "too many or too few"),
        ("21", "cut off"),
        ("21 01", "cut off"),
        ("21 01 05 6162", "cut off, or has no section"),
        ("21 00 01 61", "cut off, or has no section"),
        ("21 808004 00", "cut off, or has no section"),
        ("41 0100 0100", "twice"),
    ],
)
def test_hostile_deltas_are_refused(hostile: str, sentence: str) -> None:
    with pytest.raises(ProtocolError, match=sentence):
        decode_server(bytes.fromhex(hostile), lambda _: None)


@given(rest=st.binary(max_size=60), first=st.integers(0, 0x7F))
def test_any_bytes_are_a_delta_or_refused(first: int, rest: bytes) -> None:
    message = bytes((first,)) + rest
    try:
        delta = decode_delta(message)
    except ProtocolError:
        return
    assert SnapshotSequence(Tick(5)).next([delta]).tick >= 0
    assert decode_delta(encode_delta(delta)) == delta


def test_a_delta_behind_the_last_tick_is_refused() -> None:
    last = SnapshotSequence(Tick(limits.TICK - 1))
    with pytest.raises(ProtocolError, match="too large"):
        last.next([Delta(1, None, ())])
    assert last.newest == limits.TICK - 1


def test_other_messages_are_no_deltas() -> None:
    assert not is_delta(b"")
    assert not is_delta(b"\x80")
    assert is_delta(b"\x7f")
