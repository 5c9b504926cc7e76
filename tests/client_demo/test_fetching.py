"""The replay of the match just played is fetched from a real server, watched and kept."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pygame
import pytest
import trio
from trio.testing import MockClock

from client_demo.app import App
from client_demo.fetching import ReplayFetch
from client_demo.gallery import results
from client_demo.intents import CloseReplays, FetchReplay
from client_demo.recordings import Recordings
from client_demo.screens.results import ResultsScreen, replay_words
from client_demo.settings_file import PlayerSettings
from client_demo.views.matchview import MatchView
from client_demo.views.replay import ReplayView
from client_demo.views.screens import BrowserView, ConnectView, ResultsView
from client_demo.widgets.ui import Typed
from client_demo.window import GameWindow
from gameserver.arena import Arena
from gameserver.client import Conditions
from gameserver.game.maps.shipped import shipped_maps
from gameserver.game.maps.tiled import load_maps
from gameserver.ids import MatchId
from gameserver.messages.lobby import Rematch
from gameserver.service.config.settings import ReplayAccess, Settings
from gameserver.store.reading import read_journal
from gameserver.store.verify import verify
from tests.cli.command import gameserver
from tests.client.piped import URL
from tests.client.test_replays import in_folder
from tests.client_demo.test_lobby_screens import Table, signed_in

MAPS = load_maps(shipped_maps())


@asynccontextmanager
async def over(
    window: GameWindow,
    clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    data: Path | str,
    settings: Settings | None = None,
) -> AsyncIterator[Table]:
    """Bring a drawn client to the results of a match against bots."""
    async with signed_in(window, clock, monkeypatch, data, settings) as table:
        await table.press("browser.quick")
        await table.see(MatchView)
        await trio.sleep(1)
        [live] = table.pipes.server.matches
        live.end("finished")
        await table.see(ResultsView)
        yield table


async def test_a_player_watches_the_match_just_played_and_comes_back_to_the_results(
    window: GameWindow, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "mine" / "replays"
    async with over(window, autojump_clock, monkeypatch, tmp_path / "data") as table:
        app = table.app
        app.recorded.offer(None, folder)
        await table.press("results.watch")
        await table.see(ReplayView)
        app.do(CloseReplays())
        await table.see(ResultsView)
        await table.press("results.save")
        await table.read("The replay is in")
        [path] = folder.iterdir()
        assert verify(read_journal(path), Arena()).finished
        fetch = app.looks.recordings.fetch
        assert fetch is not None
        assert fetch.path == path
        # The next match ends the replay.
        app.do(FetchReplay(fetch.match_id, watch=True))
        await table.see(ReplayView)
        client = app.session.client
        assert client is not None
        await client.request(Rematch())
        await table.see(MatchView)
        assert app.looks.recordings.player is None


async def test_a_replay_that_is_watched_ends_with_the_session(
    window: GameWindow, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with over(window, autojump_clock, monkeypatch, tmp_path / "data") as table:
        table.app.recorded.offer(None, tmp_path)
        await table.press("results.watch")
        await table.see(ReplayView)
        table.app.session.close()
        await table.see(ConnectView)
        await table.press("connect.go")
        await table.see(BrowserView)


async def test_the_last_half_minute_is_kept_by_a_key_and_stepped_through(
    window: GameWindow, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with signed_in(window, autojump_clock, monkeypatch) as table:
        app = table.app
        app.recorded.offer(None, tmp_path / "replays")
        await table.press("browser.quick")
        await table.see(MatchView)
        await trio.sleep(2)
        place = app.settings.places["report"]
        app.ui.keys.append(Typed(pygame.K_F8, 0, scancode=place))
        await table.read("For a bug report, the last 30 s are in")
    [path] = (tmp_path / "reports").iterdir()
    ended = gameserver("replay", "step", str(path), "--at", "10", "--ticks", "20")
    assert ended.code == 0, ended.err
    head, first, *rest = ended.out.splitlines()
    assert "tape of match" in head
    assert "arena on" in head
    assert first.startswith("tick ")
    told = "\n".join(rest)
    assert "Fighter" in told
    assert "sent input" in told
    assert " -> " in told
    assert sum(line.startswith("tick ") for line in rest) == 20


REPLAY_BUTTONS = {"results.watch", "results.save"}


async def asks_all_the_same(table: Table) -> None:
    """See that nothing is offered, and ask for the replay that there is not."""
    view = table.app.shown
    assert isinstance(view, ResultsView)
    assert "results.rematch" in table.app.ui.shown()
    assert not REPLAY_BUTTONS & table.app.ui.shown()
    assert view.lobby.result is not None
    table.app.do(FetchReplay(view.lobby.result.match_id))


async def test_a_server_without_replays_offers_none_and_says_so(
    window: GameWindow, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with over(window, autojump_clock, monkeypatch, "") as table:
        table.app.recorded.offer(None, tmp_path)
        await asks_all_the_same(table)
        await table.read("This server keeps no replays of matches.")
        assert isinstance(table.app.shown, ResultsView)
        assert in_folder(tmp_path) == []


async def test_a_server_that_gives_out_no_replays_offers_none_and_says_so(
    window: GameWindow, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mine = Settings(seed=5, data=str(tmp_path / "data"), replays=ReplayAccess.NOBODY)
    async with over(window, autojump_clock, monkeypatch, "", mine) as table:
        table.app.recorded.offer(None, tmp_path / "replays")
        await asks_all_the_same(table)
        await table.read("This server gives out no replays of matches.")
        assert isinstance(table.app.shown, ResultsView)
        assert not list((tmp_path / "replays").iterdir())


async def test_a_folder_that_takes_no_file_is_one_sentence(
    window: GameWindow, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    async with over(window, autojump_clock, monkeypatch, tmp_path / "data") as table:
        table.app.recorded.offer(None, tmp_path / "file")
        await table.press("results.save")
        await table.read("The replay could not be kept: File exists.")


def test_the_name_of_a_report_is_bounded_and_leads_to_no_other_folder(tmp_path: Path) -> None:
    path = Recordings(saves=tmp_path / "replays").report_path(MatchId("../" + "x" * 500))
    assert path.parent == tmp_path / "reports"
    assert len(path.name) < 100


def test_the_button_tells_how_much_has_come() -> None:
    match_id = MatchId("m1")
    assert replay_words(None) == "Watch replay"
    assert replay_words(ReplayFetch(match_id, running=True)) == "Fetching…"
    assert replay_words(ReplayFetch(match_id, got=5, size=9, running=True)) == "Fetching 55 %"
    assert replay_words(ReplayFetch(match_id, got=9, size=9)) == "Watch replay"


@pytest.mark.parametrize(("me", "offered"), [(0, True), (99, False)])
def test_who_only_watched_is_offered_no_replay(
    window: GameWindow, me: int, *, offered: bool
) -> None:
    app = App(PlayerSettings("Zoe", URL), None, MAPS, Conditions(), window)
    screen = ResultsScreen()
    for at in range(2):
        app.ui.begin(at / 10)
        screen.draw(app.ui, results(4, 2, me=me), lambda _intent: None)
        app.ui.end()
    assert (app.ui.shown() >= REPLAY_BUTTONS) == offered
    assert (not REPLAY_BUTTONS & app.ui.shown()) == (not offered)
