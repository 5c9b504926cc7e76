"""Write the bodies of one section's snapshots: the updates of its entities, then records.

Law: what this learns, the reader learns too (`gameserver.netcode.replication`), from the same bits
in the same order. Contexts and bits are those of `gameserver.accel.rangecoding`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

from gameserver.accel.bodies import Track
from gameserver.accel.contexts import (
    MORE,
    RESTART,
    SECTION,
    TOLD,
    class_contexts,
    field_contexts,
)
from gameserver.accel.pure.residuals import PureTrack
from gameserver.accel.rangecoding import RARE, REPEAT, ContextSets, RangeWriter
from gameserver.game.codegen.arithmetic import nearest
from gameserver.game.schema.table import ValueKind
from gameserver.ids import EntityId

RECENT: Final = 3
"""Mask of an entity's history."""


class PureBodyWriter:
    """What one section's viewers have learned, and the body that is being written."""

    def __init__(self) -> None:
        """Start with nothing learned."""
        self._sets = ContextSets()
        self._writer = RangeWriter()

    def forget(self) -> None:
        """Unlearn everything; the viewers know it by themselves."""
        self._sets.clear()

    def begin(self, tracks: Iterable[Track], changed: bool, restart: bool) -> None:
        """Begin a body with the updates that `advance` found; see `HotPath.body_writer`."""
        self._writer = writer = RangeWriter()
        held = cast("Sequence[PureTrack]", list(tracks))
        writer.bit([RARE], RESTART, restart)
        if restart:
            self._sets.clear()
            for track in held:
                track.history = track.mask = 0
                track.last = [0] * len(track.last)
        writer.bit(self._sets[SECTION], TOLD, changed)
        if changed:
            for track in held:
                self._update(writer, track)

    def flag(self, number: int, slot: int, value: bool) -> None:
        """Write a bit by a context."""
        self._writer.bit(self._sets[number], slot, value)

    def whole(self, number: int, value: int) -> None:
        """Write a whole number by contexts."""
        self._writer.whole(self._sets[number], value)

    def text(self, number: int, value: str) -> None:
        """Write a text by contexts."""
        self._writer.text(self._sets[number], value)

    def direct(self, value: int, bits: int) -> None:
        """Write so many bits plainly."""
        self._writer.direct(value, bits)

    def end(self) -> bytes:
        """Return the body."""
        return self._writer.end()

    def updates(self, tracks: Mapping[EntityId, Track], restart: bool) -> bytes:
        """Return a whole body of updates alone."""
        self.begin(tracks.values(), True, restart)
        self.flag(SECTION, MORE, False)
        return self.end()

    def _update(self, writer: RangeWriter, track: PureTrack) -> None:
        sets, update, number = self._sets, track.update, track.table.number
        told = update is not None
        writer.bit(sets[class_contexts(number)], track.history, told)
        track.history = (track.history << 1 | told) & RECENT
        if update is None:
            track.mask = 0
            return
        track.update = None
        mask, residuals = update[0], iter(update[1:])
        before, track.mask = track.mask, mask
        contexts = field_contexts(number)
        memory = len(track.table.fields) - 1
        present = 0
        for i, field in enumerate(track.table.fields):
            memory += field.linear
            if field.once:
                continue
            learned, was = sets[contexts + i], before >> i & 1
            slot = 2 * was + present
            present = mask >> i & 1
            writer.bit(learned, slot, present)
            if not present:
                continue
            residual = next(residuals)
            if field.kind is ValueKind.STR:
                writer.text(learned, residual)
            elif field.kind is not ValueKind.BOOL:
                if field.linear:
                    near = nearest(track.state[memory] - residual, field.wrap)
                else:
                    near, track.last[i] = track.last[i], residual
                    if near:
                        writer.bit(learned, REPEAT + was, residual == near)
                        if residual == near:
                            continue
                writer.signed(learned, residual, near)


def body_writer() -> PureBodyWriter:
    """Return a writer with nothing learned."""
    return PureBodyWriter()
