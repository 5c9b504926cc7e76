"""What screens read: plain frozen values, made by whoever speaks with the server.

Law: nothing here knows where its values come from; screens know nothing else. Lobbies, forms and
chat lines are the protocol's own frozen classes; what a match looks like is in `matchview`.
"""

from collections.abc import Mapping

import attrs

from client_demo.views.matchview import MatchView
from gameserver.errors import RequestError
from gameserver.game.maps.tilemap import TileMap
from gameserver.ids import MessageId, PlayerId
from gameserver.messages.chat import Channel, ChatLine, SendChat
from gameserver.messages.forms import LobbyForm
from gameserver.messages.lobby import LobbyConfig, LobbyList, LobbyState


@attrs.frozen
class ChatView:
    """What was said in the channels one hears, oldest first."""

    me: PlayerId
    lines: Mapping[Channel, tuple[ChatLine, ...]] = attrs.field(factory=dict)
    typing: Mapping[Channel, tuple[str, ...]] = attrs.field(factory=dict)
    delivered: frozenset[MessageId] = frozenset()
    """Whispers that reached their recipient."""
    refused: tuple[SendChat, ...] = ()
    """The last lines of one's own that the server did not take, oldest first."""
    muted: frozenset[PlayerId] = frozenset()
    """Whom one does not want to hear."""


@attrs.frozen
class ConnectView:
    """Before there is a session."""

    url: str
    name: str
    busy: bool = False
    """An attempt is under way."""
    error: str = ""


@attrs.frozen
class BrowserView:
    """In a session, in no lobby."""

    player_name: str
    server: str
    chat: ChatView
    listing: LobbyList | None = None
    """None until the server has answered."""
    form: LobbyForm | None = None
    busy: bool = False
    """The server was asked for a way in and has not answered yet."""
    refused: RequestError | None = None
    """Why the server did not let one in the last time."""
    online: int = 0
    """How many people are on the server; 0 where it does not tell."""


@attrs.frozen
class CreateView:
    """A lobby's form: for a new lobby, or for the one whose host one is."""

    form: LobbyForm
    maps: Mapping[str, TileMap]
    """Maps that can be shown as a preview, by name."""
    editing: LobbyConfig | None = None
    """The configuration of an open lobby; None for a new one."""
    seated: int = 0
    """How many people sit in the lobby already."""
    busy: bool = False
    """The server was asked and has not answered yet."""
    refused: RequestError | None = None
    """Why the server did not take the form the last time."""


@attrs.frozen
class RoomView:
    """In a lobby that is not in a match, or in one whose match one does not play."""

    lobby: LobbyState
    chat: ChatView
    form: LobbyForm | None = None
    maps: Mapping[str, TileMap] = attrs.field(factory=dict)
    countdown_s: float | None = None
    """Seconds to the start, as of now."""


@attrs.frozen
class ResultsView:
    """After a match."""

    lobby: LobbyState
    """Its ``result`` is set."""
    chat: ChatView
    countdown_s: float | None = None
    """Seconds until the lobby opens again."""


@attrs.frozen
class LinkView:
    """The connection as the player should know of it."""

    lost: bool = False
    retry_in_s: float = 0.0
    attempt: int = 0
    reason: str = ""
    found: bool = True
    """Somebody still listens where the server was."""
    has_seat: bool = False
    """The player sat in a lobby when the connection was lost."""
    seat_for_s: float | None = None
    """How much longer the server keeps the seat; None where nothing may be promised."""


ScreenView = ConnectView | BrowserView | CreateView | RoomView | ResultsView | MatchView
