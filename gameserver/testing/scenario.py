"""Simulate a whole server and its players: real code, virtual time, everything from one seed.

Law: no part of the server or the client is replaced, except the listener, the network and the
clock. The server is the real one; the clients are the SDK's; the network is in memory, and time is
virtual. The same seed gives the same run, message by message, so a failure can be reproduced.

A run is a story: players come, play, chat, do what people do, and lose their connections; then it
becomes calm, everybody comes back, and what they believe must be what the server knows. At the end
all leave, and the server must hold nothing of them.
"""

import signal
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Final

import attrs
import trio

from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.rooms.calls import Call, MatchIsOver, Moment
from gameserver.service.config.settings import Settings
from gameserver.testing.clock import LeapClock
from gameserver.testing.memorynet import MemoryNet
from gameserver.testing.story.disk import SimulatedDisk
from gameserver.testing.story.guests import Guest
from gameserver.testing.story.journals import wrong_journals
from gameserver.testing.story.leaks import task_names, wait_empty
from gameserver.testing.story.players import StoryPlayer
from gameserver.testing.story.report import ALONE, NO_TROUBLES, Cast, Report, Troubles
from gameserver.testing.story.stage import Stage
from gameserver.testing.story.strangers import send_strangers
from gameserver.testing.story.troubles import Fate
from gameserver.testing.story.verdict import Judge
from gameserver.testing.story.watching import Watcher
from gameserver.testing.trace import Trace
from gameserver.testing.whole import WallClock, WholeServer, running, simulated_runtime

MEMORY: Final = Path("/dev/shm")  # noqa: S108  a folder of its own is made in it
"""Where files are in memory, if the system has it: a story syncs often, and keeps nothing."""

NO_OPTIONS: Final[Mapping[str, int | bool | str]] = MappingProxyType({})

CALM_S: Final = 10.0
"""Virtual seconds without troubles at the end, in which every client can reconnect."""
CHECK_S: Final = 0.25
"""Virtual seconds between two looks at the server."""
ALL_SIGN_OUT: Final = 0.9
"""Part of the stories at whose end all players sign out, so that no session has to expire."""
PATIENCE_S: Final = 600.0
"""Virtual seconds after which a simulation counts as hanging."""

__all__ = ["ALONE", "NO_TROUBLES", "Cast", "Report", "Troubles", "simulate"]


def simulate(
    seed: int,
    game: Game,
    maps: Mapping[str, TileMap],
    *,
    players: int = 4,
    seconds: float = 30.0,
    options: Mapping[str, int | bool | str] = NO_OPTIONS,
    troubles: Troubles | None = None,
    cast: Cast | None = None,
    scores_rise: bool = False,
    reading_s: float = 0.0,
) -> Report:
    """Run a server and its players from one seed.

    Args:
        seed: Seed of the network, the troubles, the bots, the server's entropy, and the order in
            which trio runs tasks that are ready.
        game: A game with bots; each client is played by one.
        maps: At least one map that fits the game's default options.
        players: Number of clients; each chats, and joins matches by quick play.
        seconds: Virtual seconds with troubles; `CALM_S` without troubles follow.
        options: Options of the matches that differ from the game's defaults. A match must be short
            enough to end within the run.
        troubles: Troubles of network and machine; None for the default ones.
        cast: Who takes part besides the players, and what these do; None for the default.
        scores_rise: Whether a score of the game never falls, so that one that does is a fault.
        reading_s: How fast the server's stopwatches advance; see `simulated_runtime`.

    Returns:
        The report; expectations that did not hold are in its ``faults``.
    """
    net = MemoryNet(Random(seed), clocked=True)  # noqa: S311  a simulation must be repeatable
    wall = WallClock()
    runtime = simulated_runtime(seed, net, reading_s, wall)
    report = Report(seed, players)
    stage = Stage(
        report,
        game,
        maps,
        options,
        seconds,
        troubles or Troubles(),
        cast or Cast(),
        runtime,
        net,
    )
    with ExitStack() as stack:
        if stage.random("disk").random() < stage.cast.saves:
            folder = stack.enter_context(
                TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
            )
            stage.disk = disk = SimulatedDisk(Path(folder), net, stage.random("commits"))
            stage.runtime = attrs.evolve(runtime, inline=disk.worker, files=disk.files)
        scenario = _Scenario(stage, wall, scores_rise=scores_rise)
        stack.enter_context(runtime.ordered())
        stack.enter_context(_signals_held())
        trio.run(scenario.run, clock=LeapClock(net))
        report.faults += wrong_journals(stage)
    return report


