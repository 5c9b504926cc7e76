"""Recorded matches are listed, watched from any place, and a broken file is one sentence."""

from collections.abc import Callable
from pathlib import Path

import attrs
import pygame
import pytest
import trio

from client_demo.app import App
from client_demo.intents import CloseReplays, OpenReplays, SteerReplay, WatchReplay
from client_demo.recordings import SPEEDS, Recordings, ReplayPlayer, read_row
from client_demo.settings_file import PlayerSettings
from client_demo.views.replay import ReplayBridge, ReplaysView, ReplayView
from client_demo.views.screens import ConnectView
from client_demo.window import GameWindow
from gameserver.arena import Arena
from gameserver.arena.entities import Fighter
from gameserver.arena.options import ArenaOptions
from gameserver.client import Conditions
from gameserver.errors import JournalError
from gameserver.game.entity import Outcome, Player, Standing
from gameserver.game.maps.shipped import shipped_maps
from gameserver.game.maps.tiled import load_maps
from gameserver.ids import Seat
from gameserver.match import Match
from gameserver.store.playback import open_playback
from gameserver.store.recorder import MatchRecorder
from gameserver.store.records import JournalRecord, head_of
from tests.store.recorded import MemoryFile, NoInlet, Played, header

MAPS = load_maps(shipped_maps())
TICKS = 600


@pytest.fixture(scope="module")
def journal() -> bytes:
    """Return the journal of a short match of four bots."""
    game, tile_map = Arena(), MAPS["courtyard"]
    options = ArenaOptions(mode="dm")
    players = tuple(Player(Seat(n), f"Bot {n}", 0, bot=n > 0) for n in range(4))
    head = attrs.evolve(
        header(game), map_name=tile_map.name, map_wire=tile_map.to_wire(),
        options=attrs.asdict(options), players=players,
    )  # fmt: skip
    file = MemoryFile(head_of(head))
    recorder = MatchRecorder(head, game, file)
    bots = tuple(attrs.evolve(player, bot=True) for player in players)
    match = Match(
        match_id="m1", game=game, map=tile_map, options=options, seed=head.seed, players=bots,
        inlet=NoInlet(), recorder=recorder,
    )  # fmt: skip
    for _ in range(TICKS):
        match.tick()
    recorder.end(
        "finished", match.world, Outcome((Standing(Seat(0), "Bot 0", 0, 3, won=True),), "Bot 0")
    )
    return file.data


@pytest.fixture
def folder(journal: bytes, tmp_path: Path) -> Path:
    matches = tmp_path / "matches"
    matches.mkdir()
    (matches / "20260101T000000-a.journal").write_bytes(journal)
    (matches / "20260102T000000-b.journal").write_bytes(b"gsjrnl1\n" + b"x" * 40)
    (matches / "20260103T000000-c.journal").write_bytes(Played().play(10).end().file.data)
    return tmp_path


@pytest.fixture
def player(folder: Path) -> ReplayPlayer:
    path = folder / "matches" / "20260101T000000-a.journal"
    return ReplayPlayer(open_playback(path, Arena()), clock=lambda: 0.0)


async def test_a_folder_is_listed_newest_first_and_what_cannot_be_watched_says_why(
    folder: Path,
) -> None:
    recordings = Recordings(folder, {"courtyard": "The Courtyard"}, open=True)
    await recordings.scan()
    skirmish, broken, good = recordings.rows
    assert skirmish.fault == "A match of skirmish, which this client cannot show."
    assert broken.fault.startswith("It ")
    assert (good.fault, good.map, good.mode, good.bots) == ("", "The Courtyard", "dm", 3)
    assert (good.players, good.seconds, good.result) == (("Bot 0",), TICKS / 30, "Bot 0 won")
    await recordings.watch(broken.path)
    assert recordings.fault.startswith("It ")
    await recordings.watch(good.path)
    assert recordings.player is not None
    recordings.close()
    recordings.close()
    assert not recordings.open
    gone = Recordings(folder / "nowhere", open=True)
    await gone.scan()
    assert (gone.rows, gone.reading) == ([], False)
    assert read_row(folder / "none.journal", {}).fault == "The file is not there."


def reached(bridge: ReplayBridge) -> ReplayView:
    """Return the view at the sought place."""
    for _ in range(10_000):
        view = bridge.view(0.0)
        if not view.seeks:
            return view
    raise AssertionError("the place is never reached")


def test_playing_shows_the_same_moment_as_seeking(player: ReplayPlayer) -> None:
    bridge = ReplayBridge(player)
    for _ in range(1000):
        view = bridge.view(0.1)
        if view.at >= 300:
            break
    player.playing = False
    player.seek(300)
    played = reached(bridge)
    kills = [(line.killer, line.victim) for line in played.match.kills]
    player.seek(20)
    assert reached(bridge).at == 20
    player.seek(300)
    sought = reached(bridge)
    assert sought.match.scores == played.match.scores
    assert sought.match.fighters == played.match.fighters
    assert [(line.killer, line.victim) for line in sought.match.kills] == kills
    assert sought.match.cues == ()
    assert sought.last == TICKS
    assert len(sought.keys) > 1


