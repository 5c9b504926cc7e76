"""Reading a server's figures without a session."""

import pytest
import trio
from trio.testing import MockClock

from gameserver.client import Address
from gameserver.client.link import streams
from gameserver.client.looking import look_at
from gameserver.errors import Code, ConfigError, ConnectionLostError, RequestError
from gameserver.messages.session import ServerStats
from gameserver.service.conversation import MEASURE_S
from tests.client.piped import URL, piped
from tests.service.peers import serving


async def test_without_the_token_the_figures_are_refused_with_the_servers_code(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with piped(autojump_clock, monkeypatch) as pipes:
        async with look_at(URL, "wrong") as looker:
            with pytest.raises(RequestError) as refused:
                await looker.ask()
        assert refused.value.code in set(Code)
        assert len(pipes.server.connections) == 0


async def test_figures_can_be_asked_for_again_and_again_without_a_session(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(autojump_clock, stats_token="hush") as house:
        monkeypatch.setattr(streams, "open_stream", house.whole.open_stream)
        async with look_at(URL, "hush") as looker:
            seen = [await looker.ask() for _ in range(3)]
        assert all(isinstance(each, ServerStats) for each in seen)
        assert (seen[-1].players, seen[-1].sessions) == (0, 0)
        assert len(house.server.connections) == 0


async def test_figures_are_watched_for_longer_than_the_server_goes_without_a_ping(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(autojump_clock, stats_token="hush") as house:
        monkeypatch.setattr(streams, "open_stream", house.whole.open_stream)
        async with look_at(URL, "hush") as looker:
            for _ in range(3 * round(MEASURE_S)):
                await looker.ask()
                await trio.sleep(1)


async def test_a_server_that_does_not_answer_is_given_up_after_a_time_limit(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with piped(autojump_clock, monkeypatch) as pipes:
        async with look_at(URL, timeout_s=3.0) as looker:

            async def never(*_: object) -> None:
                await trio.sleep_forever()

            monkeypatch.setattr(looker._wire, "receive", never, raising=False)
            with pytest.raises(ConnectionLostError, match="did not answer within 3 s"):
                await looker.ask()
        assert pipes is not None


@pytest.mark.parametrize(
    ("said", "sentence"),
    [(ConnectionLostError("it broke"), "it broke"), (b"\x05hello", "is no game server")],
)
async def test_errors_name_the_server(
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    said: Exception | bytes,
    sentence: str,
) -> None:
    async with piped(autojump_clock, monkeypatch):

        async def says(*_: object) -> bytes:
            await trio.lowlevel.checkpoint()
            if isinstance(said, bytes):
                return said
            raise said

        async def look() -> None:
            async with look_at(URL) as looker:
                monkeypatch.setattr(looker._wire, "receive", says, raising=False)
                await looker.ask()

        with pytest.raises(ConnectionLostError, match=sentence) as lost:
            await look()
        assert Address.parse(URL).host_header in str(lost.value)


async def test_an_invalid_address_is_reported_before_any_attempt() -> None:
    with pytest.raises(ConfigError):
        async with look_at("http://"):
            pass
