"""One bounded read of each readable socket in a call, and no waiting.

Where no selector can be had, members read for themselves; nobody is cut for want of one.
"""

import errno
import os
import select
import socket
import time
from collections.abc import Iterator

import attrs
import pytest
import trio
from trio.testing import MockClock

from gameserver.transports.drain import DRAIN_BYTES, Drain


class Member:
    tap = None

    def __init__(self) -> None:
        self.came: list[bytes] = []

    def received_nowait(self, data: bytes) -> None:
        self.came.append(data)


@attrs.define
class Pair:
    """A member of a drain, and the socket that its peer writes to."""

    drain: Drain
    member: Member = attrs.field(factory=Member)
    ours: socket.socket = attrs.field(init=False)
    peer: socket.socket = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.ours, self.peer = socket.socketpair()
        self.ours.setblocking(False)
        assert self.drain.add(self.ours.fileno(), self.member)

    def leave(self) -> None:
        self.drain.remove(self.ours.fileno())


@pytest.fixture
def pairs() -> Iterator[list[Pair]]:
    drain = Drain()
    made = [Pair(drain) for _ in range(3)]
    yield made
    for pair in made:
        pair.leave()
        pair.ours.close()
        pair.peer.close()
    drain.close()


def test_each_readable_member_is_read_once_and_within_bounds(pairs: list[Pair]) -> None:
    drain, (first, second, silent) = pairs[0].drain, pairs
    first.peer.send(b"one")
    second.peer.send(b"x" * (DRAIN_BYTES + 5))
    drain.drain()
    assert first.member.came == [b"one"]
    assert second.member.came == [b"x" * DRAIN_BYTES]
    drain.drain()
    assert first.member.came == [b"one"], "there was nothing to read"
    assert second.member.came == [b"x" * DRAIN_BYTES, b"x" * 5]
    assert silent.member.came == []
    assert len(drain) == 3


def test_a_bounded_number_of_members_is_read_and_the_others_next_time(pairs: list[Pair]) -> None:
    for pair in pairs:
        pair.peer.send(b"input")
    pairs[0].drain.drain(most=2)
    assert sum(len(pair.member.came) for pair in pairs) == 2
    pairs[0].drain.drain(most=2)
    assert [pair.member.came for pair in pairs] == [[b"input"]] * 3


def test_the_end_and_an_error_of_a_stream_are_reported_as_no_bytes(pairs: list[Pair]) -> None:
    ended, broken, whole = pairs
    ended.peer.close()
    # A reset: closed with unread bytes.
    broken.ours.send(b"never read")
    broken.peer.close()
    whole.peer.send(b"input")
    ended.drain.drain()
    assert [pair.member.came for pair in pairs] == [[b""], [b""], [b"input"]]


def test_a_socket_without_data_is_skipped(pairs: list[Pair]) -> None:
    emptied: list[Pair] = []

    class Greedy(Member):
        """Reads the sockets of the others before their turn."""

        def received_nowait(self, data: bytes) -> None:
            super().received_nowait(data)
            for pair in pairs:
                if pair.member is not self and not emptied:
                    pair.ours.recv(100)
                    emptied.append(pair)

    for pair in pairs:
        pair.leave()
        pair.member = Greedy()
        pair.drain.add(pair.ours.fileno(), pair.member)
        pair.peer.send(b"input")
    pairs[0].drain.drain()
    assert [pair.member.came for pair in pairs] == [
        [] if pair is emptied[0] else [b"input"] for pair in pairs
    ]


def test_a_member_that_left_is_not_read_even_while_others_are(pairs: list[Pair]) -> None:
    class Leaver(Member):
        def received_nowait(self, data: bytes) -> None:
            super().received_nowait(data)
            for pair in pairs:
                if pair.member is not self:
                    pair.leave()

    drain = pairs[0].drain
    for pair in pairs:
        pair.leave()
        pair.leave()  # once more does nothing
        pair.member = Leaver()
        assert drain.add(pair.ours.fileno(), pair.member)
        pair.peer.send(b"input")
    drain.drain()
    assert sorted(len(pair.member.came) for pair in pairs) == [0, 0, 1]
    assert len(drain) == 1


def test_draining_never_waits(pairs: list[Pair]) -> None:
    began = time.monotonic()
    for _ in range(1000):
        pairs[0].drain.drain()
    assert time.monotonic() - began < 5, "a wait of 5 ms in each would have taken as long"


async def test_waiting_ends_when_a_member_has_bytes(
    pairs: list[Pair], autojump_clock: MockClock
) -> None:
    del autojump_clock
    drain = pairs[0].drain
    with trio.move_on_after(5) as waited:
        await drain.wait_readable()
    assert waited.cancelled_caught, "nothing has come"
    pairs[1].peer.send(b"input")
    assert drain.descriptor >= 0
    with trio.fail_after(5):
        assert await drain.wait_readable() is True
    drain.drain()
    assert pairs[1].member.came == [b"input"]


async def test_a_closed_drain_accepts_no_members_and_does_not_wait() -> None:
    drain, member = Drain(), Member()
    drain.drain()
    descriptor = drain.descriptor
    drain.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
    reader, writer = os.pipe()
    assert not drain.add(reader, member)
    assert (drain.descriptor, len(drain)) == (-1, 0)
    with trio.fail_after(5):
        assert await drain.wait_readable() is False
    os.close(reader)
    os.close(writer)


def test_without_a_descriptor_for_the_selector_the_member_must_read_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none_left() -> select.epoll:
        raise OSError(errno.EMFILE, "Too many open files")

    drain, member = Drain(), Member()
    reader, writer = os.pipe()
    with monkeypatch.context() as patch:
        patch.setattr(select, "epoll", none_left)
        assert not drain.add(reader, member)
        assert len(drain) == 0
        drain.remove(reader)
        drain.drain()
    assert drain.add(reader, member)  # there is one again
    os.write(writer, b"input")
    drain.drain()
    assert member.came == [b"input"]
    drain.remove(reader)
    drain.close()
    os.close(reader)
    os.close(writer)
