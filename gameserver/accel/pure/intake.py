"""Bring what viewers sent to the buffers of their seats.

Law: hostile bytes are counted and do nothing else, at a cost below that of a good input.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from gameserver.accel.port import (
    CommandSource,
    HotViewer,
    InputBuffer,
    InputQueue,
    Odd,
    ReadInput,
    TakenIn,
)
from gameserver.ids import PlayerId, Seat, Tick


class PureInputQueue(deque[bytes]):
    """The messages of one viewer that wait for the next tick."""

    def __call__(self, message: bytes) -> None:
        """Append a message."""
        self.append(message)


def input_queue(most: int) -> InputQueue:
    """Return an empty queue of so many messages."""
    return PureInputQueue(maxlen=most)


def collect(
    queues: Mapping[PlayerId, InputQueue], calm: int
) -> tuple[list[tuple[PlayerId, bytes]], list[tuple[PlayerId, int]]]:
    """Empty the queues; return the messages, and who had more than ``calm`` with their number."""
    messages: list[tuple[PlayerId, bytes]] = []
    floods: list[tuple[PlayerId, int]] = []
    for player_id, queue in cast("Mapping[PlayerId, PureInputQueue]", queues).items():
        if len(queue) > calm:
            floods.append((player_id, len(queue)))
        while queue:
            messages.append((player_id, queue.popleft()))
    return messages, floods


def take_in(
    read: ReadInput,
    messages: Iterable[tuple[PlayerId, bytes]],
    viewers: Mapping[PlayerId, HotViewer],
    buffers: Mapping[Seat, InputBuffer],
    now: Tick,
    odd: Odd,
) -> TakenIn:
    """Bring messages that arrived before the tick after ``now`` to their seats' buffers."""
    clamped = unseated = 0
    least: int | None = None
    for player_id, message in messages:
        viewer = viewers.get(player_id)
        if viewer is None:
            continue
        given = read(message)
        if given is None:
            odd(viewer, message)
            continue
        seq, tick, seen, wanted, row = given
        viewer.saw(now, Tick(seen))
        buffer = buffers.get(viewer.seat)
        if buffer is None:
            unseated += 1
            continue
        if tick:
            margin = tick - now - 1
            if least is None or margin < least:
                least = margin
        else:
            margin = 0
        view = viewer.link.clamp_view(wanted, margin)
        if view < wanted:
            clamped += 1
        buffer.put(now, seq, Tick(tick), row, view)
    return least, clamped, unseated


def commands(sources: Sequence[tuple[Seat, CommandSource]], tick: Tick) -> dict[Seat, Any]:
    """Take the command of each seat for a tick, in this order."""
    return {seat: source.take(tick) for seat, source in sources}
