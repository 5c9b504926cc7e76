"""Convert the world of a match to a `MatchView`, and its events to cues.

Law: Arena's entities are only read. World units become pixels in `bridge` and `cuemaker` only.
"""

from collections.abc import Mapping
from typing import Final

import attrs

from client_demo.intents import Hold
from client_demo.views import matchview as shown
from client_demo.views.cuemaker import CueMaker, shown_name
from client_demo.views.netfigures import NetFigures
from gameserver.arena import entities as arena
from gameserver.arena import rules, tuning
from gameserver.arena.options import ArenaCommand, ArenaOptions
from gameserver.client import Client, Drawn, Frame, MatchReplica, Stall
from gameserver.game.fixed import SUB
from gameserver.game.world import World
from gameserver.ids import NO_SEAT, Seat
from gameserver.messages.chat import Channel, ChatLine

TICKS: Final = tuning.TICK_RATE
SHOWN_LINES: Final = 12
"""Chat lines shown during a match."""
KILL_SHOWN_S: Final = 7.0
"""Seconds for which a line of the kill feed is shown."""
TROUBLE_S: Final = 2.0
"""Shortest time for which a sentence about the connection is shown."""


@attrs.define(eq=False)
class MatchBridge:
    """Makes the views of one match of a client."""

    client: Client
    replica: MatchReplica
    begun: bool = False
    """Whether a frame of the match was drawn."""
    _cues: CueMaker = attrs.field(init=False)
    _epoch: int = 1
    net: NetFigures = attrs.field(init=False)
    _last_line: int = 0
    _last_line_at: float = -100.0
    _trouble: str = ""
    _trouble_until: float = 0.0
    _watched: Seat = NO_SEAT
    _watch_step: int = 0

    def __attrs_post_init__(self) -> None:
        """Make the parts that depend on client and replica."""
        self._cues = CueMaker(self.replica.seat)
        self.net = NetFigures(self.client, self.replica)

    def view(self, now: float, frame: Frame) -> shown.MatchView:
        """Return the view of one frame; takes the replica's events, so call it once a frame."""
        world = frame.world
        board = world.one(arena.Board)
        fighters = {d.entity.owner: d for d in frame.drawn if isinstance(d.entity, arena.Fighter)}
        if self.replica.epoch != self._epoch:
            self._epoch = self.replica.epoch
            self._cues.forget()
        cues = self._cues.take(self.replica.take_events(), fighters, now)
        own = fighters.get(self.replica.seat)
        warmup = board.phase == arena.MatchPhase.WARMUP
        chat, age = self._chat(now)
        options = world.options
        away, silent = self._missing()
        meters = _meters(own, frame.tick, world) if own is not None else None
        scores = self._scores(fighters, away, silent)
        watched = self._watched_of(scores) if own is None else NO_SEAT
        return shown.MatchView(
            map=world.map,
            mode=options.mode,
            fighters=tuple(
                _fighter(d, own=d is own, silent=seat in away | silent)
                for seat, d in fighters.items()
            ),
            rockets=tuple(_rocket(d) for d in _of(frame, arena.Rocket)),
            pickups=tuple(_pickup(d) for d in _of(frame, arena.Pickup)),
            flags=tuple(_flag(d, fighters) for d in _of(frame, arena.Flag)),
            cues=cues,
            own=meters,
            clock_s=_clock(board, frame.tick, options),
            overtime=board.overtime,
            starts_in_s=max(0.0, (board.phase_ends - frame.tick) / TICKS) if warmup else None,
            ending=_ending(world, self.replica.seat)
            if board.phase == arena.MatchPhase.OVER
            else None,
            destroyed_by=self._cues.defeat(now) if meters and not own_lives(meters) else None,
            team_scores=(board.team1, board.team2) if options.mode != "dm" else (),
            score_limit=board.score_limit,
            scores=scores,
            kills=tuple(k for k in self._cues.kills(now) if k.age_s < KILL_SHOWN_S),
            chat=chat,
            chat_age_s=age,
            typing=self._typing(),
            net=self.net.view(now),
            line=self.line(now),
            focus=_place(fighters.get(watched)),
            watched=watched,
        )

    def line(self, now: float) -> shown.LineView:
        """Return the state of the connection."""
        client, stall = self.client, self.client.stall
        if now >= self._trouble_until or not self._trouble:
            # The sentence holds figures that change with every frame, too fast to read.
            self._trouble, self._trouble_until = client.trouble_sentence, now + TROUBLE_S
        return shown.LineView(
            silent_s=client.silent_s,
            stalls=stall is not Stall.NONE,
            stalls_long=stall is Stall.LONG,
            trouble=self._trouble if stall is Stall.NONE else "",
        )

    def hold(self, held: Hold) -> None:
        """Give the state of the controls to the replica, as an input command."""
        command = ArenaCommand(held.move, held.aim, int(held.fire), held.rocket, held.dash)
        self.replica.hold(command)

    def watch_next(self, step: int) -> None:
        """Let a spectator follow the fighter ``step`` seats further; ignored for a player."""
        self._watch_step += step

    def _watched_of(self, scores: tuple[shown.ScoreLine, ...]) -> Seat:
        """Return the seat that a spectator follows: the leader's, until another is chosen."""
        seats = sorted(line.seat for line in scores)
        if not seats:
            return NO_SEAT
        if self._watched not in seats:
            self._watched = scores[0].seat
        if self._watch_step:
            at = seats.index(self._watched) + self._watch_step
            self._watched, self._watch_step = seats[at % len(seats)], 0
        return self._watched

    def _missing(self) -> tuple[set[Seat], set[Seat]]:
        """Return the seats without a connection, and the connected seats that are silent."""
        members = self.client.lobby.members if self.client.lobby else ()
        return (
            {m.seat for m in members if not m.connected},
            {m.seat for m in members if m.connected and m.stalled},
        )

    def _scores(
        self, fighters: Mapping[Seat, Drawn], away: set[Seat], silent: set[Seat]
    ) -> tuple[shown.ScoreLine, ...]:
        lines = [
            shown.ScoreLine(
                seat=f.owner,
                name=shown_name(f.name),
                team=f.team,
                score=f.score,
                kills=f.kills,
                deaths=f.deaths,
                bot=f.bot,
                connected=f.owner not in away,
                silent=f.owner in silent,
                own=f.owner == self.replica.seat,
            )
            for drawn in fighters.values()
            if isinstance(f := drawn.entity, arena.Fighter)
        ]
        return tuple(sorted(lines, key=lambda line: (-line.score, line.deaths, line.seat)))

    def _typing(self) -> tuple[str, ...]:
        book, now = self.client.chat, self.client.now()
        heard = (Channel.LOBBY, Channel.TEAM)
        return tuple(name for channel in heard for name in book.typing(channel, now))

    def _chat(self, now: float) -> tuple[tuple[ChatLine, ...], float]:
        book = self.client.chat
        heard = (Channel.LOBBY, Channel.TEAM, Channel.WHISPER)
        newest_of_each = (line for c in heard for line in book.lines(c)[-SHOWN_LINES:])
        lines = sorted(newest_of_each, key=lambda line: line.message_id)
        newest = lines[-1].message_id if lines else 0
        if newest != self._last_line:
            self._last_line, self._last_line_at = newest, now
        return tuple(lines[-SHOWN_LINES:]), now - self._last_line_at


