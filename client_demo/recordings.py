"""Recorded matches on this computer: their list, and the one that is being watched.

Law: a file may hold anything. What it says of itself is shown as foreign text, its game is never
loaded by name, and whatever is wrong with it becomes one sentence. Files are read in a thread, and
a frame plays no longer than `WORK_S`.
"""

import copy
import math
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import attrs
import trio

from client_demo.fetching import ReplayFetch
from client_demo.intents import SteerReplay
from client_demo.text.sentences import sentence_of
from gameserver.arena import Arena
from gameserver.client import Drawn
from gameserver.client.play.drawing import drawn_between
from gameserver.errors import GameserverError, UnreadableFileError
from gameserver.game.entity import Entity, Event, has_place
from gameserver.ids import EntityId, MatchId, Tick
from gameserver.store.playback import Playback, open_playback
from gameserver.store.reading import brief, journal_name, journals_in, read_journal
from gameserver.text import shown

FOLDER: Final = "matches"
"""Folder of the journals in the folder that a server's ``--data`` names."""
MOST_ROWS: Final = 500
"""Most replays of a list, the newest ones."""
REPORTS: Final = "reports"
"""Folder of the reports, beside that of the fetched replays."""
SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
WORK_S: Final = 0.010
"""Longest time that playing may take of a frame of 16 ms."""
BEFORE_S: Final = 7.0
"""Seconds before a sought place that are played with their events, for the kill feed."""


@attrs.frozen
class ReplayRow:
    """One replay of the list.

    Attributes:
        path: The file.
        fault: Why it cannot be watched; empty if it can. The fields below are empty then.
        began_ms: Unix time in milliseconds.
        map: The map's title.
        mode: The game's mode.
        players: Names of the players, bots left out.
        bots: Number of bots.
        seconds: Length.
        result: The result in words.
    """

    path: Path
    fault: str = ""
    began_ms: int = 0
    map: str = ""
    mode: str = ""
    players: tuple[str, ...] = ()
    bots: int = 0
    seconds: float = 0.0
    result: str = ""


def read_row(path: Path, titles: Mapping[str, str]) -> ReplayRow:
    """Return the row of a file; ``titles`` are those of the known maps, by name."""
    try:
        match = read_journal(path)
        found = brief(match)
    except UnreadableFileError as error:
        return ReplayRow(path, f"The file {error}.")
    except GameserverError as error:
        return ReplayRow(path, _sentence(error))
    header = match.header
    if header.game != Arena.name:
        return ReplayRow(
            path, f"A match of {shown(header.game, 40)}, which this client cannot show."
        )
    result = "cut off"
    if found.end is not None:
        winners = [line for line in found.end.outcome.standings if line.won]
        scores = " : ".join(str(score) for score in found.end.outcome.team_scores[:4])
        result = f"{shown(found.end.outcome.winner, 40)} won" if winners else "draw"
        result = f"{result}, {scores}" if scores else result
        if found.end.reason != "finished":
            result = shown(found.end.reason, 20)
    return ReplayRow(
        path,
        began_ms=header.began_ms,
        map=titles.get(header.map_name, shown(header.map_name, 40)),
        mode=shown(str(header.options.get("mode", "")), 8),
        players=tuple(shown(p.name, 40) for p in header.players if not p.bot),
        bots=sum(player.bot for player in header.players),
        seconds=found.ticks / header.tick_rate,
        result=result,
    )


