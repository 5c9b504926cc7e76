"""The hot path in C, for the machines where it could be built: the same results at less cost.

It implements `gameserver.accel.port.HotPath`; the docstrings of the port hold here. `pure` says
what is right, and ``tests/accel`` compares the two, value by value and byte by byte. The sources
are in ``src``; ``hatch_build.py`` builds them when the package is installed.

Raises:
    ImportError: It was not built for this Python.
"""

from collections.abc import Iterable
from functools import cache
from typing import Final

from gameserver.accel.bodies import Track
from gameserver.accel.native import _core
from gameserver.accel.native._core import (
    advance,
    binary_frame,
    collect,
    commands,
    drain,
    first_unfit,
    take_in,
    unmasked,
)
from gameserver.accel.native.plans import bounds_of, native_table, plan_of
from gameserver.accel.port import (
    Bounds,
    BufferRules,
    InputBuffer,
    InputTable,
    LinkMeasure,
    LinkRules,
)
from gameserver.accel.sockets import FrameTap, Take
from gameserver.game.entity import Entity
from gameserver.game.schema.table import ClassTable

__all__ = [
    "advance",
    "binary_frame",
    "body_writer",
    "bounds",
    "collect",
    "commands",
    "drain",
    "first_unfit",
    "input_buffer",
    "input_queue",
    "input_reader",
    "link_measure",
    "name",
    "send_batch",
    "sender",
    "take_in",
    "tap",
    "track",
    "unmasked",
]

name: Final = "native"

input_reader = native_table


sender = _core.Sender
input_queue = _core.InputQueue
body_writer = _core.BodyWriter
send_batch = _core.SendBatch


@cache
def _heads(heads: frozenset[bytes]) -> _core.Heads:
    return _core.Heads(heads)


def tap(heads: frozenset[bytes], take: Take) -> FrameTap:
    """Return a tap, not ready, for payloads that begin with one of these 2 or 4 bytes."""
    return _core.Tap(_heads(heads), take)


def input_buffer(table: InputTable, rules: BufferRules) -> InputBuffer:
    """Return an empty buffer for one seat."""
    return _core.InputBuffer(native_table(table), rules.ahead, rules.repeat, rules.margins)


def link_measure(rules: LinkRules) -> LinkMeasure:
    """Return a measure of one viewer's link with nothing measured."""
    return _core.LinkMeasure(
        rules.window,
        rules.drawing,
        rules.max_rtt,
        rules.max_jitter,
        rules.max_view,
        rules.view_units,
    )


def bounds(kinds: Iterable[type[Entity]]) -> Bounds:
    """Return the bounds of all fields of these classes, for `first_unfit`."""
    return {kind: bounds_of(kind) for kind in kinds}


def track(entity: Entity, table: ClassTable) -> Track:
    """Return an entity as an audience first sees it: its values, and no differences."""
    return _core.Track(plan_of(table), entity, table)
