"""The chat around a moment, for the server's operators.

Law: it changes nothing. Of whispers an operator sees only those that a reporter had with the
accused, and reports; nobody reads other whispers.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from gameserver.ids import PlayerId
from gameserver.messages.chat import ChatLine
from gameserver.rooms.chat.chat import EVERYBODY, WATCHERS, Chat
from gameserver.rooms.state.lobby import Lobby, Occupant
from gameserver.rooms.state.session import Session

LINES: Final = 30
"""Most lines that a report keeps."""


def lines_around(
    chat: Chat, session: Session, accused: PlayerId, place: tuple[Lobby, Occupant] | None
) -> tuple[ChatLine, ...]:
    """Return the last lines that a session could read, those of players it has muted included."""
    heard = [*chat.public_history().lines, *_between(session, accused)]
    if place is not None:
        heard += _in_lobby(*place)
    return _newest(heard, LINES)


def lobby_lines(lobby: Lobby) -> tuple[ChatLine, ...]:
    """Return the kept lines of all channels of a lobby, those of teams included."""
    return _newest(chain.from_iterable(lobby.histories.values()), None)


def _between(session: Session, accused: PlayerId) -> Iterator[ChatLine]:
    return (line for line in session.whispers if accused in (line.sender, line.recipient))


def _in_lobby(lobby: Lobby, member: Occupant) -> list[ChatLine]:
    own = member.team if member.seated and lobby.teams else WATCHERS
    audiences = (EVERYBODY,) if member.seated and not lobby.teams else (EVERYBODY, own)
    return [line for audience in audiences for line in lobby.histories.get(audience, ())]


def _newest(lines: Iterable[ChatLine], most: int | None) -> tuple[ChatLine, ...]:
    ordered = sorted(lines, key=lambda line: line.message_id)
    return tuple(ordered if most is None else ordered[-most:])