def _of(frame: Frame, kind: type) -> list[Drawn]:
    return [drawn for drawn in frame.drawn if isinstance(drawn.entity, kind)]


def own_lives(own: shown.OwnView) -> bool:
    """Tell whether the player's own fighter is alive."""
    return own.respawn_s is None


def _place(drawn: Drawn | None) -> tuple[float, float] | None:
    return (drawn.x / SUB, drawn.y / SUB) if drawn is not None else None


def _clock(board: arena.Board, tick: float, options: ArenaOptions) -> float | None:
    """Return the seconds left to play; None if the match has no time limit, or is over."""
    if board.phase == arena.MatchPhase.WARMUP:
        limit = rules.time_limit(options)
        return limit / TICKS if limit else None
    if board.phase == arena.MatchPhase.OVER or not board.phase_ends:
        return None
    return max(0.0, (board.phase_ends - tick) / TICKS)


def _ending(world: World, me: Seat) -> shown.Ending:
    outcome = rules.standings(world)
    winners = [line for line in outcome.standings if line.won]
    teams = bool(outcome.team_scores)
    first = winners[0] if winners else None
    plays = any(line.seat == me for line in outcome.standings)
    return shown.Ending(
        winner=shown_name(first.name) if first is not None and not teams else "",
        team=first.team if first is not None and teams else 0,
        seat=first.seat if first is not None else NO_SEAT,
        won=any(line.seat == me for line in winners) if plays and winners else None,
        scores=outcome.team_scores or tuple(line.score for line in outcome.standings[:2]),
    )


