"""Offer one message to many viewers."""

from collections.abc import Iterable
from typing import Any

from gameserver.accel.port import HotViewer
from gameserver.ids import Tick


class PureSender:
    """The way to one peer's socket; frames are sent by its outlet."""

    __slots__ = ("bytes_out", "clear")

    def __init__(self) -> None:
        """Start with nothing sent."""
        self.clear: bool = False
        self.bytes_out: int = 0


def sender(descriptor: int) -> PureSender:
    """Return the way to a socket, not clear."""
    del descriptor
    return PureSender()


class PureBatch:
    """Offers everything at once, and keeps nothing."""

    __slots__ = ()

    def fan_out(
        self, message: bytes, viewers: Iterable[HotViewer], tick: Tick
    ) -> tuple[int, list[Any]]:
        """Offer one message to all viewers that are in sync and not too far behind."""
        taken = 0
        others: list[Any] = []
        for viewer in viewers:
            if (
                viewer.in_sync
                and viewer.last_sent - viewer.seen <= viewer.patience
                and viewer.outlet.offer(message)
            ):
                viewer.last_sent = tick
                taken += 1
            else:
                others.append(viewer)
        return taken, others

    def flush(self) -> list[tuple[Any, Tick]]:
        """Send nothing: nothing is kept."""
        return []


send_batch = PureBatch
