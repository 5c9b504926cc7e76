"""A session that had a seat fetches the replay of a match that is over as a file over HTTP."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.ids import MatchId
from gameserver.messages.match import GetReplay
from gameserver.messages.wire import Refusal
from gameserver.rooms.limits.budgets import BudgetTable
from gameserver.service.config.settings import ReplayAccess, Settings
from gameserver.service.replays import Replays
from gameserver.service.rest import recordings
from gameserver.store.reading import journal_of
from gameserver.store.replayfile import ReplayShare, ReplayShelf
from tests.service.peers import Running, assert_serves, serving
from tests.service.rest.caller import Asker
from tests.service.rest.test_polling import match_of


@asynccontextmanager
async def played(
    clock: MockClock, folder: Path, **more: ReplayAccess
) -> AsyncIterator[tuple[Running, Asker, str]]:
    """Yield a server, one who has played on it, and the path of the replay."""
    settings = Settings(seed=5, data=str(folder), **more)
    async with serving(clock, settings=settings) as running:
        asker = Asker(running)
        await asker.sign_in()
        _, match_id = await match_of(asker)
        await trio.sleep(3)
        yield running, asker, f"/replays/{match_id}"


async def over(running: Running, path: str) -> None:
    live = running.server.matches.get(MatchId(path.rpartition("/")[2]))
    assert live is not None
    live.end("abandoned")
    await trio.sleep(5)


async def test_a_player_gets_the_file_and_its_parts(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    async with played(autojump_clock, tmp_path) as (running, asker, path):
        assert (await asker.get(path)).code == (409, "match.running")
        assert (await asker.get("/replays")).value["replays"] == []
        await over(running, path)
        listed = (await asker.get("/replays")).value
        assert listed["replays"] == [path.rpartition("/")[2]]
        (told,) = listed["matches"]
        assert told["match_id"] == listed["replays"][0]
        assert (told["reason"], told["players"], listed["given"]) == ("abandoned", ["Nora"], True)
        assert 2 < told["seconds"] < 6
        whole = await asker.get(path)
        file = journal_of(tmp_path / "matches", MatchId(path.rpartition("/")[2]))
        assert file is not None
        assert (whole.status, whole.body) == (200, file.read_bytes())
        tag = whole.headers["etag"]
        assert tag == f'"{hashlib.sha256(whole.body).hexdigest()[:32]}"'
        assert whole.headers["content-type"] == "application/octet-stream"
        named = f'attachment; filename="{file.name}"'
        assert whole.headers["content-disposition"] == named
        assert (await asker.get(path, If_None_Match=tag)).status == 304
        size = len(whole.body)
        for wanted, first, last in (
            ("0-9", 0, 9), ("10-", 10, size - 1), (f"5-{size + 100}", 5, size - 1)
        ):  # fmt: skip
            part = await asker.get(path, Range=f"bytes={wanted}", If_Range=tag)
            assert (part.status, part.body) == (206, whole.body[first : last + 1])
            assert part.headers["content-range"] == f"bytes {first}-{last}/{size}"
        nothing = await asker.get(path, Range=f"bytes={size}-")
        assert (nothing.status, nothing.headers["content-range"]) == (416, f"bytes */{size}")
        for headers in ({"Range": "bytes=0-9", "If_Range": '"old"'}, {"Range": "lines=0-9"}):
            assert (await asker.get(path, **headers)).body == whole.body


async def test_a_file_of_more_than_one_response_is_fetched_in_parts(
    autojump_clock: MockClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with played(autojump_clock, tmp_path) as (running, asker, path):
        await over(running, path)
        whole = (await asker.get(path)).body
        monkeypatch.setattr(recordings, "MOST_BYTES", 100)
        assert (await asker.get(path)).code == (413, "too_large")
        data = b""
        while len(data) < len(whole):
            part = await asker.get(path, Range=f"bytes={len(data)}-")
            assert part.status == 206
            assert len(part.body) <= 100
            data += part.body
            await trio.sleep(0.1)
        assert data == whole


async def test_others_get_nothing(autojump_clock: MockClock, tmp_path: Path) -> None:
    async with played(autojump_clock, tmp_path) as (running, asker, path):
        await over(running, path)
        stranger = Asker(running)
        assert (await stranger.get(path)).code == (401, "session.token_unknown")
        await stranger.sign_in("Eve")
        assert (await stranger.get(path)).code == (403, "forbidden")
        assert (await stranger.get("/replays")).value["replays"] == []
        assert (await asker.get("/replays/nosuch")).code == (404, "match.not_kept")


async def test_an_operator_who_keeps_journals_for_himself_gives_none(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    async with played(autojump_clock, tmp_path, replays=ReplayAccess.NOBODY) as (
        running,
        asker,
        path,
    ):
        await over(running, path)
        assert (await asker.get(path)).code == (404, "match.not_recorded")
        assert (await asker.get("/replays")).value["replays"] == []


async def test_who_fetches_too_much_waits(autojump_clock: MockClock, tmp_path: Path) -> None:
    async with played(autojump_clock, tmp_path) as (running, asker, path):
        await over(running, path)
        replays = running.server._router.replays
        now = running.server._runtime.now()
        (own, *_) = replays._budgets
        player = next(iter(running.server.hall.parts.state.sessions))
        own.spend(player, 100 * 1024 * 1024, now)
        refused = await asker.get(path)
        assert refused.code == (429, "rate_limited")
        assert int(refused.headers["retry-after"]) > 0


async def test_each_byte_that_is_fetched_is_charged(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    async with played(autojump_clock, tmp_path) as (running, asker, path):
        await over(running, path)
        few = (BudgetTable(1.0, 100.0, 8), BudgetTable(1.0, 100.0, 8), BudgetTable(1.0, 100.0, 8))
        running.server._router.replays._budgets = few
        whole = await asker.get(path)
        refused = await asker.get(path)
        assert (whole.status, refused.code) == (200, (429, "rate_limited"))
        assert int(refused.headers["retry-after"]) == 100, "a debt is as large as a burst at most"


async def test_a_file_that_is_compressed_between_two_reads_is_asked_for_again(
    autojump_clock: MockClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with played(autojump_clock, tmp_path) as (running, asker, path):
        await over(running, path)
        fetch, times = Replays.fetch, iter(range(9))

        async def changing(self: Replays, *wanted: Any) -> ReplayShare:
            share = await fetch(self, *wanted)
            file = attrs.evolve(share.file, digest=f"{next(times):064}")
            return attrs.evolve(share, file=file)

        monkeypatch.setattr(Replays, "fetch", changing)
        refused = await asker.get(path)
        assert refused.code == (429, "rate_limited")
        assert refused.headers["retry-after"] == "1"


async def test_a_fault_of_ours_with_a_replay_is_told_as_one(
    autojump_clock: MockClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    async with serving(autojump_clock, data=tmp_path) as house:
        peer = await house.guest("Ann")
        monkeypatch.setattr(ReplayShelf, "find", fails)
        with capture_logs() as logs:
            answer = await peer.ask(1, GetReplay(MatchId("m1")))
        assert isinstance(answer, Refusal)
        assert (answer.id, answer.code) == (1, "internal")
        assert [line["event"] for line in logs] == ["replay failed"]
        await assert_serves(peer)
