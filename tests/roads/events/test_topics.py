"""Topics and the places of their readers: each change once, whatever is cut or forgotten."""

import json
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameserver.roads.events.subscription import PLACE_DIGITS, Subscription, _places
from gameserver.roads.events.topics import KEPT, KEPT_BYTES, Changes, TopicLog, piece

KEY = bytes(16)
MOST = 1 << 20


class Counter:
    """A topic of numbers; its state is the last number."""

    def __init__(self, name: str, changes: Changes | None = None) -> None:
        self.said = 0
        self.encoded = 0
        self.topic = TopicLog(name, changes or Changes(), lambda: {"at": self.said})

    def say(self, more: str = "") -> None:
        self.said += 1
        number = self.said

        def plainly() -> dict[str, object]:
            self.encoded += 1
            return {"at": number, "more": more}

        self.topic.say("said", plainly)


def events(data: bytes) -> list[tuple[str, str, dict[str, object]]]:
    """Return id, name and data of each event."""
    found = []
    for text in data.decode().split("\n\n")[:-1]:
        lines = dict(line.split(": ", 1) for line in text.split("\n"))
        found.append((lines["id"], lines["event"], json.loads(lines["data"])))
    return found


def reader(*counters: Counter, last_id: str = "") -> Subscription:
    return Subscription([each.topic for each in counters], KEY, last_id)


def names(data: bytes) -> list[str]:
    return [name for _, name, _ in events(data)]


def test_a_change_is_encoded_once_for_all_readers_and_not_without_one() -> None:
    one = Counter("one")
    one.say()
    first, second = reader(one), reader(one)
    assert [first.take(MOST), names(second.take(MOST))][1] == ["state"]
    assert one.encoded <= 1
    one.say()
    assert one.encoded <= 1
    assert events(first.take(MOST)) == events(second.take(MOST))
    assert one.encoded <= 2
    assert first.take(MOST) == b""


def test_when_full_the_oldest_change_is_forgotten_and_a_reader_behind_it_is_told_of_a_gap() -> None:
    one = Counter("one")
    slow, slower = reader(one), reader(one)
    slow.take(MOST)
    slower.take(MOST)
    for _ in range(KEPT):
        one.say()
    assert len(events(slow.take(MOST))) == KEPT
    one.say()
    assert names(slow.take(MOST)) == ["said"]
    (_, gap, about), (_, state, _) = events(slower.take(MOST))
    assert (gap, about, state) == ("gap", {"topic": "one"}, "state")


