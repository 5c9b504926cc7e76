"""The client's screens against a real server: what is pressed is what a player can press.

Both run over memory streams in the time of the test's clock, so a busy machine is only slow.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
import pygame
import pytest
import trio
from trio.testing import MockClock

from client_demo.app import App
from client_demo.intents import FillForm, GiveUp, TryNow
from client_demo.screens.overlays import link_lost, seat_sentence
from client_demo.settings_file import PlayerSettings as ClientSettings
from client_demo.views.matchview import MatchView
from client_demo.views.screens import (
    BrowserView,
    ConnectView,
    CreateView,
    LinkView,
    ResultsView,
    RoomView,
)
from client_demo.widgets.ui import Typed, Ui
from client_demo.window import GameWindow
from gameserver.arena import Arena
from gameserver.client import Address, Client, Conditions, open_client
from gameserver.client.link import streams
from gameserver.game.maps.shipped import shipped_maps
from gameserver.game.maps.tiled import load_maps
from gameserver.ids import NO_SEAT
from gameserver.messages.forms import GetLobbyForm
from gameserver.messages.lobby import CreateLobby, LobbyState, LockLobby, StartMatch, Visibility
from gameserver.messages.session import GetServerInfo
from gameserver.rooms.oversight_calls import Administer
from gameserver.rooms.state.orders import GiveName
from gameserver.service.config.settings import Settings
from gameserver.testing.whole import WholeServer
from tests.client.piped import URL, piped

MAPS = load_maps(shipped_maps())


@attrs.frozen
class Table:
    """A server, a client that is drawn, and another one that is not."""

    app: App
    pipes: WholeServer

    @property
    def state(self) -> LobbyState:
        client = self.app.session.client
        assert client is not None
        assert client.lobby is not None
        return client.lobby

    @property
    def seat(self) -> int:
        return next(m.seat for m in self.state.members if m.name == "Zoe")

    async def until(self, ready: Callable[[], bool]) -> None:
        with trio.fail_after(20):
            while not ready():  # noqa: ASYNC110  the screen tells nobody that it changed
                await trio.sleep(0.01)

    async def see(self, kind: type) -> None:
        await self.until(lambda: isinstance(self.app.shown, kind))

    async def press(self, key: str) -> None:
        """Press what is on the screen, as soon as it is there and on."""
        await self.until(lambda: key in self.app.ui.shown())
        self.app.ui.press(key)
        await trio.sleep(0.05)

    async def pause(self, key: str) -> None:
        """Press something in the menu of a match, as soon as there is a match."""

        def is_open() -> bool:
            self.app.paused = True
            return key in self.app.ui.shown()

        await self.until(is_open)
        self.app.ui.press(key)
        await trio.sleep(0.05)

    async def read(self, words: str) -> None:
        """Wait until the screen says something, whole."""
        texts = self.app.ui.texts
        await self.until(lambda: words in " ".join(text.shown for text in texts))


@asynccontextmanager
async def signed_in(
    window: GameWindow,
    clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    data: Path | str = "",
    settings: Settings | None = None,
) -> AsyncIterator[Table]:
    """Serve Arena, and sign a drawn client in."""
    async with (
        piped(clock, monkeypatch, game=Arena(), maps=MAPS, data=data, settings=settings) as pipes,
        trio.open_nursery() as nursery,
    ):
        app = App(ClientSettings("Zoe", URL), None, MAPS, Conditions(), window)
        nursery.start_soon(app.run)
        table = Table(app, pipes)
        await table.press("connect.go")
        await table.see(BrowserView)
        yield table
        app.quit()
        nursery.cancel_scope.cancel()


@pytest.fixture
async def table(
    window: GameWindow, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Table]:
    async with signed_in(window, autojump_clock, monkeypatch) as found:
        yield found


@asynccontextmanager
async def friend(password: str = "", **chosen: object) -> AsyncIterator[Client]:
    """Let somebody else open a lobby."""
    async with open_client(URL, "Ann") as ann:
        form = await ann.request(GetLobbyForm())
        config = attrs.evolve(form.default, title="Ann's den", bots=2, **chosen)
        await ann.request(CreateLobby(config, password))
        yield ann


async def test_a_form_that_is_refused_keeps_what_was_entered(table: Table) -> None:
    app = table.app
    await table.press("browser.create")
    await table.see(CreateView)
    view = app.shown
    assert isinstance(view, CreateView)
    app.do(FillForm(attrs.evolve(view.form.default, bots=2)))
    await table.press("create.go")
    await table.see(RoomView)
    await table.press("room.rules")
    await table.see(CreateView)
    view = app.shown
    assert isinstance(view, CreateView)
    assert view.editing is not None
    app.do(FillForm(attrs.evolve(view.editing, title="Entered with care", bots=1)))
    assert app.session.client is not None
    await app.session.client.request(StartMatch())
    await table.press("create.go")
    await table.read("The lobby can be changed before the countdown and after the match.")
    assert isinstance(app.shown, CreateView)
    assert app._create.config is not None
    assert app._create.config.title == "Entered with care"


async def test_a_new_lobby_is_titled_with_the_players_new_name(table: Table) -> None:
    client, form = table.app.session.client, table.app.session.form
    assert client is not None
    assert form is not None
    assert form.default.title.startswith("Zoe")

    def by_operator(name: str) -> None:
        order = GiveName(client.player_id, name)
        table.pipes.server.people.take(Administer("Nora", order, "nicer"))

    for name, rename in (("Kim", table.app.session.rename), ("Lee", by_operator)):
        rename(name)
        await trio.sleep(1)
        await table.press("browser.create")
        await table.see(CreateView)
        view = table.app.shown
        assert isinstance(view, CreateView)
        assert view.form.default.title.startswith(name)
        await table.press("create.cancel")
        await table.see(BrowserView)


async def test_a_wrong_password_keeps_its_dialog_and_says_so(table: Table) -> None:
    async with friend("sesame", visibility=Visibility.PASSWORD) as ann:
        assert ann.lobby is not None
        row = f"browser.row.{ann.lobby.lobby_id}"
        await table.press(row)
        await table.press("browser.join")
        dialog = table.app._browser._password
        for word, answer in (("open", "The password is wrong."), ("sesame", "")):
            await table.until(lambda: "password.cancel" in table.app.ui.shown())
            dialog.password = word
            await table.press("password.go")
            if answer:
                await table.read(answer)
                assert dialog.wanted is not None
        await table.see(RoomView)


async def test_a_password_is_asked_for_also_when_joining_by_code(table: Table) -> None:
    async with friend("sesame", visibility=Visibility.PASSWORD) as ann:
        assert ann.lobby is not None
        table.app._browser.code = ann.lobby.invite_code
        await table.press("browser.by_code")
        await table.until(lambda: "password.cancel" in table.app.ui.shown())
        table.app._browser._password.password = "sesame"
        await table.press("password.go")
        await table.see(RoomView)


async def test_the_list_says_who_is_there_and_which_lobby_is_locked(table: Table) -> None:
    await table.read("Nobody else is here yet")
    async with friend() as ann:
        await ann.request(LockLobby(True))
        await table.read("locked")
        await table.read("2 people online")


async def test_leaving_the_match_goes_back_to_the_room_and_playing_on_is_offered(
    table: Table,
) -> None:
    async with friend() as ann:
        assert ann.lobby is not None
        await table.press(f"browser.row.{ann.lobby.lobby_id}")
        await table.press("browser.join")
        await table.see(RoomView)
        await ann.request(StartMatch())
        await table.see(MatchView)
        await table.pause("pause.leave_match")
        await table.see(RoomView)
        await table.until(lambda: table.seat == NO_SEAT)
        await table.press("room.watch_match")
        await table.see(MatchView)
        await table.pause("pause.sit")
        await table.until(lambda: table.seat != NO_SEAT)
        await table.pause("pause.leave_lobby")
        await table.see(BrowserView)


async def test_leaving_a_match_against_bots_returns_to_the_lobby_and_the_same_seat(
    table: Table,
) -> None:
    seen: list[object] = []
    await table.press("browser.quick")
    await table.see(MatchView)
    await table.pause("pause.leave_match")

    def is_back() -> bool:
        seen.append(table.app.shown)
        return isinstance(table.app.shown, RoomView) and table.seat != NO_SEAT

    await table.until(is_back)
    assert not any(isinstance(view, ResultsView) for view in seen)


async def test_a_stopped_server_can_be_given_up_and_no_seat_is_promised(
    table: Table,
) -> None:
    await table.press("browser.create")
    await table.press("create.go")
    await table.see(RoomView)
    await table.pipes.stop()
    await table.read("Your seat may be gone")
    await table.press("link.give_up")
    await table.see(ConnectView)


async def test_an_attempt_to_connect_can_be_stopped(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(_address: Address) -> None:
        await trio.sleep_forever()

    monkeypatch.setattr(streams, "open_stream", silent)
    session = table.app.session
    session.close()
    await table.see(ConnectView)
    await table.press("connect.go")
    await table.press("connect.stop")
    await table.until(lambda: not session.busy)
    assert session.ended == ""


async def test_requests_of_frames_are_harmless_while_the_session_signs_out(table: Table) -> None:
    session = table.app.session
    table.pipes.net.links[-1].stall(60.0)
    session.close()
    await trio.sleep(0.5)
    assert session.client is not None, "it waits for the server's answer"
    session.ask(GetServerInfo())
    await table.see(ConnectView)


async def test_a_name_changed_in_the_settings_is_used_at_once(table: Table) -> None:
    client = table.app.session.client
    assert client is not None
    await table.press("browser.settings")
    table.app.change(attrs.evolve(table.app.settings, name="Ada"))
    await table.press("settings.done")
    await table.until(lambda: client.player_name == "Ada")


async def test_a_letter_bound_to_a_control_is_only_typed_in_the_chat(table: Table) -> None:
    app = table.app
    places = {**app.settings.places, "net_graph": pygame.KSCAN_G}
    app.change(attrs.evolve(app.settings, places=places))
    await table.press("browser.quick")
    await table.see(MatchView)
    for draft, graph in (("", False), (None, True)):
        app._match.draft = draft
        app.ui.keys.append(Typed(pygame.K_g, 0, scancode=pygame.KSCAN_G))
        await trio.sleep(0.05)
        assert app.settings.net_graph is graph


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        (LinkView(lost=True), ""),
        (LinkView(lost=True, has_seat=True), "Your seat may be gone when you are back."),
        (LinkView(lost=True, has_seat=True, seat_for_s=20.4), "Your seat is kept for 20 s."),
        (
            LinkView(lost=True, has_seat=True, seat_for_s=9, found=False),
            "If the server still runs, your seat is kept for 9 s.",
        ),
        (
            LinkView(lost=True, has_seat=True, seat_for_s=-1),
            "Your seat was kept as long as it could be.",
        ),
    ],
)
def test_a_seat_is_promised_only_if_the_server_may_still_hold_it(
    link: LinkView, sentence: str
) -> None:
    assert seat_sentence(link) == sentence


def test_the_screen_has_the_buttons_try_now_and_give_up(window: GameWindow) -> None:
    said: list[object] = []
    link = LinkView(lost=True, retry_in_s=5, attempt=3, reason="The connection was lost.")
    for key in ("link.now", "link.give_up"):
        ui = Ui(window.canvas)
        ui.press(key)
        ui.begin(1.0)
        link_lost(ui, link, said.append)
        ui.end()
    assert said == [TryNow(), GiveUp()]
