"""What is done with the material: connections that reach a stage and are fuzzed from there on."""

import json
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random
from typing import Final

import attrs
import trio
import trio.lowlevel

from bench.attacks.wire import HEAD, Peer, PeerRefusedError, Target, connect, trusting_anybody
from bench.fuzz.material import Messages, frame, noise, odd_frame, opening, spoilt
from gameserver.messages.lobby import QuickPlay
from gameserver.messages.match import EnterMatch
from gameserver.messages.wire import PROTOCOL_VERSION, Hello, Kind
from gameserver.protocol.codec import encode

FRAMES: Final = 120
"""Frames of one connection."""
ANSWER_S: Final = 0.15
"""How long a connection waits for the server's end after its last byte."""
STARTS_S: Final = 15.0
"""How long a stage waits for a match: a lobby's countdown, and more on a busy machine."""

GONE: Final = (OSError, trio.BrokenResourceError, trio.ClosedResourceError, PeerRefusedError)


@attrs.define
class Counts:
    """What was sent."""

    frames: Counter[str] = attrs.field(factory=Counter)
    handshakes: Counter[str] = attrs.field(factory=Counter)
    refused: int = 0


@attrs.frozen
class Striker:
    """Fuzzes one server."""

    target: Target
    messages: Messages
    counts: Counts
    tls_port: int

    # --- handshakes -----------------------------------------------------------------------------

    async def opens(self, rng: Random) -> None:
        """Send the first bytes of a connection, in one piece or byte by byte."""
        data = opening(rng)
        async with await connect(self.target) as stream:
            await self._say(stream, data, rng)
        self.counts.handshakes["head"] += 1

    async def opens_tls(self, rng: Random) -> None:
        """Send a broken handshake of TLS, or a right one and noise in it."""
        async with await connect(Target(self.target.host, self.tls_port)) as stream:
            if rng.random() < 0.7:
                await self._say(stream, opening(rng), rng)
            else:
                inside = trio.SSLStream(stream, trusting_anybody())
                await inside.do_handshake()
                await inside.send_all(opening(rng) + noise(rng))
                await stream.send_all(noise(rng))
        self.counts.handshakes["TLS"] += 1

    async def posts(self, rng: Random) -> None:
        """Talk over one of the roads of plain HTTP, with messages as bodies."""
        path = rng.choice(
            ("/poll", "/sse", "/socket.io/?EIO=4&transport=polling", "/api/v1/requests")
        )
        hello = encode(Hello(PROTOCOL_VERSION, "fuzz", player_name="Fuzz"))
        async with await connect(self.target) as stream:
            for number in range(4):
                body = hello if number == 0 else self.messages.one(rng)
                if path.startswith("/api"):
                    body = json.dumps({"name": "lobby.list", "params": {"a": body.hex()}}).encode()
                body = spoilt(body, rng) if rng.random() < 0.3 else body
                head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n"
                await stream.send_all(head.encode() + body)
                with trio.move_on_after(ANSWER_S):
                    answer = bytes(await stream.receive_some(4096))
                    if path == "/poll" and b'"' in answer:
                        path = "/poll/" + answer.split(b'"')[1].decode("latin-1")[:40]
        self.counts.handshakes["request"] += 1

    async def _say(self, stream: trio.SocketStream, data: bytes, rng: Random) -> None:
        if rng.random() < 0.2:
            at = rng.randrange(len(data) + 1)
            await stream.send_all(data[:at])
            await trio.lowlevel.checkpoint()
            data = data[at:]
        await stream.send_all(data)
        if rng.random() < 0.5:
            with trio.move_on_after(ANSWER_S):
                while await stream.receive_some(4096):
                    pass

    # --- frames ---------------------------------------------------------------------------------

    async def before_hello(self, rng: Random) -> None:
        """Send frames where a hello is expected."""
        peer = await Peer.dial(self.target)
        await self._throw(peer, rng, "before the hello", odd=0.3, hot=False)

    async def socketio(self, rng: Random) -> None:
        """Send packets of Socket.IO, half-right ones, as text frames."""
        async with await connect(self.target) as stream:
            path = "GET /socket.io/?EIO=4&transport=websocket HTTP"
            head = HEAD.format(host=self.target.name, more="").replace("GET / HTTP", path)
            await stream.send_all(head.encode())
            await stream.receive_some(4096)
            sent = 40
            packets = [b"40", b'42["hello",{}]', b"3", b'421["lobby.list",{}]', b"451-[{}]", b"41"]
            data = [frame(spoilt(rng.choice(packets), rng), rng, 1) for _ in range(sent)]
            await stream.send_all(frame(b"40", rng, 1) + b"".join(data))
            with trio.move_on_after(ANSWER_S):
                while await stream.receive_some(65536):
                    pass
        self.counts.frames["Socket.IO"] += sent

    async def after_hello(self, rng: Random) -> None:
        """Send messages of a guest."""
        peer = await Peer.dial(self.target)
        if await peer.hello("Fuzz"):
            await self._throw(peer, rng, "after the hello", odd=0.02, hot=False)
        else:
            self.counts.refused += 1
            peer.close()

    async def in_match(self, rng: Random) -> None:
        """Send inputs, right and wrong, in a match of its own."""
        peer = await Peer.dial(self.target)
        if not await peer.hello("Fuzz"):
            self.counts.refused += 1
            peer.close()
            return
        begun = trio.Event()
        match_id = ""

        def heard(row: list[object]) -> None:
            nonlocal match_id
            if row[0] == Kind.EVENT and "match.started" in row:
                match_id = str(row[row.index("match.started") + 1]["match_id"])  # type: ignore[index]
                begun.set()

        peer.heard = heard
        async with trio.open_nursery() as nursery:
            nursery.start_soon(peer.listen)
            await peer.request(QuickPlay())
            with trio.move_on_after(STARTS_S):
                await begun.wait()
            if match_id:
                await peer.ask(EnterMatch(match_id))  # type: ignore[arg-type]
                for _ in range(60):
                    if not peer.open:
                        break
                    await self._throw(peer, rng, "in a match", odd=0.0, hot=True, closes=False)
                    await trio.sleep(0.05)
                await self._throw(peer, rng, "in a match", odd=0.2, hot=True, closes=False)
            peer.close()
            nursery.cancel_scope.cancel()

    async def _throw(
        self, peer: Peer, rng: Random, stage: str, *, odd: float, hot: bool, closes: bool = True
    ) -> None:
        many = rng.randrange(10, FRAMES)
        data = b"".join(
            odd_frame(rng) if rng.random() < odd else frame(self.messages.one(rng, hot=hot), rng)
            for _ in range(many)
        )
        if rng.random() < 0.3:  # where the segments end must not matter
            at = rng.randrange(len(data))
            await peer._stream.send_all(data[:at])  # noqa: SLF001  the bytes are no messages
            data = data[at:]
        await peer._stream.send_all(data)  # noqa: SLF001
        self.counts.frames[stage] += many
        if closes:
            with trio.move_on_after(ANSWER_S):
                await peer.drain()
            peer.close()


Strike = Callable[[Random], Awaitable[None]]


async def struck(strike: Strike, rng: Random) -> None:
    """Strike once; that the server ends the connection is what is expected of it."""
    with suppress(*GONE, ssl.SSLError), trio.move_on_after(STARTS_S * 2):
        try:
            await strike(rng)
        except* GONE:
            pass
