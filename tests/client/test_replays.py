"""A client fetches the replay of its match, and trusts no server with its disk."""

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock

from gameserver.client import ClientSettings, EventReceived, fetch_replay, open_client
from gameserver.client import replays as replays_module
from gameserver.errors import Code, ConnectionLostError, RequestError
from gameserver.ids import MatchId
from gameserver.messages.base import Request
from gameserver.messages.lobby import CreateLobby, LeaveLobby, LobbyConfig, SetReady
from gameserver.messages.match import GetReplay, MatchStarted, ReplayPage
from gameserver.service.config.settings import Settings
from gameserver.service.server import Server
from gameserver.store.reading import read_journal
from gameserver.store.verify import verify
from tests.client.test_client_server import GAME, MAP, SETTINGS

MATCH = MatchId("m1")


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[str]:
    settings = Settings(port=0, seed=5, data=str(folder))
    async with trio.open_nursery() as nursery:
        address = await nursery.start(Server(settings, GAME, {MAP.name: MAP}).run)
        with trio.fail_after(60):
            yield address
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("road", ["websocket", "sse", "long-polling"])
async def test_a_client_fetches_the_replay_of_its_match(tmp_path: Path, road: str) -> None:
    settings: ClientSettings = attrs.evolve(SETTINGS, roads=(road,))
    seen: list[tuple[int, int]] = []
    async with (
        serving(tmp_path / "data") as address,
        open_client(address, "Ann", settings) as client,
    ):
        updates = client.updates()
        await client.request(CreateLobby(LobbyConfig(title="Den", map=MAP.name, size=4, bots=3)))
        await client.request(SetReady(ready=True))
        async for update in updates:
            if isinstance(update, EventReceived) and isinstance(update.event, MatchStarted):
                match_id = update.event.match_id
                break
        with pytest.raises(RequestError) as running:
            await fetch_replay(client, match_id, tmp_path)
        await client.request(LeaveLobby())
        path = await fetch_replay(
            client, match_id, tmp_path, progress=lambda *told: seen.append(told)
        )
    assert running.value.code is Code.MATCH_RUNNING
    assert path.parent == tmp_path
    assert path.name.endswith(f"-{match_id}.journal.zst")
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)
    assert verify(read_journal(path), GAME).differs_at is None
    assert [each for each in in_folder(tmp_path) if each != "data"] == [path.name]


def in_folder(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir()) if folder.exists() else []


@attrs.define
class Odd:
    """A server that answers as the test says."""

    answers: Callable[[int], ReplayPage]
    asked: list[int] = attrs.field(factory=list)

    async def request(self, request: Request, timeout_s: float | None = None) -> Any:
        del timeout_s
        await trio.lowlevel.checkpoint()
        assert isinstance(request, GetReplay)
        self.asked.append(request.offset)
        return self.answers(request.offset)


DATA = bytes(range(256)) * 4


def page(at: int, **more: Any) -> ReplayPage:
    digest = hashlib.sha256(DATA).hexdigest()
    whole = ReplayPage("1-m1.journal", len(DATA), digest, at, DATA[at : at + 100])
    return attrs.evolve(whole, **more)


@pytest.mark.parametrize(
    "name",
    ["../evil.journal", "/etc/x.journal", "x.py", "", "a/b.journal", ".journal", "x\0.journal"],
)
async def test_a_name_that_is_none_of_a_journal_is_not_taken(tmp_path: Path, name: str) -> None:
    into = tmp_path / "in"
    into.mkdir()
    path = await fetch_replay(Odd(lambda at: page(at, file=name)), MATCH, into)
    assert path == into / "replay.journal.zst"
    assert path.read_bytes() == DATA
    assert in_folder(tmp_path) == ["in"]


@pytest.mark.parametrize(
    "answers",
    [
        lambda at: page(at, digest="0" * 64),
        lambda at: page(at, size=len(DATA) + 1),
        lambda at: page(at, size=50),
        lambda at: page(at, offset=0),
        lambda at: page(at, data=b"x") if at else page(at),
        lambda at: page(at, digest=str(at)),
    ],
    ids=["digest", "long", "short", "offset", "other", "changing"],
)
async def test_what_is_not_the_announced_file_leaves_none(
    tmp_path: Path, answers: Callable[[int], ReplayPage]
) -> None:
    odd = Odd(answers)
    with pytest.raises(ConnectionLostError):
        await fetch_replay(odd, MATCH, tmp_path / "my.journal")
    assert odd.asked.count(0) == replays_module.STARTS
    assert in_folder(tmp_path) == []


async def test_no_more_is_fetched_than_was_announced(tmp_path: Path) -> None:
    odd = Odd(lambda at: page(at, size=50))
    with pytest.raises(ConnectionLostError):
        await fetch_replay(odd, MATCH, tmp_path / "my.journal")
    assert odd.asked == [0] * replays_module.STARTS


async def test_a_file_that_is_compressed_meanwhile_is_fetched_anew(tmp_path: Path) -> None:
    answers = iter([page(0, digest="old"), page(100)])
    odd = Odd(lambda at: next(answers, None) or page(at))
    path = await fetch_replay(odd, MATCH, tmp_path / "my.journal")
    assert path.read_bytes() == DATA
    assert odd.asked[:3] == [0, 100, 0]


async def test_a_larger_file_than_wanted_is_not_fetched(tmp_path: Path) -> None:
    with pytest.raises(RequestError) as refused:
        await fetch_replay(Odd(lambda at: page(at, size=2**50)), MATCH, tmp_path)
    assert refused.value.code is Code.TOO_LARGE
    assert in_folder(tmp_path) == []


@pytest.mark.parametrize(
    ("told", "waited"), [(2.5, 2.5), ("x", 1.0), (0, 0.05), (float("nan"), 0.05), (1e9, 60.0)]
)
async def test_a_server_that_asks_to_wait_is_waited_for_within_bounds(
    tmp_path: Path, autojump_clock: MockClock, told: object, waited: float
) -> None:
    del autojump_clock
    refusals = iter([RequestError(Code.RATE_LIMITED, "wait", {"retry_after_s": told})])

    def answers(at: int) -> ReplayPage:
        if at == 200:
            for refusal in refusals:
                raise refusal
        return page(at)

    began = trio.current_time()
    await fetch_replay(Odd(answers), MATCH, tmp_path)
    assert trio.current_time() - began == pytest.approx(waited, abs=0.01)


async def test_a_cancelled_fetch_leaves_no_file(tmp_path: Path) -> None:
    scope = trio.CancelScope()

    def answers(at: int) -> ReplayPage:
        if at == 500:
            scope.cancel()
        return page(at)

    with scope:
        await fetch_replay(Odd(answers), MATCH, tmp_path)
    assert scope.cancelled_caught
    assert in_folder(tmp_path) == []
