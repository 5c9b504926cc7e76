"""Strangers come, say what no client says, and leave; none of them is of any consequence."""

from random import Random
from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock

from gameserver.testing.memorynet import MemoryLink, MemoryStream
from gameserver.testing.story.report import ALONE, NO_TROUBLES, Report
from gameserver.testing.story.stage import Stage
from gameserver.testing.story.strangers import SPEECHES, STAYS_S, STRANGER, _meet, send_strangers
from tests.service.peers import Running, assert_serves, serving


def stage_of(whole: Any, strangers_s: float = 0.5) -> Stage:
    nothing: Any = None
    cast = attrs.evolve(ALONE, strangers_s=strangers_s)
    stage = Stage(Report(3, 2), nothing, {}, {}, 1.0, NO_TROUBLES, cast, nothing, nothing)
    stage.whole = whole
    return stage


@attrs.define
class Noted:
    """A way to a server on which the strangers are noted."""

    house: Running
    links: list[MemoryLink] = attrs.field(factory=list)
    came: list[float] = attrs.field(factory=list)
    addresses: set[str] = attrs.field(factory=set)
    down: bool = False

    def connect(self, address: str) -> MemoryLink:
        if self.down:
            raise OSError("down")
        self.addresses.add(address)
        self.came.append(trio.current_time())
        self.links.append(link := self.house.whole.connect(address))
        return link


async def test_what_strangers_say_is_looked_at_by_the_server(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive, heard = MemoryStream.receive_some, dict[int, bytes]()

    async def noting(self: MemoryStream, max_bytes: int | None = None) -> bytes | bytearray:
        data = await receive(self, max_bytes)
        heard[id(self)] = heard.get(id(self), b"") + data
        return data

    monkeypatch.setattr(MemoryStream, "receive_some", noting)
    async with serving(autojump_clock) as house:
        answers = []
        for speech in SPEECHES:
            noted = Noted(house)
            await _meet(stage_of(noted), speech(Random(1)), 2.0, reads=True)
            answers.append(heard.pop(id(noted.links[0].client), b""))
        statuses = {answer[9:12] for answer in answers}
        assert {b"", b"101", b"200", b"400", b"404"} <= statuses
        behind = [each.partition(b"\r\n\r\n")[2] for each in answers if each[9:12] == b"101"]
        assert len(behind) >= 8
        assert sum(b"\x88" in frames for frames in behind) >= 7, "wrong frames end connections"
        await assert_serves(await house.guest("Ann"))


async def test_strangers_come_as_often_as_wanted_until_it_is_calm_and_all_leave(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        noted = Noted(house)
        stage = stage_of(noted)
        began = trio.current_time()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(send_strangers, stage)
            await trio.sleep(30)
            assert 40 <= stage.report.strangers <= 85, "one each half second"
            assert any(not link.client.closed for link in noted.links)
            noted.down = True
            await trio.sleep(3)
            stage.become_calm()
        assert trio.current_time() - began < 33 + STAYS_S[1]
        assert all(link.client.closed for link in noted.links)
        assert noted.addresses == {STRANGER}
        assert len(noted.came) < stage.report.strangers
        await assert_serves(await house.guest("Ann"))


@pytest.mark.parametrize("reads", [False, True])
async def test_a_stranger_stays_for_its_time_if_the_server_lets_it(
    autojump_clock: MockClock, reads: bool
) -> None:
    async with serving(autojump_clock) as house:
        noted = Noted(house)
        began = trio.current_time()
        await _meet(stage_of(noted), b"", 2.0, reads)
        assert trio.current_time() - began == pytest.approx(2.0, abs=0.01)
        assert noted.links[0].client.closed
        began = trio.current_time()
        await _meet(stage_of(noted), b"GET / HTTP/9.9\r\n\r\n", 8.0, reads)
        stayed = trio.current_time() - began
        assert (stayed < 5) is reads, "who reads learns that the server has closed"
