"""How the client of a story's player is opened, what runs with it, and how it leaves."""

from types import SimpleNamespace

import pytest
import trio
from trio.testing import MockClock

from gameserver.client import ClientSettings
from gameserver.testing.story import players as players_module
from tests.testing.story.test_players import ANN, Asked, player_of, running


@pytest.mark.parametrize("last", [True, False])
async def test_in_the_last_calm_all_players_sign_out(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, *, last: bool
) -> None:
    del autojump_clock
    left: list[bool] = []

    class Online(Asked):
        def __init__(self, _address: object, _name: str, settings: ClientSettings) -> None:
            super().__init__()
            self._settings = settings

        async def wait_online(self) -> None:
            await trio.lowlevel.checkpoint()

        async def run(self) -> None:
            await trio.sleep_forever()

        async def leave(self) -> None:
            left.append(self._settings.sign_out)

    monkeypatch.setattr(players_module, "Client", Online)
    monkeypatch.setattr(players_module, "listen", lambda *_: None)
    player = player_of()
    player._stage.all_sign_out = last
    async with player._opened(ClientSettings(sign_out=False)) as client:
        assert player.client is client
        assert player._stage.ids == [ANN]
    assert left == [last]


@pytest.mark.parametrize("deeds_s", [0.0, 1.0])
async def test_only_players_with_deeds_do_more_than_playing(
    autojump_clock: MockClock, deeds_s: float
) -> None:
    del autojump_clock
    player, bot = player_of(deeds_s=deeds_s), SimpleNamespace(play=trio.sleep_forever)
    async with running(player._live, Asked().as_client, bot, trio.Event()):
        await trio.sleep(30)
    assert (player._stage.report.deeds > 0) is (deeds_s > 0)
