"""Objects that refer to one another, as plain values and back, also for another version."""

from collections import Counter, OrderedDict, deque
from enum import Enum
from typing import Any

import attrs
import msgpack
import pytest

from gameserver.rooms.packed import PackedClasses, Packer, Unpacker


class Colour(Enum):
    RED = 1
    BLUE = 2


@attrs.define(eq=False)
class Node:
    """Refers to others, also to itself."""

    name: str
    other: "Node | None" = None
    seen: list[Any] = attrs.field(factory=list)


@attrs.frozen
class Key:
    x: int
    y: int


@attrs.define
class Kept:
    """Found by the identity of the first item of each value."""

    items: Any = attrs.field(metadata={"by_identity": True})


def carried(value: Any, given: dict[str, object] | None = None) -> Any:
    """Return what comes out of bytes."""
    given = given or {}
    classes = PackedClasses()
    packer = Packer({id(each): name for name, each in given.items()}, classes)
    packed = packer.pack(value)
    rows, table = msgpack.unpackb(msgpack.packb([packed, packer.rows])), classes.rows
    read = PackedClasses((name, fields) for name, fields in msgpack.unpackb(msgpack.packb(table)))
    return Unpacker(given, read, rows[1]).unpack(rows[0])


@pytest.mark.parametrize(
    "value",
    [
        None, True, 7, -0.5, "text", b"bytes", [], [1, [2]], (1, (2, "x")), {1, 2},
        frozenset({"a"}), {}, {1: "one", (2, 3): [4]}, Counter("hello"), Colour.BLUE,
        {Key(1, 2): "here", Key(0, 0): Colour.RED}, [Key(1, 2), Key(1, 2)],
    ],
    ids=repr,
)  # fmt: skip
def test_values_come_back_equal_and_of_the_same_kind(value: Any) -> None:
    read = carried(value)
    assert read == value
    assert type(read) is type(value)


def test_orders_and_bounds_come_back() -> None:
    ordered = OrderedDict([("b", 1), ("a", 2)])
    read = carried(ordered)
    assert list(read.items()) == [("b", 1), ("a", 2)]
    assert type(read) is OrderedDict
    queue = carried(deque([1, [2], 3], maxlen=3))
    assert (list(queue), queue.maxlen) == ([1, [2], 3], 3)
    assert carried(deque([1])).maxlen is None


def test_an_object_is_one_object_wherever_it_is_referred_to() -> None:
    ann, bob = Node("Ann"), Node("Bob")
    ann.other, bob.other = bob, ann
    ann.seen = [ann, bob, Key(1, 2)]
    read, again = carried([ann, ann])
    assert read is again
    assert (read.name, read.other.name) == ("Ann", "Bob")
    assert read.other.other is read
    assert read.seen[:2] == [read, read.other]
    assert read.seen[2] == Key(1, 2)


def test_given_objects_are_not_packed_and_come_back_themselves() -> None:
    game = Node("game")
    read = carried([game, Node("Ann", game)], {"the game": game})
    assert read[0] is game
    assert read[1].other is game


def test_items_kept_by_identity_are_found_by_the_identity_of_the_new_objects() -> None:
    ann, bob = Node("Ann"), Node("Bob")
    kept = Kept(OrderedDict([(id(bob), (bob, 2)), (id(ann), (ann, 1))]))
    read = carried(kept)
    assert [(item[0].name, item[1]) for item in read.items.values()] == [("Bob", 2), ("Ann", 1)]
    assert all(number == id(item[0]) for number, item in read.items.items())


def test_what_is_no_state_cannot_be_packed() -> None:
    with pytest.raises(TypeError, match="object cannot be packed"):
        Packer({}, PackedClasses()).pack([object()])


def test_classes_are_numbered_as_they_are_met_and_a_stored_table_goes_on() -> None:
    classes = PackedClasses()
    packer = Packer({}, classes)
    for value in (Key(1, 2), Node("Ann"), Key(3, 4), Colour.RED):
        packer.pack(value)
    names = [name.rpartition(":")[2] for name, _ in classes.rows]
    assert names == ["Key", "Node", "Colour"]
    assert [fields for _, fields in classes.rows] == [["x", "y"], ["name", "other", "seen"], []]
    again = PackedClasses(classes.rows)
    assert again.layout(Node)[0] == 1
    assert again.rows == classes.rows


def unpacked(fields: list[str], values: list[Any], name: str = "Node") -> Any:
    classes = PackedClasses([(f"{__name__}:{name}", fields)])
    return Unpacker({}, classes, [[0, *values]]).unpack(["r", 0])


def test_a_field_that_is_lost_is_left_out_and_a_new_one_gets_its_default() -> None:
    read = unpacked(["name", "gone"], ["Ann", 7])
    assert (read.name, read.other, read.seen) == ("Ann", None, [])
    assert not hasattr(read, "gone")
    with pytest.raises(ValueError, match="a packed Node has no name: another version"):
        unpacked(["other"], [None])


@attrs.define
class Renamed:
    """Its field was called ``names``, and was a list."""

    by_name: dict[str, int] = attrs.field(
        factory=dict, metadata={"renamed": ("names", lambda names: {n: len(n) for n in names})}
    )


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        ("names", ["l", "Ann", "Robert"], {"Ann": 3, "Robert": 6}),
        ("by_name", ["d", "Ann", 1], {"Ann": 1}),
        ("other", 7, {}),
    ],
)
def test_a_renamed_field_is_read_from_what_an_older_version_called_it(
    field: str, value: Any, read: dict[str, int]
) -> None:
    classes = PackedClasses([(f"{__name__}:Renamed", [field])])
    unpacked = Unpacker({}, classes, [[0, value]]).unpack(["r", 0])
    assert unpacked == Renamed(read)


def test_an_object_that_is_there_keeps_the_fields_that_the_row_does_not_have() -> None:
    node = Node("Ann", seen=[1])
    classes = PackedClasses([(f"{__name__}:Node", ["name"])])
    unpacker = Unpacker({}, classes, [])
    unpacker.fill(node, [0, "Bob"])
    assert (node.name, node.seen) == ("Bob", [1])
    with pytest.raises(ValueError, match=r"a Key cannot be made of a packed .*Node"):
        unpacker.fill(Key(1, 2), [0, "Bob"])
    row = Packer({}, classes).fields(node)
    again = Node("")
    Unpacker({}, classes, []).fill(again, row)
    assert (again.name, again.seen) == ("Bob", [1])


@pytest.mark.parametrize(
    ("name", "words"),
    [("Nothing", "which is not here"), ("carried", "which is no class of state")],
)
def test_a_class_that_is_not_here_or_no_state_is_refused(name: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        unpacked([], [], name)
    with pytest.raises(ValueError, match="which is not here"):
        Unpacker({}, PackedClasses([("no.such.module:Node", [])]), [[0]]).unpack(["r", 0])
