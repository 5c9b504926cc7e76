"""A guarded stream on a real socket, driven at random, does what a simple model does."""

from typing import Final

import trio
from hypothesis import example, given, settings
from hypothesis import strategies as st
from trio.testing import MockClock, wait_all_tasks_blocked

from gameserver.transports.drain import Drain
from gameserver.transports.settings import ListenSettings
from gameserver.transports.websocket.guarded import LINGER_S, GuardedStream
from tests.transports.peers import masked

MATCH: Final = b"\x98\x01"
REST: Final = b"\x92\x05"
OTHER: Final = b"\x93\x09"
PAYLOADS: Final = {"match": MATCH + b" input", "rest": REST + b" sign", "other": OTHER + b" chat"}
FRAMES: Final = {kind: masked(payload) for kind, payload in PAYLOADS.items()}
HALF: Final = 5
BAD: Final = masked(b"text", opcode=1)

Step = tuple[object, ...]
DRAINS: Final = st.sampled_from([None, 0, 1])
STEPS: Final = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.sampled_from(sorted(FRAMES))),
        st.tuples(st.just("send half"), st.sampled_from(sorted(FRAMES))),
        st.tuples(st.just("tick"), st.sampled_from([0, 1])),
        st.tuples(st.sampled_from(["open lane", "rest in lane"]), DRAINS),
        st.tuples(st.just("hold"), st.sampled_from([5.0, 60.0])),
        st.tuples(st.just("pass"), st.sampled_from([1.0, 6.0])),
        st.tuples(st.sampled_from(["close lane", "release"])),
    ),
    max_size=30,
)
LASTS: Final = st.sampled_from(["close", "leave", "break", "nothing"])


class Model:
    """What a stream does with its peer's bytes, said simply.

    Attributes:
        up: Bytes that the library has received.
        taken: Payloads that lanes have taken.
        sleeps: Where the library's task sleeps: ``socket``, ``drain``, ``hold``; or ``done``.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.until = 0.0
        self.up, self.ready, self.taken = b"", b"", list[bytes]()
        self.unread: list[tuple[str, bytes]] = []
        self.half: tuple[str, bytes] | None = None
        """Sent in part: the rest of the frame, and its kind."""
        self.kept = b""
        """The start of a frame that the lane keeps."""
        self.amid = False
        """Whether the library has the start of a frame."""
        self.lane: tuple[str, int | None] | None = None
        self.rest: tuple[str, int | None] | None = None
        self.ended = self.met_end = self.bad = False
        self.sleeps = ""
        self.settle()

    # --- calls ---

    def change(self, lane: tuple[str, int | None] | None) -> None:
        if self.kept:
            self.ready, self.kept, self.amid = self.ready + self.kept, b"", True
        before, self.lane = self.lane, lane
        if lane is not None:
            self.until = 0.0
            if self.sleeps == "hold":
                self.sleeps = ""
        following = None if lane is None or before is None else lane[1]
        if self.sleeps == "drain" and (self.ready or before is None or following != before[1]):
            self.sleeps = ""
        self.settle()

    def rest_in(self, drain: int | None) -> None:
        rests = self.lane is None or self.lane is self.rest
        self.rest = ("rest", drain)
        if rests:
            self.change(self.rest)

    def hold(self, seconds: float) -> None:
        self.until = self.now + seconds
        if self.sleeps in ("drain", "hold"):
            self.sleeps = ""
        self.settle()

    def release(self) -> None:
        self.until = 0.0
        if self.sleeps == "hold":
            self.sleeps = ""
        self.settle()

    def wait(self, seconds: float) -> None:
        self.now += seconds
        if self.sleeps == "hold" and self.until <= self.now:
            self.sleeps = ""
        self.settle()

    def tick(self, drain: int) -> None:
        if self.sleeps == "drain" and self.lane is not None and self.lane[1] == drain:
            if self.unread:
                self.read()
            elif self.ended:
                self.met_end = True
            if self.ready or self.met_end or self.bad:
                self.sleeps = ""
        self.settle()

    # --- the library's task ---

    def settle(self) -> None:
        """Let the library's task go on until it sleeps."""
        while not self.sleeps or (self.sleeps == "socket" and (self.unread or self.ended)):
            if self.sleeps == "socket":
                self.sleeps = ""
                if not self.unread:
                    self.sleeps = "done"
                    return
                self.read()
            if self.bad:
                self.sleeps = "done"
                return
            self.up, self.ready = self.up + self.ready, b""
            if self.until > self.now:
                self.sleeps = "hold"
            elif self.lane is not None and self.lane[1] is not None and not self.met_end:
                self.sleeps = "drain"
            else:
                self.sleeps = "socket"

    def read(self) -> None:
        """Read all that is unread, as one read does."""
        pieces, self.unread = self.unread, []
        for kind, piece in pieces:
            if kind == "bad":
                self.bad = True
                return
            frame = FRAMES[kind]
            if self.lane is None or self.amid:
                self.ready += piece
                self.amid = len(piece) == HALF
            elif len(self.kept + piece) < len(frame):
                self.kept = piece
            else:
                self.kept = b""
                if kind == self.lane[0]:
                    self.taken.append(PAYLOADS[kind])
                else:
                    self.ready += frame


