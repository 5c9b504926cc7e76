"""The views of all screens but the match: plain frozen values.

Law: a screen draws from its view alone, and a view does not depend on the source of its values.
Lobbies, forms and chat lines are the frozen classes of the protocol. The view of a match is in
`matchview`.
"""

from collections.abc import Mapping

import attrs

from client_demo.fetching import ReplayFetch
from client_demo.views.matchview import MatchView
from client_demo.views.replay import ReplaysView, ReplayView
from gameserver.errors import RequestError
from gameserver.game.maps.tilemap import TileMap
from gameserver.ids import MessageId, PlayerId
from gameserver.messages.chat import Channel, ChatLine, SendChat
from gameserver.messages.forms import LobbyForm
from gameserver.messages.lobby import LobbyConfig, LobbyList, LobbyState


@attrs.frozen
class ChatView:
    """The lines of all channels that the player receives, oldest first."""

    me: PlayerId
    lines: Mapping[Channel, tuple[ChatLine, ...]] = attrs.field(factory=dict)
    typing: Mapping[Channel, tuple[str, ...]] = attrs.field(factory=dict)
    delivered: frozenset[MessageId] = frozenset()
    """Whispers that reached their recipient."""
    refused: tuple[SendChat, ...] = ()
    """The player's last lines that the server refused, oldest first."""
    muted: frozenset[PlayerId] = frozenset()
    """People whose lines the player does not see."""


@attrs.frozen
class ConnectView:
    """The screen without a session."""

    url: str
    name: str
    busy: bool = False
    """An attempt to connect is being made."""
    error: str = ""


@attrs.frozen
class BrowserView:
    """The screen of a session that is in no lobby."""

    player_name: str
    server: str
    chat: ChatView
    listing: LobbyList | None = None
    """None until the server has answered."""
    form: LobbyForm | None = None
    busy: bool = False
    """A request to join a lobby, or for quick play, has no answer yet."""
    refused: RequestError | None = None
    """Why the server refused the last request to join."""
    online: int = 0
    """Number of people on the server; 0 if the server does not tell it."""


@attrs.frozen
class CreateView:
    """The form of a new lobby, or of the lobby whose host the player is."""

    form: LobbyForm
    maps: Mapping[str, TileMap]
    """Maps that can be shown as a preview, by name."""
    editing: LobbyConfig | None = None
    """The configuration of an open lobby; None for a new one."""
    seated: int = 0
    """Number of people who have a seat in the lobby."""
    busy: bool = False
    """The request with the form has no answer yet."""
    refused: RequestError | None = None
    """Why the server refused the form the last time."""


@attrs.frozen
class RoomView:
    """The screen of a lobby without a match, or whose match the player does not play or watch."""

    lobby: LobbyState
    chat: ChatView
    form: LobbyForm | None = None
    maps: Mapping[str, TileMap] = attrs.field(factory=dict)
    countdown_s: float | None = None
    """Seconds left until the start."""


@attrs.frozen
class ResultsView:
    """The screen after a match."""

    lobby: LobbyState
    """Its ``result`` is set."""
    chat: ChatView
    countdown_s: float | None = None
    """Seconds until the lobby opens again."""
    replay: ReplayFetch | None = None
    """The replay of the match; None while nobody has asked for it."""
    stops_in_s: float | None = None
    """Seconds until the server stops at the latest; None if it does not."""
    replays: bool = True
    """Whether the server gives out replays."""


@attrs.frozen
class LinkView:
    """The state of the connection, for the banner about a lost one."""

    lost: bool = False
    retry_in_s: float = 0.0
    attempt: int = 0
    reason: str = ""
    found: bool = True
    """False if the last attempt could make no connection at all."""
    has_seat: bool = False
    """The player had a seat in a lobby when the connection was lost."""
    seat_for_s: float | None = None
    """Seconds for which the server still holds the seat; None if that is not known."""


ScreenView = (
    ConnectView
    | BrowserView
    | CreateView
    | RoomView
    | ResultsView
    | MatchView
    | ReplaysView
    | ReplayView
)
