"""The form that creates a lobby: what there is to choose, within which bounds."""

import attrs

from gameserver.game.options import FormField
from gameserver.messages.base import Request, Result
from gameserver.messages.lobby import LobbyConfig


@attrs.frozen
class MapChoice:
    """One of the server's maps."""

    name: str
    title: str
    modes: tuple[str, ...]
    """The game's modes with which it can be played; without modes of the game, the map's own."""
    min_players: int
    """Smallest size of a lobby on it, unless the form's ``min_size`` is larger."""
    max_players: int
    """Largest size of a lobby on it, unless the form's ``max_size`` is smaller."""


@attrs.frozen
class LobbyForm(Result):
    """The contents of the form that creates a lobby: choices, bounds and defaults."""

    game: str
    title: str
    options: tuple[FormField, ...]
    maps: tuple[MapChoice, ...]
    bot_levels: tuple[str, ...]
    min_size: int
    max_size: int
    default: LobbyConfig
    mode: str = ""
    """Name of the option that is the game's mode; empty in a game without modes."""


@attrs.frozen
class GetLobbyForm(Request, name="lobby.form", result=LobbyForm):
    """Ask for the form that creates a lobby on this server."""
