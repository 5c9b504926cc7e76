"""The connections of one session: the one that carries it, and one beside it that is to.

Law: what is played goes over both while the session crosses, since nobody knows which of them the
server reads at that moment; all else goes over the one that answers it.
"""

from math import inf
from typing import Final

import trio

from gameserver.client.link.line import Line

DOUBT_S: Final = 10.0
"""How long after such an end the server may still say over the present connection that the session
is elsewhere: some round trips, and the time in which it writes that down."""


class Lines:
    """The present connection, and the one beside it.

    Attributes:
        present: Carries the session; None without a connection.
        beside: The one to which the session crosses; None if it does not.
    """

    def __init__(self) -> None:
        """Start without a connection."""
        self.present: Line | None = None
        self.beside: Line | None = None
        self._refused: bool
        """Of the connection beside; set with it."""
        self._doubtful_until = -inf
        self._earlier_bytes = (0, 0)
        self._settled = trio.Event()
        self._settled.set()

    @property
    def bytes_in(self) -> int:
        """Bytes received over all connections that carried the session."""
        return self._earlier_bytes[0] + (self.present.bytes_in if self.present else 0)

    @property
    def bytes_out(self) -> int:
        """Bytes sent over all connections that carried the session."""
        return self._earlier_bytes[1] + (self.present.bytes_out if self.present else 0)

    def post(self, message: bytes) -> None:
        """Send a message over the present connection; without one it is dropped."""
        if self.present is not None:
            self.present.post(message)

    def play(self, message: bytes) -> None:
        """Send an input or seen over each connection."""
        self.post(message)
        if self.beside is not None:
            self.beside.post(message)

    def ask(self, message: bytes) -> None:
        """Send a request over the connection that the session will be on."""
        if self.beside is not None:
            self.beside.post(message)
        else:
            self.post(message)

    def abort(self) -> None:
        """Abort the present connection, if there is one."""
        if self.present is not None:
            self.present.abort()

    # --- crossing ---------------------------------------------------------------------------------

    def begin_crossing(self, line: Line) -> None:
        """Have a connection beside the present one."""
        self.beside = line
        self._refused = False
        self._settled = trio.Event()

    def refuse(self) -> None:
        """Note that the server has not given the session to the connection beside."""
        self._refused = True
        if self.beside is not None:
            self.beside.abort()

    @property
    def may_be_elsewhere(self) -> bool:
        """Whether the session may have gone to a connection that ended before its welcome came."""
        return trio.current_time() < self._doubtful_until

    def cross(self) -> None:
        """Let the connection beside carry the session, and let the present one go."""
        earlier, line = self.present, self.beside
        self.let_go()
        self.present, self.beside = line, None
        self._doubtful_until = -inf
        if earlier is not None:
            earlier.abort()
        self._settled.set()

    def stay(self) -> None:
        """Give up the connection beside."""
        if self.beside is not None and not self._refused:
            self._doubtful_until = trio.current_time() + DOUBT_S
        self.beside = None
        self._settled.set()

    async def wait_settled(self) -> None:
        """Wait until the session does not cross."""
        await self._settled.wait()

    def let_go(self) -> None:
        """Note that the present connection carries the session no longer."""
        self._earlier_bytes = (self.bytes_in, self.bytes_out)
        self.present = None
