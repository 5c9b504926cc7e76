"""The roads whose messages are names and JSON: server-sent events, and Socket.IO over both ways."""

import base64
import json
from abc import abstractmethod
from contextlib import suppress
from typing import Any, ClassVar

import trio

from tests.roads.test_sse import Listener
from tests.service.roads.frames import FrameStream
from tests.service.roads.road import GONE, SEND_S, Client, Heard, Outbox
from tests.transports.polling.poller import Caller, post

MOST = 64
SEPARATOR = "\x1e"
PLACE = {"_placeholder": True, "num": 0}


class Spoken(Client):
    """What they have in common: tokens are text, and the server counts the requests."""

    numbers_itself: ClassVar[bool] = False

    def _auth(self, name: str, token: bytes, last_event: int) -> dict[str, Any]:
        if not token:
            return {"name": name}
        text = base64.urlsafe_b64encode(token).decode().rstrip("=")
        return {"token": text, "last_event": last_event}

    def _tell_named(self, name: str, args: list[Any]) -> None:
        if name == "welcome":
            text = args[0]["token"]
            token = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            args = [{**args[0], "token": token}]
        self._tell(Heard(name, *args))


class OverSse(Spoken):
    """An event stream, and POSTs on a second connection."""

    road = "sse"

    async def _open(self, name: str, token: bytes, last_event: int) -> None:
        self._posts = 0
        self._replaced = False
        self._confirmed = 0
        self._outbox = Outbox()
        self._hello = self._auth(name, token, last_event)
        self._caller: Caller | None = None
        self._turn = trio.StrictFIFOLock()
        self._start(self._listen)
        await trio.lowlevel.checkpoint()

    async def _listen(self) -> None:
        status, body = await self._post("/sse", self._hello)
        if status != 201:
            self._tell(Heard("answer", body))
            return
        self._link = body["link"]
        self._ticket = body["ticket"]
        self._start(self._talk)
        with suppress(*GONE):
            await self._follow("")
        if self._replaced:  # the newer stream goes on
            await trio.sleep_forever()

    async def open_again(self, last_event: int) -> None:
        """Let another stream of the same ticket take the place of the first, as browsers do."""
        self._replaced = True
        self._start(lambda: self._follow(f"Last-Event-ID: {last_event}\r\n"))
        await trio.lowlevel.checkpoint()

    async def _follow(self, more: str) -> None:
        stream = await self._connect()
        head = f"GET /sse?ticket={self._ticket} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n"
        await stream.send_all(head.encode())
        listener = Listener(stream)
        if "200" not in await listener.line():
            raise EOFError
        while True:
            listener.last_id = ""
            name, data = await listener.event()
            if name == "snapshot":
                self._tell(Heard(name, base64.b64decode(data["bytes"]), data["tick"]))
            elif name == "answer":
                self._tell(Heard(name, data, data.pop("request")))
            else:
                self._tell_named(name, [data, *filter(None, [int(listener.last_id or 0)])])

    async def _talk(self) -> None:
        while True:
            said = await self._outbox.take(MOST)
            self._posts += 1
            body = {
                "link": self._link,
                "number": self._posts,
                "say": said,
                "confirmed": self._confirmed,
            }
            status, found = await self._post("/sse/send", body)
            if status != 200:
                raise EOFError(found)
            assert found == {"applied": self._posts}
            await trio.sleep(SEND_S)

    async def _post(self, path: str, body: Any) -> tuple[int, Any]:
        async with self._turn:
            if self._caller is None:
                self._caller = Caller(await self._connect())
            content = json.dumps(body).encode()
            status, _, found = await self._caller.call(post(content, path=path.encode()))
            return status, json.loads(found)

    async def _ask(self, number: int, name: str, fields: dict[str, Any]) -> None:
        del number  # the server counts
        await trio.lowlevel.checkpoint()
        self._outbox.put([name, fields])

    async def numbers(self, name: str, row: list[int]) -> None:
        await trio.lowlevel.checkpoint()
        self._outbox.put([name, *row])

    async def confirm(self, event: int, reply: int) -> None:
        del reply
        await trio.lowlevel.checkpoint()
        self._confirmed = event

    async def junk(self) -> str:
        body = {"link": self._link, "number": self._posts + 1, "say": [17]}
        status, found = await self._post("/sse/send", body)
        assert status == 400
        code: str = found["code"]
        return code


