"""One player's session: it survives its connections, and ends by sign-out or when it expires.

Law: a session owns all that must not be lost with a connection: unacknowledged events, kept
answers, limits, and the lobby that the player is in.
"""

from collections import deque

import attrs

from gameserver.ids import LobbyId, PlayerId
from gameserver.messages.chat import Channel, ChatLine
from gameserver.messages.lobby import LobbyFilter
from gameserver.rooms.limits.buckets import TokenBucket
from gameserver.rooms.limits.budgets import Budget
from gameserver.rooms.limits.holdings import Held
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.state.replies import ReplyLog
from gameserver.rooms.state.stream import EventStream
from gameserver.rooms.state.unsent import Unsent


@attrs.define(eq=False)
class Session:
    """A player's identity, limits and undelivered events."""

    player_id: PlayerId
    name: str
    address: str
    """Where it signed in, for limits; see `last_address`."""
    account: Held
    """Bytes that the server holds for it."""
    stream: EventStream
    replies: ReplyLog
    requests: TokenBucket
    patience: TokenBucket
    attempts: TokenBucket
    """Limits wrong passwords and codes."""
    lines: TokenBucket
    """Limits lines of chat."""
    whispers: deque[ChatLine]
    """The last whispers sent or received."""
    answers: Budget
    """Bytes of answers that it may still get."""
    replays: Budget
    """Bytes of events that may be sent to it again after a resume."""
    renames: TokenBucket
    resumes: TokenBucket
    look: str = ""
    """Skeleton of the name, kept by `SessionBook`."""
    epoch: int = 1
    """Number of the connection that owns the session."""
    connected: bool = True
    expires_at: float | None = None
    """When the session ends, while it has no connection; None while it has one."""
    lobby_id: LobbyId | None = None
    watching: LobbyFilter | None = None
    """The filter of the list of lobbies that it watches; None while it watches none."""
    muted: dict[PlayerId, None] = attrs.field(factory=dict)
    """Players whose chat it does not get, in the order of muting."""
    last_line: dict[Channel, tuple[str, float]] = attrs.field(factory=dict)
    """Its last line in each channel, case-folded, and the time of it."""
    last_typing: dict[Channel, float] = attrs.field(factory=dict)
    unsent: Unsent = attrs.field(factory=Unsent, metadata={"renamed": ("held", Unsent.of)})
    """Messages to many that it has not been sent yet; see `gameserver.rooms.state.spread`."""

    handling: int = 0
    """Events and joins that an author's handlers have not finished."""
    came_from: str = ""
    """Where its newest connection comes from; empty for loopback, or if it has had only one."""

    @property
    def last_address(self) -> str:
        """The newest address that is known; a session may come back from another one."""
        return self.came_from or self.address

    def owned_by(self, epoch: int | None) -> bool:
        """Tell whether the connection of this epoch owns the session; None stands for any."""
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
        """Make the session of a guest who signs in, with the limits of the rules."""
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
