"""The server's messages as rows, for players who are made by hand."""

from collections.abc import Iterator
from typing import Any

import msgpack

from gameserver.ids import Tick
from gameserver.messages.wire import Kind
from gameserver.protocol.deltas import SnapshotSequence, decode_delta, is_delta


def rows(message: bytes, snapshots: SnapshotSequence) -> Iterator[list[Any]]:
    """Yield the rows of one message; a delta becomes the row ``[2, tick, header, body, ...]``."""
    if is_delta(message):
        snapshot = snapshots.next([decode_delta(message)])
        parts = [(2 * section.number, section.body) for section in snapshot.sections]
        yield [Kind.SNAPSHOT, snapshot.tick, *(value for part in parts for value in part)]
        return
    unpacker = msgpack.Unpacker(strict_map_key=False)
    unpacker.feed(message)
    for row in unpacker:
        if row[0] == Kind.SNAPSHOT:
            snapshots.newest = Tick(row[1])
        yield row
