"""Measure parsing and framing alone, without sockets and tasks: microseconds for each message.

Usage: ``taskset -c 0 python -m bench.spikes.websockets_sansio.micro``. Each frame is a read of its
own, as an input is.
"""

import statistics
import sys
import time
from collections.abc import Callable

from websockets.frames import Frame
from websockets.protocol import OPEN
from websockets.server import ServerProtocol
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage

from bench.spikes.websockets_sansio.intake import QUIET
from gameserver.accel import hot
from gameserver.transports.websocket.frames import FrameWalker
from gameserver.transports.websocket.lane import Lane
from tests.transports.peers import masked

MESSAGE = b"\x94\x01" + bytes(range(18))
FRAME_BYTES = 120
TIMES = 20_000
ROUNDS = 9


def lane() -> Callable[[], object]:
    """Take a frame in the lane, as it comes from the drain."""
    lane, frame = Lane(FrameWalker(4096, 8), [MESSAGE[:2]], len), masked(MESSAGE)
    return lambda: lane.take_one(frame)


def walker_and_wsproto() -> Callable[[], object]:
    """Walk a frame, then parse it: the way of messages outside the lane, without the tasks."""
    walker, connection, frame = (
        FrameWalker(4096, 8),
        Connection(ConnectionType.SERVER),
        masked(MESSAGE),
    )

    def parse() -> None:
        walker.feed(frame)
        connection.receive_data(frame)
        for event in connection.events():
            assert isinstance(event, BytesMessage)

    return parse


def protocol() -> ServerProtocol:
    """Return a protocol after its handshake."""
    return ServerProtocol(state=OPEN, max_size=4096, logger=QUIET)


def websockets() -> Callable[[], object]:
    """Parse a frame with the sans-I/O protocol."""
    open_protocol, frame = protocol(), masked(MESSAGE)

    def parse() -> None:
        open_protocol.receive_data(frame)
        for event in open_protocol.events_received():
            assert isinstance(event, Frame)
        open_protocol.data_to_send()

    return parse


def own_frame() -> Callable[[], object]:
    """Make a frame with the server's own encoder."""
    payload = bytes(FRAME_BYTES)
    return lambda: hot.binary_frame(payload)


def wsproto_frame() -> Callable[[], object]:
    """Make a frame with wsproto."""
    connection, message = Connection(ConnectionType.SERVER), BytesMessage(bytes(FRAME_BYTES))
    return lambda: connection.send(message)


def websockets_frame() -> Callable[[], object]:
    """Make a frame with the sans-I/O protocol."""
    open_protocol, payload = protocol(), bytes(FRAME_BYTES)

    def send() -> None:
        open_protocol.send_binary(payload)
        b"".join(open_protocol.data_to_send())

    return send


def main() -> None:
    """Print medians, and ratios to the first of each group with the smallest and the largest."""
    for group in (
        (lane, walker_and_wsproto, websockets),
        (own_frame, wsproto_frame, websockets_frame),
    ):
        actions = {make.__name__: make() for make in group}
        got: dict[str, list[float]] = {name: [] for name in actions}
        for _ in range(ROUNDS):
            for name, action in actions.items():
                began = time.process_time()
                for _ in range(TIMES):
                    action()
                got[name].append(1e6 * (time.process_time() - began) / TIMES)
        base = next(iter(got.values()))
        for name, values in got.items():
            ratios = [value / other for value, other in zip(values, base, strict=True)]
            sys.stdout.write(
                f"{name:20} {statistics.median(values):6.2f} us"
                f"  x {statistics.median(ratios):5.2f} ({min(ratios):.2f}-{max(ratios):.2f})\n"
            )


if __name__ == "__main__":
    main()
