"""Attacks by readers of topics, who need no session: many streams, or new ones without end.

A reader gets what it follows, so bytes out for bytes in judge nothing here: what the readers got is
in the note.
"""

import json
from functools import partial
from itertools import count

import trio

from bench.attacks.registry import attack
from bench.attacks.scene import Scene, address, side_by_side
from bench.attacks.wire import connect

READERS = 512
"""Streams, half of which read nothing."""

PER_ADDRESS = 32
"""Streams that a server lets one address have."""


async def _open(scene: Scene, source: str, topics: str) -> trio.SocketStream | None:
    """Open a stream; None if the connection is refused."""
    head = f"GET /events?topics={topics}&rate=10 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    try:
        stream = await connect(scene.target, source)
        await stream.send_all(head)
    except (OSError, trio.BrokenResourceError):
        scene.refused += 1
        return None
    scene.sent += len(head)
    return stream


async def _topics(scene: Scene) -> str:
    """Return the topics of all lobbies in which a match runs, as a reader finds them."""
    stream = await _open(scene, address(), "lobbies")
    assert stream is not None, "the attack needs a stream"
    text = b""
    async with stream:
        while b'"total"' not in text:
            text += bytes(await stream.receive_some())
    state = json.loads(text.partition(b"data: ")[2].split(b"\n")[0])["state"]
    playing = [each["lobby_id"] for each in state["lobbies"] if each["phase"] == "in_match"]
    return ",".join(["lobbies", "chat:global", *(f"match:{i},world:{i}" for i in playing[:4])])


@attack("topic-readers")
async def topic_readers(scene: Scene) -> None:
    """512 readers of sixteen addresses follow the matches; half of them read nothing."""
    await scene.begin()
    topics, numbers, got = await _topics(scene), count(), [0]

    async def one(source: str) -> None:
        stream = await _open(scene, source, topics)
        if stream is not None:
            reads = next(numbers) % 2 == 0
            scene.nursery.start_soon(partial(_hold, stream, got, reads=reads))

    await side_by_side(one, (address(i // PER_ADDRESS) for i in range(READERS)))
    await scene.wait_over()
    scene.notes["KiB to readers"] = got[0] // 1024


async def _hold(stream: trio.SocketStream, got: list[int], *, reads: bool) -> None:
    try:
        async with stream:
            while reads and (data := await stream.receive_some()):
                got[0] += len(data)
            await trio.sleep_forever()
    except trio.BrokenResourceError:
        pass


@attack("topic-openings")
async def topic_openings(scene: Scene) -> None:
    """Eight addresses open streams of all topics, and close them at the first bytes."""
    await scene.begin()
    topics = await _topics(scene)
    opened = got = 0

    async def one(source: str) -> None:
        nonlocal opened, got
        while scene.goes_on:
            stream = await _open(scene, source, topics)
            if stream is None:
                continue
            opened += 1
            try:
                async with stream:
                    data = await stream.receive_some()
                got += len(data)
            except trio.BrokenResourceError:
                scene.refused += 1

    await side_by_side(one, [address(number % 8) for number in range(32)])
    scene.notes.update({"opened": opened, "KiB to readers": got // 1024})
