"""Check `Intake.take_one` against random streams: the messages of lane and queue, and their order.

Usage: ``python -m bench.spikes.websockets_sansio.shortcut [STREAMS]``. A stream holds messages for
lane and queue: whole, in fragments with pongs between, with lengths in a longer form than needed,
and with payloads that look like frames for the lane. It is cut between frames, as most reads are,
or anywhere.
"""

import itertools
import random
import sys

import trio
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from bench.spikes.websockets_sansio.intake import QUIET, Intake
from gameserver.transports import LANE_BYTES, ListenSettings
from tests.transports.peers import MASK, masked

WANTED = b"\x98\x01"
SEED = 3


class Stream:
    """Random frames, and the messages that lane and queue must get from them."""

    def __init__(self, chance: random.Random) -> None:
        """Make up to six messages."""
        self.frames: list[bytes] = []
        self.taken: list[bytes] = []
        self.received: list[bytes] = []
        for _ in range(chance.randrange(1, 7)):
            head = WANTED if chance.random() < 0.6 else b""
            message = head + chance.randbytes(chance.randrange(140))
            if chance.random() < 0.1:
                self._disguised(masked(WANTED + b"not a frame"))
            elif chance.random() < 0.2:
                self._in_fragments(message, with_pong=chance.random() < 0.5)
            else:
                self._whole(message, longer=chance.random() < 0.2)

    def _whole(self, message: bytes, *, longer: bool) -> None:
        frame = masked(message)
        if longer and len(message) < 126:
            frame = b"\x82\xfe" + len(message).to_bytes(2, "big") + MASK + frame[6:]
        self.frames.append(frame)
        wanted = message.startswith(WANTED) and len(message) <= LANE_BYTES
        (self.taken if wanted else self.received).append(message)

    def _disguised(self, inner: bytes) -> None:
        """Add a message whose masked payload is a frame for the lane, in a read of its own."""
        message = bytes(byte ^ MASK[index % 4] for index, byte in enumerate(inner))
        frame = masked(message)
        self.frames += [frame[:6], frame[6:]]
        self.received.append(message)

    def _in_fragments(self, message: bytes, *, with_pong: bool) -> None:
        cut = len(message) // 2
        self.frames.append(masked(message[:cut], final=False))
        if with_pong:
            self.frames.append(masked(WANTED + b"12345", opcode=10))
        self.frames.append(masked(message[cut:], opcode=0))
        self.received.append(message)

    def pieces(self, chance: random.Random) -> list[bytes]:
        """Return the stream in reads: one for each frame, or cut at random places."""
        if chance.random() < 0.5:
            return self.frames
        whole = b"".join(self.frames)
        inner = (chance.randrange(len(whole) + 1) for _ in range(4))
        cuts = sorted({0, len(whole), *inner})
        return [whole[a:b] for a, b in itertools.pairwise(cuts)]


async def main(streams: int) -> None:
    """Check all streams and print how many messages the shortcut took."""
    chance = random.Random(SEED)  # noqa: S311  streams, no secrets
    short = 0
    for _ in range(streams):
        stream = Stream(chance)
        protocol = ServerProtocol(state=OPEN, max_size=4096, logger=QUIET)
        intake = Intake(protocol, ListenSettings())
        taken: list[bytes] = []
        intake.sort_by([WANTED], taken.append)
        for piece in stream.pieces(chance):
            if intake.take_one(piece):
                short += 1
            else:
                intake.feed(piece)
        assert not intake.fault, intake.fault
        assert taken == stream.taken
        assert list(intake.messages) == stream.received
    sys.stdout.write(f"{streams} streams, {short} messages by the shortcut\n")


if __name__ == "__main__":
    trio.run(main, int((sys.argv[1:] or ["20000"])[0]))
