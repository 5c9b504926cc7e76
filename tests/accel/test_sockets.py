"""Frames are taken from sockets and sent to them, by both implementations alike."""

import contextlib
import errno
import select
import socket
import sys
from collections.abc import Callable, Iterator
from typing import NoReturn

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.accel import FrameTap, HotPath, InputQueue, LinkMeasure, LinkRules, Sender
from gameserver.ids import NO_SEAT, Seat, Tick

HEADS = frozenset({b"\x92\x06", b"\x99\x01", b"\xdc\x00\x10\x01"})
WANTED = [b"\x92\x06\x05", b"\x99\x01" + bytes(20), b"\x99\x01", b"\xdc\x00\x10\x01" + bytes(90)]
OTHER = [b"\x92\x07\x05", b"\xdc\x00\x10\x02", b"\xdc\x00", b"ab"]


def frame(payload: bytes, mask: bytes = b"\x01\x80\xff\x07") -> bytes:
    masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
    return bytes((0x82, 0x80 | len(payload))) + mask + masked


@attrs.define
class Member:
    """Keeps what its tap took and what it was given."""

    tap: FrameTap | None
    taken: list[bytes]
    came: list[bytes] = attrs.field(factory=list)

    def received_nowait(self, data: bytes) -> None:
        # As a connection does: a drain may have left the front for the tap.
        used = self.tap.take(data) if self.tap is not None else 0
        if used < len(data) or not data:
            self.came.append(data[used:])


def member(hot: HotPath, *, ready: bool = True) -> Member:
    taken: list[bytes] = []
    tap = hot.tap(HEADS, taken.append)
    assert tap.ready is False
    tap.ready = ready
    return Member(tap, taken)


@given(st.lists(st.sampled_from(WANTED + OTHER), max_size=5), st.binary(max_size=9))
def test_taken_frames_and_the_rest_are_all_that_came(
    hot: HotPath, payloads: list[bytes], more: bytes
) -> None:
    judged = member(hot)
    assert judged.tap is not None
    data = b"".join(frame(payload) for payload in payloads) + more
    used = judged.tap.take(data)
    assert b"".join(map(frame, judged.taken)) == data[:used]
    assert set(judged.taken) <= set(WANTED)
    assert judged.tap.bytes_in == used
    if len(payloads) == 1 and not more:
        assert (used == len(data)) == (payloads[0] in WANTED)


def test_a_tap_that_is_not_ready_or_whose_message_is_rejected_takes_nothing(hot: HotPath) -> None:
    judged = member(hot, ready=False)
    assert judged.tap is not None
    assert judged.tap.take(frame(WANTED[0])) == 0
    asked: list[bytes] = []

    def reject(payload: bytes) -> bool:
        asked.append(payload)
        return False

    tap = hot.tap(HEADS, reject)
    tap.ready = True
    assert tap.take(frame(WANTED[0])) == 0
    assert (asked, tap.bytes_in) == ([WANTED[0]], 0)


def test_a_message_that_closes_the_tap_is_the_last_one_taken(hot: HotPath) -> None:
    def close(_payload: bytes) -> None:
        tap.ready = False

    tap = hot.tap(HEADS, close)
    tap.ready = True
    one = frame(WANTED[0])
    assert tap.take(one + one) in (len(one), 0)
    assert tap.take(one) in (0, len(one))
    assert tap.bytes_in <= len(one)


def test_what_a_taker_raises_is_passed_on(hot: HotPath) -> None:
    def fail(payload: bytes) -> None:
        raise LookupError(payload)

    tap = hot.tap(HEADS, fail)
    tap.ready = True
    with pytest.raises(LookupError):
        tap.take(frame(WANTED[0]))


@pytest.fixture
def pairs() -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    made = [socket.socketpair() for _ in range(3)]
    for ours, _ in made:
        ours.setblocking(False)
    yield made
    for pair in made:
        for end in pair:
            end.close()


def test_a_drain_gives_the_front_to_the_tap_and_the_rest_to_the_member(
    hot: HotPath, pairs: list[tuple[socket.socket, socket.socket]]
) -> None:
    members = {ours.fileno(): member(hot) for ours, _ in pairs}
    tapless = Member(None, [])
    members[pairs[2][0].fileno()] = tapless
    sent = [frame(WANTED[0]) + b"\x89\x80abcd", frame(OTHER[0]), frame(WANTED[1])]
    with contextlib.closing(select.epoll()) as epoll:
        for (ours, peer), data in zip(pairs, sent, strict=True):
            epoll.register(ours.fileno(), select.EPOLLIN)
            peer.send(data)
        hot.drain(epoll, members, 3, 2048)
        first, second, third = members.values()
        assert b"".join(map(frame, first.taken)) + b"".join(first.came) == sent[0]
        assert (second.taken, second.came) == ([], [sent[1]])
        assert (third.taken, third.came) == ([], [sent[2]])
        before = sum(len(each.taken + each.came) for each in members.values())
        for _, peer in pairs:
            peer.send(frame(WANTED[2]))
        hot.drain(epoll, members, 1, 2048)
        after = sum(len(each.taken + each.came) for each in members.values())
        assert after == before + 1, "one of three was read"


