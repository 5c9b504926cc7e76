"""Settings of a client, and the choice of its game."""

from collections.abc import Iterable
from typing import Final

import attrs

from gameserver.client.link.conditions import Conditions
from gameserver.client.link.roads import ALL
from gameserver.client.link.streams import OpenStream
from gameserver.errors import GameMismatchError
from gameserver.game.game import Game
from gameserver.game.loading.games import installed_games, load_game
from gameserver.game.maps.tilemap import TileMap
from gameserver.text import shown

CLIENT_NAME: Final = "gameserver-python"

PERFECT: Final = Conditions()


@attrs.frozen
class ClientSettings:
    """Settings of one client; the defaults suit a player's client.

    Attributes:
        game: The game to play; None loads the installed game that the server names.
        play: Whether to enter matches; False for clients that only use lobbies and chat.
        maps: Maps that need not be fetched from the server.
        conditions: Simulated delay, jitter and stalls of the connection.
        client: Name and version of the program, for the server's logs.
        token: Resume token of an earlier run; empty signs in a new guest.
        connect_timeout_s: Longest wait for the connection, and again for the server's welcome.
        request_timeout_s: Longest wait for an answer, reconnects included.
        first_attempts: Number of attempts at the first connection before `open_client` raises.
        sign_out: Whether closing the client ends the session at once. Else the server holds the
            seat for the grace time, as for a lost connection.
        roads: Transports to use, the best one first: where one is blocked the next one is tried,
            and left again when the first one opens.
        open_stream: Opens the stream to the server in place of a socket, for tunnels, proxies and
            simulations; None connects to the address.
        seed: Seed of the waits between attempts; 0 takes fresh entropy.
    """

    game: Game | None = None
    play: bool = True
    maps: Iterable[TileMap] = ()
    conditions: Conditions = PERFECT
    client: str = CLIENT_NAME
    token: bytes = attrs.field(default=b"", repr=False)
    connect_timeout_s: float = 5.0
    request_timeout_s: float = 30.0
    first_attempts: int = 3
    sign_out: bool = True
    roads: tuple[str, ...] = ALL
    open_stream: OpenStream | None = None
    seed: int = 0


def game_for(settings: ClientSettings, name: str) -> Game:
    """Return the game to play on a server whose game has this name.

    A name sent by a server loads installed games only: ``module:Class`` would let a server import
    any module.

    Raises:
        GameMismatchError: The game is not installed here, or is not the game of the settings.
        ConfigError: The game is installed, but has faults.
    """
    chosen = settings.game
    if chosen is not None and chosen.name == name:
        return chosen
    theirs = shown(name, 60).replace("_", " ").capitalize()
    if chosen is not None:
        raise GameMismatchError(f"this server plays {theirs}; this client plays {chosen.title}")
    if name not in installed_games():
        raise GameMismatchError(f"this server plays {theirs}, which is not installed here")
    return load_game(name)
