"""Probes of Socket.IO: over one WebSocket, and over GET and POST."""

import json
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Final

import trio
from trio_websocket import ConnectionClosed, HandshakeError, wrap_client_stream

from gameserver.client.link.background import background
from gameserver.client.probes.connection import Connection, Heard, ProbeRequest
from gameserver.client.probes.http import HttpCaller
from gameserver.errors import ConnectionLostError

SEPARATOR: Final = "\x1e"
TARGET: Final = "/socket.io/?EIO=4&transport="
TEXT: Final = "text/plain;charset=UTF-8"
MOST_WAITING: Final = 64
"""Packets that wait to be sent; a probe has fewer."""


class _SocketIo(Connection):
    """What both have in common: packets of Engine.IO v4 with those of Socket.IO v5 inside."""

    _sid = ""

    async def open(self, auth: dict[str, Any]) -> None:
        """Join the main namespace."""
        self._auth = auth
        self._put, self._take = trio.open_memory_channel[list[str]](MOST_WAITING)
        self._start(self._listen)
        await trio.lowlevel.checkpoint()

    @abstractmethod
    async def _listen(self) -> None:
        """Connect, start to send what is put, and hear packets until the end."""

    async def say(self, asked: Sequence[ProbeRequest]) -> None:
        """Say requests as events with an ack."""
        packets = []
        for each in asked:
            data = _dump([each.name, each.fields])
            self._meter.message(len(data))
            packets.append(f"42{each.number}{data}")
        await self._put.send(packets)

    async def confirm(self, event: int, answer: int) -> None:
        """Say nothing: the answers to pings confirm."""

    async def _hear(self, packet: str | bytes) -> None:
        """Take a packet of the server."""
        if isinstance(packet, bytes):
            return
        kind, content = packet[:1], packet[1:]
        if kind == "0":
            self._sid = str(json.loads(content)["sid"])
            await self._put.send(["40" + _dump(self._auth)])
        elif kind == "2":
            await self._put.send(["3"])
        elif kind == "1" or packet[:2] == "41":
            raise ConnectionLostError("the server closed the connection")
        elif packet[:2] in ("42", "43", "44"):
            self._hear_data(packet[:2], packet[2:])
        elif kind != "6" and packet[:2] not in ("40", "45"):
            raise ValueError("a packet of no known kind")

    def _hear_data(self, kind: str, content: str) -> None:
        digits = content[: len(content) - len(content.lstrip("0123456789"))]
        data = content[len(digits) :]
        self._meter.message(len(data.encode()))
        value = json.loads(data)
        if kind == "43":
            self._tell(Heard("answer", value[0], int(digits)))
        elif kind == "44":
            self._tell(Heard("answer", {"error": {"sentence": value.get("message")}}))
        else:
            name, fields, *number = value
            self._tell(Heard(str(name), fields, int(number[0]) if number else 0))


class OverSocketIoWebSocket(_SocketIo):
    """Socket.IO over one WebSocket."""

    road = "socket.io-websocket"

    async def _listen(self) -> None:
        there = self._address.host_header
        stream = await self._meter.open_stream(self._address)
        try:
            async with background() as nursery:
                websocket = await wrap_client_stream(
                    nursery,
                    stream,  # type: ignore[arg-type]  # the library allows any trio.abc.Stream
                    there,
                    TARGET + "websocket",
                )

                async def talk() -> None:
                    async for packets in self._take:
                        for packet in packets:
                            await websocket.send_message(packet)

                nursery.start_soon(talk)
                while True:
                    await self._hear(await websocket.get_message())
        except HandshakeError as error:
            status = getattr(error, "status_code", 0)
            raise ConnectionLostError(f"{there} does not serve it (HTTP {status})") from None
        except ConnectionClosed:
            pass  # the end of this task tells that the connection is lost
        finally:
            await trio.aclose_forcefully(stream)


class OverSocketIoPolling(_SocketIo):
    """Socket.IO over GETs on one connection and POSTs on another."""

    road = "socket.io-polling"

    async def _listen(self) -> None:
        caller = HttpCaller(self._address, self._meter.open_stream)
        target = TARGET + "polling"
        try:
            await self._hear((await caller.call("GET", target)).decode())
            if not self._sid:
                raise ValueError("the first packet is no handshake")
            target += f"&sid={self._sid}"

            async def talk() -> None:
                await self._talk(target)

            self._start(talk)
            while True:
                for packet in (await caller.call("GET", target)).decode().split(SEPARATOR):
                    await self._hear(b"" if packet[:1] == "b" else packet)
        finally:
            await caller.aclose()

    async def _talk(self, target: str) -> None:
        caller = HttpCaller(self._address, self._meter.open_stream)
        try:
            async for packets in self._take:
                await caller.call("POST", target, SEPARATOR.join(packets).encode(), TEXT)
        finally:
            await caller.aclose()


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
