"""Convert the world of a match to a `MatchView`, and its events to cues.

Law: Arena's entities are only read.
"""

from typing import Final

import attrs

from client_demo.intents import Hold
from client_demo.views import matchview as shown
from client_demo.views.cuemaker import CueMaker
from client_demo.views.netfigures import NetFigures
from client_demo.views.worldview import TICKS, fighters_of, place_in_pixels, world_view
from gameserver.arena import entities as arena
from gameserver.arena import tuning
from gameserver.arena.options import ArenaCommand
from gameserver.client import Client, Drawn, Frame, MatchReplica, Stall
from gameserver.game.world import World
from gameserver.ids import NO_SEAT, Seat
from gameserver.messages.chat import Channel, ChatLine

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
        fighters = fighters_of(frame.drawn)
        if self.replica.epoch != self._epoch:
            self._epoch = self.replica.epoch
            self._cues.forget()
        cues = self._cues.take(self.replica.take_events(), fighters, now)
        own = fighters.get(self.replica.seat)
        chat, age = self._chat(now)
        away, silent = self._missing()
        meters = _meters(own, frame.tick, world) if own is not None else None
        view = world_view(
            world, frame.drawn, frame.tick, self.replica.seat, away=away, silent=silent
        )
        watched = self._watched_of(view.scores) if own is None else NO_SEAT
        return attrs.evolve(
            view,
            cues=cues,
            own=meters,
            destroyed_by=self._cues.defeat(now) if meters and not own_lives(meters) else None,
            kills=tuple(k for k in self._cues.kills(now) if k.age_s < KILL_SHOWN_S),
            chat=chat,
            chat_age_s=age,
            typing=self._typing(),
            net=self.net.view(now),
            line=self.line(now),
            focus=place_in_pixels(fighters.get(watched)),
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


def own_lives(own: shown.OwnView) -> bool:
    """Tell whether the player's own fighter is alive."""
    return own.respawn_s is None


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
