"""The port `Connection`: one connection of a probe over one road.

Law: every failure is raised as `ConnectionLostError`, with a sentence for people; also bytes of a
server that is no game server.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Self

import attrs
import h11
import trio

from gameserver.client.link.address import Address
from gameserver.client.link.farewell import LOST
from gameserver.client.link.refusals import cause_of
from gameserver.client.probes.meter import Meter
from gameserver.errors import ConnectionLostError, ProtocolError
from gameserver.text import shown


@attrs.frozen
class Heard:
    """One thing that the server said.

    Attributes:
        name: ``welcome``, ``goodbye``, ``answer``, or the name of an event or a notice.
        fields: Of an answer ``result`` or ``error``.
        number: Of an event its number; of an answer its request's, 0 for a hello's.
    """

    name: str
    fields: dict[str, Any]
    number: int = 0


@attrs.frozen
class ProbeRequest:
    """A request with its number."""

    number: int
    name: str
    fields: dict[str, Any] = attrs.field(factory=dict)


class Connection(ABC):
    """One connection of a session over one road. Its tasks run in the probe's nursery."""

    road: ClassVar[str]
    """Name of the road in results."""

    def __init__(self, address: Address, meter: Meter, nursery: trio.Nursery) -> None:
        """Prepare; nothing is sent before `open`."""
        self._address = address
        self._meter = meter
        self._nursery = nursery
        self._scopes: list[trio.CancelScope] = []
        self._failure = LOST
        self._tell_end, self._heard = trio.open_memory_channel[Heard](math.inf)

    @abstractmethod
    async def open(self, auth: dict[str, Any]) -> None:
        """Connect and say hello: ``name``, or ``token`` and ``last_event`` to resume.

        A failure is raised here or by `hear`.
        """

    @abstractmethod
    async def say(self, asked: Sequence[ProbeRequest]) -> None:
        """Say requests, all at once."""

    async def repeat(self, asked: Sequence[ProbeRequest], next_request: int) -> None:
        """Say again, after a cut, those of the unanswered requests that may not have come."""
        if left := [each for each in asked if each.number >= next_request]:
            await self.say(left)

    @abstractmethod
    async def confirm(self, event: int, answer: int) -> None:
        """Tell the server what has come, if the road has words for that."""

    def again(self) -> Self:
        """Return a connection that takes this one's place after a cut."""
        return type(self)(self._address, self._meter, self._nursery)

    async def hear(self) -> Heard:
        """Return the next thing that the server said.

        Raises:
            ConnectionLostError: The connection ended.
        """
        try:
            return await self._heard.receive()
        except trio.EndOfChannel:
            raise ConnectionLostError(self._failure) from None

    def close(self) -> None:
        """End the connection."""
        for scope in self._scopes:
            scope.cancel()

    # --- for roads --------------------------------------------------------------------------------

    def _tell(self, heard: Heard) -> None:
        with suppress(trio.ClosedResourceError):  # another task of this connection has failed
            self._tell_end.send_nowait(heard)

    def _start(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run a task of this connection; its end is the connection's."""
        self._nursery.start_soon(self._until_end, work)

    async def _until_end(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            with trio.CancelScope() as scope:
                self._scopes.append(scope)
                await self.guarded(work)
        except ConnectionLostError as error:
            self._failure = str(error)
        finally:
            self._tell_end.close()
            self.close()

    async def guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run work on bytes from outside.

        Raises:
            ConnectionLostError: It failed for any reason that a server or a network can cause.
        """
        there = self._address.host_header
        try:
            await work()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            raise ConnectionLostError(LOST) from None
        except OSError as error:
            cause = cause_of(error, self._address)
            raise ConnectionLostError(f"cannot reach {there}: {cause}") from None
        except (ProtocolError, h11.ProtocolError, ValueError, TypeError, LookupError) as error:
            why = shown(str(error), 80)
            sentence = f"{there} answers, but not as a gameserver ({why})"
            raise ConnectionLostError(sentence) from None
