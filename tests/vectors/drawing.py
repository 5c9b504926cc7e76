"""Draw messages: one line for each msgpack value, its bytes and what they mean."""

from typing import Any, Final

import msgpack

_NAMES: Final = {
    "input": ["kind: input", "seq", "tick", "seen", "view"],
    "seen": ["kind: seen", "tick"],
    "ping": ["kind: ping", "nonce"],
    "pong": ["kind: pong", "nonce", "time_ms"],
    "steer": ["kind: steer", "tick", "ticks"],
    "shift": ["kind: shift", "tick", "ticks"],
    "hello": ["kind: hello"],
    "welcome": ["kind: welcome"],
    "goodbye": ["kind: goodbye"],
    "request": ["kind: request", "id", "name"],
    "result": ["kind: result", "id"],
    "refusal": ["kind: refusal", "id"],
    "event": ["kind: event", "number", "name"],
    "ack": ["kind: ack", "event", "reply"],
    "notice": ["kind: notice", "name"],
    "snapshot": [
        "kind: snapshot",
        "tick",
        "header: section 0, keyframe",
        "its body",
        "header: section 1, keyframe",
        "its body",
    ],
}
_DRAWN: Final = {
    "input", "seen", "ping", "pong", "steer", "shift", "hello, resume", "welcome", "goodbye",
    "request, enter match", "result, match entered", "refusal", "event, game event", "ack",
    "notice", "snapshot",
}  # fmt: skip
_SHOWN_BYTES: Final = 12
_MEANING_COLUMN: Final = 44


def drawings(examples: list[dict[str, Any]]) -> str:
    """Return one example of each kind, drawn."""
    lines = []
    for example in examples:
        if example["name"] not in _DRAWN:
            continue
        title = f"{example['name']} (from the {example['from']})"
        lines += [f"**{title}.** {example['about']}", "", "```text"]
        names = _NAMES[example["name"].partition(",")[0]]
        lines += [*_Drawing(bytes.fromhex(example["hex"]), names).lines, "```", ""]
    return "\n".join(lines)


class _Drawing:
    """Walks over one message."""

    def __init__(self, data: bytes, names: list[str]) -> None:
        self.lines: list[str] = []
        self._data = data
        self._unpacker = msgpack.Unpacker()
        self._unpacker.feed(data)
        self._array(names)

    def _array(self, names: list[str]) -> None:
        """Draw the message itself; its first elements have names."""
        start = self._unpacker.tell()
        count = self._unpacker.read_array_header()
        self._line(start, 0, f"array of {count}")
        for i in range(count):
            self._value(1, f"  {names[i]}" if i < len(names) else "")

    def _value(self, depth: int, label: str) -> None:
        start = self._unpacker.tell()
        first = self._data[start]
        if first & 0xF0 == 0x90:
            count = self._unpacker.read_array_header()
            self._line(start, depth, f"array of {count}{label}")
            for _ in range(count):
                self._value(depth + 1, "")
        elif first & 0xF0 == 0x80:
            count = self._unpacker.read_map_header()
            self._line(start, depth, f"map of {count}{label}")
            for _ in range(count):
                self._value(depth + 1, ":")
                self._value(depth + 2, "")
        else:
            found = self._unpacker.unpack()
            self._line(start, depth, _shown(found) + label)

    def _line(self, start: int, depth: int, meaning: str) -> None:
        shown = self._data[start : self._unpacker.tell()]
        cut = " …" if len(shown) > _SHOWN_BYTES else ""
        drawn = f"{'   ' * depth}{shown[:_SHOWN_BYTES].hex(' ')}{cut}"
        self.lines.append(f"{drawn:{_MEANING_COLUMN}} {meaning}")


def _shown(value: Any) -> str:
    match value:
        case None:
            return "nil"
        case bool():
            return "true" if value else "false"
        case bytes():
            return f"{len(value)} bytes"
        case str():
            return f'"{value}"'
        case _:
            return str(value)