@attrs.define
class Queued:
    """A member whose tap fills a queue, as that of a connection in a match."""

    tap: FrameTap
    queue: InputQueue
    came: list[bytes] = attrs.field(factory=list)
    leaves: Callable[[], object] = lambda: None

    def received_nowait(self, data: bytes) -> None:
        used = self.tap.take(data)
        if used < len(data) or not data:
            self.came.append(data[used:])
            self.leaves()


def queued(hot: HotPath) -> Queued:
    queue = hot.input_queue(8)
    tap = hot.tap(HEADS, queue)
    tap.ready = True
    return Queued(tap, queue)


@pytest.mark.parametrize("count", [2, 70])
def test_a_drain_fills_the_queues_of_many_members(hot: HotPath, count: int) -> None:
    made = [socket.socketpair() for _ in range(count)]
    members = {ours.fileno(): queued(hot) for ours, _ in made}
    with contextlib.ExitStack() as stack, contextlib.closing(select.epoll()) as epoll:
        for ours, peer in made:
            stack.enter_context(ours)
            stack.enter_context(peer)
            ours.setblocking(False)
            epoll.register(ours.fileno(), select.EPOLLIN)
            peer.send(frame(WANTED[0]))
        hot.drain(epoll, members, count, 2048)
        hot.drain(epoll, members, count, 2048)  # nothing is left to read
    assert [len(each.queue) for each in members.values()] == [1] * count
    assert not any(each.came for each in members.values())
    assert all(sys.getrefcount(each.tap) == 2 for each in members.values())


def test_who_leaves_during_a_drain_is_given_nothing_more(
    hot: HotPath, pairs: list[tuple[socket.socket, socket.socket]]
) -> None:
    members = {ours.fileno(): queued(hot) for ours, _ in pairs}
    first, second, third = members.values()
    second.leaves = lambda: members.pop(pairs[2][0].fileno(), None)
    third.leaves = lambda: members.pop(pairs[1][0].fileno(), None)
    sent = [frame(WANTED[0]), frame(OTHER[0]), frame(OTHER[0]) + frame(WANTED[0])]
    with contextlib.closing(select.epoll()) as epoll:
        for (ours, peer), data in zip(pairs, sent, strict=True):
            epoll.register(ours.fileno(), select.EPOLLIN)
            peer.send(data)
        hot.drain(epoll, members, 3, 2048)
    assert len(members) == 2
    assert (len(first.queue), first.came) == (1, [])
    assert [bool(second.came), bool(third.came)].count(True) == 1, "the other one has left"


def test_a_drain_of_what_is_no_epoll_fails_aloud(hot: HotPath) -> None:
    class NoEpoll:
        def fileno(self) -> int:
            return ours.fileno()

        def poll(self, *_: object) -> NoReturn:
            raise OSError(errno.EINVAL, "no epoll")

    ours, peer = socket.socketpair()
    with ours, peer, pytest.raises(OSError, match="Errno 22"):
        hot.drain(NoEpoll(), {}, 1, 1)


@attrs.define
class Outlet:
    """Sends over a socket, and keeps what its sender did not take whole."""

    sender: Sender
    rest: list[bytes] = attrs.field(factory=list)
    offered: list[bytes] = attrs.field(factory=list)

    def sent_in_part(self, frame: bytes, sent: int) -> None:
        self.rest.append(frame[sent:])
        self.sender.clear = False

    def offer(self, message: bytes) -> bool:
        self.offered.append(message)
        return True


@attrs.define(eq=False)
class Watcher:
    outlet: Outlet
    link: LinkMeasure
    seat: Seat = NO_SEAT
    seen: Tick = attrs.field(default=Tick(9))
    last_sent: Tick = attrs.field(default=Tick(9))
    in_sync: bool = True
    patience: int = 30

    @property
    def sender(self) -> Sender:
        return self.outlet.sender

    def saw(self, now: Tick, seen: Tick) -> None:
        raise AssertionError(f"nobody acknowledges {seen} at {now}")


def watcher_of(hot: HotPath, descriptor: int) -> Watcher:
    rules = LinkRules(window=20, drawing=4, max_rtt=6, max_jitter=3, max_view=192, view_units=16)
    return Watcher(Outlet(hot.sender(descriptor)), hot.link_measure(rules))