class Harness:
    """A stream over a real socket, whose library always receives, and its model."""

    def __init__(self, stream: GuardedStream, peer: trio.SocketStream, clock: MockClock) -> None:
        self.stream, self.peer, self.clock = stream, peer, clock
        self.drains = [Drain(), Drain()]
        self.model = Model()
        self.up, self.taken = b"", list[bytes]()
        self.done = False

    async def receive(self) -> None:
        """Receive as the WebSocket library does."""
        try:
            while data := await self.stream.receive_some():
                self.up += data
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        self.done = True

    async def do(self, name: str, value: object = None) -> None:
        stream, model = self.stream, self.model
        drain = self.drains[value] if isinstance(value, int) else None
        match name, value:
            case "send", str(kind):
                await self.send(kind, whole=True)
            case "send half", str(kind):
                await self.send(kind, whole=False)
            case "tick", int(number):
                self.drains[number].drain()
                model.tick(number)
            case "open lane", None | int():
                stream.open_lane([MATCH], self.taken.append, drain)
                model.change(("match", value))
            case "rest in lane", None | int():
                stream.rest_in_lane([REST], self.taken.append, drain)
                model.rest_in(value)
            case "close lane", _:
                stream.close_lane()
                model.change(None) if model.rest is None else model.change(model.rest)
            case "hold", float(seconds):
                stream.hold(seconds)
                model.hold(seconds)
            case "release", _:
                stream.release()
                model.release()
            case "pass", float(seconds):
                self.clock.jump(seconds)
                model.wait(seconds)
            case _:
                raise AssertionError(name)

    async def send(self, kind: str, *, whole: bool) -> None:
        """Send the rest of a half frame, or else a frame or its first half."""
        model = self.model
        if model.half is not None:
            kind, piece = model.half
            model.half = None
        elif whole:
            piece = FRAMES[kind]
        else:
            piece = FRAMES[kind][:HALF]
            model.half = kind, FRAMES[kind][HALF:]
        await self.peer.send_all(piece)
        model.unread.append((kind, piece))
        model.settle()

    async def finish(self, how: str) -> None:
        """Let the stream end, and see that its task ends and that no drain keeps the socket."""
        model = self.model
        if how == "nothing":
            return
        if how == "close":
            await self.stream.aclose()
            self.stream.close_lane()
        else:
            self.stream.close_lane()
            model.change(model.rest)
            # Before a bad frame follows: bytes that are read together with it are not received.
            await self.settled()
            if how == "break" and model.half is None:
                await self.peer.send_all(BAD)
                model.unread.append(("bad", BAD))
            else:
                await self.peer.send_eof()
                model.ended = True
            self.clock.jump(100.0)
            model.wait(100.0)
            await self.settled()
            for number in (0, 1, 0, 1):
                await self.do("tick", number)
                await wait_all_tasks_blocked()
            self.clock.jump(LINGER_S)
            await wait_all_tasks_blocked()
            assert model.sleeps == "done"
            assert (self.up, self.taken) == (model.up, model.taken)
        await wait_all_tasks_blocked()
        assert self.done
        assert not any(len(drain) for drain in self.drains)

    async def settled(self) -> None:
        await wait_all_tasks_blocked()
        model = self.model
        assert (self.up, self.taken) == (model.up, model.taken)
        assert self.stream.held == (model.until > model.now)
        members = [int(model.sleeps == "drain" and model.lane[1] == n) for n in (0, 1)]  # type: ignore[index]
        assert [len(drain) for drain in self.drains] == members


@given(STEPS, LASTS)
@example(
    # The start of a frame that a lane keeps goes up, although the next lane has the same drain.
    [("open lane", 0), ("send", "match"), ("send half", "match"), ("tick", 0), ("open lane", 0)],
    "leave",
)
@settings(max_examples=150, deadline=None)
def test_a_stream_behaves_like_its_model(steps: list[Step], last: str) -> None:
    clock = MockClock()

    async def play() -> None:
        ours, theirs = trio.socket.socketpair()
        stream = GuardedStream(trio.SocketStream(ours), ListenSettings())
        stream.open()
        harness = Harness(stream, trio.SocketStream(theirs), clock)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(harness.receive)
            await harness.settled()
            for name, *value in steps:
                await harness.do(str(name), *value)
                await harness.settled()
            await harness.finish(last)
            nursery.cancel_scope.cancel()
        assert not any(len(drain) for drain in harness.drains)
        await stream.aclose()
        theirs.close()
        for drain in harness.drains:
            drain.close()

    trio.run(play, clock=clock)