def _fighter(drawn: Drawn, *, own: bool, silent: bool) -> shown.FighterView:
    fighter = drawn.entity
    assert isinstance(fighter, arena.Fighter)
    return shown.FighterView(
        seat=fighter.owner,
        name=shown_name(fighter.name),
        team=fighter.team,
        x=drawn.x / SUB,
        y=drawn.y / SUB,
        aim=round(drawn.angle) % 1024,
        hp=fighter.hp,
        max_hp=tuning.HEALTH,
        alive=fighter.alive,
        dashing=fighter.dashing,
        shielded=fighter.shielded,
        carrying=fighter.carrying,
        own=own,
        silent=silent and not fighter.bot,
    )


def _rocket(drawn: Drawn) -> shown.RocketView:
    rocket = drawn.entity
    assert isinstance(rocket, arena.Rocket)
    x, y = drawn.x / SUB, drawn.y / SUB
    return shown.RocketView(rocket.id, x, y, rocket.angle, rocket.team, rocket.owner)


def _pickup(drawn: Drawn) -> shown.PickupView:
    pickup = drawn.entity
    assert isinstance(pickup, arena.Pickup)
    x, y = drawn.x / SUB, drawn.y / SUB
    return shown.PickupView(pickup.id, x, y, pickup.kind, there=pickup.ready)


def _flag(drawn: Drawn, fighters: Mapping[Seat, Drawn]) -> shown.FlagView:
    flag = drawn.entity
    assert isinstance(flag, arena.Flag)
    carried = flag.state == arena.FlagState.CARRIED
    carrier = fighters.get(Seat(flag.carrier)) if carried else None
    place = carrier if carrier is not None else drawn
    return shown.FlagView(
        team=flag.team,
        x=place.x / SUB,
        y=place.y / SUB,
        home_x=flag.home_x / SUB,
        home_y=flag.home_y / SUB,
        carrier=carrier.entity.owner if carrier is not None else None,
        dropped=flag.state == arena.FlagState.DROPPED,
    )


def _meters(own: Drawn, tick: float, world: World) -> shown.OwnView:
    fighter = own.entity
    assert isinstance(fighter, arena.Fighter)
    return shown.OwnView(
        hp=fighter.hp,
        max_hp=tuning.HEALTH,
        ammo=fighter.ammo,
        rockets=fighter.rockets,
        dash=_readiness(fighter.dash_ready - tick, tuning.DASH_COOLDOWN),
        reload=_readiness(fighter.rifle_ready - tick, tuning.RIFLE_COOLDOWN),
        rocket=_readiness(fighter.rocket_ready - tick, tuning.ROCKET_COOLDOWN),
        endless=not world.options.pickups,
        shield_s=max(0.0, (fighter.shield_ends - tick) / TICKS) if fighter.shielded else 0.0,
        haste_s=max(0.0, (fighter.haste_ends - tick) / TICKS) if fighter.hasty else 0.0,
        carrying=fighter.carrying,
        respawn_s=None if fighter.alive else max(0.0, (fighter.respawns - tick) / TICKS),
    )


def _readiness(ticks_left: float, cooldown: int) -> float:
    return max(0.0, min(1.0, 1 - ticks_left / cooldown))
