"""Attacks by hosting: lobbies and matches that cost the server work."""

import trio

from bench.attacks.registry import attack
from bench.attacks.scene import Scene, address
from bench.attacks.wire import Peer
from gameserver.messages.lobby import (
    CreateLobby,
    LeaveLobby,
    StartMatch,
)
from gameserver.messages.wire import Kind

HONEST = "127.0.0.1"


@attack("bot-farm", seconds=20.0)
async def bot_farm(scene: Scene) -> None:
    """Lobbies full of bots from one address: ten started at once, then up to two a second."""
    hosts = await scene.guests(30, [address()], name="Farmer")
    for host in hosts[:10]:
        await host.ask(CreateLobby(await host.lobby(12, bots=11)), within_s=2.0)
    config = await hosts[0].lobby(12, bots=11)
    await scene.begin()
    started = 0
    for host in hosts[:10]:
        await host.request(StartMatch())
    for host in hosts[10:]:
        if not scene.goes_on:
            break
        created = await host.ask(CreateLobby(config), within_s=2.0)
        answer = await host.ask(StartMatch(), within_s=1.0) if created else []
        started += bool(answer) and answer[0] == Kind.RESULT
        await trio.sleep(0.5)
    scene.notes["started besides ten"] = started
    guest = await Peer.dial(scene.target, HONEST)
    refused = "no answer"
    if await guest.hello("Honest"):
        scene.nursery.start_soon(guest.listen)
        await guest.ask(CreateLobby(await guest.lobby(12, bots=11)))
        answer = await guest.ask(StartMatch())
        refused = "" if answer and answer[0] == Kind.RESULT else str(answer[2:3])
    scene.notes["honest host"] = f"refused: {refused}" if refused else "started"
    scene.notes["held"] = not refused
    guest.close()


@attack("lobby-churn")
async def lobby_churn(scene: Scene) -> None:
    """Sixty players of one address open lobbies and leave them, ten times a second each."""
    peers = await scene.guests(60, [address()])
    config = await peers[0].lobby(8, bots=7)
    await scene.begin()
    async for _ in scene.every(0.1):
        for peer in peers:
            await peer.request(CreateLobby(config))
            await peer.request(LeaveLobby())
