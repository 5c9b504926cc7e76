"""Open a client for the time of a block."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gameserver.client.client import Client
from gameserver.client.link.address import Address
from gameserver.client.link.background import background
from gameserver.client.sendable import check_text
from gameserver.client.settings import ClientSettings
from gameserver.errors import Code

DEFAULT_SETTINGS = ClientSettings()


@asynccontextmanager
async def open_client(
    url: str, player_name: str, settings: ClientSettings = DEFAULT_SETTINGS
) -> AsyncIterator[Client]:
    """Connect and sign in; the client works in the background until the block ends.

    Raises:
        ConfigError: ``url`` is not a valid address, the settings name a road that does not exist,
            or the installed game has faults.
        GameMismatchError: The server's game is not available here.
        RequestError: The name holds a character that cannot be sent.
        ConnectionLostError: The server cannot be reached.
        ServerClosedError: The server refused, and another attempt makes no sense.
    """
    address = Address.parse(url)
    check_text(player_name, "a name", Code.NAME_REFUSED)
    check_text(settings.client, "the program's name", Code.BAD_PARAMS)
    client = Client(address, player_name, settings)
    async with background() as nursery:
        nursery.start_soon(client.run)
        try:
            await client.wait_online()
            yield client
        finally:
            await client.leave()
