"""Look at a server while a story goes on: seats, worlds, scores and queues.

Law: looking changes nothing. Each thing that does not hold is one sentence in the report.
"""

import traceback
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
    Measured,
    Moment,
    Received,
)
from gameserver.service.matches import LiveMatch
from gameserver.service.server import Server
from gameserver.testing.story.report import Report
from gameserver.transports import ListenSettings

MOST_WAITING_BYTES: Final = 2 * ListenSettings().reliable_bytes
"""Most bytes that may wait for one peer: the bound of its queue, and what a welcome brings."""


MINOR: Final = frozenset((Acked, Answered, Charge, Expire, Measured, Received))
"""Calls that come often and rarely change anything; `Watcher.look` checks after them."""


@attrs.define(eq=False)
class _Scores:
    """The scores of a match when they were looked at last."""

    tick: int = 0
    by_seat: dict[Seat, int] = attrs.field(factory=dict)
    owned: dict[Seat, list[Entity]] = attrs.field(factory=dict)
    """What each seat owned then: a player who left and came back owns new entities."""


class Watcher:
    """Checks the invariants of one server."""

    def __init__(self, server: Server, report: Report, *, scores_rise: bool) -> None:
        """Watch a server; ``scores_rise`` tells whether no score of the game ever falls."""
        self._server = server
        self._report = report
        self._scores_rise = scores_rise
        self._scores: dict[str, _Scores] = {}
        self._last_call: Call[object] | None = None

    def called(self, _moment: Moment, call: Call[object]) -> None:
        """Check the rooms before a call into the hall, if the call before may have changed much."""
        if type(self._last_call) not in MINOR:
            self.check_rooms()
        self._last_call = call

    def check_rooms(self) -> None:
        """Check the invariants of the rooms; a broken one names the call that broke it."""
        self._report.checks += 1
        try:
            self._server.hall.check()
        except AssertionError:
            after = f"after {type(self._last_call).__name__}" if self._last_call else "at the start"
            where = traceback.format_exc().strip().splitlines()[-3:]
            self._report.fault(f"the rooms are wrong {after}: {' '.join(w.strip() for w in where)}")

    def look(self) -> None:
        """Check rooms, matches and queues."""
        self.check_rooms()
        for wrong in self._wrong():
            self._report.fault(wrong)

    def _wrong(self) -> Iterator[str]:
        live = list(self._server.matches)
        self._scores = {each.match_id: self._scores.get(each.match_id, _Scores()) for each in live}
        for each in live:
            yield from wrong_fields(each.match.world)
            if self._scores_rise:
                yield from self._fallen(each, self._scores[each.match_id])
        for waiting in _waiting_bytes(self._server):
            if waiting > MOST_WAITING_BYTES:
                yield f"{waiting} bytes wait for one peer"

    def _fallen(self, live: LiveMatch, before: _Scores) -> Iterator[str]:
        """Yield scores that fell, of players who stayed in their seats; and a tick that did."""
        world = live.match.world
        if world.tick < before.tick:
            yield f"match {live.match_id} went back from tick {before.tick} to {world.tick}"
        before.tick = world.tick
        outcome = live.match.standings()
        scores = {line.seat: line.score for line in outcome.standings}
        owned: dict[Seat, list[Entity]] = {seat: [] for seat in scores}
        for entity in world:
            if entity.owner in owned:
                owned[entity.owner].append(entity)
        for seat, score in scores.items():
            earlier = {id(each) for each in before.owned.get(seat, ())}
            stayed = any(id(each) in earlier for each in owned[seat])
            if stayed and score < before.by_seat.get(seat, score):
                was = before.by_seat[seat]
                yield f"the score of seat {seat} fell from {was} to {score}"
        before.by_seat, before.owned = scores, owned


def _waiting_bytes(server: Server) -> Iterator[int]:
    """Yield for each peer the bytes that wait for it."""
    for conversation in server._conversations:  # noqa: SLF001  looking changes nothing
        link: Any = conversation._link  # noqa: SLF001
        yield link._outbox.waiting_bytes if hasattr(link, "_outbox") else link._waiting_bytes  # noqa: SLF001


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
