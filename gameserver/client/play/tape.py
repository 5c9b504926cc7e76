"""Keep what a match's client received and sent lately: a file that a developer can step through.

Law: on the way of a message it costs one append. Memory is bounded by `MOST_BYTES`, whatever a
server sends. Every `WINDOW_S` the state of the snapshots' reader is kept, as keyframes, so that
what is behind it can be decoded without what was before.

A file is `MAGIC`, then msgpack compressed by zlib::

    [version, header, first tick, sections, entries, divergences]
    section = [number, body]: a keyframe        entry = [kind, ms since the first one, …]
"""

import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import attrs
import msgpack

from gameserver import __version__
from gameserver.client.play.telemetry import Telemetry
from gameserver.errors import ProtocolError
from gameserver.ids import Tick
from gameserver.messages.match import MatchEntered, MatchHappened, MatchStarted
from gameserver.messages.wire import PROTOCOL_MINOR, Input, Section, Seen, Shift, Snapshot, Steer
from gameserver.netcode.replication.reader import SnapshotReader

MAGIC: Final = b"gstape1\n"
"""First bytes of a tape's file."""

VERSION: Final = 2

TAPE_S: Final = 30.0
"""Seconds that a tape holds at least, once they have passed."""

WINDOW_S: Final = 5.0
"""Seconds from one state of the reader to the next: a tape holds up to this much more."""

MOST_BYTES: Final = 8 << 20
"""Bound of a tape's memory: a match of fifty players has a third of it. When full: the oldest
seconds are dropped."""

_WEIGHT: Final = 256
"""Bytes of an entry besides the bodies of its sections."""

Sent = Input | Seen
Entry = Snapshot | Sent | Steer | Shift | MatchHappened | MatchEntered | float
"""What a tape holds; a number is a round trip in seconds."""


@attrs.define
class _Window:
    """The entries behind one state of the reader."""

    began: float
    tick: Tick
    state: tuple[Section, ...]
    entries: list[tuple[float, Entry]] = attrs.field(factory=list)
    size: int = 0


class PlayTape:
    """The last seconds of one match, as this client saw them."""

    def __init__(
        self,
        started: MatchStarted,
        telemetry: Telemetry,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin without entries.

        Args:
            started: What the match began with.
            telemetry: Where divergences are counted, which the file names.
            clock: Gives seconds.
        """
        self._started = started
        self._clock = clock
        self._telemetry = telemetry
        self._windows: deque[_Window] = deque()
        self._size = 0

    def note(self, entry: Entry) -> None:
        """Note what was received or sent, besides snapshots."""
        self._append(self._clock(), entry, sum(map(_length, getattr(entry, "fields", ()))))

    def received(self, snapshot: Snapshot, reader: SnapshotReader) -> None:
        """Note a snapshot that ``reader`` has applied."""
        now = self._clock()
        self._append(now, snapshot, sum(len(section.body) for section in snapshot.sections))
        window = self._windows[-1]
        if now - window.began >= WINDOW_S or window.size > MOST_BYTES // 8:
            try:
                self._begin(now, snapshot.tick, reader.keyframes())
            except ProtocolError:
                return  # a hostile server's values: the window goes on until the tape is full
            self._trim(now)

    def _append(self, now: float, entry: Entry, size: int) -> None:
        if not self._windows or self._size > MOST_BYTES:
            self._begin_anew(now)
        self._windows[-1].entries.append((now, entry))
        self._add(_WEIGHT + size)

    def _begin_anew(self, now: float) -> None:
        """Forget everything: what follows can be decoded from the next keyframe on."""
        self._windows.clear()
        self._size = 0
        self._begin(now, Tick(0), ())

    def _add(self, size: int) -> None:
        self._windows[-1].size += size
        self._size += size

    def _begin(self, now: float, tick: Tick, state: tuple[Section, ...]) -> None:
        self._windows.append(_Window(now, tick, state))
        self._add(_WEIGHT + sum(len(section.body) for section in state))

    def _trim(self, now: float) -> None:
        """Drop the windows that are too old, or too large all together."""
        while len(self._windows) > 1:
            is_old = self._windows[1].began <= now - TAPE_S
            if not is_old and self._size <= MOST_BYTES:
                return
            self._size -= self._windows.popleft().size

    def to_bytes(self) -> bytes:
        """Return the tape as a file."""
        windows = list(self._windows)
        first = windows[0] if windows else _Window(self._clock(), Tick(0), ())
        entries = [entry for window in windows for entry in window.entries]
        body = [
            VERSION,
            self._header(),
            first.tick,
            [[section.number, section.body] for section in first.state],
            [_row(round((at - first.began) * 1000), entry) for at, entry in entries],
            [*self._divergences(first.tick)],
        ]
        return MAGIC + zlib.compress(msgpack.packb(body))

    def save(self, path: Path) -> None:
        """Write the tape into a file.

        Raises:
            OSError: It cannot be written.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.to_bytes())

    def _header(self) -> dict[str, Any]:
        started = self._started
        return {
            "game": started.game,
            "match": started.match_id,
            "map": started.map,
            "map_digest": started.map_digest,
            "options": dict(started.options),
            "tick_rate": started.tick_rate,
            "snapshot_every": started.snapshot_every,
            "seat": started.seat,
            "players": [[p.seat, p.name, p.team, p.bot] for p in started.players],
            "client": __version__,
            "protocol": PROTOCOL_MINOR,
            "written_ms": time.time_ns() // 1_000_000,
        }

    def _divergences(self, first: Tick) -> Iterator[list[Any]]:
        for each in self._telemetry.divergences:
            if each.verdict.tick >= first:
                for one in each.verdict.differences:
                    told = (repr(value)[:80] for value in (one.predicted, one.true))
                    ident = str(one.ident)[:40]
                    yield [each.verdict.tick, each.explained, one.entity, ident, one.field, *told]


def _length(value: object) -> int:
    return len(value) if isinstance(value, str) else 0


SNAPSHOT, INPUT, SEEN, STEER, SHIFT, EVENT, ENTERED, ROUND_TRIP = range(8)
"""Kinds of entries in a file."""


def _row(at_ms: int, entry: Entry) -> list[Any]:
    match entry:
        case Snapshot():
            sections = [[part.number, part.keyframe, part.body] for part in entry.sections]
            return [SNAPSHOT, at_ms, entry.tick, sections]
        case Input():
            return [INPUT, at_ms, entry.seq, entry.tick, entry.seen, entry.view, list(entry.row)]
        case Seen():
            return [SEEN, at_ms, entry.tick]
        case Steer():
            return [STEER, at_ms, entry.tick, entry.ticks]
        case Shift():
            return [SHIFT, at_ms, entry.tick, entry.ticks]
        case MatchHappened():
            return [EVENT, at_ms, entry.tick, entry.event, list(entry.fields)]
        case MatchEntered():
            return [ENTERED, at_ms, entry.tick, entry.seat, entry.epoch]
    return [ROUND_TRIP, at_ms, round(entry * 1_000_000)]
