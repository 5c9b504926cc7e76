"""One player's presence: it survives its connections and ends with a sign-out or its time.

Law: a session owns what must not be lost with a connection: events on their way, answers, limits,
and where its player is.
"""

from collections import deque

import attrs

from gameserver.ids import LobbyId, PlayerId
from gameserver.messages.base import Notice, ReliableEvent
from gameserver.messages.chat import Channel, ChatLine
from gameserver.messages.lobby import LobbyFilter
from gameserver.rooms.limits.buckets import TokenBucket
from gameserver.rooms.limits.budgets import Budget
from gameserver.rooms.limits.holdings import Held
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.state.replies import ReplyLog
from gameserver.rooms.state.stream import EventStream


@attrs.define(eq=False)
class Session:
    """Who somebody is to the server, and what is on its way to them."""

    player_id: PlayerId
    name: str
    address: str
    account: Held
    """What it makes the server hold."""
    stream: EventStream
    replies: ReplyLog
    requests: TokenBucket
    patience: TokenBucket
    attempts: TokenBucket
    """Wrong passwords and codes."""
    lines: TokenBucket
    """Chat."""
    whispers: deque[ChatLine]
    """The last ones said or heard."""
    answers: Budget
    """Bytes it may be answered."""
    replays: Budget
    """Bytes of events that may be repeated to it."""
    renames: TokenBucket
    resumes: TokenBucket
    look: str = ""
    """Skeleton of the name, kept by `SessionBook`."""
    epoch: int = 1
    """Number of the connection that owns the session."""
    connected: bool = True
    expires_at: float | None = None
    """When it is forgotten, while it has no connection."""
    lobby_id: LobbyId | None = None
    watching: LobbyFilter | None = None
    """What it sees of the list of lobbies."""
    muted: dict[PlayerId, None] = attrs.field(factory=dict)
    """Whom it does not want to hear, in the order of asking."""
    last_line: dict[Channel, tuple[str, float]] = attrs.field(factory=dict)
    """What it said last in each channel, folded, and when."""
    last_typing: dict[Channel, float] = attrs.field(factory=dict)
    held: list[ReliableEvent | Notice] = attrs.field(factory=list)
    """Told to many at once, and on its way here; see `gameserver.rooms.state.spread`."""

    def owned_by(self, epoch: int | None) -> bool:
        """Tell whether the connection of this epoch has the session; None stands for any."""
        return self.connected and epoch in (None, self.epoch)

    @classmethod
    def new(
        cls,
        player_id: PlayerId,
        name: str,
        address: str,
        rules: RoomRules,
        account: Held,
    ) -> "Session":
        """Make the session of a guest who just came."""
        return cls(
            player_id,
            name,
            address,
            account=account,
            stream=EventStream(rules.events, rules.events_waiting, account),
            replies=ReplyLog(rules.replies, account),
            requests=TokenBucket(rules.requests_per_s, rules.requests_burst),
            patience=TokenBucket(rules.patience_per_s, rules.patience_burst),
            attempts=TokenBucket(rules.attempts_per_s, rules.attempts_burst),
            lines=TokenBucket(rules.chat_per_s, rules.chat_burst),
            renames=TokenBucket(rules.renames_per_s, rules.renames_burst),
            resumes=TokenBucket(rules.resumes_per_s, rules.resumes_burst),
            answers=Budget(rules.answer_per_s, rules.answer_burst_bytes),
            replays=Budget(rules.replay_per_s, rules.replay_burst_bytes),
            whispers=deque(maxlen=rules.chat_history),
        )
