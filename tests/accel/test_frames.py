"""Short frames, judged by the walker of all frames and by a loop over bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.accel import HotPath
from gameserver.accel.pure.frames import short_payload
from gameserver.transports.websocket.frames import FrameFaultError, FrameWalker

Mask = st.binary(min_size=4, max_size=4)


def xored(mask: bytes, payload: bytes) -> bytes:
    return bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def frame(mask: bytes, payload: bytes) -> bytes:
    return bytes((0x82, 0x80 | len(payload))) + mask + xored(mask, payload)


@given(Mask, st.binary(max_size=125))
def test_unmasking_equals_the_algorithm_of_the_rfc(
    hot: HotPath, mask: bytes, payload: bytes
) -> None:
    assert hot.unmasked(mask + xored(mask, payload), len(payload)) == payload


@given(Mask, st.binary(min_size=2, max_size=125))
def test_the_payload_of_a_short_frame_is_returned(mask: bytes, payload: bytes) -> None:
    assert short_payload(frame(mask, payload)) == payload


@given(Mask, st.binary(max_size=125), st.integers(0, 140), st.binary(max_size=2))
def test_a_partial_frame_or_several_frames_give_none(
    mask: bytes, payload: bytes, cut: int, more: bytes
) -> None:
    data = frame(mask, payload)[:cut] + more
    given = short_payload(data)
    if given is None:
        return
    walker = FrameWalker(1 << 16, 16)
    heads = walker.feed(data)
    assert walker.at_boundary
    assert [head.length for head in heads] == [len(given)]


@given(st.binary(max_size=140))
def test_of_any_bytes_only_a_whole_final_binary_frame_is_taken(data: bytes) -> None:
    given = short_payload(data)
    try:
        heads = FrameWalker(1 << 16, 16).feed(data)
    except FrameFaultError:
        heads = []
    whole = (
        len(heads) == 1
        and data[:1] == b"\x82"
        and 2 <= heads[0].length <= 125
        and len(data) == 6 + heads[0].length
    )
    assert (given is not None) == whole


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_encoded_frames_have_the_shortest_form_of_their_length(hot: HotPath, size: int) -> None:
    made = hot.binary_frame(bytes(size))
    assert made[0] == 0x82
    assert made[1] == (size if size < 126 else 126 if size < 65_536 else 127)
    header = 2 if size < 126 else 4 if size < 65_536 else 10
    assert len(made) == header + size
    assert int.from_bytes(made[2:header], "big") == (size if size >= 126 else 0)
