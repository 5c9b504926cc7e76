"""The views of the list of replays and of a replay, and the maker of the latter."""

import attrs

from client_demo.recordings import Recordings, ReplayPlayer, ReplayRow
from client_demo.views.cuemaker import CueMaker
from client_demo.views.cues import Cue
from client_demo.views.matchview import MatchView
from client_demo.views.worldview import fighters_of, world_view
from gameserver.ids import NO_SEAT
from gameserver.netcode.prediction.optimism import EventPhase, ToldEvent

KILL_SHOWN_S = 7.0


@attrs.frozen
class ReplaysView:
    """The list of replays."""

    folder: str
    rows: tuple[ReplayRow, ...] = ()
    reading: bool = False
    """More rows may come."""
    error: str = ""


@attrs.frozen
class ReplayView:
    """A replay at one moment; its ``match`` has no own fighter and no followed one."""

    match: MatchView
    at: float
    """The drawn tick, with its fraction."""
    first: int
    last: int
    tick_rate: int
    keys: tuple[int, ...] = ()
    """Ticks of the key frames."""
    holes: tuple[tuple[int, int], ...] = ()
    """First and last tick of what was not recorded."""
    speed: float = 1.0
    playing: bool = True
    seeks: bool = False
    """It is on the way to another place."""
    notice: str = ""
    """What is wrong with the replay."""


@attrs.define(eq=False)
class ReplayBridge:
    """Makes the views of one replay."""

    player: ReplayPlayer
    _cues: CueMaker = attrs.field(factory=lambda: CueMaker(NO_SEAT))
    _jumps: int = 0

    def view(self, elapsed: float) -> ReplayView:
        """Play for ``elapsed`` seconds and return the view; call it once a frame."""
        player = self.player
        player.advance(elapsed)
        playback = player.playback
        drawn = player.drawn()
        new = self._take_events(drawn=fighters_of(drawn))
        now = player.seconds
        match = attrs.evolve(
            world_view(playback.world, drawn, player.at, NO_SEAT),
            cues=new,
            kills=tuple(k for k in self._cues.kills(now) if 0 <= k.age_s < KILL_SHOWN_S),
        )
        notice = player.fault
        if not notice and playback.differs_at is not None:
            notice = f"From tick {playback.differs_at} on, this differs from the recorded match."
        return ReplayView(
            match,
            player.at,
            playback.first,
            playback.last,
            playback.header.tick_rate,
            tuple(playback.key_ticks()),
            tuple(playback.holes),
            player.speed,
            player.playing,
            player.aim is not None,
            notice,
        )

    def _take_events(self, drawn: dict) -> tuple[Cue, ...]:  # type: ignore[type-arg]
        """Return the new cues; those of a place that is being sought are not shown."""
        player = self.player
        sought = self._jumps != player.jumps
        if sought and player.aim is None:
            self._jumps, self._cues = player.jumps, CueMaker(NO_SEAT)
        if player.aim is not None:
            return ()
        made: list[Cue] = []
        for tick, event in player.take_events():
            told = [ToldEvent(event, EventPhase.OBSERVED)]
            made += self._cues.take(told, drawn, tick / player.playback.header.tick_rate)
        return () if sought else tuple(made)


def replays_view(recordings: Recordings) -> ReplaysView:
    """Return the view of the list."""
    folder = str(recordings.folder) if recordings.folder is not None else ""
    return ReplaysView(folder, tuple(recordings.rows), recordings.reading, recordings.fault)
