"""Every call into the hall as a value, which a journal can store and a simulation can replay.

Law: a call holds all it needs, and `take` adds the moment: the time and the entropy. The same calls
in the same moments on the same state give the same answers, the same effects and the same state.
"""

from collections.abc import Mapping
from typing import Protocol, TypeVar

import attrs

from gameserver.game.entity import Outcome
from gameserver.ids import EventNumber, MatchId, PlayerId
from gameserver.messages.lobby import LobbyFilter, LobbyList
from gameserver.messages.match import MatchHappened
from gameserver.messages.wire import (
    Ack,
    Answer,
    EventEnvelope,
    Hello,
    Refusal,
    RequestEnvelope,
)
from gameserver.rooms.hall import Hall, Welcomed
from gameserver.rooms.requests.posted import Attended
from gameserver.rooms.state.effects import Hearers, StartFacts

AnswerT_co = TypeVar("AnswerT_co", covariant=True)


@attrs.frozen
class Moment:
    """Time and entropy of one call."""

    now: float
    """Monotonic seconds."""
    wall_ms: int
    """Unix time in milliseconds."""
    entropy: bytes
    """16 bytes or more for the call's random values; never used for another call."""
    secret: bytes = attrs.field(default=b"", repr=False)
    """16 bytes or more for the tokens that the call issues; nothing records them. Without it the
    tokens follow from ``entropy``."""
    tokens: tuple[bytes, ...] = ()
    """In a replay: the hashes of the tokens that the call has issued."""


class Call(Protocol[AnswerT_co]):
    """A call into the hall."""

    def act(self, hall: Hall, moment: Moment) -> AnswerT_co:
        """Make the call; use `take`, which gives the hall its time and entropy."""
        ...


class CallRecorder(Protocol):
    """Notes calls that were made, so that they can be made again."""

    def record(
        self, moment: Moment, call: Call[object], tokens: list[bytes], outcome: object, effects: int
    ) -> None:
        """Note a call, the hashes of the tokens it has issued, and what it has led to."""
        ...


def take(
    hall: Hall, call: Call[AnswerT_co], moment: Moment, recorder: CallRecorder | None = None
) -> AnswerT_co:
    """Make a call and return its answer; its effects wait in `Hall.take_effects`.

    A ``recorder`` is told of the call when it was made, also if it raises.

    Raises:
        RequestError: See the class of the call.
    """
    before = hall.parts.state.effects if recorder is not None else 0
    outcome: object = None
    hall.begin(moment.now, moment.wall_ms, moment.entropy, moment.secret, moment.tokens)
    try:
        outcome = answer = call.act(hall, moment)
    except Exception as error:
        outcome = error
        raise
    else:
        return answer
    finally:
        tokens = hall.end()
        if recorder is not None:
            effects = hall.parts.state.effects - before
            recorder.record(moment, call, tokens, outcome, effects)


# --- connections ------------------------------------------------------------------------------


@attrs.frozen
class SignIn:
    """Make a session, or give an existing one to a new connection of its player.

    Raises:
        RequestError: The hello is refused; the code tells whether another attempt makes sense.
    """

    hello: Hello
    address: str

    def act(self, hall: Hall, moment: Moment) -> Welcomed:
        """Sign in or resume; return the messages for the new connection."""
        return hall.sign_in(self.hello, self.address, moment.now)


@attrs.frozen
class Lost:
    """The session's connection of this epoch is lost; an older epoch is ignored."""

    player_id: PlayerId
    epoch: int

    def act(self, hall: Hall, moment: Moment) -> None:
        """Note the loss; the session's seat is held for the grace time."""
        hall.disconnected(self.player_id, self.epoch, moment.now)


@attrs.frozen
class Acked:
    """A client acknowledged events and answers over its connection of this epoch."""

    player_id: PlayerId
    ack: Ack
    epoch: int | None = None

    def act(self, hall: Hall, moment: Moment) -> None:
        """Drop the acknowledged events and answers."""
        hall.acked(self.player_id, self.ack, moment.now, self.epoch)


# --- requests ---------------------------------------------------------------------------------


@attrs.frozen
class Ask:
    """A request that the hall answers."""

    player_id: PlayerId
    envelope: RequestEnvelope
    epoch: int | None = None

    def act(self, hall: Hall, moment: Moment) -> Answer:
        """Answer, or refuse if the answer is large and the session is over its budget of bytes."""
        refused = hall.outflow.refusal(self.player_id, self.envelope, moment.now)
        if refused is not None:
            return refused
        return hall.handle(self.player_id, self.envelope, moment.now, moment.wall_ms, self.epoch)


@attrs.frozen
class Charge:
    """A request that the service answers, counted against the session's limits."""

    player_id: PlayerId
    envelope: RequestEnvelope
    epoch: int | None = None

    def act(self, hall: Hall, moment: Moment) -> Refusal | None:
        """Count the request; return a refusal if a limit is exceeded, else None."""
        refused = hall.outflow.refusal(self.player_id, self.envelope, moment.now)
        if refused is not None:
            return refused
        return hall.charge(self.player_id, self.envelope.id, moment.now, self.epoch)


@attrs.frozen
class Received:
    """Bytes were received from a player; they earn bytes of answers."""

    player_id: PlayerId
    received_bytes: int

    def act(self, hall: Hall, _moment: Moment) -> None:
        """Raise the player's budget of answered bytes."""
        hall.outflow.received(self.player_id, self.received_bytes)


