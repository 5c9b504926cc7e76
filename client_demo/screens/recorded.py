"""Both screens of recorded matches, and what the player does there."""

from pathlib import Path

import attrs
import trio

from client_demo.intents import (
    CloseReplays,
    FetchReplay,
    OpenReplays,
    ReplayIntent,
    SteerReplay,
    WatchReplay,
)
from client_demo.recordings import Recordings
from client_demo.screens.base import Emit
from client_demo.screens.replay import ReplayScreen
from client_demo.screens.replays import ReplaysScreen
from client_demo.session import PlayerSession
from client_demo.theme import BASE
from client_demo.views.replay import ReplaysView, ReplayView
from client_demo.widgets.ui import Ui
from gameserver.client import MatchReplica


@attrs.define(eq=False)
class RecordedScreens:
    """Draws the list or a replay, and carries out the intents of both."""

    recordings: Recordings
    _list: ReplaysScreen = attrs.field(factory=ReplaysScreen)
    _replay: ReplayScreen = attrs.field(factory=ReplayScreen)

    def offer(self, folder: Path | None, otherwise: Path | None) -> None:
        """Begin with the list of ``folder``; if it is None, offer a list of ``otherwise``."""
        self.recordings.folder = folder or otherwise
        self.recordings.saves = otherwise
        self.recordings.open = folder is not None

    def draw(self, ui: Ui, view: ReplaysView | ReplayView, emit: Emit) -> None:
        """Draw a frame."""
        screen = self._list if isinstance(view, ReplaysView) else self._replay
        screen.draw(ui, view, emit)  # type: ignore[arg-type]

    @property
    def listener(self) -> tuple[float, float]:
        """The middle of the picture, in pixels of the map."""
        x, y = self._replay.corner
        return BASE[0] / 2 - x, BASE[1] / 2 - y

    def carry_out(
        self, intent: ReplayIntent, nursery: trio.Nursery | None, session: PlayerSession
    ) -> None:
        """Do what the player wants; files are read and fetched by tasks of the nursery."""
        recordings = self.recordings
        match intent:
            case FetchReplay() if nursery is not None:
                nursery.start_soon(self._fetch, intent, session)
            case OpenReplays() if nursery is not None:
                recordings.open = True
                nursery.start_soon(recordings.scan)
            case WatchReplay() if nursery is not None:
                self._replay = ReplayScreen()
                nursery.start_soon(recordings.watch, intent.path)
            case CloseReplays():
                recordings.close()
            case SteerReplay():
                recordings.steer(intent)
            case _:
                pass

    def save_tape(self, replica: MatchReplica, session: PlayerSession) -> None:
        """Write what was received and sent lately into a file for a bug report; tell where."""
        path = self.recordings.report_path(replica.started.match_id)
        try:
            replica.tape.save(path)
        except OSError as error:
            session.fail(f"The report could not be kept: {error.strerror}.")
        else:
            session.tell(f"For a bug report, the last 30 s are in {path}.")

    async def _fetch(self, wanted: FetchReplay, session: PlayerSession) -> None:
        """Fetch a replay, then watch it, or tell where it is."""
        fetch, client = self.recordings.fetching(wanted.match_id), session.client
        if client is None or fetch.running:
            return
        path = await fetch.run(client)
        if path is None:
            session.fail(fetch.fault)
        elif wanted.watch and session.client is client:
            self._replay = ReplayScreen()
            await self.recordings.watch(path)
            if self.recordings.fault:
                session.fail(self.recordings.fault)
        else:
            session.tell(f"The replay is in {path}.")
