"""Real clients against a real server over real sockets, cut and resumed."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import pytest
import trio

from gameserver.client import (
    Client,
    ClientSettings,
    Closed,
    Conditions,
    EventReceived,
    MatchReplica,
    Online,
    SessionLost,
    open_client,
)
from gameserver.client.bots import run_bots
from gameserver.errors import (
    Code,
    ConfigError,
    ConnectionLostError,
    RequestError,
    ServerClosedError,
)
from gameserver.game.maps.tilemap import MapObject, ObjectKind
from gameserver.messages.chat import Channel, ChatSaid, ChatSent, MuteChat, SendChat, Typing
from gameserver.messages.forms import GetLobbyForm, LobbyForm
from gameserver.messages.lobby import CreateLobby, InLobby, JoinLobby, QuickPlay, SetReady
from gameserver.messages.session import GetServerInfo, ServerInfo
from gameserver.service.config.settings import Settings
from gameserver.service.server import Server
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Runner, Skirmish, SkirmishCommand

GAME = Skirmish()
MAP = map_from_rows(
    *["." * 16] * 16,
    objects=[MapObject(1, ObjectKind.SPAWN, "a", 0, 512 * 4, 512 * 4)],
)
SETTINGS = ClientSettings(game=GAME, seed=1)


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[Server, str]]:
    settings = Settings(port=0, seed=5)
    server = Server(settings, GAME, {MAP.name: MAP})
    async with trio.open_nursery() as nursery:
        address = await nursery.start(server.run)
        with trio.fail_after(30):
            yield server, address
        nursery.cancel_scope.cancel()


async def until(ready: Callable[[], bool]) -> None:
    """Wait for something to become true; the server's own deadline ends the wait."""
    while not ready():  # noqa: ASYNC110  what is waited for tells nobody
        await trio.sleep(0.01)


async def new_lobby(client: Client) -> InLobby:
    form: LobbyForm = await client.request(GetLobbyForm())
    created: InLobby = await client.request(CreateLobby(form.default))
    return created


async def test_a_client_signs_in_requests_and_is_refused() -> None:
    async with serving() as (_, url), open_client(url, "Ann", SETTINGS) as ann:
        assert isinstance(ann.status, Online)
        assert ann.player_name == "Ann"
        info: ServerInfo = await ann.request(GetServerInfo())
        assert (info.game, info.players) == ("skirmish", 1)
        with pytest.raises(RequestError) as refused:
            await ann.request(JoinLobby(code="NOSUCH"))
        assert refused.value.code is Code.LOBBY_UNKNOWN
        await until(lambda: ann.rtt_s is not None)


async def test_no_chat_line_is_lost_or_doubled_when_connections_are_cut() -> None:
    async with (
        serving() as (_, url),
        open_client(url, "Ann", SETTINGS) as ann,
        open_client(url, "Bob", SETTINGS) as bob,
    ):
        created = await new_lobby(ann)
        await bob.request(JoinLobby(lobby_id=created.lobby.lobby_id))
        heard = bob.updates()
        for number in range(8):
            speaker, cut = (ann, bob) if number % 2 else (bob, ann)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(speaker.request, SendChat(Channel.LOBBY, f"line {number}"))
                cut.drop_connection()
                speaker.drop_connection()
            await ann.wait_online()
            await bob.wait_online()
        await until(lambda: ann.reconnects + bob.reconnects >= 16)
        await until(lambda: len([c for c in bob.chat.lines(Channel.LOBBY) if c.sender]) == 8)
        said = [
            update.event.line.text
            for update in heard.drain()
            if isinstance(update, EventReceived) and isinstance(update.event, ChatSaid)
        ]
        assert [text for text in said if text.startswith("line")] == [
            f"line {number}" for number in range(8)
        ]
        assert ann.lobby is not None
        assert bob.lobby is not None


async def test_a_match_goes_on_in_the_same_seat_after_each_cut() -> None:
    async with (
        serving() as (server, url),
        open_client(url, "Ann", SETTINGS) as ann,
        open_client(url, "Bob", SETTINGS) as bob,
    ):
        created = await new_lobby(ann)
        await bob.request(JoinLobby(lobby_id=created.lobby.lobby_id))
        await ann.request(SetReady(ready=True))
        await bob.request(SetReady(ready=True))
        await until(lambda: ann.match is not None and ann.match.live)
        replica = ann.match
        assert replica is not None
        seat = replica.seat
        for cut in range(3):
            ann.drop_connection()
            await until(lambda: not isinstance(ann.status, Online))
            await ann.wait_online()
            await until(partial(_has_keyframes, replica, cut + 2))
            replica.hold(SkirmishCommand(move=1))
            before = replica.telemetry.inputs
            await until(partial(sends, ann, replica, before))
            assert ann.match is replica
            assert replica.seat == seat
        assert len(server.matches) == 1
        assert replica.world.owned(seat, Runner) is not None
        assert replica.telemetry.desyncs == 0


def _has_keyframes(replica: MatchReplica, count: int) -> bool:
    return replica.telemetry.keyframes == count


def sends(client: Client, replica: MatchReplica, before: int) -> bool:
    return _drives(client) and replica.telemetry.inputs > before


def _drives(client: Client) -> bool:
    assert client.match is not None
    client.match.advance(client.now())
    return True


