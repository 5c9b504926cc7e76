"""Look at a server while a story goes on: seats, worlds, scores and queues.

Law: looking changes nothing. Each thing that does not hold is one sentence in the report.
"""

import traceback
from collections import deque
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any, Final

import attrs

from gameserver.game.entity import Entity
from gameserver.game.fields import METADATA_KEY, FieldSpec
from gameserver.ids import Seat
from gameserver.rooms.calls import (
    Acked,
    Answered,
    Call,
    Charge,
    Expire,
    MatchIsOver,
    Measured,
    Moment,
    Received,
)
from gameserver.service.livematch import LiveMatch
from gameserver.service.server import Server
from gameserver.testing.story.report import Report
from gameserver.testing.whole import WholeServer
from gameserver.transports import ListenSettings

MOST_WAITING_BYTES: Final = 2 * ListenSettings().reliable_bytes
"""Most bytes that may wait for one peer: the bound of its queue, and what a welcome brings."""


KEPT_LOOKS: Final = 12
"""Looks at a match that are kept, to compare with after a crash: some seconds."""

STOPPED: Final = "stopped"
"""The reason for the end of matches that are not restored; a story's server stops without any."""

MINOR: Final = frozenset((Acked, Answered, Charge, Expire, Measured, Received))
"""Calls that come often and rarely change anything; `Watcher.look` checks after them."""


LOST_S: Final = 1.0
"""Most of a match that may be lost with the process of its server."""

UNSYNCED_S: Final = 1.8
"""Most of a match that may be lost with the power of its machine: ticks are written four times a
second, and synced with the first write behind a second."""


@attrs.define(eq=False)
class _Looked:
    """What was seen of a match at one look."""

    tick: int
    scores: dict[Seat, tuple[str, int]]
    owned: dict[Seat, list[Entity]]
    """What each seat owned then: a player who left and came back owns new entities."""


@attrs.define(eq=False)
class _Seen:
    """What was seen of a match lately."""

    epoch: int
    looks: deque[_Looked] = attrs.field(factory=lambda: deque(maxlen=KEPT_LOOKS))


class Watcher:
    """Checks the invariants of one server."""

    def __init__(
        self, whole: WholeServer, report: Report, tick_rate: int, *, scores_rise: bool
    ) -> None:
        """Watch a server; ``scores_rise`` tells whether no score of the game ever falls."""
        self._tick_rate = tick_rate
        self._whole = whole
        self._report = report
        self._scores_rise = scores_rise
        self._seen: dict[str, _Seen] = {}
        self.power_lost: bool = False
        """Whether the last crash took what was not synced."""
        self._last_call: Call[object] | None = None

    def called(self, _moment: Moment, call: Call[object]) -> None:
        """Check the rooms before a call into the hall, if the call before may have changed much."""
        if type(self._last_call) not in MINOR:
            self.check_rooms()
        self._last_call = call
        if isinstance(call, MatchIsOver) and call.reason == STOPPED:
            self._stopped(call)

    def _stopped(self, call: MatchIsOver) -> None:
        """Note a match that is not restored, although it had run for longer than may be lost."""
        seen = self._seen.get(call.match_id)
        if seen is not None and seen.looks:
            ran_s = seen.looks[-1].tick / self._tick_rate
            if ran_s > UNSYNCED_S:
                self._report.fault(f"match {call.match_id} of {ran_s:.1f} s was not restored")

    def crashed(self, power: bool) -> None:
        """Look for the last time before the server ends without a word."""
        self.look()
        self.power_lost = power

    def check_rooms(self) -> None:
        """Check the invariants of the rooms; a broken one names the call that broke it."""
        self._report.checks += 1
        try:
            self._whole.server.hall.check()
        except AssertionError:
            after = f"after {type(self._last_call).__name__}" if self._last_call else "at the start"
            where = traceback.format_exc().strip().splitlines()[-3:]
            self._report.fault(f"the rooms are wrong {after}: {' '.join(w.strip() for w in where)}")

    def look(self) -> None:
        """Check rooms, matches and queues."""
        if self._whole.closed:
            return  # it is down
        self.check_rooms()
        for wrong in self._wrong():
            self._report.fault(wrong)

    def _wrong(self) -> Iterator[str]:
        live = list(self._whole.server.matches)
        self._seen = {
            each.match_id: self._seen.get(each.match_id) or _Seen(each.match.epoch) for each in live
        }
        for each in live:
            yield from wrong_fields(each.match.world)
            yield from self._fallen(each, self._seen[each.match_id])
        for waiting in _waiting_bytes(self._whole.server):
            if waiting > MOST_WAITING_BYTES:
                yield f"{waiting} bytes wait for one peer"

    def _fallen(self, live: LiveMatch, seen: _Seen) -> Iterator[str]:
        """Yield scores of people who stayed in their seats, and ticks, that went back."""
        match, now = live.match, _look(live)
        before = seen.looks[-1] if seen.looks else None
        restarted = match.epoch != seen.epoch
        if before is not None and restarted:
            seen.epoch = match.epoch
            lost_s = (before.tick - now.tick) / match.game.tick_rate
            if lost_s > (UNSYNCED_S if self.power_lost else LOST_S):
                yield f"{lost_s:.1f} s of match {live.match_id} were lost in a crash"
            while seen.looks and seen.looks[-1].tick > now.tick:
                seen.looks.pop()
            before = seen.looks[-1] if seen.looks else None
        seen.looks.append(now)
        if before is None:
            return
        if now.tick < before.tick:
            yield f"match {live.match_id} went back from tick {before.tick} to {now.tick}"
        if self._scores_rise:
            yield from _fallen_scores(before, now, restarted=restarted)


