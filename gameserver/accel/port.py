"""The port of the hot path: what is done for each player in each tick.

Law: the port holds tables, rows of integers and bytes, and no rule of the game, the rooms or the
transports: the rules come in as tables. So another implementation, in a compiled language, can
stand beside `gameserver.accel.pure` and be judged by the same tests (``tests/accel``).

In::

    short frame -> payload -> (seq, tick, seen, view, row) -> link measure, seat's buffer -> command

Out::

    entities -> residuals -> section -> snapshot -> frame -> outlets
"""

import select
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import attrs

from gameserver.accel.bodies import BodyWriter, Track
from gameserver.accel.sockets import DrainMember, FrameTap, Outlet, Sender, Take
from gameserver.game.entity import Entity
from gameserver.game.schema.table import ClassTable
from gameserver.ids import EntityId, PlayerId, Seat, Tick


class InputQueue(Protocol):
    """The messages of one viewer that wait for the next tick. It is a `Take`, which takes all."""

    def __call__(self, message: bytes) -> object:
        """Append a message."""
        ...

    def __len__(self) -> int:
        """Return the number of messages."""
        ...


InputRow: TypeAlias = tuple[int, ...]
"""The fields of one command, in the order of the wire."""

ReadInput: TypeAlias = Callable[[bytes], tuple[int, int, int, int, InputRow] | None]
"""Reads one message as ``(seq, tick, seen, view, row)``; None where it is no valid input."""


@attrs.frozen
class InputTable:
    """The inputs of one command class.

    Attributes:
        kind: The number that an input begins with.
        bounds: The inclusive bounds of each field.
        edges: The indexes of the fields that are presses, which are never repeated.
        below: Bounds (exclusive) of seq, tick, seen and view.
        longest: Bytes of the longest message that is looked at.
        neutral: The row of a player who does nothing.
        make: Makes a command of a row and a view.
        plain: The command class, if its instances are nothing but their slots, so that they can be
            made without calling it; else None.
        names: The names of the fields, and last that of the view.
    """

    kind: int
    bounds: tuple[tuple[int, int], ...]
    edges: tuple[int, ...]
    below: tuple[int, int, int, int]
    longest: int
    neutral: InputRow
    make: Callable[[InputRow, int], Any]
    plain: type[Any] | None
    names: tuple[str, ...]


@attrs.frozen
class BufferRules:
    """Of how many ticks a seat's buffer holds and repeats inputs.

    Attributes:
        ahead: Farthest into the future that an input may be addressed.
        repeat: How long a missing input repeats the last one.
        margins: Window of the smallest arrival margin.
    """

    ahead: int
    repeat: int
    margins: int


@attrs.frozen
class LinkRules:
    """How a link is measured, and what view that allows.

    Attributes:
        window: Ticks over which the round trip's extremes are taken.
        drawing: Ticks that drawing and sending take beside the link.
        max_rtt: Most ticks of round trip that count.
        max_jitter: Most ticks of jitter that count.
        max_view: The oldest view at all, in units of a view.
        view_units: Units of a view in one tick.
    """

    window: int
    drawing: int
    max_rtt: int
    max_jitter: int
    max_view: int
    view_units: int


@attrs.define
class InputCounts:
    """Totals of one seat's inputs."""

    applied: int = 0
    late: int = 0
    early: int = 0
    doubled: int = 0
    malformed: int = 0
    missed: int = 0
    """Ticks that were stepped without an input of their own, after the first input came."""


class InputBuffer(Protocol):
    """The inputs of one seat for the coming ticks.

    Attributes:
        last_seq: The highest sequence number that came.
        counts: Totals of the inputs.
    """

    last_seq: int
    counts: InputCounts

    def put(self, now: Tick, seq: int, tick: Tick, row: InputRow, view: int = 0) -> bool:
        """Take an input that arrived after tick ``now`` was stepped; return whether it counts."""
        ...

    def take(self, tick: Tick) -> Any:
        """Return the command for a tick; must be called once per tick, in order."""
        ...

    def smallest_margin(self, now: Tick) -> int | None:
        """Return by how many ticks the latest input of the window was early; None without any.

        0 is just in time; a negative margin is too late. An input that is too far ahead counts as
        ``BufferRules.ahead`` + 1, however far it is.
        """
        ...

    def forget_margins(self) -> None:
        """Begin a new window of margins."""
        ...


