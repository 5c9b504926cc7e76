"""The types and functions of ``src/module.c``; their arguments are not checked as strictly."""

import select
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from gameserver.accel.bodies import State
from gameserver.accel.bodies import Track as AnyTrack
from gameserver.accel.port import (
    CommandSource,
    HotViewer,
    InputCounts,
    InputRow,
    Odd,
    ReadInput,
    TakenIn,
)
from gameserver.accel.port import InputBuffer as AnyInputBuffer
from gameserver.accel.port import InputQueue as AnyInputQueue
from gameserver.accel.sockets import DrainMember, Take
from gameserver.game.entity import Entity
from gameserver.game.schema.table import ClassTable
from gameserver.ids import EntityId, PlayerId, Seat, Tick

class InputTable:
    def __init__(
        self,
        kind: int,
        longest: int,
        below: tuple[int, int, int, int],
        bounds: tuple[tuple[int, int], ...],
        edges: tuple[int, ...],
        neutral: InputRow,
        make: Callable[[InputRow, int], Any],
        plain: type[Any] | None,
        names: tuple[str, ...],
        /,
    ) -> None: ...
    def __call__(self, message: bytes, /) -> tuple[int, int, int, int, InputRow] | None: ...

class InputBuffer:
    last_seq: int
    counts: InputCounts
    def __init__(self, table: InputTable, ahead: int, repeat: int, margins: int, /) -> None: ...
    def put(self, now: Tick, seq: int, tick: Tick, row: InputRow, view: int = 0) -> bool: ...
    def take(self, tick: Tick, /) -> Any: ...
    def smallest_margin(self, now: Tick, /) -> int | None: ...
    def forget_margins(self) -> None: ...

class LinkMeasure:
    heard: Tick
    rtt: int
    jitter: int
    def __init__(
        self,
        window: int,
        drawing: int,
        max_rtt: int,
        max_jitter: int,
        max_view: int,
        view_units: int,
        /,
    ) -> None: ...
    def saw(self, now: Tick, seen: Tick, /) -> None: ...
    def clamp_view(self, view: int, margin: int = 0) -> int: ...

class Bounds:
    def __init__(self, entity: type[Entity], rows: list[tuple[str, int, int, int]], /) -> None: ...

class Plan:
    def __init__(
        self,
        entity: type[Entity],
        number: int,
        rows: list[tuple[str, int, bool, bool, int, float]],
        /,
    ) -> None: ...

class Track:
    def __init__(self, plan: Plan, entity: Entity, table: ClassTable, /) -> None: ...
    @property
    def entity(self) -> Entity: ...
    @property
    def owner(self) -> Seat: ...
    @property
    def table(self) -> ClassTable: ...
    @property
    def state(self) -> State: ...

class BodyWriter:
    def __init__(self) -> None: ...
    def forget(self) -> None: ...
    def begin(self, tracks: list[Any], changed: bool, restart: bool, /) -> None: ...
    def flag(self, number: int, slot: int, value: bool, /) -> None: ...
    def whole(self, number: int, value: int, /) -> None: ...
    def text(self, number: int, value: str, /) -> None: ...
    def direct(self, value: int, bits: int, /) -> None: ...
    def end(self) -> bytes: ...
    def updates(self, tracks: Mapping[EntityId, Any], restart: bool, /) -> bytes: ...

class Heads:
    def __init__(self, heads: Iterable[bytes], /) -> None: ...

class Tap:
    ready: bool
    bytes_in: int
    def __init__(self, heads: Heads, take: Take, /) -> None: ...
    def take(self, data: bytes, /) -> int: ...

class InputQueue:
    def __init__(self, most: int, /) -> None: ...
    def __call__(self, message: bytes, /) -> None: ...
    def __len__(self) -> int: ...

class Messages:
    def __iter__(self) -> Iterator[tuple[PlayerId, bytes]]: ...

class SendBatch:
    def fan_out(
        self, message: bytes, viewers: Iterable[HotViewer], tick: Tick, /
    ) -> tuple[int, list[Any]]: ...
    def flush(self) -> list[tuple[Any, Tick]]: ...

class Sender:
    clear: bool
    bytes_out: int
    def __init__(self, descriptor: int, /) -> None: ...

def drain(
    epoll: select.epoll, members: Mapping[int, DrainMember], most: int, most_bytes: int, /
) -> None: ...
def unmasked(masked: bytes, length: int, /) -> bytes: ...
def binary_frame(payload: bytes, /) -> bytes: ...
def collect(
    queues: Mapping[PlayerId, AnyInputQueue], calm: int, /
) -> tuple[Iterable[tuple[PlayerId, bytes]], list[tuple[PlayerId, int]]]: ...
def take_in(
    read: ReadInput,
    messages: Iterable[tuple[PlayerId, bytes]],
    viewers: Mapping[PlayerId, HotViewer],
    buffers: Mapping[Seat, AnyInputBuffer],
    now: Tick,
    odd: Odd,
    /,
) -> TakenIn: ...
def commands(sources: Sequence[tuple[Seat, CommandSource]], tick: Tick, /) -> dict[Seat, Any]: ...
def first_unfit(
    bounds: Mapping[type[Entity], Any], entities: Iterable[Entity], /
) -> Entity | None: ...
def advance(
    tracks: Mapping[EntityId, AnyTrack], entities: Iterable[Entity], /
) -> tuple[bool, int, list[Entity]]: ...
