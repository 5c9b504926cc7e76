"""The roads whose messages are msgpack: WebSocket and long polling."""

import itertools
import os
from abc import abstractmethod
from typing import Any, ClassVar

import msgpack
import trio

from gameserver.messages.wire import PROTOCOL_VERSION
from tests.service.roads.frames import FrameStream
from tests.service.roads.road import SEND_S, Client, Heard, Outbox
from tests.transports.polling.poller import Caller, body, post

INPUT, SNAPSHOT, STEER, PING, PONG, SEEN, SHIFT = range(1, 8)
HELLO, WELCOME, REQUEST, RESULT, REFUSAL, EVENT, ACK, NOTICE, GOODBYE = range(16, 25)

MOST = 64
"""Messages in one request of long polling."""


class Binary(Client):
    """What both have in common: rows of msgpack in and out."""

    numbers_itself: ClassVar[bool] = True
    _newest: int = 0
    """Tick of the newest snapshot."""

    def _hello(self, name: str, token: bytes, last_event: int) -> bytes:
        fields = {"version": PROTOCOL_VERSION, "client": "by hand", "player_name": name}
        if token:
            fields |= {"token": token, "last_event": last_event}
        return _pack([HELLO, fields])

    async def _ask(self, number: int, name: str, fields: dict[str, Any]) -> None:
        await self._send(_pack([REQUEST, number, name, fields]))

    async def numbers(self, name: str, row: list[int]) -> None:
        await self._send(_pack([{"input": INPUT, "seen": SEEN}[name], *row]))

    async def confirm(self, event: int, reply: int) -> None:
        await self._send(_pack([ACK, event, reply]))

    async def junk(self) -> str:
        """Say a kind that is none: the connection ends, with a refusal and a goodbye."""
        await self._send(_pack([99, "junk"]))
        return "bad_message"

    @abstractmethod
    async def _send(self, message: bytes) -> None:
        """Send one message."""

    async def _received(self, message: bytes) -> None:
        if message[0] < 0x80:  # a delta; it tells the ticks since the snapshot before
            self._newest += message[0] & 0x1F
            assert message[0] & 0x1F
            self._tell(Heard("snapshot", message, self._newest))
            return
        if message[1] in (SNAPSHOT, STEER, SHIFT):
            unpacker = msgpack.Unpacker()
            unpacker.feed(message)
            unpacker.read_array_header()
            kind, tick = unpacker.unpack(), unpacker.unpack()
            if kind == SNAPSHOT:
                self._newest = tick
                self._tell(Heard("snapshot", message, tick))
            return
        unpacker = msgpack.Unpacker(strict_map_key=False)
        unpacker.feed(message)
        for row in unpacker:
            await self._said_row(row)

    async def _said_row(self, row: list[Any]) -> None:
        match row:
            case [kind, nonce] if kind == PING:
                await self._send(_pack([PONG, nonce, 0]))
            case [kind, number, fields] if kind in (RESULT, REFUSAL):
                after = {"after": fields.pop("after")} if "after" in fields else {}
                name = "result" if kind == RESULT else "error"
                self._tell(Heard("answer", {name: fields, **after}, number))
            case [kind, number, name, fields] if kind == EVENT:
                self._tell(Heard(name, fields, number))
            case [kind, name, fields] if kind == NOTICE:
                self._tell(Heard(name, fields))
            case [kind, fields] if kind in (WELCOME, GOODBYE):
                self._tell(Heard("welcome" if kind == WELCOME else "goodbye", fields))


class OverWebSocket(Binary):
    """One WebSocket."""

    road = "websocket"

    async def _open(self, name: str, token: bytes, last_event: int) -> None:
        self._hello_bytes = self._hello(name, token, last_event)
        self._ready = trio.Event()
        self._start(self._listen)
        await self._ready.wait()

    async def _listen(self) -> None:
        try:
            self._frames = await FrameStream.open(await self._connect(), "/", "gameserver.v1")
            await self._frames.send(self._hello_bytes)
        finally:
            self._ready.set()
        while True:
            message = await self._frames.receive()
            assert isinstance(message, bytes)
            await self._received(message)

    async def _send(self, message: bytes) -> None:
        await self._frames.send(message)

    async def close(self) -> None:
        await self._send(_pack([GOODBYE, {"code": "closed", "sentence": "done"}]))
        try:
            while True:
                await self.hear()
        except trio.EndOfChannel:
            await self.cut()


class OverPolling(Binary):
    """Requests to ``/poll``: one that waits, and one that says things, on two connections."""

    road = "long-polling"

    async def _open(self, name: str, token: bytes, last_event: int) -> None:
        self._link = os.urandom(16)
        self._numbers = itertools.count(1)
        self._have = 0
        self._outbox = Outbox()
        self._outbox.put(self._hello(name, token, last_event))
        self._opened = trio.Event()
        self._start(self._poll)
        self._start(self._talk)
        await trio.lowlevel.checkpoint()

    async def _send(self, message: bytes) -> None:
        await trio.lowlevel.checkpoint()
        self._outbox.put(message)

    async def _poll(self) -> None:
        await self._opened.wait()  # the first request brings the hello
        caller = Caller(await self._connect())
        while True:
            await self._exchange(caller, next(self._numbers), [], 25_000)

    async def _talk(self) -> None:
        caller = Caller(await self._connect())
        while True:
            messages = await self._outbox.take(MOST)
            number = next(self._numbers)
            while await self._exchange(caller, number, messages, 0) < number:
                pass
            self._opened.set()
            await trio.sleep(SEND_S)

    async def _exchange(
        self, caller: Caller, number: int, messages: list[bytes], wait_ms: int
    ) -> int:
        content = body(number, *messages, confirmed=self._have, wait_ms=wait_ms, link=self._link)
        status, _, found = await caller.call(post(content))
        if status != 200:
            raise EOFError(found)
        applied, first, came, ending = msgpack.unpackb(found)
        for place, message in enumerate(came, first):
            if place > self._have:  # as the protocol says: pass over those that you have
                assert place == self._have + 1
                self._have = place
                await self._received(message)
        if ending is not None:
            raise EOFError(ending)
        return int(applied)

    async def close(self) -> None:
        caller = Caller(await self._connect())
        content = body(next(self._numbers), confirmed=self._have, wait_ms=-1, link=self._link)
        await caller.call(post(content))
        await self.cut()


def _pack(row: list[Any]) -> bytes:
    packed: bytes = msgpack.packb(row)
    return packed
