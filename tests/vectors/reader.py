"""A whole snapshot reader for a generic client: msgpack and the schema, nothing of the server.

It shows client authors of other languages how little they need, and proves that the schema and
``docs/protocol.md`` say everything.
"""

import zlib
from collections import defaultdict
from typing import Any

import msgpack

NEW = 8 * 2048
RARE = 8 * 4064 + 4


class Bits:
    """Reads the bits of one body."""

    def __init__(self, body: bytes) -> None:
        self.rest = iter(body)
        self.code, self.range = 0, 2**32 - 1
        for _ in range(4):
            self.code = 256 * self.code + next(self.rest, 0)

    def bit(self, contexts: list[int], slot: int) -> int:
        p, n = divmod(contexts[slot], 8)
        bound = (self.range >> 12) * p
        one = int(self.code >= bound)
        if one:
            self.code, self.range = self.code - bound, self.range - bound
            p -= (p - 32) >> n + 1
        else:
            self.range = bound
            p += (4064 - p) >> n + 1
        contexts[slot] = 8 * p + min(n + 1, 4)
        self.fill()
        return one

    def plain(self, count: int) -> int:
        value = 0
        for _ in range(count):
            self.range >>= 1
            one = int(self.code >= self.range)
            self.code -= one * self.range
            value = 2 * value + one
            self.fill()
        return value

    def fill(self) -> None:
        while self.range < 2**24:
            self.code, self.range = 256 * self.code + next(self.rest, 0), 256 * self.range

    def signed(self, contexts: list[int], near: int) -> int:
        negative = self.bit(contexts, 6 + (near > 0) + 2 * (near < 0))
        length = 0
        while self.bit(contexts, 9 + min(length, 23)):
            length += 1
        value = 1
        for _ in range(length):
            learned = length < 8 and value < 32
            one = self.bit(contexts, 33 + 32 * length + value) if learned else self.plain(1)
            value = 2 * value + one
        return -value if negative else value

    def whole(self, contexts: list[int]) -> int:
        return self.signed(contexts, 0) if self.bit(contexts, 4) else 0

    def value(self, contexts: list[int], kind: str) -> Any:
        if kind == "bool":
            return bool(self.bit(contexts, 0))
        number = self.whole(contexts)
        return bytes(self.plain(8) for _ in range(number)).decode() if kind == "str" else number


