"""Attacks by requests: small ones whose answers are large, or that cost the server much work."""

from typing import Any

import msgpack
import trio

from bench.attacks.registry import attack
from bench.attacks.scene import PER_ADDRESS, Scene, address
from bench.attacks.wire import Peer
from gameserver.ids import MatchId
from gameserver.messages.base import Request
from gameserver.messages.chat import Channel, GetChatHistory, SendChat
from gameserver.messages.forms import GetLobbyForm
from gameserver.messages.lobby import CreateLobby, ListLobbies, LobbyFilter, SetReady, WatchLobbies
from gameserver.messages.match import GetMap
from gameserver.messages.session import Rename
from gameserver.messages.wire import PROTOCOL_VERSION, Kind

ACCENTS = "\u0301\u0302\u0308\u0323"


async def _flood(scene: Scene, peers: list[Peer], request: Request) -> None:
    """Send requests from all peers within a session's rate, twenty a second, and acknowledge."""
    async for turn in scene.every(0.05):
        for number, peer in enumerate(peers):
            await peer.request(request)
            if (turn + number) % 10 == 0:
                await peer.send(msgpack.packb([Kind.ACK, 0, turn]))


async def _talk_up(scene: Scene) -> None:
    """Fill the global channel's history with long lines."""
    for number in range(10):
        talker = await scene.guest(address(100 + number))
        if talker is None:
            continue
        for line in range(6):
            text = f"{number} {line} ".ljust(290, "x")
            await talker.ask(SendChat(Channel.GLOBAL, text), within_s=1.0)


async def _open_lobbies(scene: Scene, many: int) -> None:
    """Open lobbies, ten for each address."""
    for number in range(many):
        host = await scene.guest(address(100 + number // 10), f"Host {number}")
        if host is not None:
            config = await host.lobby(8, title=f"Lobby number {number}".ljust(38, "x"))
            await host.ask(CreateLobby(config), within_s=2.0)


@attack("chat-history")
async def chat_history(scene: Scene) -> None:
    """Sixty players of one address read the chat's history, twenty times a second each."""
    await _talk_up(scene)
    peers = await scene.guests(PER_ADDRESS, [address()])
    await scene.begin()
    await _flood(scene, peers, GetChatHistory(Channel.GLOBAL))


@attack("lobby-list")
async def lobby_list(scene: Scene) -> None:
    """Sixty players of one address list a hundred lobbies, twenty times a second each."""
    await _open_lobbies(scene, 100)
    peers = await scene.guests(PER_ADDRESS, [address()])
    await scene.begin()
    await _flood(scene, peers, ListLobbies())


@attack("lobby-form")
async def lobby_form(scene: Scene) -> None:
    """Sixty players of one address ask for the lobby form, twenty times a second each."""
    peers = await scene.guests(PER_ADDRESS, [address()])
    await scene.begin()
    await _flood(scene, peers, GetLobbyForm())


@attack("lobby-watch")
async def lobby_watch(scene: Scene) -> None:
    """200 players watch the list of lobbies, with filters of their own, while it changes."""
    await _open_lobbies(scene, 100)
    peers = await scene.guests(200, map(address, range(4)))
    for number, peer in enumerate(peers):
        await peer.request(WatchLobbies(on=True, filter=LobbyFilter(text="x" * (1 + number % 38))))
    await scene.begin()
    host = scene.attackers[-len(peers) - 1]
    async for turn in scene.every(0.25):
        await host.request(SetReady(ready=turn % 2 == 0))


@attack("renames")
async def renames(scene: Scene) -> None:
    """Sixty players of one address take a name of 1,900 accents, twenty times a second each."""
    peers = await scene.guests(PER_ADDRESS, [address()])
    await scene.begin()
    await _flood(scene, peers, Rename("a" + ACCENTS * 475))


@attack("unknown-requests")
async def unknown_requests(scene: Scene) -> None:
    """Sixty connections send requests of unknown kinds before they sign in."""
    await scene.begin()
    names = [f"lobby.cre{letter}te" for letter in "bcdefghijklmnopqrstuvwxyzABCDEFG"]
    message = b"".join(
        msgpack.packb([Kind.REQUEST, number + 1, name, {}]) for number, name in enumerate(names)
    )

    async def one(source: str) -> None:
        while scene.goes_on:
            peer = await scene.dial(source)
            if peer is None:
                await trio.sleep(0.05)
                continue
            async for _ in scene.every(0.1):
                if not await peer.send(message):
                    break
            scene.leave(peer)

    async with trio.open_nursery() as nursery:
        for _ in range(PER_ADDRESS):
            nursery.start_soon(one, address())


@attack("map-requests")
async def map_requests(scene: Scene) -> None:
    """A player asks for the map of its match, twenty times a second."""
    host = await scene.guest(address(), "Host")
    assert host is not None, "the attack needs a lobby"
    started: list[str] = []
    begun = trio.Event()

    def hear(row: list[Any]) -> None:
        if row[0] == Kind.EVENT and row[2] == "match.started":
            started.append(row[3]["match_id"])
            begun.set()

    host.heard = hear
    await host.ask(CreateLobby(await host.lobby(4, bots=3)))
    await host.ask(SetReady(ready=True))
    with trio.move_on_after(8.0):
        await begun.wait()
    await scene.begin()
    await _flood(scene, [host], GetMap(MatchId("".join(started))))


@attack("hello-accents")
async def hello_accents(scene: Scene) -> None:
    """Sixteen connections sign in with names of 1,800 accents, again and again."""
    await scene.begin()

    async def one(source: str) -> None:
        while scene.goes_on:
            peer = await scene.dial(source)
            if peer is None:
                await trio.sleep(0.05)
                continue
            row = {"version": PROTOCOL_VERSION, "client": "x", "player_name": "a" + ACCENTS * 450}
            await peer.send(msgpack.packb([Kind.HELLO, row]))
            await trio.sleep(0.02)
            scene.leave(peer)

    async with trio.open_nursery() as nursery:
        for _ in range(16):
            nursery.start_soon(one, address())