def test_when_full_of_bytes_the_oldest_are_forgotten_but_not_the_newest() -> None:
    one = Counter("one")
    there = reader(one)
    there.take(MOST)
    for _ in range(5):
        one.say("x" * (KEPT_BYTES // 4))
    assert names(there.take(MOST)) == ["gap", "state"]
    one.say("x" * (KEPT_BYTES * 2))
    assert names(there.take(MOST)) == ["said"]


def test_bytes_are_kept_up_to_the_bound_and_no_more() -> None:
    one = Counter("one")
    there, other = reader(one), reader(one)
    there.take(MOST)
    other.take(MOST)
    one.say("")
    one.say("")
    (first, second) = (len(piece) for _, piece in one.topic.since(0) or ())
    one.say("x" * (KEPT_BYTES - first - second - first))
    assert names(there.take(MOST)) == ["said"] * 3
    assert sum(len(piece) for _, piece in one.topic.since(0) or ()) == KEPT_BYTES
    one.topic.say("s", dict)
    assert [place for place, _ in one.topic.since(1) or ()] == [2, 3, 4]
    assert one.topic.since(0) is None
    assert names(other.take(MOST)) == ["gap", "state"]


def test_a_piece_is_bounded_and_the_rest_follows() -> None:
    one, two = Counter("one"), Counter("two")
    there = reader(one, two)
    there.take(MOST)
    for _ in range(4):
        one.say("x" * 100)
        two.say("x" * 100)
    taken = []
    while data := there.take(300):
        assert len(data) < 700
        taken += [(about["topic"], about["at"]) for _, _, about in events(data)]
    assert taken == [(topic, at) for topic in ("one", "two") for at in range(1, 5)]


def test_a_piece_may_end_within_a_topic_and_what_is_left_wakes_the_reader() -> None:
    one = Counter("one")
    there = reader(one)
    there.take(MOST)
    for _ in range(3):
        one.say()
    size = len(piece("said", "one", {"at": 1, "more": ""}))
    left = [(len(events(there.take(most))), there._woken.is_set()) for most in (1, size, size, 1)]
    assert left == [(1, True), (1, True), (1, True), (0, False)]


@pytest.mark.parametrize(
    ("last_id", "places"),
    [
        ("tag-1.2", [1, 2]),
        ("tag-.7", [None, 7]),
        (f"tag-{'9' * PLACE_DIGITS}.0", [int("9" * PLACE_DIGITS), 0]),
        (f"tag-{'9' * (PLACE_DIGITS + 1)}.0", None),
        ("tag-1", None),
        ("tag-1.2.3", None),
        ("tag-1.-2", None),
        ("tag-1.x", None),
        ("gat-1.2", None),
        ("", None),
    ],
)
def test_an_id_is_read_if_it_is_one_of_these_topics(
    last_id: str, places: list[int | None] | None
) -> None:
    assert _places(last_id, "tag", 2) == places


def test_bytes_and_mappings_are_written_as_plain_values_and_nothing_else_is() -> None:
    said = piece("said", "one", {"raw": b"\x00\xff", "of": MappingProxyType({"a": "ä"})})
    assert said == 'event: said\ndata: {"topic":"one","raw":"AP8=","of":{"a":"ä"}}\n\n'.encode()
    with pytest.raises(TypeError, match="set is no plain value"):
        piece("said", "one", {"all": {1}})


def test_an_id_of_other_topics_of_another_run_or_of_nobody_begins_anew_with_gaps() -> None:
    one, two = Counter("one"), Counter("two")
    there = reader(one, two)
    (*_, (last, _, _)) = events(there.take(MOST))
    assert reader(one, two, last_id=last).take(MOST) == b""
    other = Subscription([one.topic, two.topic], bytes(15) + b"x", last)
    strange = [last + "7", last[:-1] + "-1", last + ".0", last[:-1] + "9" * 16, "x", "-", "²" * 9]
    for begun in (
        other,
        reader(two, one, last_id=last),
        reader(one, last_id=last),
        *(reader(one, two, last_id=each) for each in strange),
    ):
        told = names(begun.take(MOST))
        assert told[-2:] == ["gap", "state"]


def test_a_topic_that_is_over_is_left_and_a_reader_without_topics_is_over() -> None:
    one, two = Counter("one"), Counter("two")
    there = reader(one, two)
    there.take(MOST)
    one.topic.close("closed")
    one.topic.close("again")
    assert [about["reason"] for _, _, about in events(there.take(MOST))] == ["closed"]
    two.topic.close("closed")
    overs = [there.over]  # its end is still to be taken
    there.take(MOST)
    overs.append(there.over)
    assert overs == [False, True]
    there.close()
    assert not one.topic.readers
    assert not two.topic.readers


@settings(max_examples=60)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("say"), st.integers(0, 2), st.sampled_from(["", "y" * 60_000])),
            st.tuples(st.just("take"), st.integers(1, 90_000), st.integers(0, 5)),
        ),
        max_size=30,
    )
)
def test_wherever_a_stream_is_cut_each_change_comes_once_or_is_part_of_a_state(
    steps: list[tuple[str, int, int | str]],
) -> None:
    counters = [Counter("one"), Counter("two"), Counter("three")]
    last_id, there = "", reader(*counters)
    at: dict[str, int | None] = {"one": None, "two": None, "three": None}

    def take(most: int, cut_after: int) -> int:
        nonlocal last_id, there
        found = events(there.take(most))
        for event_id, name, about in found[:cut_after]:
            topic = str(about["topic"])
            if name == "state":
                state = about["state"]
                assert isinstance(state, dict)
                at[topic] = state["at"]
            elif name == "said":
                before = at[topic]
                assert before is not None
                assert about["at"] == before + 1
                at[topic] = before + 1
            last_id = event_id
        if cut_after < len(found):
            there = reader(*counters, last_id=last_id)
        return len(found)

    for kind, number, more in steps:
        if kind == "say":
            counters[number].say(str(more))
        else:
            take(number, int(more))
    while take(MOST, MOST):
        pass
    assert at == {each.topic.name: each.said for each in counters}
