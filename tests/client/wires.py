"""A connection without a socket: the test is the server, message by message."""

from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import attrs
import trio
from trio.testing import MockClock

from gameserver.client.conversation import CHORES_EVERY_S, ClientConversation
from gameserver.client.link.farewell import Farewell
from gameserver.client.link.wire import Wire
from gameserver.client.settings import ClientSettings
from gameserver.client.status import Update
from gameserver.client.updates import Updates
from gameserver.errors import ConnectionLostError
from gameserver.ids import PlayerId
from gameserver.messages import wire
from gameserver.protocol.codec import decode_client, encode
from tests.client.test_session import LIMITS

HEARTBEAT_S = 10.0
TIMEOUT_S = 5.0
WELCOME = wire.Welcome(
    1, "s", PlayerId("p1"), "Ann", b"t" * 16, False, 1, "skirmish", HEARTBEAT_S, 60.0, LIMITS
)
RESUMED = attrs.evolve(WELCOME, resumed=True, token=b"u" * 16, epoch=2)
ANOTHER = attrs.evolve(WELCOME, player_id=PlayerId("p2"))


class QuietWire:
    """The client's end of a connection to a server that does what a test says, and no more."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        """All messages that the client has sent, in order."""
        self.writes: list[tuple[float, int]] = []
        """Time and number of messages of each write."""
        self.bytes_in = self.bytes_out = 0
        self.fails: str = ""
        """If set, every write fails with this sentence."""
        self.closed_at: float | None = None
        self.aborted_at: float | None = None
        self._down: deque[bytes] = deque()
        self._lost = ""
        self._news = trio.Event()

    @property
    def wire(self) -> Wire:
        return cast(Wire, self)

    def say(self, *messages: Any) -> None:
        """Let one WebSocket message arrive; bytes go as they are."""
        parts = [each if isinstance(each, bytes) else encode(each) for each in messages]
        self._down.append(b"".join(parts))
        self._news.set()

    def lose(self, sentence: str = "the wire broke") -> None:
        """Break the connection, behind all that was said."""
        self._lost = self._lost or sentence
        self._news.set()

    @property
    def is_aborted(self) -> bool:
        return self.aborted_at is not None

    def take(self, *kinds: type) -> list[Any]:
        """Return the messages sent since the last call; of these classes only, if any is given."""
        taken, self.sent = self.sent, []
        return [each for each in taken if not kinds or isinstance(each, kinds)]

    # --- what a `Wire` does -----------------------------------------------------------------------

    async def send(self, messages: Sequence[bytes]) -> None:
        await trio.lowlevel.checkpoint()
        if self.fails or self._lost:
            raise ConnectionLostError(self.fails or self._lost)
        self.writes.append((trio.current_time(), len(messages)))
        for message in messages:
            self.bytes_out += len(message)
            self.sent += decode_client(message)

    async def receive(self) -> bytes:
        while not self._down:
            if self._lost:
                raise ConnectionLostError(self._lost)
            self._news = trio.Event()
            await self._news.wait()
        await trio.lowlevel.checkpoint()
        message = self._down.popleft()
        self.bytes_in += len(message)
        return message

    async def close(self) -> None:
        await trio.lowlevel.checkpoint()
        self.closed_at = trio.current_time()
        self.lose("the client closed")

    def abort(self) -> None:
        if self.aborted_at is None:
            self.aborted_at = trio.current_time()
        self.lose("the client aborted")


@attrs.define(eq=False)
class Noted:
    """Collects what is called back, with the time."""

    calls: list[tuple[float, Any]] = attrs.field(factory=list)

    def __call__(self, value: Any) -> None:
        self.calls.append((trio.current_time(), value))

    @property
    def values(self) -> list[Any]:
        return [value for _, value in self.calls]


@attrs.define(eq=False)
class Talk:
    """One conversation over one connection."""

    talk: ClientConversation
    wire: QuietWire
    updates: Updates
    online: Noted = attrs.field(factory=Noted)
    farewell: Farewell | None = None
    ended_at: float | None = None

    async def hear(self, *messages: Any) -> list[Any]:
        """Let these arrive as one message; return what the client sends at once."""
        self.wire.say(*messages)
        await trio.testing.wait_all_tasks_blocked()
        return self.wire.take()

    async def lasts(self) -> Farewell:
        """Wait for the end of the connection; return its reason."""
        while self.farewell is None:  # noqa: ASYNC110  nothing tells of it
            await trio.sleep(CHORES_EVERY_S / 4)
        return self.farewell

    def told(self, kind: type[Update]) -> list[Any]:
        return [update for update in self.updates.drain() if isinstance(update, kind)]


def conversation(**more: Any) -> ClientConversation:
    settings = ClientSettings(play=False, connect_timeout_s=TIMEOUT_S, seed=1)
    return ClientConversation("Ann", attrs.evolve(settings, **more))


@asynccontextmanager
async def talking(
    clock: MockClock, talk: ClientConversation | None = None, *said: Any
) -> AsyncIterator[Talk]:
    """Use a new connection; what the client has sent by then is taken."""
    assert isinstance(clock, MockClock)
    talk = talk or conversation()
    one = Talk(talk, QuietWire(), talk.new_reader())

    async def use() -> None:
        one.farewell = await talk.over(one.wire.wire, one.online)
        one.ended_at = trio.current_time()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(use)
        await trio.testing.wait_all_tasks_blocked()
        for each in said:
            await one.hear(each)
        yield one
        nursery.cancel_scope.cancel()
