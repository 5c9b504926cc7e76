"""States of a client's connection, and the updates that an application reads.

Law: plain frozen values; the application may keep, compare and print them.
"""

from enum import StrEnum

import attrs

from gameserver.errors import Code
from gameserver.ids import PlayerId
from gameserver.messages.base import Notice, ReliableEvent


@attrs.frozen
class Connecting:
    """The first connection is being made; ``attempt`` counts from 1."""

    attempt: int = 1


@attrs.frozen
class Online:
    """The session is connected; ``resumed`` is False for a new session."""

    resumed: bool


class OfflineCause(StrEnum):
    """Why there is no connection."""

    LOST = "lost"
    """The connection broke."""
    SILENT = "silent"
    """Nothing was received for too long."""
    UNREACHABLE = "unreachable"
    """No connection could be made."""
    STOPPING = "stopping"
    """The server announced that it stops; its sessions and lobbies end with it."""
    FULL = "full"
    """The server is full or busy."""
    REFUSED = "refused"
    """The server ended the connection for another reason, given in the sentence, or sent a
    malformed message."""


@attrs.frozen
class Reconnecting:
    """The connection is lost; the next attempt comes in ``retry_in_s`` seconds.

    Attributes:
        attempt: Failed attempts since the connection was lost, the loss itself included.
        reason: Why the connection ended, as one sentence for the player.
        retry_at: Time of the next attempt, on the clock of `Client.now`.
        seat_until: Until when the server holds this player's seat, on the same clock; None if that
            is not known, such as after the server announced that it stops.
    """

    retry_in_s: float
    attempt: int
    reason: str
    cause: OfflineCause
    retry_at: float
    seat_until: float | None


@attrs.frozen
class Closed:
    """The client has ended and does not reconnect."""

    code: Code | None
    """The code of the server's goodbye; None if the application ended the client."""
    sentence: str


Status = Connecting | Online | Reconnecting | Closed


@attrs.frozen
class StatusChanged:
    """`Client.status` has changed."""

    status: Status


@attrs.frozen
class EventReceived:
    """A reliable event, exactly once and in order."""

    event: ReliableEvent


@attrs.frozen
class Noticed:
    """A notice; a later one of the same class replaces it."""

    notice: Notice


@attrs.frozen
class SessionLost:
    """The server no longer knew the session, so the client signed in as a new guest."""

    old_player_id: PlayerId


@attrs.frozen
class MatchReady:
    """The match was entered: `Client.match` is its replica, and snapshots follow.

    Comes again after each resume.
    """

    delay_s: float = 0.0
    """By how much later than players this spectator sees the match, in seconds; the first snapshot
    comes that much later, too."""
    waits_s: float = 0.0
    """The match stands still until all its players are back behind a restart of the server; for so
    long at most, in seconds."""
    restarted: bool = False
    """The server was started again meanwhile: a spectator who sees the match later is not shown
    what had not been shown before."""


@attrs.frozen
class UpdatesMissed:
    """The application read too slowly: ``count`` older updates were dropped.

    The client's own state (`Client.lobby`, `Client.chat`, `Client.match`) is complete.
    """

    count: int


Update = StatusChanged | EventReceived | Noticed | SessionLost | MatchReady | UpdatesMissed
