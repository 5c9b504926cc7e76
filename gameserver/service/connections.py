"""The present connection of each player.

Law: a session has at most one connection, the one of the newest epoch. A message to a player
without one is dropped, since events that must arrive wait in the session's event stream. Messages
are queued until `flush`: all messages of one moment to one player cost one send and wake no task.
"""

from collections.abc import Callable, Iterable, Iterator

import attrs

from gameserver.ids import PlayerId
from gameserver.messages.base import Notice
from gameserver.messages.wire import Goodbye, NoticeEnvelope
from gameserver.protocol.codec import encode
from gameserver.transports import Connection


def say_goodbye(
    connection: Connection, code: str, sentence: str, retry_after_s: float | None = None
) -> None:
    """Send a goodbye, then close the connection; without ``retry_after_s`` clients give up."""
    connection.send_nowait(encode(Goodbye(code, sentence, retry_after_s)), reliable=True)
    connection.close_soon(sentence)


@attrs.frozen(eq=False)
class Line:
    """A player's connection and the epoch in which it was made.

    ``charge`` counts inputs that the lane took against the connection's rate.
    """

    connection: Connection
    epoch: int
    charge: Callable[[int], None]


class Connections:
    """Connected players by id."""

    def __init__(self) -> None:
        """Start with nobody connected."""
        self._lines: dict[PlayerId, Line] = {}
        self._queued: dict[Connection, None] = {}

    def __len__(self) -> int:
        """Count the connected players."""
        return len(self._lines)

    def __iter__(self) -> Iterator[PlayerId]:
        """Walk over the connected players; detaching on the way is safe."""
        return iter(list(self._lines))

    def attach(self, player_id: PlayerId, line: Line) -> Line | None:
        """Send this player's messages over this connection from now on; return the replaced one."""
        replaced = self._lines.get(player_id)
        self._lines[player_id] = line
        return replaced

    def detach(self, player_id: PlayerId, epoch: int) -> bool:
        """Forget the connection of this epoch; return whether it was still the player's."""
        line = self._lines.get(player_id)
        if line is None or line.epoch != epoch:
            return False
        del self._lines[player_id]
        return True

    def line(self, player_id: PlayerId) -> Line | None:
        """Return the player's line, or None."""
        return self._lines.get(player_id)

    def send(self, player_id: PlayerId, message: bytes) -> None:
        """Send one message that must not be skipped.

        When full: the connection is closed as too slow; the session resumes on another.
        """
        line = self._lines.get(player_id)
        if line is not None:
            self._queue(line.connection, message, reliable=True)

    def tell(self, player_ids: Iterable[PlayerId], notice: Notice) -> None:
        """Send a notice, encoded once, to those who are connected and keeping up."""
        message = encode(NoticeEnvelope(notice))
        for player_id in player_ids:
            line = self._lines.get(player_id)
            if line is not None:
                self._queue(line.connection, message, reliable=False)

    def flush(self) -> None:
        """Let all that was sent leave."""
        queued, self._queued = self._queued, {}
        for connection in queued:
            connection.offer_queued()

    def _queue(self, connection: Connection, message: bytes, *, reliable: bool) -> None:
        if connection.queue(message, reliable=reliable):
            self._queued[connection] = None
