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
    """

    __slots__ = (
        "applied",
        "began",
        "delivered",
        "direct",
        "ending",
        "link",
        "newest",
        "number",
        "peer",
        "repeats",
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

    def waiting(self) -> Unconfirmed:
        """Return unconfirmed messages, as many as one response may hold."""
        if self.link is None:
            return Unconfirmed(1, (), self.ending)
        found = self.link.waiting(RESPONSE_BYTES)
        self.repeats.returned(found)
        return found
