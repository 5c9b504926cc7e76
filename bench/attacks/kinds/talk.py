"""Attacks by chat: a message of one client is sent to many."""

import trio

from bench.attacks.registry import attack
from bench.attacks.scene import Scene, address, side_by_side
from gameserver.errors import Code
from gameserver.messages.chat import Channel, SendChat, Typing
from gameserver.messages.lobby import CreateLobby
from gameserver.messages.session import Rename, SignOut

TALKERS = 40
"""Attackers, each with its own address, so that no limit of one address applies to all."""


@attack("global-chat")
async def global_chat(scene: Scene) -> None:
    """Forty players chat to thousands, each at the highest rate allowed to one player."""
    await scene.listening(scene.listeners)
    talkers = await scene.guests(TALKERS, map(address, range(TALKERS)))
    await scene.begin()
    async for second in scene.every(2.0):
        for number, peer in enumerate(talkers):
            await peer.request(SendChat(Channel.GLOBAL, f"line {second} of {number}"))
            await trio.sleep(2.0 / TALKERS / 2)


@attack("global-typing")
async def global_typing(scene: Scene) -> None:
    """Forty players type in the global channel, which thousands receive."""
    await scene.listening(scene.listeners)
    talkers = await scene.guests(TALKERS, map(address, range(TALKERS)))
    await scene.begin()
    async for _ in scene.every(1.0):
        for peer in talkers:
            await peer.request(Typing(Channel.GLOBAL))
            await trio.sleep(1.0 / TALKERS / 2)


@attack("talk-and-go")
async def talk_and_go(scene: Scene) -> None:
    """Sign in, send six lines to all, sign out, again and again from one address."""
    await scene.listening(min(scene.listeners, 500))
    await scene.begin()

    async def one(source: str) -> None:
        while scene.goes_on:
            peer = await scene.guest(source)
            if peer is None:
                await trio.sleep(0.05)
                continue
            for line in range(6):
                await peer.request(SendChat(Channel.GLOBAL, f"{line} {peer.player_id}"))
            await peer.ask(SignOut(), within_s=1.0)
            scene.leave(peer)

    await side_by_side(one, [address()] * 16)


@attack("server-lines")
async def server_lines(scene: Scene) -> None:
    """Rename without end in a lobby, where the server announces each name in the chat."""
    peers = await scene.guests(20, [address()])
    for number, peer in enumerate(peers):
        await peer.ask(CreateLobby(await peer.lobby(8, title=f"Den {number}")))
    await scene.begin()
    async for turn in scene.every(0.05):
        for number, peer in enumerate(peers):
            await peer.request(Rename(f"N{number} {turn}"))


@attack("whispers")
async def whispers(scene: Scene) -> None:
    """Whisper to unknown names on a server with thousands of players."""
    await scene.listening(scene.listeners)
    peers = await scene.guests(60, [address()])
    await scene.begin()
    async for turn in scene.every(2.0):
        for number, peer in enumerate(peers):
            text, name = f"psst {turn}", f"Nobody {number}"
            await peer.request(SendChat(Channel.WHISPER, text, recipient_name=name))
            await trio.sleep(1.0 / 60)
    last = await peers[0].ask(SendChat(Channel.WHISPER, "psst", recipient_name="Nobody"))
    scene.notes["answered"] = str(last[2].get("code", "")) if last else Code.INTERNAL


@attack("same-name")
async def same_name(scene: Scene) -> None:
    """Give up a name that thousands of players have with a number, and take it again."""
    await scene.listening(scene.listeners, name="Same")
    peers = await scene.guests(60, [address()], name="Same")
    await scene.begin()
    async for turn in scene.every(0.5):
        for peer in peers:
            await peer.request(Rename("Same" if turn % 2 else "Other"))