def test_the_kill_feed_is_that_of_the_moment(player: ReplayPlayer) -> None:
    bridge = ReplayBridge(player)
    deaths: dict[int, int] = {}
    for tick in range(0, TICKS, 30):
        player.seek(tick)
        reached(bridge)
        world = player.playback.world
        deaths[tick] = sum(e.deaths for e in world if isinstance(e, Fighter))
    first = next(tick for tick, count in deaths.items() if count)
    player.seek(first)
    assert len(reached(bridge).match.kills) == deaths[first]
    player.seek(first - 30)
    assert reached(bridge).match.kills == ()


def test_speed_pause_and_single_ticks(player: ReplayPlayer) -> None:
    bridge = ReplayBridge(player)
    bridge.view(0.1)
    assert player.at == pytest.approx(3.0)
    for _ in SPEEDS:
        player.faster(-1)
    assert player.speed == SPEEDS[0]
    bridge.view(0.1)
    assert player.at == pytest.approx(3.75)
    player.toggle()
    bridge.view(0.1)
    assert player.at == pytest.approx(3.75)
    player.nudge(-1)
    assert reached(bridge).at == 3
    player.nudge(1)
    assert reached(bridge).at == 4
    player.seek(10**9)
    assert reached(bridge).at == TICKS
    player.seek(TICKS - 1)
    reached(bridge)
    player.toggle()
    for _ in range(6):
        bridge.view(0.1)
    assert not player.playing, "at the end it stops"
    player.toggle()
    assert player.aim == 0, "and begins anew"


class Fault:
    """The records of a journal that is damaged from here on."""

    def __iter__(self) -> "Fault":
        return self

    def __next__(self) -> tuple[int, JournalRecord]:
        raise JournalError("a record has the wrong shape")


def test_a_fault_of_the_file_stops_the_replay_with_a_sentence(player: ReplayPlayer) -> None:
    damaged = Fault()
    player.playback._next = damaged
    view = ReplayBridge(player).view(0.1)
    assert (view.notice, view.playing) == ("A record has the wrong shape.", False)


@pytest.fixture
def app(window: GameWindow) -> App:
    pygame.event.clear()
    return App(PlayerSettings("Zoe"), None, MAPS, Conditions(), window)


def press(app: App, key: int, now: float) -> None:
    pygame.event.post(pygame.Event(pygame.KEYDOWN, key=key, scancode=0, mod=0, unicode=""))
    app.frame(now)


async def test_a_replay_is_steered_by_keys_and_left_for_the_list(
    app: App, player: ReplayPlayer
) -> None:
    recordings = app.looks.recordings
    recordings.open, recordings.player = True, player
    app.frame(0.0)
    assert isinstance(app.shown, ReplayView)
    press(app, pygame.K_SPACE, 0.1)
    assert not player.playing
    press(app, pygame.K_RIGHT, 0.2)
    press(app, pygame.K_PLUS, 0.3)
    assert (player.speed, player.jumps) == (2.0, 1)
    screen = app.recorded._replay
    first = screen.seat
    press(app, pygame.K_TAB, 0.4)
    assert screen.seat != first
    press(app, pygame.K_c, 0.5)
    assert screen.scores
    app.ui.press(f"replay.player.{first}")
    app.frame(0.6)
    assert screen.seat == first
    middle = (700, 330)
    app.ui.take(pygame.Event(pygame.MOUSEBUTTONDOWN, button=1, pos=middle), middle)
    app.frame(0.7)
    app.ui.take(pygame.Event(pygame.MOUSEMOTION, pos=(600, 330)), (600, 330))
    app.frame(0.8)
    assert screen.free is not None, "dragging frees the camera"
    press(app, pygame.K_ESCAPE, 0.9)
    app.frame(1.0)
    assert isinstance(app.shown, ReplaysView)
    press(app, pygame.K_ESCAPE, 2.0)
    app.frame(2.1)
    assert isinstance(app.shown, ConnectView)


async def until(happened: Callable[[], bool]) -> None:
    """Wait for what a thread does."""
    while not happened():  # noqa: ASYNC110  no event of trio's tells of it
        await trio.sleep(0.001)


async def test_a_replay_is_chosen_on_the_list(app: App, folder: Path) -> None:
    app.recorded.offer(folder, None)
    recordings = app.looks.recordings
    async with trio.open_nursery() as nursery:
        app._nursery = nursery
        app.do(OpenReplays())
        await until(lambda: not recordings.reading and bool(recordings.rows))
        app.frame(0.0)
        app.ui.press("replays.row.20260101T000000-a.journal")
        app.frame(1.0)
        app.ui.press("replays.watch")
        app.frame(2.0)
        await until(lambda: recordings.player is not None)
        app.do(SteerReplay(to=50))
        app.frame(3.0)
        assert isinstance(app.shown, ReplayView)
        app.do(CloseReplays())
        app.do(WatchReplay(folder / "matches" / "20260102T000000-b.journal"))
        await until(lambda: bool(recordings.fault))
    assert app.looks.recordings.player is None


def test_the_client_offers_the_folder_of_its_own_settings(app: App) -> None:
    app.recorded.offer(None, Path("kept"))
    assert (app.looks.recordings.folder, app.looks.recordings.open) == (Path("kept"), False)
