"""The lane sorts a stream: what it takes and what goes up are together what came, in order."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.transports.websocket.frames import FrameFaultError, FrameWalker
from gameserver.transports.websocket.lane import Lane
from tests.transports.peers import masked

WANTED = b"\x98\x01"
Frame = tuple[bytes, bool]
"""A frame's bytes, and whether the lane should take it."""

Payload = st.one_of(
    st.binary(max_size=130),
    st.binary(max_size=123).map(lambda rest: WANTED + rest),
    st.binary(max_size=40).map(lambda rest: WANTED + rest),
)


def whole(payload: bytes, opcode: int) -> list[Frame]:
    taken = opcode == 2 and payload[:2] == WANTED and len(payload) < 126
    return [(masked(payload, opcode=opcode), taken)]


def in_parts(payload: bytes, ping: bool) -> list[Frame]:
    """Return a message in three fragments, a ping between; even a wanted one goes up."""
    cut = len(payload) // 2
    parts = [masked(payload[:cut], opcode=2, final=False), masked(payload[cut:], opcode=0)]
    if ping:
        parts.insert(1, masked(WANTED, opcode=9))
    return [(part, False) for part in parts]


Messages = st.lists(
    st.one_of(
        st.builds(whole, Payload, st.just(2)),
        st.builds(whole, st.binary(max_size=20), st.sampled_from([8, 9, 10])),
        st.builds(in_parts, Payload, st.booleans()),
    ),
    max_size=8,
)


def pieces(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    places = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    for begin, end in itertools.pairwise(places):
        yield data[begin:end]


def payload_of(frame: bytes) -> bytes:
    mask = frame[2:6]
    return bytes(byte ^ mask[index % 4] for index, byte in enumerate(frame[6:]))


@given(Messages, st.lists(st.integers(0, 2000), max_size=12), st.booleans())
def test_every_frame_is_taken_or_passed_on_in_order(
    messages: list[list[Frame]], cuts: list[int], quick: bool
) -> None:
    frames = [frame for message in messages for frame in message]
    taken: list[bytes] = []
    lane = Lane(FrameWalker(4096, 8), [WANTED], taken.append)
    up, heads = b"", 0
    for piece in pieces(b"".join(data for data, _ in frames), cuts):
        if quick:
            piece = piece[lane.tap.take(piece) :]  # noqa: PLW2901
        passed, found = lane.feed(piece)
        up += passed
        heads += len(found)
    assert lane.close()[0] == b""
    assert taken == [payload_of(data) for data, wanted in frames if wanted]
    assert up == b"".join(data for data, wanted in frames if not wanted)
    assert heads == sum(not wanted for _, wanted in frames)


@given(Messages, st.integers(0, 2000), st.integers(0, 2000))
def test_a_lane_may_open_and_close_anywhere(
    messages: list[list[Frame]], opens: int, closes: int
) -> None:
    frames = [frame for message in messages for frame in message]
    data = b"".join(frame for frame, _ in frames)
    begin, end = sorted((opens % (len(data) + 1), closes % (len(data) + 1)))
    taken: list[bytes] = []
    walker = FrameWalker(4096, 8)
    walker.feed(data[:begin])
    lane = Lane(walker, [WANTED], taken.append)
    up = data[:begin] + lane.feed(data[begin:end])[0] + lane.close()[0] + data[end:]
    walker.feed(data[end:])
    assert walker.at_boundary == walked(data).at_boundary
    expected, at = b"", 0
    for frame, wanted in frames:
        inside = wanted and begin <= at and at + len(frame) <= end
        expected += b"" if inside else frame
        at += len(frame)
    assert up == expected


def test_a_frame_that_is_not_taken_is_passed_on_in_its_place() -> None:
    good, odd, other = masked(WANTED), masked(WANTED + b"odd"), masked(b"other")
    taken: list[bytes] = []

    def take(payload: bytes) -> bool:
        if payload == WANTED:
            taken.append(payload)
        return payload == WANTED

    lane = Lane(FrameWalker(4096, 8), [WANTED], take)
    assert lane.tap.take(good) == len(good)
    assert lane.tap.take(odd) == 0
    assert lane.feed(other + odd + good + other)[0] == other + odd + other
    assert taken == [WANTED] * 2


def walked(data: bytes) -> FrameWalker:
    walker = FrameWalker(4096, 8)
    walker.feed(data)
    return walker


@pytest.mark.parametrize(
    "bad", [masked(b"text", opcode=1), bytes([0x82, 4]) + b"bare", b"\xc2\x80mask"]
)
def test_an_invalid_frame_after_a_wanted_one_is_a_fault(bad: bytes) -> None:
    taken: list[bytes] = []
    lane = Lane(FrameWalker(4096, 8), [WANTED], taken.append)
    with pytest.raises(FrameFaultError):
        lane.feed(masked(WANTED) + bad)
    assert taken == [WANTED]
    assert not lane.tap.ready, "nothing may be taken beside it any more"


def test_the_bytes_kept_by_a_lane_are_bounded() -> None:
    lane = Lane(FrameWalker(4096, 8), [WANTED], lambda _: None)
    frame = masked(WANTED + bytes(123))
    for at in range(len(frame) - 1):
        lane.feed(frame[at : at + 1])
    assert len(lane.close()[0]) < 132


def test_a_payload_may_be_wanted_for_its_first_four_bytes() -> None:
    long_head = b"\xdc\x00\x10\x01"
    wanted = masked(long_head + b"rest")
    other = masked(b"\xdc\x00\x10\x12rest")
    taken: list[bytes] = []
    lane = Lane(FrameWalker(4096, 8), [WANTED, long_head], taken.append)
    assert lane.tap.take(wanted) == len(wanted)
    assert lane.tap.take(other) == 0
    assert lane.feed(wanted + other + wanted)[0] == other
    assert taken == [long_head + b"rest"] * 3
