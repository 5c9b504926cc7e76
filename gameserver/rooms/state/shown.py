"""What everybody may know of a lobby and its match, also without a session.

Law: a lobby is shown if every guest could enter it as a spectator: public, and with spectators
allowed. What is shown is what a spectator sees; nothing of its chat, its code or its bans.
"""

from typing import Final

import attrs

from gameserver.errors import Code, RequestError
from gameserver.ids import MatchId
from gameserver.messages.lobby import LobbySummary, MatchResult, Visibility
from gameserver.messages.match import SeatedPlayer
from gameserver.rooms.state.effects import StartFacts
from gameserver.rooms.state.lobby import Lobby

LOBBIES: Final = "lobbies"
"""Topic of the list of lobbies: published without an event, whenever the list may have changed."""

GLOBAL_CHAT: Final = "chat:global"
"""Topic of the global channel. The topic of a lobby is its id."""


@attrs.frozen
class ShownLobby:
    """A lobby and its running match, as everybody may see them."""

    lobby: LobbySummary
    match_id: MatchId
    """Empty while no match runs."""
    facts: StartFacts | None
    """Known once the match runs."""
    players: tuple[SeatedPlayer, ...]
    """By seat, bots included; empty while no match runs."""
    result: MatchResult | None
    """Of the last match."""


def is_shown(lobby: Lobby) -> bool:
    """Tell whether the match of a lobby may be followed without a session."""
    return lobby.config.visibility is Visibility.PUBLIC and lobby.config.spectators


def check_open(lobby: Lobby | None) -> Lobby:
    """Return a lobby that a further stranger may begin to follow.

    Raises:
        RequestError: With the code that a guest would get who wants to enter as a spectator.
    """
    if lobby is None or lobby.config.visibility is Visibility.UNLISTED:
        raise RequestError(Code.LOBBY_UNKNOWN, "There is no such public lobby.")
    if lobby.config.visibility is Visibility.PASSWORD:
        raise RequestError(Code.LOBBY_WRONG_PASSWORD, "This lobby has a password.")
    if not lobby.config.spectators:
        raise RequestError(Code.LOBBY_FULL, "This lobby takes no spectators.")
    if lobby.locked:
        raise RequestError(Code.LOBBY_LOCKED, "The host has locked this lobby.")
    return lobby
