"""Read the snapshots among the messages that a match has sent to one viewer."""

from collections.abc import Iterable

from gameserver.messages.wire import Delta, Snapshot
from gameserver.protocol.codec import decode_server
from gameserver.protocol.deltas import SnapshotSequence


def is_snapshot(message: bytes) -> bool:
    """Tell whether a message of a match is a snapshot, whatever its form."""
    return bool(parts_of(message))


def parts_of(message: bytes) -> list[Snapshot | Delta]:
    """Return the snapshots and deltas in one message."""
    told = decode_server(message, lambda _: None)
    return [each for each in told if isinstance(each, Snapshot | Delta)]


def snapshots_of(messages: Iterable[bytes]) -> list[Snapshot]:
    """Return the whole snapshots among all messages to a viewer, from the first one on."""
    sequence = SnapshotSequence()
    return [sequence.next(parts) for message in messages if (parts := parts_of(message))]
