"""Write the bodies of one section's snapshots: the updates of its entities, then records.

Law: what this learns, the reader learns too (`gameserver.netcode.replication`), from the same bits
in the same order. Contexts and bits are those of `gameserver.accel.rangecoding`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

import attrs

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
from gameserver.accel.rangecoding import (
    AFTER_ONE,
    AFTER_ZERO,
    RARE,
    REPEAT,
    ContextSets,
    RangeWriter,
)
from gameserver.game.codegen.arithmetic import nearest
from gameserver.game.schema.table import ClassTable, ValueKind
from gameserver.ids import EntityId

RECENT: Final = 3
"""Mask of an entity's history."""

FLAG, TEXT, LINEAR, NUMBER = range(4)
"""How a field's residual is written: the first ones have nothing but the flag that all have."""


@attrs.frozen
class FieldPlan:
    """How the fields of one class are written, with the contexts that a section has for them."""

    changed: list[int]
    fields: tuple[tuple[int, list[int], int, int, int | None], ...]
    """Of each field that changes: its bit in the mask, its contexts, how its residual is written,
    the index of its last residual or of its last difference, and its wrap."""


def _plan(table: ClassTable, sets: ContextSets) -> FieldPlan:
    contexts = field_contexts(table.number)
    fields: list[tuple[int, list[int], int, int, int | None]] = []
    memory = len(table.fields) - 1
    for i, field in enumerate(table.fields):
        memory += field.linear
        if field.once:
            continue
        how, at = NUMBER, i
        if field.kind is ValueKind.STR:
            how = TEXT
        elif field.kind is ValueKind.BOOL:
            how = FLAG
        elif field.linear:
            how, at = LINEAR, memory
        fields.append((1 << i, sets[contexts + i], how, at, field.wrap))
    return FieldPlan(sets[class_contexts(table.number)], tuple(fields))


class PureBodyWriter:
    """What one section's viewers have learned, and the body that is being written."""

    def __init__(self) -> None:
        """Start with nothing learned."""
        self._sets = ContextSets()
        self._plans: dict[ClassTable, FieldPlan] = {}
        """Made of `_sets`, and cleared with it."""
        self._writer = RangeWriter()

    def forget(self) -> None:
        """Unlearn everything; the viewers know it by themselves."""
        self._sets.clear()
        self._plans.clear()

    def begin(self, tracks: Iterable[Track], changed: bool, restart: bool) -> None:
        """Begin a body with the updates that `advance` found; see `HotPath.body_writer`."""
        self._writer = writer = RangeWriter()
        held = cast("Sequence[PureTrack]", list(tracks))
        writer.bit([RARE], RESTART, restart)
        if restart:
            self.forget()
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
        update, table = track.update, track.table
        plan = self._plans.get(table)
        if plan is None:
            plan = self._plans[table] = _plan(table, self._sets)
        # `RangeWriter.bit` without its call, here and below: an entity is mostly flags.
        note, history = writer.note, track.history
        state = plan.changed[history]
        if update is None:
            note(state >> 3)
            plan.changed[history] = AFTER_ZERO[state]
            track.history = history << 1 & RECENT
            track.mask = 0
            return
        note(~(state >> 3))
        plan.changed[history] = AFTER_ONE[state]
        track.history = (history << 1 | 1) & RECENT
        track.update = None
        mask, before = update[0], track.mask
        track.mask = mask
        place = present = 0
        for bit, learned, how, at, wrap in plan.fields:
            slot = present + 2 if before & bit else present
            state = learned[slot]
            if not mask & bit:
                note(state >> 3)
                learned[slot] = AFTER_ZERO[state]
                present = 0
                continue
            note(~(state >> 3))
            learned[slot] = AFTER_ONE[state]
            present = 1
            place += 1
            residual = update[place]
            if how == NUMBER:
                near, track.last[at] = track.last[at], residual
                if near:
                    writer.bit(learned, REPEAT + (slot > 1), residual == near)
                    if residual == near:
                        continue
                writer.signed(learned, residual, near)
            elif how == LINEAR:
                writer.signed(learned, residual, nearest(track.state[at] - residual, wrap))
            elif how == TEXT:
                writer.text(learned, residual)


def body_writer() -> PureBodyWriter:
    """Return a writer with nothing learned."""
    return PureBodyWriter()
