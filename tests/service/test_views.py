"""What a client had of a world that it computed otherwise comes to the server's evidence."""

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from gameserver.errors import Code, RequestError
from gameserver.ids import MatchId
from gameserver.messages.base import Result
from gameserver.messages.match import DesyncNoted, EnterMatch, ReportDesync, SendView
from gameserver.messages.wire import Refusal, ResultEnvelope
from gameserver.store.reading import journals_in
from tests.service.peers import serving
from tests.service.test_replays import end, playing


async def test_the_part_that_a_client_had_is_kept_beside_its_report(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    async with serving(autojump_clock, data=tmp_path) as house:
        peer, match_id, _ = await playing(house)
        await peer.ask(8, EnterMatch(match_id))
        await trio.sleep(3)
        live = house.server.matches.get(match_id)
        assert live is not None
        told = await peer.ask(9, ReportDesync(match_id, live.match.tick_number, 0, 1, 2))
        assert isinstance(told, ResultEnvelope)
        assert isinstance(told.result, DesyncNoted)
        assert told.result.view_bytes > 0
        taken = await peer.ask(10, SendView(match_id, 0, b"what it had", last=True))
        assert isinstance(taken, ResultEnvelope)
        assert type(taken.result) is Result
        again = await peer.ask(11, SendView(match_id, 0, b"what it had", last=True))
        assert isinstance(again, Refusal)
        assert again.code == Code.BAD_PARAMS
    (view,) = (tmp_path / "evidence").glob("*.view")
    assert view.read_bytes().endswith(b"what it had")


async def test_a_server_without_a_folder_wants_no_views(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        peer, match_id, _ = await playing(house)
        refused = await peer.ask(9, SendView(match_id, 0, b"x", last=True))
        assert isinstance(refused, Refusal)
        assert (refused.code, refused.sentence) == (Code.BAD_PARAMS, "no view is wanted")


async def test_a_file_that_is_no_journal_any_more_is_not_kept_for_requests_alone_either(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    async with serving(autojump_clock, data=tmp_path) as house:
        _, match_id, welcome = await playing(house)
        end(house, match_id)
        await trio.sleep(1)
        [path] = journals_in(tmp_path / "matches")
        path.write_bytes(b"no journal")
        replays = house.server._router.replays
        for wanted in (match_id, MatchId("none")):
            with pytest.raises(RequestError) as refused:
                await replays.fetch(welcome.player_id, "192.0.2.1", wanted, 0, 100)
            assert refused.value.code == Code.MATCH_NOT_KEPT
