"""What events may be called and hold, and how much of it."""

import math
from typing import Any

import pytest

from gameserver.namespaces import Namespace, Participant, on
from gameserver.namespaces.values import (
    ARGS,
    ARGS_BYTES,
    DEPTH,
    INTEGER,
    NAME_CHARS,
    VALUES,
    check_args,
    check_name,
    check_namespace,
    copied,
)


def nested(depth: int, kind: type) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"k": value} if kind is dict else [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        INTEGER - 1,
        1 - INTEGER,
        -0.5,
        "",
        "ä\U0001f600",
        b"\x00",
        [],
        {},
        (1, [2]),
        {"": [None]},
        nested(DEPTH, list),
        nested(DEPTH, dict),
        [0] * (VALUES - 1),
        b"x" * (ARGS_BYTES - 5),
        "ä" * ((ARGS_BYTES - 5) // 2),
    ],
    ids=lambda value: type(value).__name__ if type(value) is object else repr(value)[:20],
)
def test_values_within_the_bounds_may_be_sent(value: Any) -> None:
    assert 0 < check_args((value,)) <= ARGS_BYTES


class Whole(int):
    """No plain int."""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (INTEGER, "too large"),
        (-INTEGER, "too large"),
        (math.inf, "float cannot be sent"),
        (math.nan, "float cannot be sent"),
        (Whole(1), "Whole cannot be sent"),
        ({1, 2}, "set cannot be sent"),
        (object(), "object cannot be sent"),
        (bytearray(1), "bytearray cannot be sent"),
        ("\ud800", "surrogate"),
        ({1: 2}, "keys of a map are texts"),
        ({"_placeholder": True}, "reserved"),
        ([{"a": [{"_placeholder": 1}]}], "reserved"),
        (nested(DEPTH + 1, list), "nested more than 6 deep"),
        (nested(DEPTH + 1, dict), "nested more than 6 deep"),
        ([0] * VALUES, "at most 1024 values"),
        ({str(n): n for n in range(VALUES // 2)}, "at most 1024 values"),
        (b"x" * (ARGS_BYTES - 4), "more than 16384 bytes"),
        ("ä" * (ARGS_BYTES // 2), "more than 16384 bytes"),
        ({"k" * ARGS_BYTES: 1}, "more than 16384 bytes"),
    ],
    ids=lambda value: type(value).__name__ if type(value) is object else repr(value)[:20],
)
def test_values_beyond_the_bounds_are_refused_in_words(value: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_args((value,))


def test_bytes_are_counted_about_as_encoded() -> None:
    sizes = [(None, 0), (True, 0), (1, 4), (0.5, 4), ("äb", 3), (b"abc", 3)]
    for value, size in sizes:
        assert check_args((value,)) == 5 + size, value
    assert check_args(([1, {"k": None}],)) == 5 + (5 + 4) + 5 + (5 + 1) + 5


@pytest.mark.parametrize("kind", [list, dict])
def test_a_copy_holds_no_list_or_map_of_the_original(kind: type) -> None:
    args = (nested(DEPTH, kind), [nested(1, kind)], "text")
    copy = copied(args)
    assert copy == args
    args[1].append(2)
    assert copy == (args[0], [nested(1, kind)], "text")
    with pytest.raises(ValueError, match="nested more than 6 deep"):
        copied((nested(DEPTH + 1, kind),))


def test_a_list_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ValueError, match="deep"):
        check_args((endless,))


def test_an_event_has_so_many_arguments_and_no_more() -> None:
    assert check_args((None,) * ARGS) == 5 * ARGS
    with pytest.raises(ValueError, match="at most 16 arguments"):
        check_args((None,) * (ARGS + 1))


@pytest.mark.parametrize("name", ["/a", "/guild.v1/den-2_x", "/" + "a" * (NAME_CHARS - 1)])
def test_names_of_namespaces(name: str) -> None:
    check_namespace(name)


@pytest.mark.parametrize(
    "name", ["", "/", "guild", "/a b", "/a\n", "/ä", "/a?x", "/" + "a" * NAME_CHARS, 5, None]
)
def test_other_names_of_namespaces_are_refused(name: object) -> None:
    with pytest.raises(ValueError, match="a namespace's name is"):
        check_namespace(name)


@pytest.mark.parametrize("name", ["say", "sure?", "*", "größer als", "x" * NAME_CHARS])
def test_names_of_events(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize("name", ["", "x" * (NAME_CHARS + 1), "a\nb", "\u200b", b"say", None])
def test_other_names_of_events_are_refused(name: object) -> None:
    with pytest.raises(ValueError, match="the name of an event is"):
        check_name(name)


def test_events_of_clients_themselves_are_reserved_and_rooms_are_not() -> None:
    with pytest.raises(ValueError, match="disconnect is reserved"):
        check_name("disconnect")
    check_name("disconnect", "room")


def test_a_class_with_a_wrong_name_or_handler_is_refused_where_it_is_written() -> None:
    with pytest.raises(ValueError, match="a namespace's name is"):

        class Wrong(Namespace):
            name = "wrong"

    with pytest.raises(ValueError, match="connect is reserved"):
        on("connect")


def test_handlers_are_inherited_and_replaced_by_event() -> None:
    class Base(Namespace):
        name = "/base"

        @on("one")
        async def one(self, _client: Participant) -> None: ...

        @on("two")
        async def two(self, _client: Participant) -> None: ...

    class Derived(Base):
        name = "/derived"

        @on("two")
        async def other(self, _client: Participant) -> None: ...

    assert Base.handlers == {"one": "one", "two": "two"}
    assert Derived.handlers == {"one": "one", "two": "other"}