def _look(live: LiveMatch) -> _Looked:
    lines = live.match.standings().standings
    owned: dict[Seat, list[Entity]] = {line.seat: [] for line in lines}
    for entity in live.match.world:
        if entity.owner in owned:
            owned[entity.owner].append(entity)
    scores = {line.seat: (line.name, line.score) for line in lines}
    return _Looked(live.match.tick_number, scores, owned)


def _fallen_scores(before: _Looked, now: _Looked, *, restarted: bool) -> Iterator[str]:
    for seat, (name, score) in now.scores.items():
        was_name, was = before.scores.get(seat, ("", 0))
        earlier = {id(each) for each in before.owned.get(seat, ())}
        # In another process all entities are new ones; there the name tells who stayed.
        stayed = restarted or any(id(each) in earlier for each in now.owned[seat])
        if stayed and name == was_name and score < was:
            yield f"the score of {name} in seat {seat} fell from {was} to {score}"


def _waiting_bytes(server: Server) -> Iterator[int]:
    """Yield for each peer the bytes that wait for it."""
    for conversation in server._conversations:  # noqa: SLF001  looking changes nothing
        link: Any = conversation._link  # noqa: SLF001
        yield link.waiting_bytes


def wrong_fields(world: Any) -> Iterator[str]:
    """Yield the fields of a world that are not finite or not in their bounds."""
    for entity in world:
        for name, spec in _specs(type(entity)).items():
            value = getattr(entity, name)
            if value.__class__ is float and not isfinite(value):
                yield f"{type(entity).__name__}.{name} is {value}"
            elif value.__class__ is int and not (
                (spec.lo is None or value >= spec.lo) and (spec.hi is None or value <= spec.hi)
            ):
                yield f"{type(entity).__name__}.{name} is {value}, out of bounds"


_SPECS: dict[type[Entity], Mapping[str, FieldSpec]] = {}


def _specs(kind: type[Entity]) -> Mapping[str, FieldSpec]:
    found = _SPECS.get(kind)
    if found is None:
        fields = attrs.fields(kind)
        specs = {field.name: field.metadata.get(METADATA_KEY) for field in fields}
        found = _SPECS[kind] = {name: spec for name, spec in specs.items() if spec is not None}
    return found