class SocketIo(Spoken):
    """What both ways of Socket.IO have in common: packets in and out."""

    _junk: ClassVar[int] = 1 << 20
    _hello: dict[str, Any]
    _tick: int
    _unfilled: tuple[int, dict[str, Any]] | None = None
    """The number of an answer whose bytes follow, and the answer."""

    @abstractmethod
    async def _packet(self, packet: str) -> None:
        """Send a packet of Engine.IO."""

    async def _received(self, packet: str | bytes) -> None:
        """Take a packet of Engine.IO."""
        if isinstance(packet, bytes):
            self._take_bytes(packet)
            return
        match packet[:2]:
            case "0{":
                self._sid = json.loads(packet[1:])["sid"]
                await self._packet("40" + json.dumps(self._hello))
            case "2":
                if self.confirms:
                    await self._packet("3")
            case "44":
                error = json.loads(packet[2:])
                told = {"code": error["data"]["code"], "sentence": error["message"]}
                self._tell(Heard("answer", {"error": told}))
            case "42":
                name, *args = json.loads(packet[2:])
                self._tell_named(name, args)
            case "43" | "46":
                self._take_answer(packet)
            case "45":
                name, place, self._tick = json.loads(packet[packet.index("[") :])
                assert (name, place) == ("snapshot", PLACE), packet
            case "1" | "41":
                raise EOFError(packet)

    def _take_answer(self, packet: str) -> None:
        digits = packet[2 : packet.index("[")]
        (answer,) = json.loads(packet[2 + len(digits) :])
        if packet.startswith("46"):  # one piece of bytes follows
            assert digits.startswith("1-"), packet
            self._unfilled = int(digits[2:]), answer
        else:
            self._tell(Heard("answer", answer, int(digits)))

    def _take_bytes(self, packet: bytes) -> None:
        if self._unfilled is None:
            self._tell(Heard("snapshot", packet, self._tick))
            return
        (number, answer), self._unfilled = self._unfilled, None
        (field,) = [name for name, value in answer["result"].items() if value == PLACE]
        answer["result"][field] = packet
        self._tell(Heard("answer", answer, number))

    async def confirm(self, event: int, reply: int) -> None:
        """Say nothing: the answers to pings confirm."""

    async def _ask(self, number: int, name: str, fields: dict[str, Any]) -> None:
        await self._packet(f"42{number}{json.dumps([name, fields])}")

    async def numbers(self, name: str, row: list[int]) -> None:
        await self._packet("42" + json.dumps([name, row if name == "input" else row[0]]))

    async def junk(self) -> str:
        await self._packet(f'42{self._junk}["input","x"]')
        while (heard := await self.hear()).number != self._junk:
            pass
        code: str = heard.fields["error"]["code"]
        return code


class OverSocketIoWebSocket(SocketIo):
    """Socket.IO over one WebSocket."""

    road = "socket.io-websocket"

    async def _open(self, name: str, token: bytes, last_event: int) -> None:
        self._hello = self._auth(name, token, last_event)
        self._start(self._listen)
        await trio.lowlevel.checkpoint()

    async def _listen(self) -> None:
        target = "/socket.io/?EIO=4&transport=websocket"
        self._frames = await FrameStream.open(await self._connect(), target)
        while True:
            await self._received(await self._frames.receive())

    async def _packet(self, packet: str) -> None:
        await self._frames.send(packet)

    async def close(self) -> None:
        await self._packet("41")
        await self.cut()


class OverSocketIoPolling(SocketIo):
    """Socket.IO over GET and POST, each on a connection of its own."""

    road = "socket.io-polling"

    async def _open(self, name: str, token: bytes, last_event: int) -> None:
        self._hello = self._auth(name, token, last_event)
        self._outbox = Outbox()
        self._target = "/socket.io/?EIO=4&transport=polling"
        self._start(self._poll)
        await trio.lowlevel.checkpoint()

    async def _poll(self) -> None:
        caller = Caller(await self._connect())
        first = await self._call(caller, b"GET", "")
        await self._received(first)
        self._target += f"&sid={self._sid}"
        self._start(self._talk)
        while True:
            found = await self._call(caller, b"GET", "")
            for packet in found.split(SEPARATOR):
                binary = packet[:1] == "b"
                await self._received(base64.b64decode(packet[1:]) if binary else packet)

    async def _talk(self) -> None:
        caller = Caller(await self._connect())
        while True:
            packets = await self._outbox.take(MOST)
            assert await self._call(caller, b"POST", SEPARATOR.join(packets)) == "ok"
            await trio.sleep(SEND_S)

    async def _call(self, caller: Caller, method: bytes, content: str) -> str:
        request = post(content.encode(), path=self._target.encode(), method=method)
        status, _, found = await caller.call(request)
        if status != 200:
            raise EOFError(found)
        return found.decode()

    async def _packet(self, packet: str) -> None:
        await trio.lowlevel.checkpoint()
        self._outbox.put(packet)

    async def close(self) -> None:
        await self._packet("41")
        await trio.sleep(2 * SEND_S)
        await self.cut()
