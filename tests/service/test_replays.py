"""Who had a seat in a match gets its replay once the match is over, and nobody else does."""

import base64
import hashlib
import threading
from errno import ENOSPC
from pathlib import Path
from random import Random
from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock

from gameserver.errors import Code, RequestError
from gameserver.ids import MatchId, RequestId, Seat, Tick
from gameserver.messages.lobby import (
    CreateLobby,
    InLobby,
    JoinLobby,
    LobbyConfig,
    SetReady,
)
from gameserver.messages.match import GetReplay, MatchStarted, ReplayPage
from gameserver.messages.session import GetServerInfo
from gameserver.messages.wire import (
    EventEnvelope,
    Refusal,
    RequestEnvelope,
    ResultEnvelope,
    Welcome,
)
from gameserver.rooms.limits.rules import RoomRules
from gameserver.service import replays as replays_module
from gameserver.service.config.settings import ReplayAccess, Settings
from gameserver.service.journals import RETRY_S as WRITTEN_AGAIN_S
from gameserver.service.replays import RETRY_S
from gameserver.store.disk import Files, compress
from gameserver.store.frames import frame_of
from gameserver.store.reading import journals_in, read_journal
from gameserver.store.records import SeatTaken, head_of, pack_other
from gameserver.store.replayfile import PAGE_BYTES, ReplayShelf
from gameserver.store.verify import verify
from gameserver.testing.skirmish import Skirmish
from tests.service.peers import MAP, Peer, Running, serving
from tests.service.roads.road import Client
from tests.service.roads.talker import ROADS
from tests.service.roads.test_conversations import House
from tests.store.recorded import header


async def playing(house: Running) -> tuple[Peer, MatchId, Welcome]:
    peer = await house.dial()
    welcome = await peer.sign_in("Ann")
    config = LobbyConfig(title="Den", map=MAP.name, size=4, bots=1)
    await peer.ask(1, CreateLobby(config))
    await peer.ask(2, SetReady(True))
    while not isinstance((event := (await peer.hear_a(EventEnvelope)).event), MatchStarted):
        pass
    return peer, event.match_id, welcome


def end(house: Running, match_id: MatchId) -> None:
    live = house.server.matches.get(match_id)
    assert live is not None
    live.end("abandoned")


async def page(peer: Peer, number: int, match_id: MatchId, offset: int = 0) -> ReplayPage:
    answer = await peer.ask(number, GetReplay(match_id, offset))
    assert isinstance(answer, ResultEnvelope), answer
    assert isinstance(answer.result, ReplayPage)
    return answer.result


async def fetched(peer: Peer, match_id: MatchId, number: int = 10) -> tuple[ReplayPage, bytes]:
    got, data = await page(peer, number, match_id), b""
    while got.data:
        data += got.data
        number += 1
        got = await page(peer, number, match_id, len(data))
    return got, data


async def refusal(peer: Peer, number: int, match_id: MatchId) -> Code:
    answer = await peer.ask(number, GetReplay(match_id))
    assert isinstance(answer, Refusal), answer
    return Code(answer.code)