async def test_a_session_that_the_server_forgot_is_replaced_and_reported_as_new() -> None:
    async with serving() as (_, url):
        unknown = ClientSettings(game=GAME, token=b"0123456789abcdef", seed=1)
        async with open_client(url, "Ann", unknown) as ann:
            assert isinstance(ann.status, Online)
            assert not ann.status.resumed
            assert ann.token != unknown.token


async def test_a_second_client_with_the_token_takes_the_session_over() -> None:
    async with serving() as (_, url), open_client(url, "Ann", SETTINGS) as ann:
        heard = ann.updates()
        settings = ClientSettings(game=GAME, token=ann.token, seed=1)
        async with open_client(url, "Ann", settings) as again:
            assert again.player_id == ann.player_id
            statuses = [update async for update in heard]
            assert isinstance(ann.status, Closed)
            assert ann.status.code is Code.SESSION_REPLACED
            assert statuses
            with pytest.raises(ServerClosedError):
                await ann.request(GetServerInfo())


async def test_a_restarted_server_is_found_again_with_a_new_session() -> None:
    async with serving() as (first, url):
        port = int(url.rsplit(":", 1)[1])
        async with open_client(url, "Ann", SETTINGS) as ann:
            heard, old = ann.updates(), ann.player_id
            first.stop()
            await first.stopped.wait()
            second = Server(Settings(port=port), GAME, {MAP.name: MAP})
            async with trio.open_nursery() as nursery:
                await nursery.start(second.run)
                updates = [SessionLost(old)]
                async for update in heard:
                    if update in updates:
                        break
                await ann.wait_online()
                assert ann.player_id != old
                assert ann.lobby is None
                info: ServerInfo = await ann.request(GetServerInfo())
                assert info.players == 1
                nursery.cancel_scope.cancel()


async def test_closing_a_client_signs_it_out() -> None:
    async with serving() as (server, url), open_client(url, "Bob", SETTINGS) as bob:
        async with open_client(url, "Ann", SETTINGS) as ann:
            created = await new_lobby(bob)
            await ann.request(JoinLobby(lobby_id=created.lobby.lobby_id))
            await until(lambda: bob.lobby is not None and len(bob.lobby.members) == 2)
        await until(lambda: bob.lobby is not None and len(bob.lobby.members) == 1)
        server.hall.check()


async def test_chat_state_is_kept_history_typing_and_mutes() -> None:
    async with serving() as (_, url), open_client(url, "Ann", SETTINGS) as ann:
        created = await new_lobby(ann)
        sent: ChatSent = await ann.request(SendChat(Channel.LOBBY, "before Bob came"))
        async with open_client(url, "Bob", SETTINGS) as bob:
            await bob.request(JoinLobby(lobby_id=created.lobby.lobby_id))
            await until(
                lambda: sent.message_id in [c.message_id for c in bob.chat.lines(Channel.LOBBY)],
            )
            await ann.request(Typing(Channel.LOBBY))
            await until(lambda: bob.chat.typing(Channel.LOBBY, bob.now()) == ["Ann"])
            await bob.request(MuteChat(ann.player_id, muted=True))
            assert ann.player_id in bob.chat.muted


async def test_a_laggy_client_measures_the_lag_it_was_given() -> None:
    lag = ClientSettings(game=GAME, conditions=Conditions(lag_ms=200), seed=1)
    async with serving() as (_, url), open_client(url, "Ann", lag) as ann:
        await ann.request(GetServerInfo())
        await until(lambda: ann.rtt_s is not None)
        assert ann.rtt_s is not None
        assert ann.rtt_s >= 0.2


async def test_an_unreachable_server_is_reported_in_a_sentence() -> None:
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listeners[0].socket.getsockname()[1]
    await listeners[0].aclose()
    with pytest.raises(ConnectionLostError, match="cannot reach"):
        async with open_client(f"ws://127.0.0.1:{port}", "Ann", SETTINGS):
            pass


async def test_an_invalid_address_is_refused_before_any_attempt() -> None:
    for url in ("ftp://x", "ws://", "ws://192.168.1..5:7777", "ws://h:port"):
        with pytest.raises(ConfigError):
            async with open_client(url, "Ann", SETTINGS):
                pass


async def test_an_exception_of_the_application_is_raised_unchanged() -> None:
    async with serving() as (_, url):
        with pytest.raises(KeyError):
            async with open_client(url, "Ann", SETTINGS):
                raise KeyError("mine")


async def test_wire_bots_play_and_report() -> None:
    async with serving() as (_, url):
        report = await run_bots(url, 2, 4.0, settings=SETTINGS)
        assert report.players == 2
        assert report.matches == 2
        assert report.snapshots > 0
        assert report.inputs > 0
        assert report.desyncs == 0
        assert set(report.to_json()["rtt_ms"]) == {"p50", "p99"}  # type: ignore[call-overload]


async def test_quick_play_brings_two_players_into_one_match() -> None:
    async with (
        serving() as (_, url),
        open_client(url, "Ann", SETTINGS) as ann,
        open_client(url, "Bob", SETTINGS) as bob,
    ):
        await ann.request(QuickPlay())
        await bob.request(QuickPlay())
        await until(lambda: ann.match is not None and ann.match.live)
        await until(lambda: bob.match is not None and bob.match.live)
        assert ann.match is not None
        assert bob.match is not None
        assert ann.match.started.match_id == bob.match.started.match_id
        assert ann.match.seat != bob.match.seat
