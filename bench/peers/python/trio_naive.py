"""trio-websocket as its documentation shows it: one task and one `send_message` per client."""

import contextlib
import sys
from functools import partial

import msgpack
import trio
from rules import PERIOD_S, Player, Room
from trio_websocket import ConnectionClosed, WebSocketConnection, WebSocketRequest, serve_websocket

rooms: dict[str, Room[WebSocketConnection]] = {}


async def run_room(room: Room[WebSocketConnection], nursery: trio.Nursery) -> None:
    due = trio.current_time()
    while True:
        due = max(due + PERIOD_S, trio.current_time() - 5 * PERIOD_S)
        await trio.sleep_until(due)
        state = msgpack.packb(room.step())
        for connection in list(room.players):
            nursery.start_soon(send, connection, state)


async def send(connection: WebSocketConnection, state: bytes) -> None:
    with contextlib.suppress(ConnectionClosed):
        await connection.send_message(state)


async def handle(nursery: trio.Nursery, request: WebSocketRequest) -> None:
    connection = await request.accept()
    if request.path not in rooms:
        rooms[request.path] = Room()
        nursery.start_soon(run_room, rooms[request.path], nursery)
    room = rooms[request.path]
    player: Player = room.join(connection)
    await connection.send_message(msgpack.packb(player.number))
    try:
        while True:
            message = await connection.get_message()
            player.seq, player.dx, player.dy, player.aim = msgpack.unpackb(message)
    except ConnectionClosed:
        del room.players[connection]


async def main() -> None:
    async with trio.open_nursery() as nursery:
        serve = partial(serve_websocket, partial(handle, nursery), "127.0.0.1", 0, None)
        server = await nursery.start(serve)
        sys.stdout.write(f"listening {server.port}\n")
        sys.stdout.flush()


trio.run(main)
