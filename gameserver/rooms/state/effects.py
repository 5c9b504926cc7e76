"""What the domain of people wants done: plain values, carried out by the service in order.

Law: rooms decide, the service performs. Nothing in this package calls out, reads a clock or
awaits; time comes in as an argument and leaves as a deadline.
"""

from collections.abc import Mapping
from typing import Protocol

import attrs

from gameserver.game.entity import Player
from gameserver.ids import LobbyId, MatchId, PlayerId, Seat
from gameserver.messages.base import Notice
from gameserver.messages.lobby import LobbyConfig
from gameserver.messages.wire import EventEnvelope


class MatchFacts(Protocol):
    """What `MatchStarted` tells of a match, known once it exists; handed to the hall."""

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
    """Send a numbered event to a session's connection; without one it waits in the stream."""

    player_id: PlayerId
    envelope: EventEnvelope


@attrs.frozen
class Tell:
    """Send a notice to whoever of these is connected, the latest of its kind only."""

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
class StartMatch:
    """Make a match and run it. Answer with `Hall.match_started` once it exists."""

    match_id: MatchId
    lobby_id: LobbyId
    config: LobbyConfig
    players: tuple[Player, ...]
    """By seat, bots included (``Player.bot``)."""


@attrs.frozen
class SeatPlayer:
    """Let somebody into a running match; a bot on that seat makes room."""

    match_id: MatchId
    player: Player


@attrs.frozen
class ClearSeat:
    """Take a seat's player out of a running match for good; ``bot`` may take over."""

    match_id: MatchId
    seat: Seat
    bot: Player | None = None


@attrs.frozen
class ExitMatch:
    """This person sees the match no longer."""

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
    """Write a line to the operator's log; for what happens to people by people."""

    event: str
    fields: Mapping[str, object]


Effect = (
    Deliver | Tell | Disconnect | StartMatch | SeatPlayer | ClearSeat | ExitMatch | StopMatch | Note
)
