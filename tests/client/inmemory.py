"""A server in memory for tests of the client: what dials it, and whether that is closed again."""

from abc import ABC, abstractmethod
from typing import Any

import trio
from trio.testing import memory_stream_pair

from gameserver.client import Address


class MemoryServer(ABC):
    """Serves each connection in a task of its own; `opens` is a way to it.

    Attributes:
        clients: The client's side of each connection, in order.
        error: Raised instead of a connection, if it is not None.
    """

    def __init__(self, nursery: trio.Nursery, address: Address) -> None:
        """Be at ``address``; a client must dial no other one."""
        self.nursery = nursery
        self.address = address
        self.clients: list[trio.abc.Stream] = []
        self.error: Exception | None = None

    @abstractmethod
    async def serve(self, stream: Any, connection: int) -> None:
        """Serve a connection; ``connection`` counts from 1."""

    async def opens(self, address: Address) -> trio.abc.Stream:
        """Connect a client."""
        assert address == self.address
        await trio.lowlevel.checkpoint()
        if self.error is not None:
            raise self.error
        client, server = memory_stream_pair()
        self.clients.append(client)
        self.nursery.start_soon(self.serve, server, len(self.clients))
        return client

    async def all_closed(self) -> bool:
        """Return whether the client has closed all of its connections."""
        for client in self.clients:
            try:
                await client.send_all(b"x")
            except trio.ClosedResourceError:
                continue
            return False
        return True
