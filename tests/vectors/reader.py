"""A whole snapshot reader for a generic client: msgpack and the schema, nothing of the server.

It shows client authors of other languages how little they need, and proves that the schema and
``docs/protocol.md`` say everything.
"""

import zlib
from typing import Any

import msgpack


class Reader:
    """Holds one section of a viewer's world: what one audience may see."""

    def __init__(self, schema: dict[str, Any], audience: str) -> None:
        self.schema = schema
        self.audience = audience
        self.entities: dict[int, dict[str, Any]] = {}

    def fields(self, entity: dict[str, Any]) -> list[dict[str, Any]]:
        fields: list[dict[str, Any]] = self.schema["entities"][entity["type"]][self.audience]
        return fields

    def apply(self, body: bytes, *, keyframe: bool) -> dict[str, Any]:
        """Move on by one snapshot; return its events, and the server's checksum or None."""
        unpacker = msgpack.Unpacker()
        unpacker.feed(body)
        values = iter(unpacker)
        found: dict[str, Any] = {"events": [], "checksum": None}
        touched = set()
        if keyframe:
            self.entities = {}
        for head in values:
            if head >= 1:
                touched.add(head)
                self._update(self.entities[head], values)
            elif head in (-1, -5):
                touched.add(self._full(values, keyed=head == -5))
            elif head == -2:
                del self.entities[next(values)]
            elif head == -3:
                number = next(values)
                count = len(self.schema["events"][number]["fields"])
                found["events"].append([number, *(next(values) for _ in range(count))])
            elif head == -4:
                found["checksum"] = next(values)
        for number, entity in self.entities.items():
            if number not in touched:
                self._extrapolate(entity)
        return found

    def _full(self, values: Any, *, keyed: bool) -> int:
        number, kind, owner, cause = (next(values) for _ in range(4))
        entity = {"type": kind, "owner": owner, "cause": cause}
        fields = self.fields(entity)
        entity["values"] = [next(values) for _ in fields]
        linear = [i for i, field in enumerate(fields) if field.get("predict") == "linear"]
        entity["memory"] = {i: next(values) if keyed else 0 for i in linear}
        self.entities[number] = entity
        return int(number)

    def _update(self, entity: dict[str, Any], values: Any) -> None:
        mask = next(values)
        residuals = {i: next(values) for i in range(mask.bit_length()) if mask >> i & 1}
        for i, residual in residuals.items():
            field = self.fields(entity)[i]
            if field.get("predict") == "linear":
                entity["memory"][i] = short_way(entity["memory"][i] + residual, field)
            elif field["kind"] in ("bool", "str"):
                entity["values"][i] = residual
            else:
                entity["values"][i] = wrapped(entity["values"][i] + residual, field)
        self._extrapolate(entity)

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
