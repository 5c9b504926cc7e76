"""Read a server's statistics without signing in: no name and no session."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

from gameserver.client.link.address import Address
from gameserver.client.link.dial import dial
from gameserver.client.link.farewell import known_code
from gameserver.client.link.wire import Wire
from gameserver.client.sendable import check_sendable
from gameserver.errors import (
    Code,
    ConnectionLostError,
    ProtocolError,
    RequestError,
    ServerClosedError,
)
from gameserver.ids import RequestId
from gameserver.messages.session import GetServerStats, ServerStats
from gameserver.messages.wire import (
    Delta,
    Goodbye,
    Ping,
    Pong,
    Refusal,
    RequestEnvelope,
    ResultEnvelope,
)
from gameserver.protocol.codec import decode_server, encode
from gameserver.protocol.deltas import OUTSIDE


class Looker:
    """A connection that only requests the server's statistics. Made by `look_at`."""

    def __init__(self, wire: Wire, token: str, timeout_s: float) -> None:
        """Use a connection; ``token`` is the operator's, "" for a server without a token."""
        self._wire = wire
        self._token = token
        self._timeout_s = timeout_s
        self._ids = itertools.count(1)

    async def ask(self) -> ServerStats:
        """Return the current statistics.

        Call it every few seconds: the server closes connections that are silent.

        Raises:
            RequestError: The server refused, such as for a wrong token.
            ConnectionLostError: The connection was lost, or no answer came in time.
            ServerClosedError: The server said goodbye.
        """
        number, request = RequestId(next(self._ids)), GetServerStats(self._token)
        check_sendable(request)
        await self._wire.send([encode(RequestEnvelope(number, request))])
        with trio.move_on_after(self._timeout_s):
            while True:
                for item in decode_server(await self._wire.receive(), lambda _id: GetServerStats):
                    match item:
                        case ResultEnvelope(_, ServerStats() as stats):
                            return stats
                        case Refusal():
                            code = known_code(item.code)
                            raise RequestError(code, item.sentence, item.details)
                        case Goodbye():
                            raise ServerClosedError(known_code(item.code), item.sentence)
                        case Ping():
                            await self._wire.send([encode(Pong(item.nonce, 0))])
                        case Delta():  # a program that speaks another protocol says such bytes
                            raise ProtocolError(Code.BAD_MESSAGE, OUTSIDE)
                        case _:
                            pass
        raise ConnectionLostError(f"the server did not answer within {self._timeout_s:g} s")


@asynccontextmanager
async def look_at(url: str, token: str = "", timeout_s: float = 5.0) -> AsyncIterator[Looker]:
    """Connect to a server only to read its statistics.

    Raises:
        ConfigError: ``url`` is not a valid address.
        ConnectionLostError: The server cannot be reached, or was lost; the sentence names it.
    """
    address = Address.parse(url)
    async with dial(address, timeout_s) as wire:
        try:
            yield Looker(wire, token, timeout_s)
        except ConnectionLostError as error:
            raise ConnectionLostError(f"{address.host_header}: {error}") from None
        except ProtocolError as error:
            there = f"what answers at {address.host_header} is no game server"
            raise ConnectionLostError(f"{there}: {error.sentence}") from None
