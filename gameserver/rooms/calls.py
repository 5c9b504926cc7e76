"""Every call into the hall, as a value: what a journal keeps and what a simulation replays.

Law: a call holds all it needs, and `take` adds the moment: the time and the entropy. The same calls
in the same moments on the same state give the same answers, the same effects and the same state.
"""

from collections.abc import Mapping
from typing import Protocol, TypeVar

import attrs

from gameserver.game.entity import Outcome
from gameserver.ids import MatchId, PlayerId
from gameserver.messages.match import MatchHappened
from gameserver.messages.wire import Ack, Answer, Hello, Refusal, RequestEnvelope
from gameserver.rooms.hall import Hall, Welcomed
from gameserver.rooms.state.effects import MatchFacts

AnswerT_co = TypeVar("AnswerT_co", covariant=True)


@attrs.frozen
class Moment:
    """When a call is made, and what its random bytes are drawn from."""

    now: float
    """Monotonic seconds."""
    wall_ms: int
    """Unix time."""
    entropy: bytes
    """16 bytes or more, never used twice."""


class Call(Protocol[AnswerT_co]):
    """A call into the hall."""

    def act(self, hall: Hall, moment: Moment) -> AnswerT_co:
        """Make the call; use `take`, which gives the hall its time and entropy."""
        ...


def take(hall: Hall, call: Call[AnswerT_co], moment: Moment) -> AnswerT_co:
    """Make a call and return its answer; what is to be done waits in `Hall.take_effects`.

    Raises:
        RequestError: As the call says.
    """
    hall.begin(moment.now, moment.wall_ms, moment.entropy)
    try:
        return call.act(hall, moment)
    finally:
        hall.end()


# --- connections ------------------------------------------------------------------------------


@attrs.frozen
class SignIn:
    """Make a session, or give one to a new connection of its player.

    Raises:
        RequestError: The hello is refused; its code says whether trying again makes sense.
    """

    hello: Hello
    address: str

    def act(self, hall: Hall, moment: Moment) -> Welcomed:
        """Sign in."""
        return hall.sign_in(self.hello, self.address, moment.now)


@attrs.frozen
class Lost:
    """The connection of this epoch is gone; older ones do not matter."""

    player_id: PlayerId
    epoch: int

    def act(self, hall: Hall, moment: Moment) -> None:
        """Hold the session's place."""
        hall.disconnected(self.player_id, self.epoch, moment.now)


@attrs.frozen
class Acked:
    """What arrived at a client over its connection of this epoch."""

    player_id: PlayerId
    ack: Ack
    epoch: int | None = None

    def act(self, hall: Hall, moment: Moment) -> None:
        """Forget what arrived."""
        hall.acked(self.player_id, self.ack, moment.now, self.epoch)


# --- requests ---------------------------------------------------------------------------------


@attrs.frozen
class Ask:
    """A request that the hall answers."""

    player_id: PlayerId
    envelope: RequestEnvelope
    epoch: int | None = None

    def act(self, hall: Hall, moment: Moment) -> Answer:
        """Answer, unless the answer is large and the asker was answered too much already."""
        refused = hall.outflow.refusal(self.player_id, self.envelope, moment.now)
        if refused is not None:
            return refused
        return hall.handle(self.player_id, self.envelope, moment.now, moment.wall_ms, self.epoch)


@attrs.frozen
class Charge:
    """A request that is answered elsewhere; the answer is None, or the refusal by its limits."""

    player_id: PlayerId
    envelope: RequestEnvelope
    epoch: int | None = None

    def act(self, hall: Hall, moment: Moment) -> Refusal | None:
        """Count the request."""
        refused = hall.outflow.refusal(self.player_id, self.envelope, moment.now)
        if refused is not None:
            return refused
        return hall.charge(self.player_id, self.envelope.id, moment.now, self.epoch)


@attrs.frozen
class Received:
    """Bytes came from a player, which earns answers."""

    player_id: PlayerId
    received_bytes: int

    def act(self, hall: Hall, moment: Moment) -> None:
        """Let the player be answered more."""
        hall.outflow.received(self.player_id, self.received_bytes, moment.now)


@attrs.frozen
class Answered:
    """A player was answered this many bytes."""

    player_id: PlayerId
    answer_bytes: int

    def act(self, hall: Hall, moment: Moment) -> None:
        """Charge the player."""
        hall.outflow.answered(self.player_id, self.answer_bytes, moment.now)


@attrs.frozen
class Replayed:
    """Events of this many bytes were repeated to a player who resumed."""

    player_id: PlayerId
    replay_bytes: int

    def act(self, hall: Hall, moment: Moment) -> None:
        """Charge the player."""
        hall.outflow.replayed(self.player_id, self.replay_bytes, moment.now)


# --- matches ----------------------------------------------------------------------------------


@attrs.frozen
class RefuseMatches:
    """No host may start a match, who may ask again after this long; 0 lets them again."""

    retry_after_s: float

    def act(self, hall: Hall, _moment: Moment) -> None:
        """Refuse, or stop refusing."""
        hall.refuse_matches(self.retry_after_s)


@attrs.frozen
class MatchStarted:
    """A match that was asked for runs."""

    match_id: MatchId
    facts: MatchFacts

    def act(self, hall: Hall, moment: Moment) -> None:
        """Tell the lobby."""
        hall.match_started(self.match_id, self.facts, moment.now)


@attrs.frozen
class Happened:
    """A match announced a reliable game event for everybody in its lobby."""

    event: MatchHappened

    def act(self, hall: Hall, _moment: Moment) -> None:
        """Pass it on."""
        hall.match_happened(self.event.match_id, self.event)


@attrs.frozen
class FellSilent:
    """Seats in matches fell silent (True), or are heard again (False)."""

    players: Mapping[PlayerId, bool]

    def act(self, hall: Hall, _moment: Moment) -> None:
        """Show it to the lobby."""
        hall.fell_silent(self.players)


@attrs.frozen
class Measured:
    """A match took this part of the processor lately."""

    match_id: MatchId
    share: float

    def act(self, hall: Hall, _moment: Moment) -> None:
        """Charge the match to its host."""
        hall.match_measured(self.match_id, self.share)


@attrs.frozen
class MatchEnded:
    """A match is over, or could not be made."""

    match_id: MatchId
    reason: str
    outcome: Outcome
    ticks: int
    message: str

    def act(self, hall: Hall, moment: Moment) -> None:
        """Show the result, and bring everybody back to the lobby."""
        hall.match_ended(
            self.match_id, self.reason, self.outcome, self.ticks, self.message, moment.now
        )


# --- time -------------------------------------------------------------------------------------


@attrs.frozen
class Spread:
    """Hand out to this many more listeners what is on its way to many."""

    most: int

    def act(self, hall: Hall, moment: Moment) -> None:
        """Hand out."""
        hall.spread(self.most, moment.now)


@attrs.frozen
class Expire:
    """Do the first thing whose time has come; the answer is whether there was one."""

    def act(self, hall: Hall, moment: Moment) -> bool:
        """Do it."""
        return hall.expire_next(moment.now, moment.wall_ms)


@attrs.frozen
class Stop:
    """Take nobody in any more, start no match, and ask for the end of those that run."""

    def act(self, hall: Hall, moment: Moment) -> None:
        """Begin to stop."""
        hall.stop(moment.now)
