"""The inlet of a match, and its policy when it is full."""

from collections.abc import Callable

import pytest

from gameserver.ids import PlayerId
from gameserver.service.inlet import QUEUED_PER_VIEWER, UNCHARGED, QueueInlet
from gameserver.transports import Drain

ANN, BOB = PlayerId("ann"), PlayerId("bob")


def test_draining_returns_every_message_once_in_each_senders_order() -> None:
    inlet = QueueInlet(Drain())
    for number in range(3):
        inlet.put(ANN, b"a%d" % number)
        inlet.put(BOB, b"b%d" % number)
    drained = list(inlet.drain())
    assert [m for who, m in drained if who == ANN] == [b"a0", b"a1", b"a2"]
    assert [m for who, m in drained if who == BOB] == [b"b0", b"b1", b"b2"]
    assert list(inlet.drain()) == []


def test_a_flood_overwrites_the_flooders_own_oldest_and_is_counted() -> None:
    inlet = QueueInlet(Drain())
    inlet.put(BOB, b"honest")
    for number in range(QUEUED_PER_VIEWER + 7):
        inlet.put(ANN, b"%d" % number)
    drained = list(inlet.drain())
    flood = [message for who, message in drained if who == ANN]
    assert (len(flood), flood[0]) == (QUEUED_PER_VIEWER, b"7")
    assert (BOB, b"honest") in drained
    assert inlet.overflowed == 1


class Lane:
    """A link whose lane is all that it has."""

    def __init__(self) -> None:
        self.take: Callable[[bytes], object] | None = None

    def open_lane(self, heads: object, take: Callable[[bytes], object], drain: object) -> None:
        del heads, drain
        self.take = take

    def close_lane(self) -> None:
        self.take = None

    def receive(self, *messages: bytes) -> None:
        assert self.take is not None
        for message in messages:
            self.take(message)


def test_messages_arrive_through_the_lane_until_it_is_released() -> None:
    inlet, lane = QueueInlet(Drain()), Lane()
    inlet.attach(ANN, lane, lambda _count: None)
    lane.receive(b"1", b"2")
    assert list(inlet.drain()) == [(ANN, b"1"), (ANN, b"2")]
    lane.receive(b"3")
    inlet.detach(ANN)
    inlet.detach(ANN)
    assert (lane.take, list(inlet.drain())) == (None, [])


def test_a_newer_connection_replaces_the_older_one() -> None:
    inlet, older, newer = QueueInlet(Drain()), Lane(), Lane()
    inlet.attach(ANN, older, lambda _count: None)
    older.receive(b"1")
    inlet.attach(ANN, newer, lambda _count: None)
    assert older.take is None
    newer.receive(b"2")
    assert list(inlet.drain()) == [(ANN, b"1"), (ANN, b"2")], "what came over the older one counts"
    inlet.close()
    assert newer.take is None


@pytest.mark.parametrize("count", [1, UNCHARGED, UNCHARGED + 1, QUEUED_PER_VIEWER])
def test_if_inputs_exceed_the_rate_of_an_honest_player_all_of_them_are_charged(count: int) -> None:
    inlet, lane = QueueInlet(Drain()), Lane()
    charged: list[int] = []

    def charge(messages: int) -> None:
        charged.append(messages)
        inlet.detach(ANN)  # as the end of a connection does

    inlet.attach(ANN, lane, charge)
    lane.receive(*[b"x"] * count)
    inlet.put(BOB, b"y")
    drained = list(inlet.drain())
    assert [who for who, _ in drained] == [ANN] * count + [BOB]
    assert charged == ([count] if count > UNCHARGED else [])
    assert inlet.overflowed == (count == QUEUED_PER_VIEWER)
