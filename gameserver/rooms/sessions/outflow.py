"""Limits on the bytes of answers: per session, and per address for all of its sessions.

Law: bytes that a peer sends allow bytes of answers, in addition to an allowance for signing in.
Only requests with large answers are refused when both are used up; a line of chat never is.
"""

from typing import Final

import attrs

from gameserver.errors import Code
from gameserver.ids import PlayerId
from gameserver.messages import chat, forms, lobby, match, namespaces
from gameserver.messages.base import Result
from gameserver.messages.wire import Refusal, RequestEnvelope
from gameserver.rooms.state.hall_state import HallState

LARGE: Final[frozenset[type[Result]]] = frozenset(
    {
        chat.ChatHistory,
        lobby.InLobby,
        forms.LobbyForm,
        lobby.LobbyList,
        match.MapData,
        match.MatchEntered,
        namespaces.EmitAnswered,
    }
)
"""Results that may have more than 12 times as many bytes as their requests."""


@attrs.frozen
class Outflow:
    """Counts bytes in and out."""

    _state: HallState

    def refusal(self, player_id: PlayerId, envelope: RequestEnvelope, now: float) -> Refusal | None:
        """Return a refusal if the answer is large and the session or address is over its limit.

        The refusal is not kept: the request may be sent again with the same id.
        """
        session = self._state.sessions.get(player_id)
        if session is None or envelope.request.result not in LARGE:
            return None
        wait = max(session.answers.wait(now), self._state.answers.wait(session.address, now))
        if not wait:
            return None
        sentence = f"You asked for much in a short time; try again in {wait:.1f} s."
        return Refusal(envelope.id, Code.RATE_LIMITED, sentence, {"retry_after_s": wait})

    def received(self, player_id: PlayerId, received_bytes: int) -> None:
        """Allow a session and its address more bytes of answers for bytes that they sent."""
        session = self._state.sessions.get(player_id)
        if session is not None:
            earned = received_bytes * self._state.rules.answer_per_received
            session.answers.earn(earned)
            self._state.answers.earn(session.address, earned)

    def answered(self, player_id: PlayerId, answer_bytes: int, now: float) -> None:
        """Charge a session and its address for an answer."""
        session = self._state.sessions.get(player_id)
        if session is not None:
            session.answers.spend(answer_bytes, now)
            self._state.answers.spend(session.address, answer_bytes, now)

    def replayed(self, player_id: PlayerId, replay_bytes: int, now: float) -> None:
        """Charge a session for events that were sent to it again."""
        session = self._state.sessions.get(player_id)
        if session is not None:
            session.replays.spend(replay_bytes, now)
