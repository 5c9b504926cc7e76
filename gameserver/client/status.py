"""Where a client stands with its server, and what it tells its application.

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
    """The session is connected; ``resumed`` tells whether it is an older one that goes on."""

    resumed: bool


class Cause(StrEnum):
    """Why there is no connection."""

    LOST = "lost"
    """It broke off."""
    SILENT = "silent"
    """Nothing was heard for too long."""
    UNREACHABLE = "unreachable"
    """No connection came about."""
    STOPPING = "stopping"
    """The server said that it stops, and with it all that it holds in memory."""
    FULL = "full"
    """The server has no room now."""
    REFUSED = "refused"
    """The server ended it for another reason, which its sentence gives."""


@attrs.frozen
class Reconnecting:
    """The connection is lost; the next attempt comes in ``retry_in_s``.

    Attributes:
        reason: What happened, as one sentence for the player.
        retry_at: When the next attempt comes, on the clock of `Client.now`.
        seat_until: Until when the server keeps this player's seat, on the same clock; None where
            nothing may be promised, such as after the server said that it stops.
    """

    retry_in_s: float
    attempt: int
    reason: str
    cause: Cause = Cause.LOST
    retry_at: float = 0.0
    seat_until: float | None = None


@attrs.frozen
class Closed:
    """The client has ended and will not come back by itself."""

    code: Code | None
    """Why the server ended it; None where the application did."""
    sentence: str


Status = Connecting | Online | Reconnecting | Closed


@attrs.frozen
class StatusChanged:
    """The client stands otherwise with its server than before."""

    status: Status


@attrs.frozen
class Happened:
    """A reliable event, exactly once and in order."""

    event: ReliableEvent


@attrs.frozen
class Noticed:
    """A notice: the latest of its kind counts."""

    notice: Notice


@attrs.frozen
class SessionLost:
    """The server no longer knew the session, so the client signed in anew, as another guest."""

    old_player_id: PlayerId


@attrs.frozen
class MatchReady:
    """`Client.match` is a replica that snapshots are on their way to; again after each resume."""


@attrs.frozen
class UpdatesMissed:
    """The application read too slowly: this many older updates were dropped.

    Nothing of the client's own state (`Client.lobby`, `Client.chat`, `Client.match`) is missing.
    """

    count: int


Update = StatusChanged | Happened | Noticed | SessionLost | MatchReady | UpdatesMissed
