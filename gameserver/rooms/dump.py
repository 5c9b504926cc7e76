"""Convert the hall to plain data and back: to store it, after a crash, for another process.

Law: a restored hall makes the same decisions as the dumped one. Only the parts with state are
written; the game, its maps and the rules are arguments of the new hall.

A dump consists of MessagePack types; see `gameserver.rooms.packed`. Its keys: ``format``;
``classes``, the class table; ``parts``, a row for each part of the hall; ``objects``, the table of
objects.
"""

from collections.abc import Mapping
from typing import Final

import attrs

from gameserver.rooms.hall import Hall
from gameserver.rooms.packed import PackedClasses, Packer, Plain, Unpacker

FORMAT: Final = 2
"""Version of the format; it rises when older dumps cannot be read any more."""


def dump(hall: Hall) -> dict[str, Plain]:
    """Return the state of a hall between two calls.

    Raises:
        RuntimeError: Effects of the last call were not taken yet.
        TypeError: A value has a type that cannot be written, which is a bug.
    """
    parts = hall.parts
    if parts.state.effects:
        raise RuntimeError("a hall is dumped between two calls, when its effects were taken")
    classes = PackedClasses()
    packer = Packer({id(given): name for name, given in parts.given().items()}, classes)
    roots = {name: packer.fields(part) for name, part in attrs.asdict(parts, recurse=False).items()}
    rows = [[name, fields] for name, fields in classes.rows]
    return {"format": FORMAT, "classes": rows, "parts": roots, "objects": packer.rows}


def restore(hall: Hall, dumped: Mapping[str, Plain]) -> None:
    """Give a new hall, made with the same game, maps and rules, the state of a dump.

    Raises:
        ValueError: The dump has another format, or classes that are not here.
    """
    if dumped["format"] != FORMAT:
        raise ValueError(f"the dump has format {dumped['format']}; this version reads {FORMAT}")
    parts = hall.parts
    classes = PackedClasses((name, fields) for name, fields in dumped["classes"])
    unpacker = Unpacker(parts.given(), classes, dumped["objects"])
    for name, part in attrs.asdict(parts, recurse=False).items():
        row = dumped["parts"].get(name)
        if row is not None:
            unpacker.fill(part, row)
