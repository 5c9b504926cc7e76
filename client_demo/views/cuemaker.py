"""Convert Arena's events to cues, kill lines and banners; those of predicted events can be undone.

Law: an event that was shown when predicted is not shown again when confirmed.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from itertools import count
from typing import Final

import attrs

from client_demo.text.runs import isolated
from client_demo.views import cues
from client_demo.views.matchview import Defeat, KillLine
from gameserver.arena import events as happens
from gameserver.arena.entities import Fighter
from gameserver.client import Drawn, EventPhase
from gameserver.game.entity import Event
from gameserver.game.fixed import SUB
from gameserver.ids import Seat
from gameserver.netcode.prediction.optimism import ToldEvent
from gameserver.text import shown

SHOWN_NAME: Final = 40
"""Most characters of a shown name; names in snapshots may come from a hostile server."""
KEPT_KILLS: Final = 8
KEPT_PREDICTED: Final = 128
"""Predicted events that can still be taken back."""
DEFEAT_S: Final = 6.0
"""Age after which a defeat is not shown: longer than any wait for the respawn."""


@attrs.define(eq=False)
class CueMaker:
    """Makes the cues of one match, as seen from one seat."""

    seat: Seat
    _ids: "count[int]" = attrs.field(factory=lambda: count(1))
    _predicted: deque[tuple[Event, int]] = attrs.field(factory=lambda: deque(maxlen=KEPT_PREDICTED))
    _kills: deque[tuple[float, int, KillLine]] = attrs.field(
        factory=lambda: deque(maxlen=KEPT_KILLS)
    )
    _defeat: tuple[float, int, Defeat] | None = None
    _seen: dict[Seat, Drawn] = attrs.field(factory=dict)
    """The last drawn fighter of each seat, since the author of an event may have left."""

    def take(
        self, told: Iterable[ToldEvent], fighters: Mapping[Seat, Drawn], now: float
    ) -> tuple[cues.Cue, ...]:
        """Return the cues of the events of a frame.

        Args:
            told: The events since the last frame.
            fighters: The drawn fighters by seat.
            now: Time in seconds, for the age of kill lines.
        """
        made: list[cues.Cue] = []
        self._seen.update(fighters)
        for item in told:
            if item.phase is EventPhase.CONFIRMED:
                continue
            if item.phase is EventPhase.TAKEN_BACK:
                made += self._take_back(item.event)
                continue
            cue_id = next(self._ids)
            if item.phase is EventPhase.PREDICTED:
                self._predicted.append((item.event, cue_id))
            made += self._cues(item.event, cue_id, self._seen, now)
            if isinstance(item.event, happens.Spawned) and item.event.seat == self.seat:
                self._defeat = None
        return tuple(made)

    def kills(self, now: float) -> list[KillLine]:
        """Return the kept kill lines with their present age, oldest first."""
        return [attrs.evolve(line, age_s=now - at) for at, _, line in self._kills]

    def defeat(self, now: float) -> Defeat | None:
        """Return how the own fighter was destroyed last; None after `DEFEAT_S` or a respawn."""
        if self._defeat is None or now - self._defeat[0] > DEFEAT_S:
            return None
        return self._defeat[2]

    def forget(self) -> None:
        """Drop kill lines and defeat: the server goes on behind an earlier tick."""
        self._kills.clear()
        self._defeat = None

    def _take_back(self, event: Event) -> list[cues.Cue]:
        for entry in reversed(self._predicted):
            if entry[0] == event:
                self._predicted.remove(entry)
                kept = [kill for kill in self._kills if kill[1] != entry[1]]
                self._kills = deque(kept, maxlen=KEPT_KILLS)
                if self._defeat is not None and self._defeat[1] == entry[1]:
                    self._defeat = None
                return [cues.TakenBack(entry[1])]
        return []

    def _cues(
        self, event: Event, n: int, fighters: Mapping[Seat, Drawn], now: float
    ) -> list[cues.Cue]:
        me = self.seat
        match event:
            case happens.Shot(seat, x, y, x1, y1):
                team, own = _team(fighters, seat), seat == me
                return [cues.ShotCue(n, x / SUB, y / SUB, x1 / SUB, y1 / SUB, team, seat, own)]
            case happens.Hit(seat, target, damage, x, y):
                away = _away(fighters, seat, target)
                return [cues.HitCue(n, x / SUB, y / SUB, damage, seat == me, target == me, away)]
            case happens.Hurt(seat, target, damage):
                place = _place(fighters, target)
                mine = seat == me and target != me
                away = _away(fighters, seat, target)
                return [cues.HitCue(n, *place, damage, mine, target == me, away)]
            case happens.Launched(seat, x, y):
                return [cues.Launch(n, x / SUB, y / SUB, _aim(fighters, seat))]
            case happens.Exploded(seat=seat, x=x, y=y):
                return [cues.Explosion(n, x / SUB, y / SUB, seat == me)]
            case happens.PickedUp(seat, _, kind):
                return [cues.Taken(n, *_place(fighters, seat), kind, seat == me)]
            case happens.Dashed(seat, x, y):
                aim, team = _aim(fighters, seat), _team(fighters, seat)
                return [cues.Dash(n, x / SUB, y / SUB, aim, team, seat, seat == me)]
            case happens.Spawned(seat, x, y):
                team = _team(fighters, seat)
                return [cues.Spawn(n, x / SUB, y / SUB, team, seat, seat == me)]
            case happens.Killed(seat, target, weapon):
                return [self._killed(n, (seat, target, weapon), fighters, now)]
            case _:
                return _banners(event, n, fighters)

    def _killed(
        self, n: int, who: tuple[int, int, str], fighters: Mapping[Seat, Drawn], now: float
    ) -> cues.Cue:
        seat, target, weapon = who
        team = _team(fighters, target)
        line = KillLine(
            age_s=0.0,
            killer=_name(fighters, seat),
            killer_colour=(_team(fighters, seat), seat),
            victim=_name(fighters, target),
            victim_colour=(team, target),
            weapon=weapon,
            own=self.seat in (seat, target),
            by_self=seat == target,
        )
        self._kills.append((now, n, line))
        if target == self.seat:
            own = seat == target
            self._defeat = (now, n, Defeat(line.killer, line.killer_colour, weapon, by_self=own))
        x, y = _place(fighters, target)
        me = self.seat
        return cues.DeathCue(n, x, y, team, target, seat == me and target != me, target == me)


def _banners(event: Event, n: int, fighters: Mapping[Seat, Drawn]) -> list[cues.Cue]:
    """Return a banner for an event of a flag, with the team that gains by it."""
    after = " flag"
    match event:
        case happens.FlagTaken(seat, flag):
            text, team = f"{_named(fighters, seat)} took the ", _other(flag)
        case happens.FlagDropped(seat, flag):
            text, team = f"{_named(fighters, seat)} dropped the ", flag
        case happens.FlagReturned(_, flag):
            text, after, team = "The ", " flag is home again", flag
        case happens.FlagCaptured(seat, flag):
            text, team = f"{_named(fighters, seat)} captured the ", _other(flag)
        case _:
            return []
    return [cues.Banner(n, text, flag, after, team, "flag")]


def _other(team: int) -> int:
    return 3 - team


def _fighter(fighters: Mapping[Seat, Drawn], seat: int) -> Fighter | None:
    drawn = fighters.get(Seat(seat))
    entity = drawn.entity if drawn is not None else None
    return entity if isinstance(entity, Fighter) else None


def _team(fighters: Mapping[Seat, Drawn], seat: int) -> int:
    fighter = _fighter(fighters, seat)
    return fighter.team if fighter is not None else 0


def shown_name(name: str) -> str:
    """Return a name of a snapshot, safe to show."""
    return shown(name, SHOWN_NAME)


def _aim(fighters: Mapping[Seat, Drawn], seat: int) -> int:
    fighter = _fighter(fighters, seat)
    return fighter.aim if fighter is not None else 0


def _name(fighters: Mapping[Seat, Drawn], seat: int) -> str:
    fighter = _fighter(fighters, seat)
    return shown_name(fighter.name) if fighter is not None else "Somebody"


def _named(fighters: Mapping[Seat, Drawn], seat: int) -> str:
    """Return a name for use in a sentence, with its text direction isolated."""
    return isolated(_name(fighters, seat))


def _away(fighters: Mapping[Seat, Drawn], seat: int, target: int) -> tuple[float, float] | None:
    """Return the vector in pixels from the hurt fighter to the attacker.

    None if they are the same, or if one of them was never drawn.
    """
    if seat == target or Seat(seat) not in fighters or Seat(target) not in fighters:
        return None
    there, here = _place(fighters, seat), _place(fighters, target)
    return there[0] - here[0], there[1] - here[1]


def _place(fighters: Mapping[Seat, Drawn], seat: int) -> tuple[float, float]:
    drawn = fighters.get(Seat(seat))
    return (drawn.x / SUB, drawn.y / SUB) if drawn is not None else (0.0, 0.0)
