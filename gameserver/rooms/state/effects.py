"""Effects: the decisions of the rooms as plain values, which the service performs in order.

Law: the rooms decide, the service performs. No code of the rooms does I/O, reads a clock or awaits;
time is an argument, and a later action is a deadline.
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Protocol

import attrs

from gameserver.game.entity import Player
from gameserver.ids import LobbyId, MatchId, PlayerId, RequestId, Seat
from gameserver.messages.base import Notice, ReliableEvent, Request
from gameserver.messages.lobby import LobbyConfig
from gameserver.messages.wire import Answer, EventEnvelope


class Hearers(Enum):
    """Which members of a lobby are sent a game's event."""

    ALL = auto()
    SEATED = auto()
    SPECTATORS = auto()


class StartFacts(Protocol):
    """The fields of `MatchStarted` that are known once the match exists."""

    @property
    def game(self) -> str: ...  # noqa: D102  the fields of `MatchStarted`
    @property
    def tick_rate(self) -> int: ...  # noqa: D102
    @property
    def snapshot_every(self) -> int: ...  # noqa: D102
    @property
    def map(self) -> str: ...  # noqa: D102
    @property
    def map_digest(self) -> str: ...  # noqa: D102
    @property
    def options(self) -> Mapping[str, int | bool | str]: ...  # noqa: D102
    @property
    def salt(self) -> int: ...  # noqa: D102
    @property
    def schema(self) -> Mapping[str, object]: ...  # noqa: D102


@attrs.frozen
class Deliver:
    """Send a numbered event over a session's connection; its stream keeps it in any case."""

    player_id: PlayerId
    envelope: EventEnvelope


@attrs.frozen
class Tell:
    """Send a notice to the connected ones of these players; only the newest of a kind counts."""

    player_ids: tuple[PlayerId, ...]
    notice: Notice


@attrs.frozen
class Disconnect:
    """Say goodbye and close the session's connection of this epoch."""

    player_id: PlayerId
    epoch: int
    code: str
    sentence: str


@attrs.frozen
class BeginMatch:
    """Make a match and run it; `Hall.match_started` must be called once it exists."""

    match_id: MatchId
    lobby_id: LobbyId
    config: LobbyConfig
    players: tuple[Player, ...]
    """By seat, bots included (``Player.bot``)."""
    people: Mapping[Seat, PlayerId] = attrs.field(factory=dict)
    """The sessions of the players who are no bots."""


@attrs.frozen
class SeatPlayer:
    """Add a player to a running match; a bot on that seat is removed."""

    match_id: MatchId
    player: Player
    player_id: PlayerId = PlayerId("")


@attrs.frozen
class ClearSeat:
    """Remove a seat's player from a running match; ``bot`` takes over the seat if there is one."""

    match_id: MatchId
    seat: Seat
    bot: Player | None = None


@attrs.frozen
class ExitMatch:
    """Send this player no more snapshots of the match."""

    match_id: MatchId
    player_id: PlayerId


@attrs.frozen
class StopMatch:
    """End a match before its outcome; `Hall.match_ended` follows with the standings."""

    match_id: MatchId
    reason: str
    """``abandoned`` or ``stopped``."""


@attrs.frozen
class Note:
    """Write a line about lobbies or players to the operator's log."""

    event: str
    fields: Mapping[str, object]


@attrs.frozen
class Publish:
    """Tell all who follow a public topic, without a session; without followers it is dropped."""

    topic: str
    """See :mod:`gameserver.rooms.state.shown`."""
    event: ReliableEvent | None = None
    """None: what the topic shows may have changed."""


@attrs.frozen
class Handle:
    """Let an author's namespace carry out a request; `calls.Handled` must follow."""

    player_id: PlayerId
    request_id: RequestId
    request: Request


@attrs.frozen
class AckCame:
    """Give a client's ack to the handler that waits for it."""

    player_id: PlayerId
    ack: int
    args: tuple[object, ...]
    namespace: str = ""
    """The one that the client named; empty if it named none."""


@attrs.frozen
class Departed:
    """Tell an author that a member has left a namespace."""

    player_id: PlayerId
    namespace: str
    reason: str


@attrs.frozen
class MemberSeen:
    """Tell an author that a member has lost its connection, or has one again."""

    player_id: PlayerId
    namespace: str
    connected: bool


@attrs.frozen
class ReplyLater:
    """Send the answer to a deferred request over the session's connection."""

    player_id: PlayerId
    answer: Answer


AuthorEffect = Handle | AckCame | Departed | MemberSeen
"""Effects for an author's namespaces."""

Effect = (
    Deliver | Tell | Disconnect | BeginMatch | SeatPlayer | ClearSeat | ExitMatch | StopMatch | Note
    | Publish | ReplyLater | AuthorEffect
)  # fmt: skip
