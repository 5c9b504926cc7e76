"""Leaving over lines of every kind: once, and for good."""

from collections.abc import Callable

import attrs
import pytest
import trio
from trio.testing import MockClock

from gameserver.client import Client, Closed, Reconnecting, open_client
from gameserver.client.client import FAREWELL_S
from gameserver.client.link.conditions import Conditions
from gameserver.errors import Code
from gameserver.messages import wire
from gameserver.service.connections import say_goodbye
from gameserver.testing.whole import WholeServer
from tests.client.piped import SETTINGS, URL, piped


async def until(is_true: Callable[[], bool]) -> None:
    while not is_true():  # noqa: ASYNC110  many things may make it true
        await trio.sleep(0.001)


def say_no(whole: WholeServer, client: Client) -> None:
    """End a client's session as a server does: a goodbye, and the end of the connection behind."""
    line = whole.server.connections.line(client.player_id)
    assert line is not None
    say_goodbye(line.link, Code.FORBIDDEN, "you may not be here")


@pytest.mark.parametrize("lag_ms", [0, 150, 700])
@pytest.mark.parametrize("sign_out", [True, False])
async def test_a_client_that_left_does_not_reconnect(
    lag_ms: int, sign_out: bool, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = attrs.evolve(
        SETTINGS, conditions=Conditions(lag_ms=lag_ms, seed=1), sign_out=sign_out
    )
    async with piped(autojump_clock, monkeypatch) as whole:
        async with open_client(URL, "Ann", settings):
            await trio.sleep(2)
        await trio.sleep(5)
        assert len(whole.net.links) == 1
        assert whole.server.hall.counts().sessions == (0 if sign_out else 1)


async def test_a_goodbye_arrives_over_a_slow_connection_that_the_server_has_closed(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = attrs.evolve(SETTINGS, conditions=Conditions(lag_ms=600, seed=1))
    async with piped(autojump_clock, monkeypatch) as whole:
        async with open_client(URL, "Ann", settings) as client:
            await trio.sleep(2)
            say_no(whole, client)
            await trio.sleep(2)
            assert client.status == Closed(Code.FORBIDDEN, "you may not be here")
        assert len(whole.net.links) == 1


async def test_a_goodbye_is_received_even_if_sending_failed_at_that_moment(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        piped(autojump_clock, monkeypatch) as whole,
        open_client(URL, "Ann", SETTINGS) as client,
    ):
        await trio.sleep(2)
        whole.net.links[0].client._out.cut = True  # nothing more leaves, all else arrives
        client._talk._post(wire.Ping(1))
        say_no(whole, client)
        await trio.sleep(2)
        assert client.status == Closed(Code.FORBIDDEN, "you may not be here")


@pytest.mark.parametrize("lag_ms", [0, 150])
async def test_leaving_ends_even_if_the_connection_broke_with_pending_messages(
    lag_ms: int, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = attrs.evolve(SETTINGS, conditions=Conditions(lag_ms=lag_ms, seed=1), sign_out=False)
    async with piped(autojump_clock, monkeypatch) as whole:
        async with open_client(URL, "Ann", settings) as client:
            await trio.sleep(2)
            whole.net.links[0].cut()
            client._talk._post(wire.Ping(1))
            before = client.now()
        assert trio.current_time() - before <= FAREWELL_S


async def test_an_unanswered_sign_out_is_repeated_and_leaves_no_new_session(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = attrs.evolve(SETTINGS, conditions=Conditions(lag_ms=100, seed=1))
    async with piped(autojump_clock, monkeypatch) as whole, trio.open_nursery() as nursery:

        async def lose_the_answer() -> None:
            await until(lambda: not whole.server.hall.counts().sessions)
            whole.net.links[0].cut()
            client.drop_connection()
            await until(lambda: isinstance(client.status, Reconnecting))
            client.try_now()

        async with open_client(URL, "Ann", settings) as client:
            await trio.sleep(2)
            nursery.start_soon(lose_the_answer)
        await trio.sleep(5)
        assert len(whole.net.links) == 2, "it came back to make sure"
        assert whole.server.hall.counts().sessions == 0


async def test_a_client_that_is_cancelled_signs_out_all_the_same(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = attrs.evolve(SETTINGS, conditions=Conditions(lag_ms=100, seed=1), sign_out=True)
    async with piped(autojump_clock, monkeypatch) as whole:
        with trio.CancelScope() as scope:
            async with open_client(URL, "Ann", settings):
                await trio.sleep(2)
                scope.cancel()
                await trio.sleep_forever()
        assert scope.cancelled_caught
        await trio.sleep(1)
        assert whole.server.hall.counts().sessions == 0
