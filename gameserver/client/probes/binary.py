"""Probes of the roads that carry msgpack, by the client's own wires."""

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, Final

import trio

from gameserver.client.link.dial import dial
from gameserver.client.link.polling import dial_polling
from gameserver.client.link.sse import dial_sse
from gameserver.client.link.wire import Wire
from gameserver.client.probes.connection import Connection, Heard, ProbeRequest
from gameserver.errors import ConnectionLostError
from gameserver.roads import spoken

CLIENT: Final = "gameserver-transports"
CONNECT_S: Final = 5.0


class _OverWire(Connection):
    """What all have in common."""

    _wire: Wire
    _translator: spoken.Translator

    async def open(self, auth: dict[str, Any]) -> None:
        """Connect and say hello."""
        ready = trio.Event()
        self._translator = spoken.Translator()

        async def listen() -> None:
            try:
                async with self._dial() as self._wire:
                    await self._send([spoken.hello(auth, CLIENT)])
                    ready.set()
                    while True:
                        await self._take(await self._wire.receive())
            finally:
                ready.set()

        self._start(listen)
        await ready.wait()

    @abstractmethod
    def _dial(self) -> AbstractAsyncContextManager[Wire]:
        """Open the wire."""

    async def say(self, asked: Sequence[ProbeRequest]) -> None:
        """Say requests, all at once."""
        await self._send([spoken.request(each.number, each.name, each.fields) for each in asked])

    async def repeat(self, asked: Sequence[ProbeRequest], next_request: int) -> None:
        """Say all unanswered requests again: the server answers a known number as before."""
        del next_request
        await self.say(asked)

    async def confirm(self, event: int, answer: int) -> None:
        """Acknowledge events and answers."""
        await self._send([spoken.ack(event, answer)])

    async def _send(self, messages: Sequence[bytes]) -> None:
        for message in messages:
            self._meter.message(len(message))
        with suppress(ConnectionLostError):  # `hear` tells of it
            await self._wire.send(messages)

    async def _take(self, message: bytes) -> None:
        self._meter.message(len(message))
        for said in self._translator.spoken(message):
            match said:
                case spoken.SpokenPing(nonce):
                    await self._send([spoken.pong(nonce)])
                case spoken.SpokenAnswer(number, value):
                    self._tell(Heard("answer", value, number))
                case spoken.Told(name, (fields, int() as number)):
                    self._tell(Heard(name, fields, number))
                case spoken.Told(name, (fields,)):
                    self._tell(Heard(name, fields))


class OverWebSocket(_OverWire):
    """One WebSocket."""

    road = "websocket"

    def _dial(self) -> AbstractAsyncContextManager[Wire]:
        return dial(self._address, CONNECT_S, self._meter.open_stream)


class OverEventStream(_OverWire):
    """An event stream of ``/poll``, and requests beside it. It outlives a cut, as long polling."""

    road = "event-stream"

    def _dial(self) -> AbstractAsyncContextManager[Wire]:
        return dial_sse(self._address, CONNECT_S, self._meter.open_stream)


class OverPolling(_OverWire):
    """Requests to ``/poll``. It outlives a cut: each request that was cut is sent again."""

    road = "long-polling"

    def _dial(self) -> AbstractAsyncContextManager[Wire]:
        return dial_polling(self._address, CONNECT_S, self._meter.open_stream)
