"""picows (Cython) on uvloop, msgpack: the fastest WebSocket server Python has."""

import asyncio
import sys

import msgpack
import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server
from rules import PERIOD_S, Player, Room

rooms: dict[bytes, Room[WSTransport]] = {}
tasks: list[asyncio.Task[None]] = []


async def run_room(room: Room[WSTransport]) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        due = max(due + PERIOD_S, loop.time() - 5 * PERIOD_S)
        await asyncio.sleep(due - loop.time())
        state = msgpack.packb(room.step())
        for transport in room.players:
            transport.send(WSMsgType.BINARY, state)


class Listener(WSListener):
    def __init__(self, path: bytes) -> None:
        if path not in rooms:
            rooms[path] = Room()
            tasks.append(asyncio.get_running_loop().create_task(run_room(rooms[path])))
        self.room = rooms[path]
        self.player = Player(0)

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.player = self.room.join(transport)
        transport.send(WSMsgType.BINARY, msgpack.packb(self.player.number))

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.BINARY:
            player = self.player
            view = frame.get_payload_as_memoryview()
            player.seq, player.dx, player.dy, player.aim = msgpack.unpackb(view)
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.room.players.pop(transport, None)


async def main() -> None:
    def listen(request: WSUpgradeRequest) -> WSListener:
        return Listener(request.path)

    server = await ws_create_server(listen, "127.0.0.1", 0)
    sys.stdout.write(f"listening {server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


uvloop.run(main())