class LinkMeasure(Protocol):
    """Round trip and jitter of one viewer's link, in ticks.

    Attributes:
        heard: The tick after which a message arrived last; -1 before the first one.
        rtt: Smallest round trip of the window.
        jitter: Largest round trip of the window minus the smallest one.
    """

    heard: Tick
    rtt: int
    jitter: int

    def saw(self, now: Tick, seen: Tick) -> None:
        """Note that a message that arrived after tick ``now`` acknowledged snapshot ``seen``."""
        ...

    def clamp_view(self, view: int, margin: int = 0) -> int:
        """Return how old a view a command may have, in units of a view (threat 16).

        ``view`` counts from the command's own tick, which is ``margin`` ticks after the next tick.
        """
        ...


class HotViewer(Protocol):
    """What the hot path uses of a viewer.

    Attributes:
        seen: The newest snapshot that the viewer acknowledged.
        last_sent: The newest snapshot that was sent.
        in_sync: Whether the next bytes of the chains continue what the viewer has.
        patience: Ticks that ``seen`` may be behind ``last_sent``.
    """

    seat: Seat
    seen: Tick
    last_sent: Tick
    in_sync: bool
    patience: int

    @property
    def link(self) -> LinkMeasure:
        """Measures the viewer's link."""
        ...

    @property
    def outlet(self) -> Outlet:
        """Takes the viewer's frames."""
        ...

    @property
    def sender(self) -> Sender | None:
        """The way past the outlet, that of a `DirectOutlet`; None for any other outlet."""
        ...

    def saw(self, now: Tick, seen: Tick) -> None:
        """Note an acknowledgement; one of a snapshot that was not sent is ignored.

        Does ``if self.seen < seen <= self.last_sent: self.seen = seen`` and then
        ``self.link.saw(now, self.seen)``, no more: an implementation may do that itself.
        """
        ...


class SendBatch(Protocol):
    """Messages of one moment for the viewers of many matches.

    Frames for clear senders may be kept until `flush`, to be sent one directly behind the other: so
    the kernel's code stays in the processor's caches, and between the matches ours does. Whoever
    sends a viewer something else in between sends it before them.
    """

    def fan_out(
        self, message: bytes, viewers: Iterable[HotViewer], tick: Tick
    ) -> tuple[int, list[Any]]:
        """Take one message for all viewers that are in sync and not too far behind.

        Returns:
            How many will be sent it or have been; the viewers that will not, whatever the reason.
        """
        ...

    def flush(self) -> list[tuple[Any, Tick]]:
        """Send what is kept.

        What a socket does not take goes to the viewer's outlet. An outlet that raises counts as one
        that has refused, and `sys.unraisablehook` is told.

        Returns:
            The viewers whose outlets refused, each with the tick of its message; its ``last_sent``
            is what it was before.
        """
        ...


Bounds: TypeAlias = Mapping[type[Entity], Any]
"""The bounds of the fields of each class, as an implementation keeps them."""

Odd: TypeAlias = Callable[[Any, bytes], None]
"""Takes a viewer's message that is no input, in its place among the others."""


TakenIn: TypeAlias = tuple[int | None, int, int]
"""Result of one `HotPath.take_in`: by how many ticks the latest addressed input was early, None
without any; inputs whose view was older than allowed; inputs of viewers without a seat."""


class CommandSource(Protocol):
    """Where the commands of a seat come from: its `InputBuffer`, or a bot."""

    def take(self, tick: Tick) -> Any:
        """Return the command for a tick; must be called once per tick, in order."""
        ...


