"""Write a body of a section bit by bit, also as no encoder would."""

from collections.abc import Sequence

from gameserver.accel.contexts import (
    CAUSED,
    ENTITY_ID,
    ENTITY_TYPE,
    EVENT_TYPE,
    GONE_ID,
    MORE,
    OWNER,
    RECORD,
    RESTART,
    SECTION,
    TOLD,
    class_contexts,
    field_contexts,
    spawn_contexts,
)
from gameserver.accel.rangecoding import RARE, ContextSets, RangeWriter
from gameserver.netcode.replication.records import ChangeKind


class Body:
    """A body that any decoder can read: it begins to learn anew."""

    def __init__(self, *, changed: bool = False) -> None:
        self.bits = RangeWriter()
        self.sets = ContextSets()
        self.bits.bit([RARE], RESTART, 1)
        self.flag(SECTION, TOLD, changed)

    def flag(self, number: int, slot: int, value: int) -> "Body":
        self.bits.bit(self.sets[number], slot, value)
        return self

    def whole(self, number: int, value: int) -> "Body":
        self.bits.whole(self.sets[number], value)
        return self

    def entity(self, number: int, told: Sequence[int], history: int = 0) -> "Body":
        """Write that an entity of a class changed in these fields: the flags only."""
        self.flag(class_contexts(number), history, 1)
        before = 0
        for i, one in enumerate(told):
            self.flag(field_contexts(number) + i, before, one)
            before = one
        return self

    def record(self, kind: ChangeKind) -> "Body":
        self.flag(SECTION, MORE, 1)
        self.flag(SECTION, RECORD + 1, kind >> 1)
        return self.flag(SECTION, RECORD + 2 + (kind >> 1), kind & 1)

    def spawn(
        self, entity_id: int, number: int, values: Sequence[int | str] = (), owner: int = 0
    ) -> "Body":
        self.record(ChangeKind.SPAWN).whole(ENTITY_ID, entity_id).whole(ENTITY_TYPE, number)
        self.whole(OWNER, owner).flag(OWNER, CAUSED, 0)
        for i, value in enumerate(values, start=spawn_contexts(number)):
            if isinstance(value, str):
                self.bits.text(self.sets[i], value)
            else:
                self.whole(i, value)
        return self

    def gone(self, entity_id: int) -> "Body":
        return self.record(ChangeKind.GONE).whole(GONE_ID, entity_id)

    def event(self, number: int) -> "Body":
        return self.record(ChangeKind.EVENT).whole(EVENT_TYPE, number)

    def checksum(self, value: int) -> "Body":
        self.record(ChangeKind.CHECKSUM)
        self.bits.direct(value, 32)
        return self

    def end(self) -> bytes:
        self.flag(SECTION, MORE, 0)
        return self.bits.end()
