"""Requests about one's own session, and about the server."""

import attrs

from gameserver.ids import PlayerId
from gameserver.messages.base import Notice, Request, Result


@attrs.frozen
class Renamed(Result):
    """The name as it was accepted: cleaned, with a suffix if it clashed."""

    player_name: str


@attrs.frozen
class Rename(Request, name="session.rename", result=Renamed):
    """Change one's name. Refused with ``session.name_refused`` where nothing readable remains."""

    player_name: str


@attrs.frozen
class SignOut(Request, name="session.sign_out"):
    """End the session for good: its seat is released and its token forgotten."""


@attrs.frozen
class ServerInfo(Result):
    """What the server is and how busy."""

    server: str
    game: str
    title: str
    players: int
    lobbies: int
    matches: int
    uptime_s: int
    message: str = ""
    """The operator's message of the day."""


@attrs.frozen
class GetServerInfo(Request, name="server.info", result=ServerInfo):
    """Ask what the server is and how busy."""


@attrs.frozen
class ServerMessage(Notice, name="server.message"):
    """The operator, or the server itself, says something to everybody (such as that it stops)."""

    text: str
    stops_in_s: float | None = None


@attrs.frozen
class Presence(Notice, name="session.presence"):
    """Another member of one's lobby lost or regained the connection."""

    player_id: PlayerId
    connected: bool