@attrs.frozen
class Answered:
    """This many bytes of answers were sent to a player."""

    player_id: PlayerId
    answer_bytes: int

    def act(self, hall: Hall, moment: Moment) -> None:
        """Charge the player and the player's address for the answers."""
        hall.outflow.answered(self.player_id, self.answer_bytes, moment.now)


@attrs.frozen
class Replayed:
    """Events of this many bytes were repeated to a player who resumed."""

    player_id: PlayerId
    replay_bytes: int

    def act(self, hall: Hall, moment: Moment) -> None:
        """Charge the player for the repeated events."""
        hall.outflow.replayed(self.player_id, self.replay_bytes, moment.now)


# --- strangers --------------------------------------------------------------------------------


@attrs.frozen
class ShowLobbies:
    """Somebody without a session follows or reads the list of lobbies."""

    filter: LobbyFilter = attrs.field(factory=LobbyFilter)

    def act(self, hall: Hall, _moment: Moment) -> LobbyList:
        """Return the listed lobbies."""
        return hall.strangers.lobbies(self.filter)


# --- requests beside the connection -----------------------------------------------------------


@attrs.frozen
class Attend:
    """A request brought a session's token, and the token is used.

    If the session has no connection, its next epoch begins, and the caller must report `Lost` with
    that epoch when no request has come for some time. If it has one, nothing changes.

    Raises:
        RequestError: The token is unknown, or the server is stopping.
    """

    token: bytes = attrs.field(repr=False)
    address: str

    def act(self, hall: Hall, moment: Moment) -> Attended:
        """Return the session, which only the hall may change."""
        return hall.posted.attend(self.token, self.address, moment.now)


@attrs.frozen
class Post:
    """A request beside the session's connection: answered to its poster alone, and not kept."""

    player_id: PlayerId
    envelope: RequestEnvelope

    def act(self, hall: Hall, moment: Moment) -> Answer:
        """Answer, or refuse as `Ask` does."""
        refused = hall.outflow.refusal(self.player_id, self.envelope, moment.now)
        if refused is not None:
            return refused
        return hall.posted.answer(self.player_id, self.envelope, moment.now, moment.wall_ms)


@attrs.frozen
class ReadEvents:
    """A request asks for a session's events behind a number, at most ``most`` of them.

    It acknowledges the earlier ones if the session has no connection but the one of ``epoch``.
    """

    player_id: PlayerId
    after: EventNumber
    most: int
    epoch: int | None

    def act(self, hall: Hall, moment: Moment) -> tuple[EventEnvelope, ...]:
        """Return the events in order."""
        return hall.posted.events(self.player_id, self.after, self.most, self.epoch, moment.now)


# --- matches ----------------------------------------------------------------------------------


@attrs.frozen
class RefuseMatches:
    """Hosts may not start matches; refusals name the time to wait. 0 allows starts again."""

    retry_after_s: float

    def act(self, hall: Hall, _moment: Moment) -> None:
        """Begin to refuse starts, or end it."""
        hall.refuse_matches(self.retry_after_s)


@attrs.frozen
class MatchRuns:
    """A requested match is running."""

    match_id: MatchId
    facts: StartFacts

    def act(self, hall: Hall, moment: Moment) -> None:
        """Send `MatchStarted` to the lobby's members."""
        hall.match_started(self.match_id, self.facts, moment.now)


@attrs.frozen
class Happened:
    """A match emitted a reliable game event."""

    event: MatchHappened
    hearers: Hearers = Hearers.ALL

    def act(self, hall: Hall, _moment: Moment) -> None:
        """Send the event to the members of the match's lobby."""
        hall.match_happened(self.event, self.hearers)


@attrs.frozen
class FellSilent:
    """Inputs of players in matches have stopped (True), or come again (False)."""

    players: Mapping[PlayerId, bool]

    def act(self, hall: Hall, _moment: Moment) -> None:
        """Send the change to the players' lobbies."""
        hall.fell_silent(self.players)


@attrs.frozen
class Measured:
    """Matches have lately used these shares of one processor."""

    shares: tuple[tuple[MatchId, float], ...]

    def act(self, hall: Hall, _moment: Moment) -> None:
        """Charge each match's share to its host's address."""
        for match_id, share in self.shares:
            hall.match_measured(match_id, share)


@attrs.frozen
class MatchIsOver:
    """A match is over, or could not be made."""

    match_id: MatchId
    reason: str
    outcome: Outcome
    ticks: int
    message: str

    def act(self, hall: Hall, moment: Moment) -> None:
        """Show the result; all players are back in the lobby."""
        hall.match_ended(
            self.match_id, self.reason, self.outcome, self.ticks, self.message, moment.now
        )


# --- time -------------------------------------------------------------------------------------


@attrs.frozen
class HandOut:
    """Send messages to many sessions to the next ``most`` of them."""

    most: int

    def act(self, hall: Hall, moment: Moment) -> None:
        """Send the messages."""
        hall.spread(self.most, moment.now)


@attrs.frozen
class Expire:
    """Examine the first session or lobby whose time has come."""

    def act(self, hall: Hall, moment: Moment) -> bool:
        """Return whether there was one."""
        return hall.expire_next(moment.now, moment.wall_ms)
