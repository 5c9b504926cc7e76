"""Attacks by connections that are opened, held half open, or send a false origin."""

import trio

from bench.attacks.registry import attack
from bench.attacks.scene import PER_ADDRESS, Scene, address, side_by_side
from bench.attacks.wire import Peer, PeerRefusedError, connect

FLOOD = 1500
"""Connections that are meant to use up a server's descriptors: its usual limit is 1,024."""


@attack("slowloris", seconds=6.0)
async def slowloris(scene: Scene) -> None:
    """500 connections send the head of their request, one byte a second."""
    await scene.begin()

    async def one(source: str) -> None:
        try:
            stream = await connect(scene.target, source)
            async with stream:
                for byte in b"GET / HTTP/1.1\r\nHost: x":
                    if not scene.goes_on:
                        return
                    await stream.send_all(bytes((byte,)))
                    await trio.sleep(1.0)
        except (OSError, trio.BrokenResourceError):
            scene.refused += 1

    async with trio.open_nursery() as nursery:
        for number in range(500):
            nursery.start_soon(one, address(number // PER_ADDRESS))


@attack("open-flood", seconds=6.0)
async def open_flood(scene: Scene) -> None:
    """Open and close connections from one address, as fast as possible."""
    await scene.begin()
    opened = 0

    async def one(source: str) -> None:
        nonlocal opened
        while scene.goes_on and opened < 6000:
            opened += 1
            try:
                await trio.aclose_forcefully(await connect(scene.target, source))
            except OSError:
                scene.refused += 1
            await trio.sleep(0.005)

    await side_by_side(one, [address()] * 8)
    scene.notes["opened"] = opened


@attack("descriptors", seconds=8.0)
async def descriptors(scene: Scene) -> None:
    """Hold more connections than a server usually has descriptors, during a match."""
    await scene.begin()

    async def one(source: str) -> None:
        if scene.goes_on:
            await scene.dial(source)

    await side_by_side(one, (address(i // PER_ADDRESS) for i in range(FLOOD)))
    await scene.wait_over()
    scene.notes["held open"] = len(scene.attackers)


@attack("origin", seconds=1.0)
async def origin(scene: Scene) -> None:
    """Connect as a page whose host name was rebound to this machine, by Host and Origin."""
    await scene.begin()
    let_in = []
    for name in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example"):
        host = f"{name}:{scene.target.port}"
        more = f"Origin: http://{host}\r\n"
        try:
            peer = await Peer.dial(scene.target, host=host, more=more)
        except PeerRefusedError:
            continue
        peer.close()
        let_in.append(name)
    scene.notes["let in"] = ", ".join(let_in) or "nobody"
    scene.notes["held"] = not let_in