class Reader:
    """Holds one section of a viewer's world: what one audience may see."""

    def __init__(self, schema: dict[str, Any], audience: str) -> None:
        self.schema = schema
        self.audience = audience
        self.entities: dict[int, dict[str, Any]] = {}
        self.learned: dict[Any, list[int]] = defaultdict(lambda: [NEW] * 289)

    def fields(self, entity: dict[str, Any]) -> list[dict[str, Any]]:
        fields: list[dict[str, Any]] = self.schema["entities"][entity["type"]][self.audience]
        return fields

    def apply(self, body: bytes, *, keyframe: bool) -> dict[str, Any]:
        """Move on by one snapshot; return its events, and the server's checksum or None."""
        found: dict[str, Any] = {"events": [], "checksum": None}
        if keyframe:
            self.entities = {}
            self.learned.clear()
            self._keyframe(body, found)
        elif body:
            self._changes(Bits(body), found)
        else:
            for entity in self.entities.values():
                self._extrapolate(entity)
        if not self.entities:
            self.learned.clear()
        return found

    def _keyframe(self, body: bytes, found: dict[str, Any]) -> None:
        unpacker = msgpack.Unpacker()
        unpacker.feed(body)
        values = iter(unpacker)
        for head in values:
            if head == -5:
                number, kind, owner, cause = (next(values) for _ in range(4))
                entity = self._entity(number, kind, owner, cause)
                entity["values"] = [next(values) for _ in self.fields(entity)]
                entity["memory"] = {i: next(values) for i in entity["memory"]}
            elif head == -3:
                number = next(values)
                count = len(self.schema["events"][number]["fields"])
                found["events"].append([number, *(next(values) for _ in range(count))])
            elif head == -4:
                found["checksum"] = next(values)

    def _entity(self, number: int, kind: int, owner: int, cause: Any) -> dict[str, Any]:
        entity: dict[str, Any] = {"type": kind, "owner": owner, "cause": cause}
        fields = self.fields(entity)
        linear = [i for i, field in enumerate(fields) if field.get("predict") == "linear"]
        entity |= {"memory": dict.fromkeys(linear, 0), "history": 0}
        entity |= {"told": [0] * len(fields), "last": [0] * len(fields)}
        self.entities[number] = entity
        return entity

    def _changes(self, bits: Bits, found: dict[str, Any]) -> None:
        if bits.bit([RARE], 0):
            self.learned.clear()
            for entity in self.entities.values():
                count = len(entity["told"])
                entity |= {"history": 0, "told": [0] * count, "last": [0] * count}
        changed = bits.bit(self.learned["section"], 0)
        for entity in self.entities.values():
            if changed:
                self._update(bits, entity)
            self._extrapolate(entity)
        while bits.bit(self.learned["section"], 1):
            self._record(bits, found)

    def _update(self, bits: Bits, entity: dict[str, Any]) -> None:
        kind, told = entity["type"], 0
        changed = bits.bit(self.learned["class", kind], entity["history"])
        entity["history"] = (2 * entity["history"] + changed) % 4
        for i, field in enumerate(self.fields(entity)):
            if not changed:
                entity["told"][i] = 0
            elif "once" not in field:
                contexts, before = self.learned["update", kind, i], entity["told"][i]
                told = bits.bit(contexts, 2 * before + told)
                entity["told"][i] = told
                if told:
                    self._correct(bits, contexts, entity, i, before)

    def _correct(
        self, bits: Bits, contexts: list[int], entity: dict[str, Any], i: int, before: int
    ) -> None:
        field, values, last = self.fields(entity)[i], entity["values"], entity["last"]
        if field["kind"] == "bool":
            values[i] = not values[i]
        elif field["kind"] == "str":
            values[i] = bits.value(contexts, "str")
        elif field.get("predict") == "linear":
            memory = entity["memory"]
            memory[i] = short_way(memory[i] + bits.signed(contexts, memory[i]), field)
        else:
            if not (last[i] and bits.bit(contexts, 4 + before)):
                last[i] = bits.signed(contexts, last[i])
            values[i] = wrapped(values[i] + last[i], field)

    def _record(self, bits: Bits, found: dict[str, Any]) -> None:
        learned = self.learned
        high = bits.bit(learned["section"], 3)
        kind = 2 * high + bits.bit(learned["section"], 4 + high)
        if kind == 0:
            number, of, owner = (bits.whole(learned[what]) for what in ("id", "type", "owner"))
            cause = None
            if bits.bit(learned["owner"], 0):
                cause = [bits.whole(learned["born"]), bits.whole(learned["ordinal"])]
            entity = self._entity(number, of, owner, cause)
            entity["values"] = [
                bits.value(learned["spawn", of, i], field["kind"])
                for i, field in enumerate(self.fields(entity))
            ]
        elif kind == 1:
            del self.entities[bits.whole(learned["gone"])]
        elif kind == 2:
            event = bits.whole(learned["event"])
            fields = self.schema["events"][event]["fields"]
            values = [
                bits.value(learned["field", event, i % 16], of) for i, (_, of) in enumerate(fields)
            ]
            found["events"].append([event, *values])
        else:
            found["checksum"] = bits.plain(32)

    def _extrapolate(self, entity: dict[str, Any]) -> None:
        for i, difference in entity["memory"].items():
            entity["values"][i] = wrapped(entity["values"][i] + difference, self.fields(entity)[i])

    def checksum(self) -> int:
        total = 0
        for number, entity in self.entities.items():
            row = [number, entity["type"], entity["owner"], *entity["values"]]
            total += zlib.crc32(msgpack.packb(row))
        return total % 2**32


def wrapped(value: int, field: dict[str, Any]) -> int:
    return value % field["wrap"] if "wrap" in field else value


def short_way(difference: int, field: dict[str, Any]) -> int:
    if "wrap" not in field:
        return difference
    half = field["wrap"] // 2
    return int((difference + half) % field["wrap"] - half)
