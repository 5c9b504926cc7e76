"""Hypothesis strategies made from the message classes, so that no message is left out."""

import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any

import attrs
from hypothesis import strategies as st

from gameserver.ids import EventNumber, RequestId
from gameserver.messages import EVENTS, NOTICES, REQUESTS, namespaces, wire
from gameserver.messages.base import Request
from gameserver.text import shown

LIMIT = 2**53 - 1
TICKS = st.integers(0, 2**31 - 1)
any_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
texts = any_texts.map(shown)
"""Clients show what a server sends, so its text comes out of its bytes cleaned."""
keys = texts
scalars = st.one_of(st.integers(-LIMIT, LIMIT), st.booleans(), texts)


def values(floats: st.SearchStrategy[float]) -> st.SearchStrategy[Any]:
    """Return a strategy for values of any shape."""
    return st.recursive(
        st.one_of(scalars, st.none(), st.binary(max_size=8), floats),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
        max_leaves=6,
    )


anything = values(st.floats(allow_nan=False))
arguments = values(st.floats(allow_nan=False, allow_infinity=False))

OF_NAMESPACES: dict[str, st.SearchStrategy[Any]] = {
    "namespace": st.from_regex(r"/[a-z]{1,8}", fullmatch=True),
    "event": st.from_regex(r"[a-z]{1,8}", fullmatch=True),
    "args": st.lists(arguments, max_size=3).map(tuple),
    "auth": st.dictionaries(keys, arguments, max_size=3),
}
"""Fields of the messages of namespaces, which check what they hold."""

PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(-LIMIT, LIMIT),
    bool: st.booleans(),
    str: texts,
    bytes: st.binary(max_size=32),
    float: st.floats(allow_nan=False, allow_infinity=False),
    object: anything,
    type(None): st.none(),
}


def of(hint: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for a field's type, or for a whole message class."""
    while isinstance(hint, typing.NewType):
        hint = hint.__supertype__
    if hint in PLAIN:
        return PLAIN[hint]
    if attrs.has(hint):
        hints = typing.get_type_hints(hint)
        own = OF_NAMESPACES if hint.__module__ == namespaces.__name__ else {}
        fields = {
            a.alias: own[a.name] if a.name in own else of(hints[a.name]) for a in attrs.fields(hint)
        }
        return st.builds(hint, **fields)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return st.one_of([of(each) for each in arguments])
    if origin is tuple:
        return st.lists(of(arguments[0]), max_size=3).map(tuple)
    if origin is Mapping:
        return st.dictionaries(keys, of(arguments[1]), max_size=3)
    raise TypeError(f"no strategy for {hint}")


ids = st.integers(1, LIMIT)
row = st.lists(st.integers(-LIMIT, LIMIT), max_size=32).map(tuple)
sections = st.lists(
    st.builds(wire.Section, st.integers(0, 2**16 - 1), st.booleans(), st.binary(max_size=20)),
    max_size=4,
    unique_by=lambda section: section.number,
).map(tuple)
pings = st.builds(wire.Ping, st.integers(0, LIMIT))
pongs = st.builds(wire.Pong, st.integers(0, LIMIT), st.integers(0, LIMIT))

inputs = st.builds(wire.Input, st.integers(0, LIMIT), TICKS, TICKS, st.integers(0, 2**15 - 1), row)
seens = st.builds(wire.Seen, TICKS)


def request_envelopes(name: str) -> st.SearchStrategy[wire.RequestEnvelope]:
    return st.builds(wire.RequestEnvelope, ids, of(REQUESTS[name]))


from_client = st.one_of(
    pings,
    pongs,
    of(wire.Hello),
    of(wire.Goodbye),
    st.builds(wire.Ack, st.integers(0, LIMIT), st.integers(0, LIMIT)),
    st.sampled_from(sorted(REQUESTS)).flatmap(request_envelopes),
)
"""Everything a client sends but the hot kinds, which stand alone."""


afters = st.none() | st.integers(0, 2**53 - 1).map(EventNumber)


def _stamped(refusal: wire.Refusal) -> st.SearchStrategy[wire.Refusal]:
    request_id = RequestId(abs(refusal.id))
    return afters.map(lambda after: attrs.evolve(refusal, id=request_id, after=after))


def result_envelopes(request: type[Request]) -> st.SearchStrategy[wire.ResultEnvelope]:
    return st.builds(wire.ResultEnvelope, ids, of(request.result), afters)


def event_envelopes(name: str) -> st.SearchStrategy[wire.EventEnvelope]:
    return st.builds(wire.EventEnvelope, ids, of(EVENTS[name]))


def notice_envelopes(name: str) -> st.SearchStrategy[wire.NoticeEnvelope]:
    return st.builds(wire.NoticeEnvelope, of(NOTICES[name]))


from_server = st.one_of(
    pings,
    pongs,
    of(wire.Welcome),
    of(wire.Goodbye),
    st.builds(wire.Snapshot, TICKS, sections),
    st.builds(wire.Steer, TICKS, st.integers(-(2**15), 2**15 - 1)),
    st.builds(wire.Shift, TICKS, TICKS),
    of(wire.Refusal).flatmap(_stamped),
    st.sampled_from(sorted(EVENTS)).flatmap(event_envelopes),
    st.sampled_from(sorted(NOTICES)).flatmap(notice_envelopes),
)
"""Everything a server sends but results, whose shape depends on what was asked."""
