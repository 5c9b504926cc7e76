"""Clients play on over another road where no WebSocket passes, and return when one does."""

import attrs
import pytest
import trio

from gameserver.client import Client, Online, Reconnecting, open_client
from gameserver.client.link import roads
from gameserver.client.link.roads import LONG_POLLING, SSE, WEBSOCKET
from gameserver.errors import ConnectionLostError
from gameserver.messages.chat import Channel, SendChat
from gameserver.messages.lobby import JoinLobby, SetReady
from gameserver.service.server import Server
from gameserver.testing.skirmish import Runner, SkirmishCommand
from tests.client.blocking_proxy import blocking
from tests.client.test_client_server import SETTINGS, new_lobby, sends, serving, until

PLAYING_S = 3.0
"""A client plays over another road within this time where no WebSocket passes."""


async def start_match(ann: Client, bob: Client) -> None:
    created = await new_lobby(ann)
    await bob.request(JoinLobby(lobby_id=created.lobby.lobby_id))
    await ann.request(SetReady(ready=True))
    await bob.request(SetReady(ready=True))
    await until(lambda: all(each.match is not None and each.match.live for each in (ann, bob)))


async def assert_plays(client: Client, server: Server) -> None:
    replica = client.match
    assert replica is not None
    replica.hold(SkirmishCommand(move=1))
    before = replica.telemetry.inputs
    await until(lambda: sends(client, replica, before + 5))
    assert replica.world.owned(replica.seat, Runner) is not None
    assert replica.telemetry.desyncs == 0
    assert len(server.matches) == 1


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize(("keeps", "road"), [(False, SSE), (True, LONG_POLLING)])
async def test_where_no_websocket_passes_it_is_played_over_the_next_road_that_does(
    silent: bool, keeps: bool, road: str
) -> None:
    async with (
        serving() as (server, url),
        blocking(url, silent=silent, keeps=keeps) as (proxy, blocked_url),
    ):
        with trio.fail_after(PLAYING_S):
            async with (
                open_client(blocked_url, "Ann", SETTINGS) as ann,
                open_client(url, "Bob", SETTINGS) as bob,
            ):
                assert (ann.road, bob.road) == (road, WEBSOCKET)
                assert proxy.kept == keeps
                with trio.CancelScope(shield=True), trio.fail_after(10):
                    await start_match(ann, bob)
                    await assert_plays(ann, server)
                    await bob.request(SendChat(Channel.LOBBY, "can you hear me?"))
                    await until(lambda: "can you hear me?" in heard(ann))


async def test_where_neither_a_websocket_nor_a_request_that_waits_passes_events_are_the_road() -> (
    None
):
    only = attrs.evolve(SETTINGS, roads=(LONG_POLLING,))
    async with (
        serving() as (server, url),
        blocking(url, hurries=True) as (proxy, blocked_url),
        open_client(url, "Bob", SETTINGS) as bob,
    ):
        async with open_client(blocked_url, "Eve", only) as eve:
            await until(lambda: isinstance(eve.status, Reconnecting))
            assert proxy.hurried > 0
        async with open_client(blocked_url, "Ann", SETTINGS) as ann:
            assert ann.road == SSE
            before = proxy.hurried
            await start_match(ann, bob)
            await assert_plays(ann, server)
            await bob.request(SendChat(Channel.LOBBY, "can you hear me?"))
            await until(lambda: "can you hear me?" in heard(ann))
            assert (ann.reconnects, proxy.hurried) == (0, before)


async def test_a_cut_is_survived_over_events_with_the_seat_and_nothing_doubled() -> None:
    only = attrs.evolve(SETTINGS, roads=(SSE,))
    async with (
        serving() as (server, url),
        open_client(url, "Ann", only) as ann,
        open_client(url, "Bob", SETTINGS) as bob,
    ):
        await start_match(ann, bob)
        assert ann.match is not None
        seat, me = ann.match.seat, ann.player_id
        ann.drop_connection()
        await bob.request(SendChat(Channel.LOBBY, "are you there?"))
        await until(lambda: isinstance(ann.status, Online) and ann.reconnects == 1)
        await until(lambda: ann.match is not None and ann.match.live)
        await assert_plays(ann, server)
        assert (ann.match.seat, ann.player_id, ann.road) == (seat, me, SSE)
        assert heard(ann).count("are you there?") == 1


def heard(client: Client) -> list[str]:
    return [line.text for line in client.chat.lines(Channel.LOBBY)]


async def test_the_session_moves_to_a_websocket_as_soon_as_one_passes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(roads, "IMPROVE_S", (0.1, 0.2))
    statuses = []
    async with (
        serving() as (server, url),
        blocking(url) as (proxy, blocked_url),
        open_client(blocked_url, "Ann", SETTINGS) as ann,
        open_client(url, "Bob", SETTINGS) as bob,
    ):
        await start_match(ann, bob)
        await until(lambda: proxy.refused > 2)
        assert ann.road == SSE
        assert ann.match is not None
        seat, me = ann.match.seat, ann.player_id
        proxy.blocks = False
        while ann.road != WEBSOCKET:
            statuses.append(ann.status)
            await trio.sleep(0.001)
        await until(lambda: ann.match is not None and ann.match.live)
        await assert_plays(ann, server)
        assert (ann.match.seat, ann.player_id) == (seat, me)
        assert all(isinstance(status, Online) for status in statuses), "nobody sees the change"


async def test_a_server_that_nobody_can_reach_is_told_in_the_words_of_the_best_road() -> None:
    settings = attrs.evolve(SETTINGS, first_attempts=1)
    async with serving() as (_, url):
        with pytest.raises(ConnectionLostError, match="it does not speak TLS there"):
            async with open_client(url.replace("ws://", "wss://"), "Ann", settings):
                pass
    with trio.fail_after(5), pytest.raises(ConnectionLostError, match="connection refused"):
        async with open_client("ws://127.0.0.1:1", "Ann", settings):
            pass
