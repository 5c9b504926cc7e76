"""The inlet of a match and what it does when it is full."""

from gameserver.ids import PlayerId
from gameserver.service.inlet import QUEUED_PER_VIEWER, QueueInlet
from gameserver.transports import Drain

ANN, BOB = PlayerId("ann"), PlayerId("bob")


def test_draining_returns_everything_once_in_each_senders_order() -> None:
    inlet = QueueInlet(Drain())
    for number in range(3):
        inlet.put(ANN, b"a%d" % number)
        inlet.put(BOB, b"b%d" % number)
    drained = inlet.drain()
    assert [m for who, m in drained if who == ANN] == [b"a0", b"a1", b"a2"]
    assert [m for who, m in drained if who == BOB] == [b"b0", b"b1", b"b2"]
    assert inlet.drain() == []


def test_a_flood_overwrites_the_flooders_own_oldest_and_is_counted() -> None:
    inlet = QueueInlet(Drain())
    inlet.put(BOB, b"honest")
    for number in range(QUEUED_PER_VIEWER + 7):
        inlet.put(ANN, b"%d" % number)
    drained = inlet.drain()
    flood = [message for who, message in drained if who == ANN]
    assert (len(flood), flood[0]) == (QUEUED_PER_VIEWER, b"7")
    assert (BOB, b"honest") in drained
    assert inlet.overflowed == 1
