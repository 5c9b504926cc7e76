"""One client that polls: how far its requests were applied, and its link from the first message on.

Law: until its first message a client is a few numbers and has no task, so that links which are
begun and abandoned cost next to nothing (threat 3).
"""

from collections.abc import Callable
from typing import Final

import trio

from gameserver.transports.polling.repeats import Repeats
from gameserver.transports.queued import QueuedLink
from gameserver.transports.unfetched import Unconfirmed

LONG_POLLING: Final = "long-polling"

RESPONSE_BYTES: Final = 128 * 1024
"""Most bytes of messages in one response, if there are several."""


class Polled:
    """A client, and how far its requests were applied.

    Attributes:
        peer, direct: As in `gameserver.transports.link.Link`.
        began: When its first request came.
        number: The last request that was applied whole.
        delivered: Messages of the next request that were applied before it was cut.
        newest: The newest request that came.
        applied: Woken when a request was applied, and when a newer one came.
        link: None before the first message.
        ending: Why it ends without a message; None while it does not.
        transport: As in `gameserver.transports.link.Link`.
        followed: Number of the request whose response streams messages; 0 while none does.
    """

    __slots__ = (
        "applied",
        "began",
        "delivered",
        "direct",
        "ending",
        "followed",
        "link",
        "newest",
        "number",
        "peer",
        "repeats",
        "transport",
        "turn",
    )

    def __init__(self, peer: str, *, direct: bool) -> None:
        """Start before the first request."""
        self.peer: str = peer
        self.direct: bool = direct
        self.began: float = trio.current_time()
        self.number: int = 0
        self.delivered: int = 0
        self.newest: int = 0
        self.applied: trio.lowlevel.ParkingLot = trio.lowlevel.ParkingLot()
        self.link: QueuedLink | None = None
        self.ending: str | None = None
        self.transport: str = LONG_POLLING
        self.followed: int = 0
        self.turn: trio.StrictFIFOLock
        """Held while the messages of a request are delivered."""
        self.repeats: Repeats

    def begin(self, link: QueuedLink) -> None:
        """Carry this link from now on."""
        self.turn = trio.StrictFIFOLock()
        self.repeats = Repeats(trio.current_time())
        self.link = link

    def end(self, reason: str) -> None:
        """Answer the requests that wait for a link, which never begins."""
        self.ending = reason
        self.applied.unpark_all()

    def came(self, number: int) -> None:
        """Note a request; older ones that wait return if it is newer."""
        if number > self.newest:
            self.newest = number
            self.applied.unpark_all()
            if self.link is not None:
                self.link.wake()

    def confirm(self, number: int) -> bool:
        """Forget the messages up to this number; return False if none has this number yet."""
        return not number if self.link is None else self.link.confirm(number)

    def follow(self, number: int) -> bool:
        """Let the response to this request stream messages; an older such response ends.

        Returns:
            False if a newer one does already.
        """
        if number < self.followed:
            return False
        self.followed = number
        self.applied.unpark_all()
        if self.link is not None:
            self.link.wake()
        return True

    def unfollow(self, number: int) -> None:
        """Note that the response to this request streams nothing any more."""
        if self.followed == number:
            self.followed = 0
            if self.link is not None:
                with self.link.visiting():
                    pass  # the peer is silent from now on only

    @property
    def oldest(self) -> int:
        """Number of the oldest message that is not confirmed, or of the next one."""
        return 1 if self.link is None else self.link.oldest

    async def may_repeat(self, oldest: int, longest_s: float) -> bool:
        """Wait until message ``oldest`` and those behind it may be returned.

        Returns:
            False if that takes longer.
        """
        if self.link is None or not self.repeats.wait_s(oldest, trio.current_time()):
            return True
        with trio.move_on_after(longest_s):
            # Asked again after each sleep: another request may have used what was regained.
            while wait_s := self.repeats.wait_s(oldest, trio.current_time()):  # noqa: ASYNC110
                await trio.sleep(wait_s)
            return True
        return False

    def sent(self, body: bytes, found: Unconfirmed) -> None:
        """Count the body of a response, and note the end if it tells of that."""
        if self.link is not None:
            self.link.bytes_out += len(body)
            if found.ending is not None:
                self.link.tell_end()

    @property
    def is_ready(self) -> bool:
        """Whether there is something to return, or an end to tell."""
        return self.ending is not None if self.link is None else self.link.is_ready

    async def wait_ready(self, superseded: Callable[[], bool]) -> None:
        """Wait until there is something to return, or ``superseded`` returns True."""
        while self.link is None:
            if self.is_ready or superseded():
                return
            await self.applied.park()
        await self.link.wait_ready(superseded)

    @property
    def is_over(self) -> bool:
        """Whether the client has left, and is owed no word of the link's end."""
        return self.link is not None and self.link.has_left and self.link.is_open

    def waiting(self, after: int = 0) -> Unconfirmed:
        """Return unconfirmed messages behind number ``after``, as many as one response may hold."""
        if self.link is None:
            return Unconfirmed(1, (), self.ending)
        found = self.link.waiting(RESPONSE_BYTES, after)
        self.repeats.returned(found)
        return found
