"""Attacks on sessions: many resumes at once, guessed tokens, events that nobody fetches."""

import secrets

import trio

from bench.attacks.registry import attack
from bench.attacks.scene import Scene, address, side_by_side
from bench.attacks.wire import Peer, PeerRefusedError
from gameserver.messages.chat import Channel, GetChatHistory, SendChat
from gameserver.messages.lobby import CreateLobby, SetReady

CAMPUS = 60
"""Honest players behind one address."""

BACK_S = 15.0
"""Time within which all of them must have reconnected."""


@attack("resume-storm", seconds=6.0)
async def resume_storm(scene: Scene) -> None:
    """A thousand connections resume one session that is in a match, all at once."""
    owner = await scene.guest(address(), "Owner")
    assert owner is not None, "the attack needs a session"
    await owner.ask(CreateLobby(await owner.lobby(4, bots=3)))
    await owner.ask(SetReady(ready=True))
    await trio.sleep(4.0)  # the match begins
    await scene.begin()
    tokens = [owner.token]

    async def one(source: str) -> None:
        peer = await scene.dial(source, listening=False)
        if peer is not None:
            if await peer.hello("", token=tokens[-1], within_s=4.0) and peer.token:
                tokens.append(peer.token)
            with trio.move_on_after(0.5):
                await peer.drain()
            scene.leave(peer)

    with trio.move_on_after(scene.seconds + 10):
        await side_by_side(one, (address(i // 50) for i in range(1000)))
    scene.notes["resumed"] = len(tokens) - 1


@attack("returning", seconds=BACK_S)
async def returning(scene: Scene) -> None:
    """Sixty honest players of one address reconnect after a restart, each with an old token."""
    await scene.begin()
    began = trio.current_time()
    back: list[float] = []

    async def one(source: str) -> None:
        token = secrets.token_bytes(16)
        while scene.goes_on:
            try:
                peer = await Peer.dial(scene.target, source)
            except PeerRefusedError:
                await trio.sleep(1.0)
                continue
            scene.attackers.append(peer)
            welcomed = await peer.hello("Student", token=token, within_s=2.0)
            if not welcomed and "token_unknown" in peer.goodbye:
                scene.leave(peer)
                peer = await Peer.dial(scene.target, source)
                scene.attackers.append(peer)
                welcomed = await peer.hello("Student", within_s=2.0)
            if welcomed:
                back.append(trio.current_time() - began)
                return
            scene.leave(peer)
            await trio.sleep(1.0)

    async with trio.open_nursery() as nursery:
        for _ in range(CAMPUS):
            nursery.start_soon(one, address())
    scene.notes["back"] = f"{len(back)} of {CAMPUS}, the last after {max(back, default=0):.1f} s"
    scene.notes["held"] = len(back) == CAMPUS


@attack("hoard", seconds=10.0)
async def hoard(scene: Scene) -> None:
    """500 sessions of one address disconnect when the server holds all it can for each."""
    for number in range(10):
        talker = await scene.guest(address(100 + number))
        if talker is None:
            continue
        for line in range(6):
            await talker.ask(SendChat(Channel.GLOBAL, f"{number} {line} ".ljust(290, "x")), 1.0)
    await scene.begin()

    async def one(source: str) -> None:
        if not scene.goes_on:
            return
        peer = await scene.guest(source)
        if peer is None:
            return
        for _ in range(50):
            await peer.request(GetChatHistory(Channel.GLOBAL))
        await peer.ask(GetChatHistory(Channel.GLOBAL), within_s=2.0)
        scene.leave(peer)

    await side_by_side(one, [address()] * 500)
    scene.notes["sessions made"] = 500 - scene.refused


@attack("token-guesses", seconds=6.0)
async def token_guesses(scene: Scene) -> None:
    """Guess tokens without end from one address."""
    await scene.begin()
    guesses = 0

    async def one(source: str) -> None:
        nonlocal guesses
        while scene.goes_on:
            peer = await scene.dial(source, listening=False)
            if peer is None:
                await trio.sleep(0.05)
                continue
            guesses += 1
            await peer.hello("", token=secrets.token_bytes(16), within_s=1.0)
            scene.leave(peer)

    await side_by_side(one, [address()] * 16)
    scene.notes["guesses"] = guesses
