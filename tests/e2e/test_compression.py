"""A stock client that compresses all it says, against the real program."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
import trio
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, Ping, Request
from wsproto.extensions import PerMessageDeflate

from gameserver.messages.wire import PROTOCOL_VERSION, SUBPROTOCOL, Kind
from gameserver.protocol.deltas import SnapshotSequence
from tests.e2e.program import program
from tests.snapshots import is_snapshot, parts_of


class Stock:
    """A client of wsproto alone; counts the bytes that come."""

    def __init__(self, stream: trio.SocketStream, deflate: PerMessageDeflate) -> None:
        self.stream, self.deflate = stream, deflate
        self.socket = WSConnection(ConnectionType.CLIENT)
        self.bytes_in = 0
        self.said = self.come()
        self.whole = b""
        self.snapshots = SnapshotSequence()

    @classmethod
    async def open(cls, port: int) -> "Stock":
        stream = await trio.open_tcp_stream("127.0.0.1", port)
        deflate = PerMessageDeflate()
        found = cls(stream, deflate)
        request = Request("127.0.0.1", "/", extensions=[deflate], subprotocols=[SUBPROTOCOL])
        await stream.send_all(found.socket.send(request))
        while True:
            found.socket.receive_data(await stream.receive_some())
            for event in found.socket.events():
                if isinstance(event, AcceptConnection):
                    return found

    def come(self) -> Iterator[list[Any]]:
        """Return the rows that have come."""
        for event in self.socket.events():
            if isinstance(event, BytesMessage):
                self.whole += bytes(event.data)
                if event.message_finished:
                    whole, self.whole = self.whole, b""
                    if is_snapshot(whole):
                        tick = self.snapshots.next(parts_of(whole)).tick
                        yield [Kind.SNAPSHOT, tick]
                        continue
                    unpacker = msgpack.Unpacker(strict_map_key=False)
                    unpacker.feed(whole)
                    yield from unpacker
            assert isinstance(event, BytesMessage | Ping), event

    async def say(self, *row: Any) -> None:
        data = msgpack.packb(row)
        await self.stream.send_all(self.socket.send(BytesMessage(data)))

    async def hear(self, kind: Kind) -> list[Any]:
        """Return the next row of a kind."""
        while True:
            for row in self.said:
                if row[0] == Kind.PING:
                    await self.say(Kind.PONG, row[1], 0)
                assert row[0] != Kind.REFUSAL, row
                if row[0] == kind:
                    return row
            data = await self.stream.receive_some()
            self.bytes_in += len(data)
            self.socket.receive_data(data)
            self.said = self.come()

    async def ask(self, number: int, name: str, **fields: Any) -> Any:
        await self.say(Kind.REQUEST, number, name, fields)
        while (row := await self.hear(Kind.RESULT))[1] != number:
            pass
        return row[2]

    async def event(self, name: str) -> Any:
        while (row := await self.hear(Kind.EVENT))[2] != name:
            pass
        return row[3]


async def test_a_match_is_played_in_compressed_messages(tmp_path: Path) -> None:
    async with program(tmp_path, "--compression", "large") as running:
        client = await Stock.open(running.port)
        async with client.stream:
            assert client.deflate.enabled()
            assert client.deflate.server_no_context_takeover
            assert client.deflate.client_no_context_takeover
            await client.say(
                Kind.HELLO,
                {"version": PROTOCOL_VERSION, "client": "stock", "player_name": "Ann " + "a" * 12},
            )
            await client.hear(Kind.WELCOME)
            config = (await client.ask(1, "lobby.form"))["default"]
            await client.ask(2, "lobby.create", config={**config, "bots": 3, "map": "foundry"})
            await client.ask(3, "lobby.start")
            started = await client.event("match.started")
            before = client.bytes_in
            given = await client.ask(4, "match.map", match_id=started["match_id"])
            assert client.bytes_in - before < 0.75 * len(msgpack.packb(given))
            entered = await client.ask(5, "match.enter", match_id=started["match_id"])
            fields = len(started["schema"]["command"])
            seq = entered.get("next_seq", 1)
            for _ in range(20):
                tick = (await client.hear(Kind.SNAPSHOT))[1]
                await client.say(Kind.INPUT, seq, 0, tick, 0, *[0] * fields)
                seq += 1
            stats = await client.ask(6, "match.stats", match_id=started["match_id"])
            assert stats["applied"] >= 10
            assert stats.get("malformed", 0) == 0
        running.assert_same_process_without_faults()
