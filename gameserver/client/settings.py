"""What an application can choose about its client."""

from collections.abc import Iterable
from typing import Final

import attrs

from gameserver.client.link.conditions import Conditions
from gameserver.client.link.dial import OpenStream
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap

CLIENT_NAME: Final = "gameserver-python"

PERFECT: Final = Conditions()


@attrs.frozen
class ClientSettings:
    """Settings of one client; the defaults are right for a player's.

    Attributes:
        game: The game to play; None loads the installed one that the server names.
        play: Whether to enter matches; False for clients that only look and talk.
        maps: Maps at hand, which then need not be fetched from the server.
        conditions: How much worse to make the line.
        client: Name and version of the program, for the server's logs.
        token: Resume token of an earlier run; empty signs in a new guest.
        connect_timeout_s: Longest wait for a connection and the server's welcome.
        request_timeout_s: Longest wait for an answer, cuts and resumes included.
        first_attempts: How often the first connection is tried before `open_client` raises.
        sign_out: Whether closing the client ends the session at once, so that nobody waits for
            a player who left on purpose.
        open_stream: Opens the stream to the server in place of a socket, for tunnels, proxies and
            simulations; None dials the address.
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
    open_stream: OpenStream | None = None
    seed: int = 0
