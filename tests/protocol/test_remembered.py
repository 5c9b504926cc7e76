"""Bytes are found again by the object they were made from, and a map grows without packing anew."""

import msgpack
import pytest

from gameserver.protocol.remembered import Remembered, with_entry


def test_bytes_belong_to_the_object_and_not_to_an_equal_one() -> None:
    kept = Remembered(2)
    made, equal = ["a"], ["a"]
    kept.put(made, b"1")
    assert kept.get(made) == b"1"
    assert kept.get(equal) is None


def test_a_bounded_number_is_kept_and_the_oldest_is_dropped_first() -> None:
    kept = Remembered(3)
    made = [[number] for number in range(5)]
    lengths = []
    for number, each in enumerate(made):
        kept.put(each, b"%d" % number)
        lengths.append(len(kept))
    assert lengths == [1, 2, 3, 3, 3]
    assert [kept.get(each) for each in made] == [None, None, b"2", b"3", b"4"]


@pytest.mark.parametrize("entries", [0, 1, 13, 14, 15, 16, 20])
def test_adding_an_entry_to_a_packed_map_equals_packing_it_again(entries: int) -> None:
    values = {f"key {number}": number for number in range(entries)}
    more = with_entry(msgpack.packb(values), "after", 7)
    assert more == msgpack.packb({**values, "after": 7})


def test_the_other_entries_of_a_small_map_are_copied_as_they_are() -> None:
    packed = b"\x81\xa1a\xd1\x00\x01"  # a 1 in three bytes, as no encoder of ours writes it
    assert with_entry(packed, "b", 2) == b"\x82\xa1a\xd1\x00\x01\xa1b\x02"
