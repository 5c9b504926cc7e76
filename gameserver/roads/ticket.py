"""One session over event streams, by the ticket that stands for it in a URL."""

from collections import deque
from typing import Any

import attrs
import trio

from gameserver.transports.queued import QueuedLink


@attrs.define(eq=False)
class Ticket:
    """One session over event streams, and how far its client's POSTs were applied.

    Until its first stream it is a few texts and numbers: tickets that are abandoned cost next to
    nothing (threat 3).
    """

    peer: str
    direct: bool
    auth: dict[str, Any]
    """What the next stream says hello with: a token that the client has, too. It is not the one of
    a welcome that may be lost: the first use of a token ends the one before, and behind a crash
    of the server, which forgets tickets, the client signs in with its own."""
    name: str = attrs.field(repr=False)
    link_name: str = attrs.field(repr=False)
    fresh_token: str = attrs.field(default="", repr=False)
    """Of the newest stream's welcome; in ``auth`` when the client has confirmed what came later."""
    link: QueuedLink | None = None
    request: int = 0
    """Number of the last request."""
    number: int = 0
    """The last POST that was applied whole."""
    said: int = 0
    """Messages of the next POST that were applied before it was cut."""
    undecided: dict[int, bytes] = attrs.field(factory=dict)
    """Requests by number that were taken and whose answers were not sent. Those that an older
    stream's link took and did not decide go to the next one."""
    told: tuple[int, int] = attrs.field(init=False)
    """Number of the last event and of the last answer that were sent on the newest stream."""
    confirmed: tuple[int, int] = (0, 0)
    uncertain: deque[tuple[float, tuple[int, int]]] | None = None
    """What was sent lately, and when."""
    idle_since: float = attrs.field(factory=trio.current_time)
    greeted: trio.Event | None = None
    """Set when the newest stream's link has its hello; nothing may come before that. None until a
    stream or a POST needs it."""
    turn: trio.StrictFIFOLock | None = None

    def lock(self) -> trio.StrictFIFOLock:
        """Return what is held while messages are delivered."""
        if self.turn is None:
            self.turn = trio.StrictFIFOLock()
        return self.turn

    async def wait_greeted(self) -> None:
        """Wait until the newest stream's link has its hello."""
        if self.greeted is None:
            self.greeted = trio.Event()
        await self.greeted.wait()
