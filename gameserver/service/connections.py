"""The present connection of each player.

Law: a session has at most one connection, the one of the newest epoch. A message to a player
without one is dropped, since events that must arrive wait in the session's event stream. Messages
are queued until `flush`: all messages of one moment to one player cost one send and wake no task.
While decisions are written to disk, what tells of them waits at the gate, in order.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import attrs

from gameserver.ids import PlayerId
from gameserver.messages.base import Notice
from gameserver.messages.wire import Goodbye, NoticeEnvelope
from gameserver.rooms.limits.budgets import Budget
from gameserver.service.gate import Gate
from gameserver.transports import Codec, Link


def say_goodbye(link: Link, code: str, sentence: str, retry_after_s: float | None = None) -> None:
    """Send a goodbye, then close; without ``retry_after_s`` the client must not reconnect."""
    link.post(Goodbye(code, sentence, retry_after_s))
    link.close_soon(sentence)


def _ignore(_reason: str) -> None:
    pass


@attrs.frozen(eq=False)
class PlayerLink:
    """A player's connection and the epoch in which it was made.

    ``charge`` counts inputs that the lane took against the connection's rate. ``ended`` is told
    the reason when the server ends the connection. ``own`` is the connection's budget of work.
    """

    link: Link
    epoch: int
    charge: Callable[[int], None]
    ended: Callable[[str], None] = _ignore
    own: Budget | None = None

    def part(self, code: str, sentence: str) -> None:
        """Send a goodbye after which the client must not reconnect, then close."""
        self.ended(code)
        say_goodbye(self.link, code, sentence)


class Connections:
    """Connected players by id."""

    def __init__(self, gate: Gate | None = None) -> None:
        """Start without connections; messages pass the gate."""
        self._gate = gate or Gate()
        self._lines: dict[PlayerId, PlayerLink] = {}
        self._queued: dict[Link, None] = {}

    def __len__(self) -> int:
        """Return the number of connected players."""
        return len(self._lines)

    def __iter__(self) -> Iterator[PlayerId]:
        """Iterate over a copy, so that players may be detached during the iteration."""
        return iter(list(self._lines))

    def attach(self, player_id: PlayerId, line: PlayerLink) -> PlayerLink | None:
        """Send this player's messages over this connection from now on; return the replaced one."""
        replaced = self._lines.get(player_id)
        self._lines[player_id] = line
        return replaced

    def detach(self, player_id: PlayerId, epoch: int) -> bool:
        """Remove the connection of this epoch; return False if the player has another or none."""
        line = self._lines.get(player_id)
        if line is None or line.epoch != epoch:
            return False
        del self._lines[player_id]
        return True

    def line(self, player_id: PlayerId) -> PlayerLink | None:
        """Return the player's line; None if the player is not connected."""
        return self._lines.get(player_id)

    def send(self, player_id: PlayerId, message: object) -> int:
        """Send one message that must not be skipped; return its bytes, 0 without a connection.

        When full: the connection is closed as too slow; the session resumes on another.
        """
        line = self._lines.get(player_id)
        if line is None:
            return 0
        encoded = line.link.codec.encode(message)
        self.queue(line.link, encoded)
        return len(encoded)

    def tell(self, player_ids: Iterable[PlayerId], notice: Notice) -> None:
        """Send a notice to players, encoded once for each codec.

        Players without a connection get none. When full: the notice waits for room in the link, and
        a newer one about the same thing takes its place.
        """
        envelope = NoticeEnvelope(notice)
        encoded: dict[Codec, bytes] = {}
        for player_id in player_ids:
            line = self._lines.get(player_id)
            if line is None:
                continue
            codec = line.link.codec
            data = encoded.get(codec)
            if data is None:
                data = encoded[codec] = codec.encode(envelope)
            if self._gate.holds:
                self._gate.hold(partial(self._queue_newest, line.link, notice, data))
            else:
                self._queue_newest(line.link, notice, data)

    def flush(self) -> None:
        """Send all queued messages to the kernel, one send per link."""
        queued, self._queued = self._queued, {}
        for link in queued:
            link.flush()

    def queue(
        self, link: Link, data: bytes, *, reliable: bool = True, public: bool = False
    ) -> None:
        """Queue an encoded message for the next `flush`; see `Link.queue`, `Link.queue_public`."""
        if self._gate.holds:
            self._gate.hold(partial(self._queue, link, data, reliable=reliable, public=public))
        else:
            self._queue(link, data, reliable=reliable, public=public)

    def later(self, act: Callable[[], object]) -> None:
        """Perform an act behind all messages that were queued before it."""
        if self._gate.holds:
            self._gate.hold(act)
        else:
            act()

    def _queue_newest(self, link: Link, notice: Notice, data: bytes) -> None:
        if link.queue_newest(notice.about, data):
            self._queued[link] = None

    def _queue(self, link: Link, data: bytes, *, reliable: bool, public: bool) -> None:
        taken = link.queue_public(data) if public else link.queue(data, reliable=reliable)
        if taken:
            self._queued[link] = None
