"""The journals of running matches: begun with them, written beside them, closed behind them."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import attrs
import trio

from gameserver import __version__
from gameserver.game.entity import Outcome, Player
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.ids import MatchId, PlayerId, Seat
from gameserver.match import Match
from gameserver.messages.match import ReportDesync
from gameserver.service.config.settings import Settings
from gameserver.service.logging.logs import get_logger
from gameserver.service.played import PlayedMatch, PlayedMatches
from gameserver.service.runtime import Runtime
from gameserver.store.batches import widths_of
from gameserver.store.clientview import ViewIntake
from gameserver.store.disk import OPEN, PART, Disk
from gameserver.store.evidence import Evidence
from gameserver.store.identity import code_digest, spec_of
from gameserver.store.keep import Keep
from gameserver.store.reading import journal_name, journal_of
from gameserver.store.rebuild import Rebuilt
from gameserver.store.recorder import MatchRecorder
from gameserver.store.records import Header, head_of

log: Final = get_logger()

FLUSH_S: Final = 0.25
"""Time between two writes: what the end of the process may cost."""

SETTLE_S: Final = 2.0
"""Longest wait for the disk, of a start and of a replay: on a slower one the start goes on all the
same, and the replay is to be asked for again."""

RETRY_S: Final = 5.0
"""Time between two attempts to write a journal that the disk refused."""

ENDED_MOST: Final = 512
"""Most matches that are over and whose ends wait for the disk."""

PLAYERS_TOLD: Final = 16
"""Most names of a match in a list of replays."""

FOLDER: Final = "matches"
"""Folder of the journals in that of the data."""

EVIDENCE: Final = "evidence"
"""Folder of the reports of clients that computed another world."""


class Journals:
    """Records every match of a server into a folder, if the operator has named one."""

    def __init__(
        self,
        settings: Settings,
        game: Game,
        runtime: Runtime,
        has_session: Callable[[PlayerId], bool] = lambda _player_id: True,
    ) -> None:
        """Start the thread that writes, if there is a folder; the first match creates it.

        ``has_session`` tells whether a player's session is kept.
        """
        self._folder = Path(settings.data) / FOLDER
        self._game = game
        self._runtime = runtime
        self._keep = Keep(settings.keep_matches, settings.keep_days)
        self._shared = settings.gives_replays
        self._disk: Disk | None = None
        if settings.data:
            self._disk = Disk(self._folder, self._clear, runtime.worker, runtime.files)
        self._evidence: Evidence | None = None
        self.views: ViewIntake | None = None
        """Takes what clients had whose worlds differ; None if nothing is kept."""
        if self._disk is not None:
            self._evidence = Evidence(Path(settings.data) / EVIDENCE, self._disk, runtime.now)
            self.views = ViewIntake(self._evidence.keep_view, runtime.now)
        self._recorders: dict[MatchId, MatchRecorder] = {}
        self._sat: dict[MatchId, dict[PlayerId, None]] = {}
        self._played = PlayedMatches(has_session)
        self._ended: dict[MatchId, MatchRecorder] = {}
        """Those of matches that are over, until the disk has their ends."""
        self._names: dict[MatchId, str] = {}
        self._faulty: set[MatchId] = set()

    def begin(
        self,
        match_id: MatchId,
        tile_map: TileMap,
        options: Any,
        seed: int,
        players: Sequence[Player],
    ) -> MatchRecorder | None:
        """Return the recorder of a new match; None if nothing is kept."""
        if self._disk is None:
            return None
        game, began_ms = self._game, self._runtime.wall_ms()
        header = Header(
            match_id=match_id,
            spec=spec_of(game),
            game=game.name,
            code=code_digest(type(game)),
            map_name=tile_map.name,
            map_wire=tile_map.to_wire(),
            options=attrs.asdict(options),
            seed=seed,
            tick_rate=game.tick_rate,
            command_fields=len(game.command.fields()),
            players=tuple(players),
            began_ms=began_ms,
            server=__version__,
            widths=widths_of(game.command),
        )
        name = journal_name(began_ms, match_id)
        recorder = MatchRecorder(header, game, self._disk.open(name, head_of(header)))
        self._recorders[match_id] = recorder
        self._names[match_id] = name
        return recorder

    def seated(self, match_id: MatchId, seat: Seat, player_id: PlayerId) -> None:
        """Note who has a seat in a running match."""
        recorder = self._recorders.get(match_id)
        if recorder is not None:
            recorder.seated(seat, player_id)
            self._sat.setdefault(match_id, {})[player_id] = None

    def had_by(self, player_id: PlayerId) -> tuple[PlayedMatch, ...]:
        """Return the matches in which a player had a seat, that were over since the start.

        The newest come first; see `PlayedMatches`.
        """
        return self._played.by(player_id)

    def unfinished(self, match_id: MatchId) -> Path | None:
        """Return the journal of a match that an earlier process has begun, finished or not.

        Raises:
            UnreadableFileError: The folder cannot be read.
        """
        return journal_of(self._folder, match_id) if self._disk is not None else None

    def go_on(self, rebuilt: Rebuilt) -> MatchRecorder | None:
        """Return the recorder of a match that goes on in its journal; None if that is not plain."""
        match_id = MatchId(rebuilt.header.match_id)
        path = self.unfinished(match_id)
        if self._disk is None or path is None or not path.name.endswith(OPEN):
            return None
        world = rebuilt.simulation.world
        file = self._disk.reopen(path, rebuilt.whole, world.tick)
        at_ms = self._runtime.wall_ms()
        recorder = MatchRecorder.resumed(
            rebuilt.header, self._game, file, world, rebuilt.players, at_ms
        )
        self._recorders[match_id] = recorder
        self._names[match_id] = path.name.removesuffix(OPEN)
        return recorder

    def tidy(self) -> None:
        """Compress what a killed process has left, in the writing thread.

        To be called when all matches that go on have been rebuilt, before a new one begins: each
        other plain journal belongs to a match that nobody can go on with.
        """
        if self._disk is None or not self._folder.is_dir():
            return
        try:
            names = sorted(path.name for path in self._folder.iterdir())
        except OSError:
            return  # the first match tells the operator
        kept = {f"{name}{OPEN}" for name in self._names.values()}
        left = [name for name in names if name.endswith((OPEN, PART)) and name not in kept]
        if left:
            log.info("journals tidied up", journals=len(left))
            self._disk.tidy(self._folder / name for name in left)

    def keep_evidence(self, match: Match, player_id: PlayerId, report: ReportDesync) -> str:
        """Keep a client's report with the present world; return its name, empty if it is not kept.

        When full: it is not kept; see `gameserver.store.evidence`.
        """
        recorder = self._recorders.get(report.match_id)
        if recorder is None or self._evidence is None or not self._evidence.due(player_id):
            return ""
        name = f"{self._names[report.match_id]}-{match.tick_number:08}"
        told = {
            **attrs.asdict(report),
            "player": player_id,
            "server_tick": match.tick_number,
            "journal": self._names[report.match_id],
            "server": __version__,
        }
        moment = recorder.moment(match.world)
        return name if moment and self._evidence.keep(name, told, moment) else ""

    @property
    def folder(self) -> Path:
        """Where the journals are; it need not be there."""
        return self._folder

    @property
    def game(self) -> Game:
        """The game of all matches."""
        return self._game

    @property
    def kept(self) -> bool:
        """Whether there are journals."""
        return self._disk is not None

    @property
    def shared(self) -> bool:
        """Whether players may have journals of matches that are over."""
        return self._shared

    def is_closing(self, match_id: MatchId) -> bool:
        """Tell whether a match is over, and the disk has its end not yet."""
        recorder = self._ended.get(match_id)
        return recorder is not None and not recorder.closed

    async def settle(self) -> bool:
        """Have all that was recorded by now on disk; return whether that was so in `SETTLE_S`."""
        if self._disk is None:
            return True
        for recorder in self._recorders.values():
            recorder.flush()
        done, token = trio.Event(), trio.lowlevel.current_trio_token()
        tell = partial(token.run_sync_soon, done.set) if self._runtime.threads else done.set
        self._disk.settle(tell)
        with trio.move_on_after(SETTLE_S):
            await done.wait()
        return done.is_set()

    def end(self, match_id: MatchId, reason: str, match: Match | None, outcome: Outcome) -> None:
        """Close the journal of a match that is over.

        ``match`` is None after a fault: its world may be between two ticks, so it has no hash.
        """
        recorder = self._recorders.pop(match_id, None)
        if recorder is None:
            return
        played = _played(recorder, match, reason, outcome)
        self._played.note(played, self._sat.pop(match_id, {}))
        recorder.end(reason, match.world if match is not None else None, outcome)
        self._ended[match_id] = recorder
        if len(self._ended) > ENDED_MOST:
            self._drop(next(iter(self._ended)))

    def _drop(self, match_id: MatchId) -> None:
        """Leave the journal of a match that is over as it is on the disk."""
        self._ended.pop(match_id, None)
        self._names.pop(match_id, None)
        self._faulty.discard(match_id)

    def cut_off(self, match_id: MatchId) -> bool:
        """Leave a match's journal without an end; return whether it has all of the match."""
        recorder = self._recorders.get(match_id)
        if recorder is None:
            return False
        recorder.flush()
        return not recorder.fault and not recorder.lost

    def forget(self, match_id: MatchId) -> None:
        """Keep nothing of a match that could not start: its journal has no file yet."""
        self._recorders.pop(match_id, None)
        self._sat.pop(match_id, None)
        self._names.pop(match_id, None)

    async def run(self) -> None:
        """Write what was recorded, again and again."""
        if self._disk is None:
            return
        next_retry = self._runtime.now()
        while True:
            await trio.sleep(FLUSH_S)
            again = self._runtime.now() >= next_retry
            if again:
                next_retry = self._runtime.now() + RETRY_S
            for match_id, recorder in list(self._recorders.items()):
                recorder.flush()
                self._judge(match_id, recorder, again=again)
            for match_id, recorder in list(self._ended.items()):
                self._judge_ended(match_id, recorder, again=again)
            for sentence in self._disk.troubles():
                log.warning("journal trouble", trouble=sentence)

    def _judge(self, match_id: MatchId, recorder: MatchRecorder, *, again: bool) -> None:
        """Warn the operator at the first fault, try again, and tell when it is over."""
        fault = recorder.fault
        if fault:
            self._warn(match_id, fault)
        elif not recorder.lost and match_id in self._faulty:
            self._faulty.discard(match_id)
            log.info("journal written again", match=match_id)
        if fault and again:
            recorder.retry()

    def _judge_ended(self, match_id: MatchId, recorder: MatchRecorder, *, again: bool) -> None:
        """Forget a match that is over when the disk has its end; until then try again."""
        if recorder.closed:
            if match_id in self._faulty:
                log.info("journal written again", match=match_id)
            self._drop(match_id)
            return
        if recorder.fault:
            self._warn(match_id, recorder.fault)
        if again:
            recorder.end_again()

    def _warn(self, match_id: MatchId, fault: str) -> None:
        if match_id not in self._faulty:
            self._faulty.add(match_id)
            log.warning(
                "journal not written", match=match_id, fault=fault, folder=str(self._folder)
            )

    async def close(self) -> None:
        """Write all that is queued, in a thread if there are any: the matches are over."""
        if self._disk is None:
            return
        for recorder in self._ended.values():
            recorder.end_again()
        if self._runtime.threads:
            await trio.to_thread.run_sync(self._disk.close)
        else:
            self._disk.close()

    def _clear(self) -> None:
        """Delete old journals; in the writing thread."""
        held = {
            name
            for match_id, name in list(self._names.items())
            if not ((recorder := self._ended.get(match_id)) and recorder.closed)
        }
        self._keep.clear(self._folder, held)


def _played(
    recorder: MatchRecorder, match: Match | None, reason: str, outcome: Outcome
) -> PlayedMatch:
    header, players = recorder.header, recorder.players
    people = {player.name: None for player in players if not player.bot}
    placed = [line.name for line in outcome.standings if line.name in people]
    return PlayedMatch(
        match_id=MatchId(header.match_id),
        began_ms=header.began_ms,
        map=match.map.title if match is not None else header.map_name,
        mode=str(header.options.get("mode", "")),
        seconds=match.tick_number / header.tick_rate if match is not None else 0.0,
        players=tuple(dict.fromkeys([*placed, *people]))[:PLAYERS_TOLD],
        bots=sum(player.bot for player in players),
        reason=reason,
        winner=outcome.winner,
        team_scores=outcome.team_scores,
    )