async def test_a_player_gets_the_journal_of_a_match_that_is_over(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    async with serving(autojump_clock, data=tmp_path) as house:
        peer, match_id, _ = await playing(house)
        await trio.sleep(5)
        assert await refusal(peer, 9, match_id) == Code.MATCH_RUNNING
        end(house, match_id)
        last, data = await fetched(peer, match_id)
    [path] = journals_in(tmp_path / "matches")
    assert path.name == last.file
    assert path.name.endswith(".journal.zst")
    assert path.read_bytes() == data
    assert (last.size, last.digest) == (len(data), hashlib.sha256(data).hexdigest())
    copy = tmp_path / last.file
    copy.write_bytes(data)
    verdict = verify(read_journal(copy), Skirmish())
    assert (verdict.differs_at, verdict.finished) == (None, True)


async def test_only_those_who_had_a_seat_get_it(autojump_clock: MockClock, tmp_path: Path) -> None:
    async with serving(autojump_clock, data=tmp_path) as house:
        ann, match_id, _ = await playing(house)
        [lobby_id] = house.server.hall.parts.state.lobbies
        late, watcher, other = [await house.guest(name) for name in ("Late", "Wat", "Oth")]
        assert isinstance(await late.ask(1, JoinLobby(lobby_id=lobby_id)), ResultEnvelope)
        joined = await watcher.ask(1, JoinLobby(lobby_id=lobby_id, spectate=True))
        assert isinstance(joined, ResultEnvelope)
        assert isinstance(joined.result, InLobby)
        await trio.sleep(3)
        end(house, match_id)
        for player in (ann, late):
            assert (await page(player, 20, match_id)).data
        for stranger in (watcher, other):
            assert await refusal(stranger, 20, match_id) == Code.FORBIDDEN


async def test_who_had_a_seat_is_known_after_a_restart(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    async with serving(autojump_clock, data=tmp_path) as house:
        _, match_id, first = await playing(house)
        await trio.sleep(3)
        end(house, match_id)
        await trio.sleep(1)
    async with serving(autojump_clock, data=tmp_path) as house:
        back = await house.dial()
        welcome = await back.sign_in("Ann", token=first.token)
        assert (welcome.resumed, welcome.player_id) == (True, first.player_id)
        assert (await fetched(back, match_id, welcome.next_request))[1]


async def test_a_match_that_goes_on_from_a_closed_journal_is_shown_to_nobody(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    async with serving(autojump_clock, data=tmp_path) as house:
        _, match_id, first = await playing(house)
        await trio.sleep(3)
    [path] = journals_in(tmp_path / "matches")
    compress(path)  # as a start does that could not go on with the match, and was undone
    async with serving(autojump_clock, data=tmp_path) as house:
        back = await house.dial()
        welcome = await back.sign_in("Ann", token=first.token)
        assert house.server.matches.get(match_id) is not None
        assert await refusal(back, welcome.next_request, match_id) == Code.MATCH_RUNNING
        end(house, match_id)
        assert (await page(back, welcome.next_request + 1, match_id)).data


async def test_an_operator_may_keep_replays_for_himself(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    mine = Settings(seed=5, data=str(tmp_path), replays=ReplayAccess.NOBODY)
    async with serving(autojump_clock, settings=mine) as house:
        peer, match_id, _ = await playing(house)
        await trio.sleep(1)
        end(house, match_id)
        answer = await peer.ask(9, GetReplay(match_id))
        assert isinstance(answer, Refusal)
        assert answer.code == Code.MATCH_NOT_RECORDED
        assert answer.sentence == "this server gives out no replays of matches"
        await trio.sleep(1)
        [path] = journals_in(tmp_path / "matches")
        assert verify(read_journal(path), Skirmish()).finished, "it is kept all the same"


async def test_what_is_not_kept_or_not_recorded_says_so(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    async with serving(autojump_clock, data=tmp_path) as house:
        peer, match_id, _ = await playing(house)
        await trio.sleep(1)
        assert await refusal(peer, 9, MatchId("m-none")) == Code.MATCH_NOT_KEPT
        assert await refusal(peer, 10, MatchId("../../secret")) == Code.MATCH_NOT_KEPT
        end(house, match_id)
        assert (await page(peer, 11, match_id)).data
        [path] = journals_in(tmp_path / "matches")
        path.unlink()
        assert await refusal(peer, 12, match_id) == Code.MATCH_NOT_KEPT
        answer = await peer.ask(13, GetReplay(match_id, -1))
        assert isinstance(answer, Refusal)
        assert answer.code == Code.BAD_PARAMS
    async with serving(autojump_clock) as house:
        peer, match_id, _ = await playing(house)
        end(house, match_id)
        assert await refusal(peer, 9, match_id) == Code.MATCH_NOT_RECORDED


async def test_a_replay_whose_end_the_disk_refuses_is_to_be_asked_for_again(
    autojump_clock: MockClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(ENOSPC, "No space left on device")

    async with serving(autojump_clock, data=tmp_path) as house:
        peer, match_id, _ = await playing(house)
        await trio.sleep(3)
        with monkeypatch.context() as disk:
            disk.setattr(Files, "write", full)
            end(house, match_id)
            answer = await peer.ask(9, GetReplay(match_id))
            assert isinstance(answer, Refusal)
            assert (answer.code, answer.details["retry_after_s"]) == (Code.RATE_LIMITED, RETRY_S)
            assert "not on disk yet" in answer.sentence
            player_id = next(iter(house.server.hall.parts.state.sessions))
            replays = house.server._router.replays
            # For a browser a refusal is an error; that a film is on its way is none.
            assert await replays.fetch_film(player_id, "192.0.2.1", match_id, 0, 0) is None
            with pytest.raises(RequestError, match="not on disk yet"):
                await replays.fetch(player_id, "192.0.2.1", match_id, 0, 0)
        await trio.sleep(WRITTEN_AGAIN_S + 1)
        assert (await page(peer, 10, match_id)).data


async def test_a_file_that_is_no_journal_any_more_is_not_kept(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    async with serving(autojump_clock, data=tmp_path) as house:
        peer, match_id, _ = await playing(house)
        end(house, match_id)
        await trio.sleep(1)
        [path] = journals_in(tmp_path / "matches")
        path.write_bytes(b"no journal")
        assert await refusal(peer, 9, match_id) == Code.MATCH_NOT_KEPT


async def test_a_session_has_one_page_on_its_way(autojump_clock: MockClock, tmp_path: Path) -> None:
    async with serving(autojump_clock, data=tmp_path) as house:
        peer, match_id, _ = await playing(house)
        end(house, match_id)
        ids = [RequestId(10), RequestId(11)]
        await peer.send(*(RequestEnvelope(each, GetReplay(match_id)) for each in ids))
        answers = [await peer.hear_a(ResultEnvelope, Refusal) for _ in ids]
        found = {answer.id: answer for answer in answers}
        assert isinstance(found[ids[0]], ResultEnvelope)
        assert found[ids[1]].code == Code.RATE_LIMITED
        assert found[ids[1]].details["retry_after_s"] > 0


async def test_so_many_requests_wait_and_the_next_is_to_be_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replays_module, "MOST_WAITING", 2)
    hangs, reading = hanging(monkeypatch)
    async with serving(None, data=tmp_path, threads=True) as house:
        peer, match_id, _ = await owning(house, tmp_path, 100)
        await peer.send(RequestEnvelope(RequestId(10), GetReplay(match_id)))
        with trio.fail_after(60):
            await trio.to_thread.run_sync(reading.wait, 60)
            second, third = await house.dial(), await house.dial()
            await second.sign_in("Bob")
            await third.sign_in("Cy")
            await second.send(RequestEnvelope(RequestId(10), GetReplay(match_id)))
            answer = await third.ask(10, GetReplay(match_id))
            assert isinstance(answer, Refusal)
            assert (answer.code, answer.details["retry_after_s"]) == (Code.RATE_LIMITED, RETRY_S)
            hangs.set()
            answer = await second.hear_a(ResultEnvelope, Refusal)
            assert isinstance(answer, Refusal)
            assert answer.code == Code.FORBIDDEN, "it has waited for its turn"


async def test_the_answer_goes_over_the_connection_of_its_request_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs, reading = hanging(monkeypatch)
    async with serving(None, data=tmp_path, threads=True) as house:
        peer, match_id, token = await owning(house, tmp_path, 100)
        other = await house.dial()
        asked = RequestEnvelope(RequestId(10), GetReplay(match_id))
        await peer.send(asked)
        with trio.fail_after(60):
            await trio.to_thread.run_sync(reading.wait, 60)
            await other.sign_in("Ann", token=token)
            await other.send(asked)
            assert isinstance(await other.ask(11, GetServerInfo()), ResultEnvelope)
            hangs.set()
            assert isinstance(await other.hear_a(ResultEnvelope, Refusal), ResultEnvelope)
            # Had the first request been answered here, the second one would still be on its way.
            assert (await page(other, 12, match_id)).size
    answers = [each.id for each in other.heard if isinstance(each, ResultEnvelope | Refusal)]
    assert answers == [11, 10, 12]


def hanging(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """Let reading hang until the first event is set; the second one tells that it has begun."""
    hangs, reading = threading.Event(), threading.Event()
    real = ReplayShelf.page

    def slow(*given: object) -> object:
        reading.set()
        hangs.wait(60)
        return real(*given)

    monkeypatch.setattr(ReplayShelf, "page", slow)
    return hangs, reading


async def owning(house: Running, data: Path, size: int) -> tuple[Peer, MatchId, bytes]:
    """Let Ann have had a seat in a match of this length; return her, the match and her token."""
    peer, folder = await house.dial(), data / "matches"
    welcome = await peer.sign_in("Ann")
    folder.mkdir(parents=True, exist_ok=True)
    seat = frame_of(pack_other(SeatTaken(Tick(0), Seat(0), welcome.player_id)))
    noise = Random(1).randbytes(size)  # behind the torn end
    journal = head_of(attrs.evolve(header(), match_id="mlong")) + seat + noise
    (folder / "20260101T000000-mlong.journal").write_bytes(journal)
    return peer, MatchId("mlong"), welcome.token


async def test_who_asks_for_more_than_the_budget_waits_as_told(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    rules = RoomRules()
    async with serving(autojump_clock, data=tmp_path) as house:
        peer, match_id, _ = await owning(house, tmp_path, rules.page_burst_bytes * 2)
        got, number = 0, 10
        while True:
            number += 1
            answer = await peer.ask(number, GetReplay(match_id, got))
            if isinstance(answer, Refusal):
                break
            assert isinstance(answer.result, ReplayPage)
            assert 0 < len(answer.result.data) <= PAGE_BYTES
            got += len(answer.result.data)
            await trio.sleep(0.06)  # within the rate of requests
        assert answer.code == Code.RATE_LIMITED
        spent_s = 0.06 * number
        assert rules.page_burst_bytes * 0.9 < got
        assert got < rules.page_burst_bytes + rules.page_per_s * (spent_s + 1) + PAGE_BYTES
        wait = answer.details["retry_after_s"]
        assert isinstance(wait, float)
        await trio.sleep(wait)
        assert (await page(peer, number + 1, match_id, got)).data


async def test_a_disk_that_hangs_delays_nobody_but_those_who_ask_for_replays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs, reading = hanging(monkeypatch)
    async with serving(None, data=tmp_path, threads=True) as house:
        peer, match_id, _ = await owning(house, tmp_path, 100)
        await peer.send(RequestEnvelope(RequestId(10), GetReplay(match_id)))
        peer.asked[RequestId(10)] = GetReplay
        with trio.fail_after(60):
            await trio.to_thread.run_sync(reading.wait, 60)
            assert isinstance(await peer.ask(11, GetServerInfo()), ResultEnvelope)
            hangs.set()
            answer = await peer.hear_a(ResultEnvelope, Refusal)
        assert answer.id == 10
        assert isinstance(answer, ResultEnvelope)


@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.road)
async def test_a_replay_comes_over_every_road(
    autojump_clock: MockClock, tmp_path: Path, road: type[Client]
) -> None:
    async with (
        serving(autojump_clock, data=tmp_path) as running,
        trio.open_nursery() as nursery,
    ):
        ann = await House(running, road, nursery).guest("Ann")
        config = {"title": "Den", "map": MAP.name, "size": 4, "bots": 1}
        await ann.ask("lobby.create", config=config)
        await ann.ask("lobby.ready", ready=True)
        match_id = (await ann.wait("match.started")).fields["match_id"]
        end(running, match_id)
        data = b""
        got = await ann.ask("match.replay", match_id=match_id)
        while part := plain(got):
            data += part
            got = await ann.ask("match.replay", match_id=match_id, offset=len(data))
        [path] = journals_in(tmp_path / "matches")
        assert (got["file"], got["size"]) == (path.name, len(data))
        assert data == path.read_bytes()
        nursery.cancel_scope.cancel()


def plain(got: dict[str, Any]) -> bytes:
    """Return the bytes of a page; a road of text has them as base64."""
    data = got["data"]
    return base64.b64decode(data) if isinstance(data, str) else bytes(data)