def read_all(peer: socket.socket) -> bytes:
    peer.setblocking(False)
    came = b""
    with contextlib.suppress(BlockingIOError):
        while data := peer.recv(1 << 16):
            came += data
    return came


def test_frames_for_clear_senders_are_kept_and_sent_to_their_sockets_and_others_are_offered_at_once(
    hot: HotPath, pairs: list[tuple[socket.socket, socket.socket]]
) -> None:
    ours = [pair[0] for pair in pairs]
    clear, waiting, indirect = (watcher_of(hot, s.fileno()) for s in ours)
    indirect.outlet.sender = hot.sender(-1)
    clear.outlet.sender.clear = indirect.outlet.sender.clear = True
    batch = hot.send_batch()
    taken, others = batch.fan_out(b"snapshot", [clear, waiting, indirect], Tick(10))
    assert (taken, others) == (3, [])
    assert [watcher.last_sent for watcher in (clear, waiting, indirect)] == [10, 10, 10]
    offered = [watcher.outlet.offered for watcher in (clear, waiting, indirect)]
    assert offered[1:] == [[b"snapshot"], [b"snapshot"]]
    assert [read_all(peer) for _, peer in pairs] == [b"", b"", b""], "kept"
    batch.fan_out(b"another", [clear], Tick(11))
    assert batch.flush() == []
    came = [read_all(peer) for _, peer in pairs]
    direct = hot.name == "native"
    frames = hot.binary_frame(b"snapshot") + hot.binary_frame(b"another")
    assert offered[0] == ([] if direct else [b"snapshot", b"another"])
    assert came == [frames if direct else b"", b"", b""]
    assert clear.outlet.sender.bytes_out == len(came[0])
    assert batch.flush() == []
    assert read_all(pairs[0][1]) == b"", "nothing is sent twice"


def test_a_full_socket_takes_a_part_and_the_outlet_keeps_the_rest(
    native: HotPath, pairs: list[tuple[socket.socket, socket.socket]]
) -> None:
    ours, peer = pairs[0]
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    watcher = watcher_of(native, ours.fileno())
    outlet, message, batch = watcher.outlet, bytes(range(256)) * 4000, native.send_batch()

    def sent(tick: int) -> list[tuple[object, Tick]]:
        assert batch.fan_out(message, [watcher], Tick(tick)) == (1, [])
        return batch.flush()

    outlet.sender.clear = True
    assert sent(10) == []
    assert len(outlet.rest) == 1
    assert read_all(peer) + outlet.rest[0] == native.binary_frame(message)
    # A full and a broken socket take nothing: the outlet is offered the message.
    ours.send(b"x" * 100_000)
    outlet.sender.clear = True
    assert sent(11) == []
    peer.close()
    assert sent(12) == []
    assert outlet.offered == [message, message]


def test_a_way_that_is_closed_before_the_flush_is_not_used(
    native: HotPath, pairs: list[tuple[socket.socket, socket.socket]]
) -> None:
    ours, peer = pairs[0]
    watcher, batch = watcher_of(native, ours.fileno()), native.send_batch()
    watcher.outlet.sender.clear = True
    batch.fan_out(b"snapshot", [watcher], Tick(10))
    watcher.outlet.sender.clear = False  # as when the socket is closed, and its number is another's
    assert batch.flush() == []
    assert (read_all(peer), watcher.outlet.offered) == (b"", [b"snapshot"])


@attrs.define
class Refusing(Outlet):
    """Takes nothing, or raises."""

    error: Exception | None = None

    def offer(self, message: bytes) -> bool:
        self.offered.append(message)
        if self.error is not None:
            raise self.error
        return False


@pytest.mark.parametrize("error", [None, ZeroDivisionError("a bug")])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_viewers_whose_outlets_refuse_in_the_end_are_returned_and_the_others_are_sent_theirs(
    native: HotPath,
    pairs: list[tuple[socket.socket, socket.socket]],
    error: Exception | None,
) -> None:
    refusing, other = (watcher_of(native, pair[0].fileno()) for pair in pairs[:2])
    refusing.outlet = Refusing(refusing.outlet.sender, error=error)
    refusing.outlet.sender.clear = other.outlet.sender.clear = True
    batch = native.send_batch()
    assert batch.fan_out(b"snapshot", [refusing, other], Tick(10)) == (2, [])
    refusing.outlet.sender.clear = False
    assert batch.flush() == [(refusing, Tick(10))]
    assert (refusing.last_sent, other.last_sent) == (9, 10), "as if it had not been sent"
    assert read_all(pairs[1][1]) == native.binary_frame(b"snapshot")
