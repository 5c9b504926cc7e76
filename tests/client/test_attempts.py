"""How often a client tries before it has ever been online."""

import errno
from itertools import pairwise

import pytest
import trio
from trio.testing import MockClock

from gameserver.client import ClientSettings, open_client
from gameserver.errors import ConnectionLostError
from gameserver.testing.skirmish import Skirmish
from tests.client.piped import URL, piped


@pytest.mark.parametrize("attempts", [1, 2, 4])
async def test_an_unreachable_server_is_tried_as_often_as_configured(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, attempts: int
) -> None:
    settings = ClientSettings(game=Skirmish(), seed=1, first_attempts=attempts)
    tried: list[float] = []
    async with piped(autojump_clock, monkeypatch):

        async def refuse(*args: object, **more: object) -> object:
            del args, more
            tried.append(trio.current_time())
            raise ConnectionRefusedError(errno.ECONNREFUSED, "nobody is there")

        monkeypatch.setattr("gameserver.client.link.streams.open_stream", refuse)
        with pytest.raises(ConnectionLostError, match="is the server running"):
            async with open_client(URL, "Ann", settings):
                pass
    assert len(tried) == attempts
    assert all(later > earlier for earlier, later in pairwise(tried))
