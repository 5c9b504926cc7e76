"""Mutes by the server's operator, which hold in every channel."""

from gameserver.errors import Code, RequestError
from gameserver.rooms.state.hall_state import HallState
from gameserver.rooms.state.sanctions import SanctionKind, left_of, with_reason
from gameserver.rooms.state.session import Session


def refuse_muted(state: HallState, session: Session) -> None:
    """Refuse to let a muted player say something.

    Raises:
        RequestError: ``chat.muted``.
    """
    sanction = state.sanctions.of(SanctionKind.MUTE, session, state.wall_ms)
    if sanction is not None:
        left = left_of(sanction, state.wall_ms)
        sentence = f"The server's operator has muted you for {left} more."
        details = {"until_ms": sanction.until_ms}
        raise RequestError(Code.CHAT_MUTED, with_reason(sentence, sanction.reason), details)