class _Scenario:
    """Runs one story from its begin to its end."""

    def __init__(self, stage: Stage, wall: WallClock, *, scores_rise: bool) -> None:
        self._stage = stage
        self._report: Report = stage.report
        self._scores_rise = scores_rise
        self._trace = Trace()
        stage.net.told = self._trace.arrived
        self._fate = Fate(stage, wall)
        self._players = [StoryPlayer(stage, number) for number in range(self._report.players)]
        guests = stage.random("cast").randint(0, stage.cast.guests)
        self._guests = [Guest(stage, number) for number in range(guests)]
        self._watcher: Watcher

    def _record(self, moment: Moment, call: Call[object]) -> None:
        self._trace.called(moment, call)
        self._watcher.called(moment, call)
        if isinstance(call, MatchIsOver) and call.outcome.standings:
            self._report.matches += 1

    async def run(self) -> None:
        """Tell the story; everything that was wrong is in the report."""
        _let_no_signal_wake_the_loop()
        stage, report = self._stage, self._report
        with trio.move_on_after(PATIENCE_S) as patience:
            async with running(
                stage.game,
                stage.maps,
                runtime=stage.runtime,
                net=stage.net,
                settings=Settings(
                    seed=report.seed + 1, data=str(stage.disk.folder) if stage.disk else ""
                ),
                record=self._record,
            ) as whole:
                stage.whole = whole
                stage.watch_disk()
                self._watcher = watcher = Watcher(
                    whole, report, stage.game.tick_rate, scores_rise=self._scores_rise
                )
                self._fate.crashed = watcher.crashed
                tasks = task_names()
                await self._live()
                await self._end(whole, tasks)
        if patience.cancelled_caught:
            report.fault(f"did not end within {PATIENCE_S:.0f} s")
        report.virtual_s = stage.seconds + CALM_S
        report.messages = self._trace.pieces
        report.trace = self._trace.hexdigest()

    async def _live(self) -> None:
        stage = self._stage
        opened = trio.Event()
        async with trio.open_nursery() as living:
            for player in self._players:
                living.start_soon(player.play, opened)
            for guest in self._guests:
                living.start_soon(guest.visit)
            if stage.cast.strangers_s:
                living.start_soon(send_strangers, stage)
            living.start_soon(self._fate.run)
            living.start_soon(self._look_again_and_again)
            await trio.sleep(stage.seconds + CALM_S)
            await Judge(stage, self._players, self._guests).judge()
            stage.all_sign_out = stage.random("end").random() < ALL_SIGN_OUT
            living.cancel_scope.cancel()

    async def _look_again_and_again(self) -> None:
        while True:
            await trio.sleep(CHECK_S)
            self._watcher.look()

    async def _end(self, whole: WholeServer, tasks: Counter[str]) -> None:
        """Let the server become empty and stop: nothing may be left over."""
        files = self._stage.disk.files if self._stage.disk else ()
        for left in await wait_empty(whole, tasks, files):
            self._report.fault(f"left over when everybody was gone: {left}")
        await whole.stop()


def _let_no_signal_wake_the_loop() -> None:
    """Keep signals, such as those of timers, from waking trio's loop.

    The task that it wakes for them would be shuffled among those that are ready, so that all that
    follows would come in another order. Ctrl-C works all the same, since the loop never waits.
    """
    if threading.current_thread() is threading.main_thread():  # only it has what signals wake
        signal.set_wakeup_fd(-1)
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())


@contextmanager
def _signals_held() -> Iterator[None]:
    """Hold signals back until `_let_no_signal_wake_the_loop`: trio lets them wake it before that.

    A system without masks of signals has no timers that send them either.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
