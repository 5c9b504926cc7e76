"""python-socketio on uvloop, over aiohttp: rooms and named events, WebSocket alone, JSON."""

import asyncio
import sys
from urllib.parse import parse_qs

import socketio
import uvloop
from aiohttp import web
from rules import PERIOD_S, Player, Room

server = socketio.AsyncServer(
    async_mode="aiohttp", transports=["websocket"], cors_allowed_origins=[]
)
rooms: dict[str, Room[str]] = {}
players: dict[str, tuple[Room[str], Player]] = {}
tasks: list[asyncio.Task[None]] = []


async def run_room(key: str, room: Room[str]) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        due = max(due + PERIOD_S, loop.time() - 5 * PERIOD_S)
        await asyncio.sleep(due - loop.time())
        await server.emit("state", room.step(), room=key)


@server.event
async def connect(sid: str, environ: dict[str, str]) -> None:
    key = parse_qs(environ["QUERY_STRING"])["room"][0]
    if key not in rooms:
        rooms[key] = Room()
        tasks.append(asyncio.create_task(run_room(key, rooms[key])))
    players[sid] = rooms[key], rooms[key].join(sid)
    await server.enter_room(sid, key)


@server.on("input")
async def take(sid: str, seq: int, dx: int, dy: int, aim: int) -> None:
    player = players[sid][1]
    player.seq, player.dx, player.dy, player.aim = seq, dx, dy, aim


@server.event
async def disconnect(sid: str, reason: str) -> None:
    del reason
    room, _ = players.pop(sid)
    room.players.pop(sid, None)


async def main() -> None:
    application = web.Application()
    server.attach(application)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    sys.stdout.write(f"listening {runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


uvloop.run(main())