@attrs.define(eq=False)
class ReplayPlayer:
    """Plays one recorded match.

    Attributes:
        playback: The match.
        at: The drawn tick, with its fraction.
        speed: Seconds of the match in a second; one of `SPEEDS`.
        playing: False while paused.
        aim: The tick that is being sought; None while none is.
        fault: Why it cannot go on; empty while it can.
        jumps: How often another place was sought: what was shown before belongs elsewhere.
    """

    playback: Playback
    at: float = 0.0
    speed: float = 1.0
    playing: bool = True
    aim: Tick | None = None
    fault: str = ""
    jumps: int = 0
    clock: Callable[[], float] = time.perf_counter
    """Seconds, for the bound on the work of a frame."""
    _before: dict[EntityId, Entity] = attrs.field(factory=dict)
    """Copies of the entities one tick before."""
    _events: list[tuple[Tick, Event]] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        """Begin at the first tick."""
        self.at = float(self.playback.tick)

    @property
    def seconds(self) -> float:
        """The drawn moment, in seconds of the match."""
        return self.at / self.playback.header.tick_rate

    def advance(self, elapsed: float) -> None:
        """Play for ``elapsed`` seconds of real time, or seek."""
        until = self.clock() + WORK_S
        try:
            if self.aim is not None:
                self._seek(until)
            elif self.playing:
                self._play(elapsed, until)
        except GameserverError as error:
            self.fault, self.playing, self.aim = _sentence(error), False, None
            self.at = float(self.playback.tick)

    def seek(self, tick: float) -> None:
        """Begin to seek a tick; `advance` goes there."""
        first, last = self.playback.first, self.playback.last
        self.aim = Tick(max(first, min(round(tick), last)))
        self.fault = ""
        self.jumps += 1
        self._events.clear()

    def nudge(self, ticks: int) -> None:
        """Pause, and go by some ticks."""
        self.playing = False
        here = self.aim if self.aim is not None else math.ceil(self.at)
        self.seek(here + ticks)

    def faster(self, step: int) -> None:
        """Change the speed by steps of `SPEEDS`."""
        at = SPEEDS.index(self.speed) + step
        self.speed = SPEEDS[max(0, min(at, len(SPEEDS) - 1))]

    def toggle(self) -> None:
        """Pause or play; at the end play from the start."""
        if not self.playing and self.at >= self.playback.last and self.aim is None:
            self.seek(0)
        self.playing = not self.playing

    def drawn(self) -> tuple[Drawn, ...]:
        """Return the entities that have a place, between the last two ticks."""
        part = 1.0 - (self.playback.tick - self.at)
        made = []
        for entity in self.playback.world:
            if has_place(type(entity)):
                before = self._before.get(entity.id)
                if before is None or type(before) is not type(entity):
                    before = entity
                made.append(drawn_between(entity.id, before, entity, part, own=False, state=entity))
        return tuple(made)

    def take_events(self) -> list[tuple[Tick, Event]]:
        """Return the events since the last call, each with its tick."""
        taken, self._events = self._events, []
        return taken

    def _play(self, elapsed: float, until: float) -> None:
        wanted = self.at + elapsed * self.speed * self.playback.header.tick_rate
        while self.playback.tick < wanted:
            if self.clock() > until:
                # This computer is too slow for the speed: it plays as fast as it can.
                wanted = float(self.playback.tick)
                break
            before = self.playback.tick
            if not self._step(shown=before + 1 >= wanted):
                self.playing = False
                wanted = float(self.playback.tick)
            elif self.playback.tick > before + 1:  # behind a hole
                wanted = float(self.playback.tick)
        self.at = wanted

    def _seek(self, until: float) -> None:
        assert self.aim is not None
        start = self.aim - int(BEFORE_S * self.playback.header.tick_rate)
        while self.clock() < until:
            here = self.playback.tick
            if start <= here < self.aim:
                if not self._step(shown=here + 1 == self.aim):
                    break
            elif self._is_there(start):
                break
        else:
            return
        self.at, self.aim = float(self.playback.tick), None

    def _is_there(self, start: int) -> bool:
        """Go on to ``start``; return whether the sought tick is reached by that."""
        aim = self.aim
        if self.playback.tick == aim:
            return True
        return self.playback.seek_some(max(start, 0), 8) and self.playback.tick >= (aim or 0)

    def _step(self, *, shown: bool) -> bool:
        """Step; the tick that is ``shown`` is drawn between its entities before and behind it."""
        self._before = {
            entity.id: copy.copy(entity)
            for entity in (self.playback.world if shown else ())
            if has_place(type(entity))
        }
        if not self.playback.step():
            return False
        self._events += [(self.playback.tick, event) for event in self.playback.world.events]
        return True


@attrs.define(eq=False)
class Recordings:
    """The list of a folder, and what is watched.

    Attributes:
        folder: The folder; that of a server's ``--data``, or the journals' own.
        open: Whether the list is on the screen.
        rows: The replays that were read so far, newest first.
        reading: Whether files are being read.
        fault: Why the folder or a file could not be opened.
        player: What is watched; None while nothing is.
        saves: Where fetched replays go; None without a folder for the player's own files.
        fetch: The replay of the last match, asked for; None while none is.
    """

    folder: Path | None = None
    titles: Mapping[str, str] = attrs.field(factory=dict)
    open: bool = False
    rows: list[ReplayRow] = attrs.field(factory=list)
    reading: bool = False
    fault: str = ""
    player: ReplayPlayer | None = None
    saves: Path | None = None
    fetch: ReplayFetch | None = None

    def report_path(self, match_id: MatchId) -> Path:
        """Return where a report of a match goes that is made now."""
        folder = self.saves.parent / REPORTS if self.saves else Path(tempfile.gettempdir())
        return folder / f"{journal_name(time.time_ns() // 1_000_000, match_id[:60])}.tape"

    def fetching(self, match_id: MatchId) -> ReplayFetch:
        """Return the fetch of a match's replay, which may have ended."""
        if self.fetch is None or self.fetch.match_id != match_id:
            self.fetch = ReplayFetch(match_id, self.saves)
        return self.fetch

    async def scan(self) -> None:
        """Read the folder's replays, newest first."""
        if self.reading:
            return
        self.rows, self.fault, self.reading = [], "", True
        try:
            for path in (await trio.to_thread.run_sync(self._paths))[:MOST_ROWS]:
                self.rows.append(await trio.to_thread.run_sync(read_row, path, self.titles))
                if not self.open:
                    return
        except UnreadableFileError as error:
            self.fault = f"{self.folder} {error}."
        finally:
            self.reading = False

    async def watch(self, path: Path) -> None:
        """Open a replay and show it."""
        if self.reading and self.player is not None:
            return
        self.fault = ""
        try:
            playback = await trio.to_thread.run_sync(open_playback, path, Arena())
        except GameserverError as error:
            self.fault = _sentence(error)
        else:
            self.player = ReplayPlayer(playback)

    def close(self) -> None:
        """Go back: from the replay to the list, or from the list to the first screen."""
        if self.player is not None:
            self.player = None
        else:
            self.open = False

    def steer(self, wanted: SteerReplay) -> None:
        """Do with the replay what the player wants."""
        player = self.player
        if player is None:
            return
        if wanted.toggle:
            player.toggle()
        if wanted.to is not None and wanted.to != player.aim:
            player.seek(wanted.to)
        if wanted.seconds:
            here = player.aim if player.aim is not None else player.at
            player.seek(here + wanted.seconds * player.playback.header.tick_rate)
        if wanted.ticks:
            player.nudge(wanted.ticks)
        if wanted.faster:
            player.faster(wanted.faster)

    def _paths(self) -> list[Path]:
        if self.folder is None or not self.folder.is_dir():
            return []
        inner = self.folder / FOLDER
        found = journals_in(inner if inner.is_dir() else self.folder)
        return found[::-1]


def _sentence(error: GameserverError) -> str:
    return sentence_of(shown(str(error), 300))