class HotPath(Protocol):
    """One implementation of the hot path."""

    name: str
    """What it is called in logs and figures."""

    # --- in -----------------------------------------------------------------------------------

    def unmasked(self, masked: bytes, length: int) -> bytes:
        """Return the payload of a mask (4 bytes) and ``length`` masked bytes (RFC 6455, 5.3).

        ``length`` is at most 125.
        """
        ...

    def tap(self, heads: frozenset[bytes], take: Take) -> FrameTap:
        """Return a tap, not ready, for payloads that begin with one of these 2 or 4 bytes."""
        ...

    def drain(
        self,
        epoll: "select.epoll",
        members: Mapping[int, DrainMember],
        most: int,
        most_bytes: int,
    ) -> None:
        """Read each socket that is readable once, at most ``most`` sockets and so many bytes each.

        A member's tap is given the front of what was read, and the member the rest. Members may
        leave meanwhile.
        """
        ...

    def input_queue(self, most: int) -> InputQueue:
        """Return an empty queue of so many messages; when full, the oldest one is dropped."""
        ...

    def collect(
        self, queues: Mapping[PlayerId, InputQueue], calm: int
    ) -> tuple[Iterable[tuple[PlayerId, bytes]], list[tuple[PlayerId, int]]]:
        """Empty the queues of all players.

        Returns:
            The messages, in order for each player; the players who had more than ``calm`` of them,
            with their number.
        """
        ...

    def input_reader(self, table: InputTable) -> ReadInput:
        """Return a function that reads one message as an input of this table."""
        ...

    def input_buffer(self, table: InputTable, rules: BufferRules) -> InputBuffer:
        """Return an empty buffer for one seat."""
        ...

    def link_measure(self, rules: LinkRules) -> LinkMeasure:
        """Return a measure of one viewer's link with nothing measured."""
        ...

    def take_in(
        self,
        read: ReadInput,
        messages: Iterable[tuple[PlayerId, bytes]],
        viewers: Mapping[PlayerId, HotViewer],
        buffers: Mapping[Seat, InputBuffer],
        now: Tick,
        odd: Odd,
    ) -> TakenIn:
        """Bring messages that arrived before the tick after ``now`` to their seats' buffers.

        Messages of a player who is no viewer are dropped: the player has left, or not entered yet.
        """
        ...

    def commands(
        self, sources: Sequence[tuple[Seat, CommandSource]], tick: Tick
    ) -> dict[Seat, Any]:
        """Take the command of each seat for a tick, in this order."""
        ...

    # --- the world --------------------------------------------------------------------------------

    def bounds(self, kinds: Iterable[type[Entity]]) -> Bounds:
        """Return the bounds of all fields of these classes, for `first_unfit`."""
        ...

    def first_unfit(self, bounds: Bounds, entities: Iterable[Entity]) -> Entity | None:
        """Return the first entity with a field out of its bounds, or of another class; or None."""
        ...

    # --- out ------------------------------------------------------------------------------------

    def track(self, entity: Entity, table: ClassTable) -> Track:
        """Return an entity as an audience first sees it: its values, and no differences."""
        ...

    def advance(
        self, tracks: Mapping[EntityId, Track], entities: Iterable[Entity]
    ) -> tuple[bool, int, list[Entity]]:
        """Move tracks on to the present, and keep in them what changed.

        Returns:
            Whether an entity was not extrapolated right; how many entities have a track; the
            entities without one, or with a new owner.
        """
        ...

    def body_writer(self) -> BodyWriter:
        """Return the writer of one section's bodies, with nothing learned."""
        ...

    def binary_frame(self, payload: bytes) -> bytes:
        """Return a whole binary message as the one frame that a server sends."""
        ...

    def sender(self, descriptor: int) -> Sender:
        """Return the way to a socket, not clear; -1 if only its outlet may send."""
        ...

    def send_batch(self) -> SendBatch:
        """Return an empty batch of frames."""
        ...
