"""How many bytes people may be answered: by session, and by address for all of its sessions.

Law: what a peer sends earns it answers, and beside that there is an allowance for coming in. Only
requests whose answers are large are refused where both are used up; a line of chat never is.
"""

from typing import Final

import attrs

from gameserver.errors import Code
from gameserver.ids import PlayerId
from gameserver.messages import chat, lobby, match
from gameserver.messages.base import Result
from gameserver.messages.wire import Refusal, RequestEnvelope
from gameserver.rooms.state.hall_state import HallState

LARGE: Final[frozenset[type[Result]]] = frozenset(
    {
        chat.ChatHistory,
        lobby.InLobby,
        lobby.LobbyForm,
        lobby.LobbyList,
        match.MapData,
        match.MatchEntered,
    }
)
"""Results that may have more than 12 times as many bytes as their requests."""


@attrs.frozen
class Outflow:
    """Counts bytes in and out."""

    _state: HallState

    def refusal(self, player_id: PlayerId, envelope: RequestEnvelope, now: float) -> Refusal | None:
        """Return the refusal of a request with a large answer whose asker was answered too much.

        It is not kept: the request may be repeated, with the same id.
        """
        session = self._state.sessions.get(player_id)
        if session is None or envelope.request.result not in LARGE:
            return None
        wait = max(session.answers.wait(now), self._state.answers.wait(session.address, now))
        if not wait:
            return None
        sentence = f"You asked for much in a short time; try again in {wait:.1f} s."
        return Refusal(envelope.id, Code.RATE_LIMITED, sentence, {"retry_after_s": wait})

    def received(self, player_id: PlayerId, received_bytes: int, now: float) -> None:
        """Let a session and its address be answered more for what they sent."""
        session = self._state.sessions.get(player_id)
        if session is not None:
            earned = received_bytes * self._state.rules.answer_per_received
            session.answers.earn(earned, now)
            self._state.answers.earn(session.address, earned, now)

    def answered(self, player_id: PlayerId, answer_bytes: int, now: float) -> None:
        """Charge a session and its address for an answer."""
        session = self._state.sessions.get(player_id)
        if session is not None:
            session.answers.spend(answer_bytes, now)
            self._state.answers.spend(session.address, answer_bytes, now)

    def replayed(self, player_id: PlayerId, replay_bytes: int, now: float) -> None:
        """Charge a session for events that were repeated to it."""
        session = self._state.sessions.get(player_id)
        if session is not None:
            session.replays.spend(replay_bytes, now)
