"""Turn the world of a match into what is drawn, and its events into what is seen and heard.

Law: reads Arena's entities, changes nothing; world units become pixels here and nowhere else.
"""

from collections.abc import Mapping
from typing import Final

import attrs

from client_demo import matchview as shown
from client_demo.cuemaker import CueMaker
from client_demo.netfigures import NetFigures
from gameserver.arena import entities as arena
from gameserver.arena import tuning
from gameserver.client import Client, Drawn, Frame, MatchReplica
from gameserver.game.fixed import SUB
from gameserver.ids import Seat
from gameserver.messages.chat import Channel, ChatLine

TICKS: Final = tuning.TICK_RATE
KILL_SHOWN_S: Final = 7.0


@attrs.define(eq=False)
class MatchBridge:
    """Follows one match of a client."""

    client: Client
    replica: MatchReplica
    _cues: CueMaker = attrs.field(init=False)
    net: NetFigures = attrs.field(init=False)
    _last_line: int = 0
    _last_line_at: float = -100.0

    def __attrs_post_init__(self) -> None:
        """Begin with nothing seen."""
        self._cues = CueMaker(self.replica.seat)
        self.net = NetFigures(self.client, self.replica)

    def view(self, now: float, frame: Frame) -> shown.MatchView:
        """Return what one frame shows."""
        world = frame.world
        board = world.one(arena.Board)
        fighters = {d.entity.owner: d for d in frame.drawn if isinstance(d.entity, arena.Fighter)}
        cues = self._cues.take(self.replica.take_events(), fighters, now)
        own = fighters.get(self.replica.seat)
        left_s = (board.phase_ends - frame.tick) / TICKS if board.phase_ends else 0.0
        warmup = board.phase == arena.Phase.WARMUP
        chat, age = self._chat(now)
        options = world.options
        return shown.MatchView(
            map=world.map,
            mode=options.mode,
            fighters=tuple(_fighter(d, own=d is own) for d in fighters.values()),
            rockets=tuple(_rocket(d) for d in _of(frame, arena.Rocket)),
            pickups=tuple(_pickup(d) for d in _of(frame, arena.Pickup)),
            flags=tuple(_flag(d, fighters) for d in _of(frame, arena.Flag)),
            cues=cues,
            own=_meters(own, frame.tick) if own is not None else None,
            clock_s=options.time_limit_s if warmup else max(0.0, left_s),
            starts_in_s=max(0.0, left_s) if warmup else None,
            team_scores=(board.team1, board.team2) if options.mode != "dm" else (),
            score_limit=board.score_limit,
            scores=self._scores(fighters),
            kills=tuple(k for k in self._cues.kills(now) if k.age_s < KILL_SHOWN_S),
            chat=chat,
            chat_age_s=age,
            typing=self._typing(),
            net=self.net.view(now),
        )

    def _scores(self, fighters: Mapping[Seat, Drawn]) -> tuple[shown.ScoreLine, ...]:
        lobby = self.client.lobby
        away = {m.seat for m in lobby.members if not m.connected} if lobby else set()
        lines = [
            shown.ScoreLine(
                seat=f.owner,
                name=f.name,
                team=f.team,
                score=f.score,
                kills=f.kills,
                deaths=f.deaths,
                bot=f.bot,
                connected=f.owner not in away,
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
        lines = [
            line for c in (Channel.LOBBY, Channel.TEAM, Channel.WHISPER) for line in book.lines(c)
        ]
        lines.sort(key=lambda line: line.message_id)
        newest = lines[-1].message_id if lines else 0
        if newest != self._last_line:
            self._last_line, self._last_line_at = newest, now
        return tuple(lines[-12:]), now - self._last_line_at


def _of(frame: Frame, kind: type) -> list[Drawn]:
    return [drawn for drawn in frame.drawn if isinstance(drawn.entity, kind)]


def _fighter(drawn: Drawn, *, own: bool) -> shown.FighterView:
    fighter = drawn.entity
    assert isinstance(fighter, arena.Fighter)
    return shown.FighterView(
        seat=fighter.owner,
        name=fighter.name,
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


def _meters(own: Drawn, tick: float) -> shown.OwnView:
    fighter = own.entity
    assert isinstance(fighter, arena.Fighter)
    return shown.OwnView(
        hp=fighter.hp,
        max_hp=tuning.HEALTH,
        ammo=fighter.ammo,
        rockets=fighter.rockets,
        dash=_readiness(fighter.dash_ready - tick, tuning.DASH_COOLDOWN),
        reload=_readiness(fighter.rifle_ready - tick, tuning.RIFLE_COOLDOWN),
        respawn_s=None if fighter.alive else max(0.0, (fighter.respawns - tick) / TICKS),
    )


def _readiness(ticks_left: float, cooldown: int) -> float:
    return max(0.0, min(1.0, 1 - ticks_left / cooldown))
